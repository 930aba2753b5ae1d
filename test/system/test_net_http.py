# SPDX-License-Identifier: ISC
"""The HTTP client against real servers: what it sends, what it judges, what it refuses."""
import gzip
import json
import random
import subprocess
import threading
import time

import pytest

from lib import web
from lib.run import free_port, tool


def send(*requests, **options):
    """Sends them and returns the replies, in the order of their tags."""
    lines = "".join(json.dumps({"tag": i, **r}) + "\n" for i, r in enumerate(requests))
    done = subprocess.run([tool("nettool")], input=lines, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stderr
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(r["tag"] for r in replies) == list(range(len(requests))), "each request has one reply"
    return sorted(replies, key=lambda r: r["tag"])


def send_one(**request):
    return send(request)[0]


def test_sends_what_was_asked():
    with web.scripted(lambda r: web.reply("ok", headers=[("X-Answer", "yes")])) as server:
        got = send_one(url=server.url + "/a/../b?x=%2F", method="PUT", body="text", headers={"X-One": "1", "X-Empty": ""}, agent="me/1")
        assert (got["error"], got["sent"], got["status"], got["body"]) == ("ok", "yes", 200, "ok")
        assert got["headers"]["x-answer"] == "yes"
        assert got["local"] == got["peer"] == "127.0.0.1"
        r = server.requests[0]
        assert (r.method, r.target, r.body) == ("PUT", "/a/../b?x=%2F", b"text")
        assert r.header("X-One") == "1" and r.header("X-Empty") == "" and r.header("User-Agent") == "me/1"
        assert r.header("Content-Length") == "4"
        assert r.header("Content-Type") is None and r.header("Expect") is None


@pytest.mark.parametrize("more", [{}, {"redirects": 1}])
def test_asks_for_what_the_address_says(more):
    """Whether curl is told the target apart or the address whole."""
    targets = {"/": "/", "": "/", "?a=b": "/?a=b", "/a?": "/a?", "/a//b/./c%2e%41?x=y?&z='(,)": "/a//b/./c%2e%41?x=y?&z='(,)", "/a#b": "/a", "/\\": "/\\"}
    with web.scripted(lambda r: web.reply("ok")) as server:
        got = send(*[{"url": server.url + written, "then": True, **more} for written in targets])
        assert [r["error"] for r in got] == ["ok"] * len(targets)
        assert [r.target for r in server.requests] == list(targets.values())
        broken = send(*[{"url": server.url + f"/a{sign}b", **more} for sign in (" ", "\r\nX: y\r\n", "\x7f", "\x01")])
        assert [(r["error"], r["sent"]) for r in broken] == [("internal", "no")] * 4 and len(server.requests) == len(targets)


def test_keeps_connections_and_makes_fresh_ones():
    with web.scripted(lambda r: web.reply("ok")) as server:
        a, b, c, d, e = send(*[{"url": server.url, "then": True, **more}
                               for more in ({}, {}, {"fresh": True}, {"renew": True}, {})])
        assert [a["connects"], b["connects"], c["connects"], d["connects"], e["connects"]] == [1, 0, 1, 0, 1]


def test_a_request_has_nothing_of_the_one_before():
    """Requests that wait for each other share a handle of the library."""
    kinds = [{}, {"method": "POST", "body": "text", "headers": {"X-One": "1"}, "agent": "me/1", "tls_unchecked": True},
             {"method": "HEAD"}, {"method": "DELETE", "timeout": 9000}, {"fresh": True}, {"writes": True}, {"proxy": "", "redirects": 1}, {"proxy": "p:q@"}, {"login": "a:b@"}]
    with web.scripted(lambda r: web.reply("" if r.method == "HEAD" else "ok")) as server, web.scripted(lambda r: web.reply("proxied")) as proxy:
        sent = [kinds[i] for i in random.Random(9).choices(range(len(kinds)), k=80)]
        ways = [{"proxy": f"{kind['proxy']}127.0.0.1:{proxy.port}"} if "proxy" in kind else {} for kind in sent]
        got = send(*[{**kind, "url": f"http://{kind.get('login', '')}127.0.0.1:{server.port}/{i}", "connections": 1, **way} for i, (kind, way) in enumerate(zip(sent, ways))])
        seen = {int(r.target.rsplit("/", 1)[1]): (r, place) for place in (server, proxy) for r in place.requests}
        assert [r["error"] for r in got] == ["ok"] * 80
        for i, kind in enumerate(sent):
            r, place = seen[i]
            assert place is (proxy if "proxy" in kind else server)
            assert (r.method, r.body) == (kind.get("method", "GET"), kind.get("body", "").encode())
            assert r.header("X-One") == kind.get("headers", {}).get("X-One")
            assert r.header("User-Agent") == kind["agent"] if "agent" in kind else r.header("User-Agent").startswith("homing/")
            assert r.header("Authorization") == ("Basic YTpi" if "login" in kind else None)
            assert r.header("Proxy-Authorization") == ("Basic cDpx" if kind.get("proxy") else None)
            assert r.header("Accept-Encoding") == (None if "fresh" in kind or "writes" in kind else "gzip")
            assert (got[i]["connects"] == 1) if "fresh" in kind else True


def test_four_connections_to_a_host():
    together, most, lock = [0], [0], threading.Lock()

    def script(r):
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        time.sleep(0.05)
        with lock:
            together[0] -= 1
        return web.reply("ok")

    with web.scripted(script) as server:
        replies = send(*[{"url": server.url} for _ in range(20)])
        assert all(r["error"] == "ok" for r in replies)
        assert server.connections <= 4 and most[0] <= 4


def test_no_proxy_from_the_environment():
    with web.scripted(lambda r: web.reply("direct")) as server, web.scripted(lambda r: web.reply("proxied")) as proxy:
        environment = {"http_proxy": proxy.url, "HTTP_PROXY": proxy.url, "ALL_PROXY": proxy.url}
        plain, through = send({"url": server.url}, {"url": server.url, "proxy": f"127.0.0.1:{proxy.port}"}, env=environment)
        assert plain["body"] == "direct" and through["body"] == "proxied"
        assert proxy.requests[0].target.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("script,error,sent", [
    (lambda r: None, "reset", "maybe"),
    (lambda r: lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal"), "reset", "yes"),
    (lambda r: lambda s: s.sendall(b"SSH-2.0-server\r\n"), "protocol", "maybe"),
    (lambda r: lambda s: time.sleep(2), "timeout", "maybe"),
    (lambda r: web.reply("x" * 5000), "too-big", "yes"),
    (lambda r: web.reply("", headers=[(f"X-{i}", "y" * 900) for i in range(90)]), "too-big", "yes"),
    (lambda r: web.reply("", headers=[(f"X-{i}", "y") for i in range(900)]), "too-big", "yes"),
    (lambda r: web.reply(gzip.compress(b"x" * 500000), headers=[("Content-Encoding", "gzip")]), "too-big", "yes"),
    (lambda r: web.reply(b"not gzip at all", headers=[("Content-Encoding", "gzip")]), "protocol", "yes"),
    (lambda r: web.reply(gzip.compress(b"fine"), headers=[("Content-Encoding", "gzip")]), "ok", "yes"),
])
def test_judges_what_servers_do(script, error, sent):
    with web.scripted(script) as server:
        got = send_one(url=server.url, timeout=1000, reply_max=4000, writes=True, method="POST", body="x")
        assert (got["error"], got["sent"]) == (error, sent)


def test_nothing_was_sent():
    refused, other_family, no_interface, none = send(
        {"url": f"http://127.0.0.1:{free_port()}/"}, {"url": "http://[::1]/", "family": 0},
        {"url": "http://127.0.0.1/", "interface": "nosuch0"}, {"url": "http://nosuch.invalid/"})
    assert (refused["error"], refused["sent"]) == ("refused", "no")
    assert (other_family["error"], other_family["sent"]) == ("no-route", "no")
    assert (no_interface["error"], no_interface["sent"]) == ("no-route", "no")
    assert none["error"] in ("bad-name", "no-name") and none["sent"] == "no"


def test_a_write_is_never_repeated():
    """A kept connection is closed by the server as the next request arrives: a read is repeated, a write is not."""
    seen = []

    def script(r):
        seen.append((r.method, r.target))
        return web.reply("ok") if r.target == "/warm" or seen.count((r.method, r.target)) > 1 else None

    with web.scripted(script) as server:
        _, read = send({"url": server.url + "/warm", "then": True}, {"url": server.url + "/read", "then": True})
        assert (read["error"], read["status"]) == ("ok", 200)
        _, write = send({"url": server.url + "/warm", "then": True},
                        {"url": server.url + "/write", "method": "POST", "body": "x", "writes": True, "then": True})
        assert (write["error"], write["sent"]) == ("reset", "maybe")
        assert seen.count(("POST", "/write")) == 1


def test_redirects_stay_at_home(tmp_path):
    authority = web.Authority(tmp_path)
    cert = authority.certificate("localhost", "127.0.0.1")
    with web.scripted(lambda r: web.reply("stolen")) as elsewhere, \
            web.scripted(lambda r: web.reply("secure"), tls=cert) as tls:
        def script(r):
            to = {"/near": "/end", "/twice": "/near", "/loop": "/loop", "/up": tls.url + "/x", "/far": elsewhere.url + "/y",
                  "/name": f"http://localhost:{elsewhere.port}/", "/post": "/end"}.get(r.target)
            return web.reply("", 302, [("Location", to)]) if to else web.reply(r.method)

        with web.scripted(script) as server, web.scripted(lambda r: web.reply("", 301, [("Location", server.url)]), tls=cert) as down:
            def go(path, **more):
                return send_one(url=server.url + path, headers={"Authorization": "secret"}, ca_file=str(authority.file), **more)

            assert go("/near")["status"] == 302
            assert go("/near", redirects=1)["body"] == "GET"
            assert go("/twice", redirects=1)["error"] == "redirect"
            assert go("/twice", redirects=2)["body"] == "GET"
            assert go("/loop", redirects=5)["error"] == "redirect"
            assert go("/up", redirects=1)["body"] == "secure"
            assert go("/far", redirects=5)["error"] == "redirect"
            assert go("/name", redirects=5)["error"] == "redirect"
            assert go("/post", redirects=1, method="POST", body="x")["body"] == "GET"
            got = send_one(url=down.url, ca_file=str(authority.file), redirects=5)
            assert got["error"] == "redirect"
            assert elsewhere.requests == []


def test_tls_is_checked(tmp_path):
    authority = web.Authority(tmp_path)
    good = authority.certificate("127.0.0.1", "localhost")
    wrong = authority.certificate("other.example")
    with web.scripted(lambda r: web.reply("ok"), tls=good) as right, web.scripted(lambda r: web.reply("ok"), tls=wrong) as other:
        ca = str(authority.file)
        trusted, untrusted, misnamed, unchecked, folder = send(
            {"url": right.url, "ca_file": ca}, {"url": right.url}, {"url": other.url, "ca_file": ca},
            {"url": other.url, "tls_unchecked": True}, {"url": right.url, "ca_dir": str(tmp_path / "empty")})
        assert trusted["error"] == unchecked["error"] == "ok"
        for refused in (untrusted, misnamed, folder):
            assert (refused["error"], refused["sent"]) == ("tls", "no")


def test_tls_that_is_cut_off_is_no_end(tmp_path, monkeypatch):
    """An answer that only the connection's end delimits is whole when TLS says so, and half an address when it does not
    (RFC 9112, section 9.8)."""
    monkeypatch.setenv("MALLOC_PERTURB_", "165")  # a session that was kept beyond its connection would be noticed
    authority = web.Authority(tmp_path)
    cert = authority.certificate("127.0.0.1", "localhost")
    half = b"HTTP/1.1 200 OK\r\n\r\n203.0.113.2"
    length = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n203.0.113.2"

    def ended(sock):
        sock.sendall(half)
        try:
            sock.unwrap()
        except OSError:
            pass  # the client does not answer the goodbye

    with web.scripted(lambda r: lambda s: s.sendall(half), tls=cert) as cut, web.scripted(lambda r: ended, tls=cert) as whole, \
            web.scripted(lambda r: lambda s: s.sendall(length), tls=cert) as counted:
        a, b, c, d = send(*[{"url": server.url, "ca_file": str(authority.file)} for server in (cut, whole, counted)],
                          {"url": cut.url, "ca_file": str(authority.file), "writes": True})
        assert (a["error"], a["sent"]) == ("reset", "yes")
        # What an update is answered is read for words, of which a half is none.
        assert (d["error"], d["body"]) == ("ok", "203.0.113.2")
        assert (b["error"], b["body"]) == (c["error"], c["body"]) == ("ok", "203.0.113.2")


def test_http2_shares_one_connection(tmp_path):
    authority = web.Authority(tmp_path)
    cert, key = authority.certificate("127.0.0.1", "localhost")
    inside = "server { listen 127.0.0.1:{p0} ssl http2; ssl_certificate %s; ssl_certificate_key %s; location / { return 200 $server_protocol; } }"
    with web.nginx(tmp_path, inside % (cert, key)) as (port,):
        url = f"https://127.0.0.1:{port}/"
        replies = send(*[{"url": url, "ca_file": str(authority.file)} for _ in range(50)])
        assert {r["body"] for r in replies} == {"HTTP/2.0"}
        assert sum(r["connects"] for r in replies) <= 2
        assert send_one(url=url, ca_file=str(authority.file), http1=True)["body"] == "HTTP/1.1"


def test_a_hanging_server_delays_nobody():
    with web.scripted(lambda r: lambda s: time.sleep(5)) as hangs, web.scripted(lambda r: web.reply("ok")) as works:
        started = time.monotonic()
        replies = send(*[{"url": hangs.url, "timeout": 1500} for _ in range(30)], *[{"url": works.url} for _ in range(30)])
        assert all(r["error"] == "timeout" for r in replies[:30])
        assert [r for r in replies[30:] if r["error"] != "ok" or r["took"] >= 1400] == []
        assert time.monotonic() - started < 20


def test_source_address_and_interface(world):
    here, there = world.space("here"), world.space("there")
    world.join(here, "e0", there, "p0")
    world.join(here, "e1", there, "p1")
    for space, end in ((here, 1), (there, 2)):
        for i in (0, 1):
            space.ip(f"addr add 192.0.2.{i * 64 + end}/26 dev {'e' if end == 1 else 'p'}{i}")
    here.ip("addr add 192.0.2.7/26 dev e0")
    with web.echo_in(there, "0.0.0.0", 8080):
        def ask(**more):
            lines = json.dumps({"url": "http://192.0.2.2:8080/", "timeout": 2000, **more}) + "\n"
            return json.loads(here.run(tool("nettool"), input=lines).stdout)

        assert ask()["body"] == "192.0.2.1\n"
        got = ask(source_address="192.0.2.7")
        assert (got["body"], got["local"]) == ("192.0.2.7\n", "192.0.2.7")
        assert ask(interface="e0")["body"] == "192.0.2.1\n"
        assert ask(interface="e1")["body"] == "192.0.2.65\n"
        assert ask(source_address="192.0.2.99")["error"] == "no-route"
        assert ask(source_address="2001:db8::1")["error"] == "no-route"
