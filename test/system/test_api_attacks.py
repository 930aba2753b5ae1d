# SPDX-License-Identifier: ISC
"""Attacks on the page: strange names, strange origins, guessing, slowness, size, paths, and text that would break out."""
import http.client
import json
import os
import pty
import socket
import time
import urllib.parse

import pytest
from dyndns import Dyndns
from processes import eventually, free_ports

PASSWORD = "four ordinary words"


class Page:
    """The service with its page on a port of loopback, as a browser would speak to it."""

    def __init__(self, homing, extra=""):
        self.port = free_ports(1)[0]
        self.homing = homing(f"listen=127.0.0.1:{self.port}\noutside=no\n{extra}").start()
        self.cookie = None

    def ask(self, method, path, body=None, headers=None, host=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            data = json.dumps(body).encode() if body is not None else b""
            if body is not None:
                connection.putheader("Content-Type", "application/json")
                connection.putheader("Content-Length", str(len(data)))
            if self.cookie and not (headers or {}).get("Cookie"):
                connection.putheader("Cookie", self.cookie)
                connection.putheader("Homing-Request", "1")
            for name, values in (headers or {}).items():
                for value in values if isinstance(values, list) else [values]:  # a line of its own for each
                    connection.putheader(name, value)
            connection.endheaders(data)
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()

    def own(self):
        link = self.homing.api("POST", "/link", {})[1]["link"]
        status, headers, _ = self.ask("POST", "/api/v1/claim", {"link": link, "password": PASSWORD})
        assert status == 200
        self.cookie = headers["Set-Cookie"].split(";")[0]
        return self


@pytest.fixture
def page(homing):
    return lambda extra="": Page(homing, extra)


def test_only_our_own_names_are_answered(page, lingering):
    p = page("page-hosts=homing.example.org\n").own()
    for host in ("evil.example", f"evil.example:{p.port}", "127.0.0.1.evil.example", "localhost.evil.example", "[::1].evil.example", ""):
        for path in ("/", "/api/v1/start", "/api/v1/verdict", "/healthz"):
            status, headers, body = p.ask("GET", path, host=host or " ")
            assert status in (400, 421), (host, path, status)
            assert b"hostnames" not in body
    for host in ("localhost", f"127.0.0.1:{p.port}", "[::1]:80", "homing.example.org", "HOMING.example.org:443"):
        assert p.ask("GET", "/api/v1/verdict", host=host)[0] == 200


def test_other_origins_change_nothing(page):
    p = page().own()
    before = p.homing.conf.read_text()
    body = {"hostname": "stolen.example.org", "settings": {"protocol": "dyndns2", "password": "x"}}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": f"http://127.0.0.1:{p.port + 1}"},
                    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Cookie": p.cookie}):
        status, _, answer = p.ask("POST", "/api/v1/hostnames", body, headers)
        assert status == 403 and b"cross-site" in answer, (headers, answer)
    # What a form of another page can send: no JSON, no header of ours.
    connection = http.client.HTTPConnection("127.0.0.1", p.port)
    connection.request("POST", "/api/v1/hostnames", json.dumps(body), {"Content-Type": "text/plain", "Cookie": p.cookie})
    assert connection.getresponse().status == 403
    assert p.homing.conf.read_text() == before
    for name, value in p.ask("GET", "/")[1].items():
        assert name.lower() != "access-control-allow-origin", value


def test_a_session_is_never_the_one_that_was_brought(page):
    p = page().own()
    brought = "homing=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    status, headers, _ = p.ask("POST", "/api/v1/session", {"password": PASSWORD}, {"Cookie": brought, "Homing-Request": "1"})
    assert status == 200 and brought not in headers["Set-Cookie"]
    assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
    assert p.ask("GET", "/api/v1/verdict", headers={"Cookie": brought})[0] == 401
    status, headers, _ = p.ask("POST", "/api/v1/session", {"password": PASSWORD}, {"X-Forwarded-Proto": "https", "Cookie": "a=b"})
    assert "Secure" in headers["Set-Cookie"]


def test_signing_out_everywhere_ends_streams_too(page):
    p = page().own()
    s = socket.create_connection(("127.0.0.1", p.port))
    s.settimeout(10)
    s.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nCookie: {p.cookie}\r\n\r\n".encode())
    text = b""
    while b"retry" not in text:
        text += s.recv(4096)
    assert p.ask("DELETE", "/api/v1/session/all")[0] == 200
    while block := s.recv(4096):  # to its end: a chunk of no length, or the connection's
        text += block
        if text.endswith(b"0\r\n\r\n"):
            break
    assert p.ask("GET", "/api/v1/events")[0] == 401


def test_guessing_gets_slow_and_stays_slow_over_a_restart(page):
    p = page().own()
    replies = [p.ask("POST", "/api/v1/session", {"password": f"guess {i}"}, {"Cookie": "a=b"}) for i in range(8)]
    answers = [status for status, _, _ in replies]
    assert answers.count(403) <= 5 and 429 in answers, answers
    _, headers, _ = next(reply for reply in reversed(replies) if reply[0] == 429)
    over = time.monotonic() + int(headers["Retry-After"])
    p.homing.stop()
    p.homing.start()
    status, _, _ = p.ask("POST", "/api/v1/session", {"password": PASSWORD}, {"Cookie": "a=b"})
    assert status == 429 or time.monotonic() >= over - 1, "a restart forgave the guesses"
    assert p.ask("GET", "/api/v1/verdict")[0] == 200, "whoever is in stays in"
    assert p.homing.api("GET", "/verdict")[0] == 200, "the machine's owner is never shut out"
    # Claiming addresses in a header that only a proxy may write does not make one forgiven.
    for i in range(3):
        assert p.ask("POST", "/api/v1/session", {"password": "x"}, {"Cookie": "a=b", "X-Forwarded-For": f"192.0.2.{i}"})[0] in (403, 429)


@pytest.mark.parametrize("setting, header, counted", [
    ("", None, "127.0.0.1"),
    ("", "198.51.100.7", "198.51.100.7"),
    ("", "203.0.113.5, 198.51.100.7", "198.51.100.7"),
    ("trusted-proxy=192.0.2.9\n", "198.51.100.7", "127.0.0.1"),
    ("trusted-proxy=127.0.0.1\n", "198.51.100.7", "198.51.100.7"),
    ("trusted-proxy='192.0.2.9, 127.0.0.1'\n", "203.0.113.5, 198.51.100.7, 192.0.2.9", "198.51.100.7"),
    ("trusted-proxy=127.0.0.1\n", "203.0.113.5, 198.51.100.7, 192.0.2.9", "192.0.2.9"),
    ("trusted-proxy=127.0.0.1\n", "198.51.100.7, nonsense", "127.0.0.1"),
    ("", ["203.0.113.5", "198.51.100.7"], "198.51.100.7"),  # some proxies add a line instead of lengthening the one that came
])
def test_only_named_proxies_are_believed(page, setting, header, counted):
    """Who is counted for a wrong password: the visitor that a trusted proxy names, else the peer itself."""
    p = page(setting).own()
    assert guess_counted_for(p, header) == [counted]


def test_a_proxy_is_trusted_without_a_restart(page):
    p = page("trusted-proxy=192.0.2.9\n").own()
    p.homing.write(p.homing.conf.read_text().replace("192.0.2.9", "127.0.0.1"))
    eventually(lambda: "192.0.2.9" not in json.dumps(p.homing.api("GET", "/settings")[1]), 20, "the new settings")
    assert guess_counted_for(p, "198.51.100.7") == ["198.51.100.7"]


def guess_counted_for(p, header):
    """The addresses that wrong passwords are counted for, after one more."""
    headers = {"Cookie": "a=b"} | ({"X-Forwarded-For": header} if header else {})
    assert p.ask("POST", "/api/v1/session", {"password": "a wrong guess"}, headers)[0] in (403, 429)
    def kept():
        lines = [line.split() for line in (p.homing.state / "access").read_text().splitlines()]
        return [words[1] for words in lines if words[0] == "wait" and words[1] != "account"]
    return eventually(kept, 10, "the wait being kept")


def test_a_thousand_slow_peers_leave_room(page):
    p = page().own()
    slow = []
    try:
        for i in range(1000):
            s = socket.create_connection(("127.0.0.1", p.port))
            s.send(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Le")
            slow.append(s)
        began = time.monotonic()
        assert p.ask("GET", "/")[0] == 200
        assert p.ask("GET", "/api/v1/start")[0] == 200
        print(f"page and data beside 1000 slow connections: {(time.monotonic() - began) * 1000:.0f} ms")
        part = next(x for x in p.homing.get("/about")["parts"] if x["id"] == "page")
        assert part["state"] == "waiting" and part["message"]["code"] == "part_page_full" and part["message"]["args"]["count"] >= 400, part
    finally:
        for s in slow:
            s.close()


def test_bodies_without_end_are_cut(page):
    p = page().own()
    s = socket.create_connection(("127.0.0.1", p.port))
    s.settimeout(20)
    s.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent, chunk = 0, b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with pytest.raises(OSError):
        while sent < 1 << 30:
            s.sendall(chunk)
            sent += 0x10000
    assert sent < 64 << 20, "a bound of 1 MiB, and what the system buffers"
    s.close()
    status = p.ask("POST", "/api/v1/session", None, {"Content-Length": str(1 << 30)})[0]
    assert status == 413
    with open(f"/proc/{p.homing.worker()}/statm") as f:
        assert int(f.read().split()[1]) * 4096 < 200 << 20


def test_paths_lead_nowhere_else(page):
    p = page()
    for path in ("/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/index.html/../../x",
                 "/access", "/api/v1/../../access", "/api/v1/hostnames/..%2f..", "/%00", "/index.html%00.js", "/a\\..\\b"):
        status, _, body = p.ask("GET", path)
        assert status in (400, 401, 404), (path, status)
        assert b"root:" not in body and b"argon2" not in body


BREAKERS = ["x\r\nHost: evil.example", "x\nprotocol=dyndns2 evil.example.org", "x\r\n\r\nGET / HTTP/1.1", "a\x00b", "\x1b[2J", "x\u2028y"]
ODD = ["a'b", 'a"b', "a\\b", "a,b=c", "# no comment", "$(id)", "`id`", "%0d%0a", "a b", "\u00fc\u6f22", "x" * 300, "'", '"', "\\", "default"]


def test_nothing_breaks_out_into_the_file_or_into_requests(page):
    with Dyndns() as provider:
        p = page().own()
        base = {"protocol": "dyndns2", "server": f"http://127.0.0.1:{provider.port}", "usev4": "ipv4", "ipv4": "203.0.113.9", "password": "secret"}
        for field in ("login", "password", "description", "script", "mx"):
            for text in BREAKERS:
                before = p.homing.conf.read_text()
                status, _, answer = p.ask("POST", "/api/v1/hostnames", {"hostname": "home.example.org", "settings": {**base, field: text}})
                if status == 200:  # then it is text like any other, on its own line
                    assert "\r" not in p.homing.conf.read_text() and "\nprotocol=dyndns2 evil" not in p.homing.conf.read_text()
                    assert p.ask("DELETE", "/api/v1/hostnames/home.example.org")[0] == 200
                else:
                    assert status in (400, 422), (field, text, answer)
                    assert p.homing.conf.read_text() == before
        for hostname in ("a b.example.org", "a\nb.example.org", "a,b.example.org", "a=b.example.org", "'a'.example.org", "-a.example.org",
                         "a..example.org", "a#b.example.org", "a\\b.example.org", "a/b.example.org", "a@b.example.org", "http://a.example.org"):
            status, _, answer = p.ask("POST", "/api/v1/hostnames", {"hostname": hostname, "settings": base})
            assert status == 422, (hostname, answer)
        for i, text in enumerate(ODD):
            name = f"odd{i}.example.org"
            status, _, answer = p.ask("POST", "/api/v1/hostnames", {"hostname": name, "settings": {**base, "login": f"user{i}", "description": text,
                                                                                                   "password": text}})
            assert status == 200, (text, answer)
            entry = json.loads(p.ask("GET", "/api/v1/hostnames/" + urllib.parse.quote(json.loads(answer)["id"], safe=""))[2])
            assert entry["settings"]["description"] == text
            assert entry["settings"]["password"].keys() <= {"set", "at"}
        # The provider got exactly what was typed, and nothing beside.
        import base64
        wanted = {base64.b64encode(f"user{i}:{text}".encode()).decode() for i, text in enumerate(ODD)}
        eventually(lambda: wanted <= {(a or "").removeprefix("Basic ") for _, _, a in provider.requests}, 20, "every password as typed")


def test_commands_and_files_are_out_of_reach(page):
    p = page("protocol=dyndns2, server=http://127.0.0.1:9, password=x, usev4=ipv4, ipv4=203.0.113.9 home.example.org\n").own()
    before = p.homing.conf.read_text()
    for name in ("cmd", "cmdv4", "cmdv6", "postscript", "hook", "key-file", "filev4", "ssl_ca_file", "listen-key", "state-dir", "define", "inherit"):
        for call in (("PATCH", "/api/v1/hostnames/home.example.org"), ("PATCH", "/api/v1/settings")):
            status, _, answer = p.ask(*call, {"settings": {name: "/bin/sh"}})
            assert status in (403, 422), (name, call, answer)
        status, _, answer = p.ask("POST", "/api/v1/hostnames", {"hostname": "x.example.org", "settings": {"protocol": "dyndns2", name: "/bin/sh"}})
        assert status in (403, 422), (name, answer)
    assert p.homing.conf.read_text() == before


def test_a_moved_server_gets_no_old_password(page):
    with Dyndns() as first, Dyndns() as second:
        p = page(f"protocol=dyndns2, server=http://127.0.0.1:{first.port}, login=arthur, password=s3cret, usev4=ipv4, ipv4=203.0.113.9 "
                 "home.example.org\n").own()
        eventually(lambda: first.requests, 10, "an update")
        ident = urllib.parse.quote("home.example.org@dyndns2/arthur", safe="")
        status, _, answer = p.ask("PATCH", f"/api/v1/hostnames/{ident}", {"settings": {"server": f"http://127.0.0.1:{second.port}"}})
        assert status == 200 and json.loads(answer)["secrets_cleared"]
        assert "s3cret" not in p.homing.conf.read_text()
        p.ask("POST", "/api/v1/update", {"id": None})
        status, _, answer = p.ask("POST", "/api/v1/hostnames", {
            "hostname": "copy.example.org", "same_as": "home.example.org",
            "settings": {"protocol": "dyndns2", "server": f"http://127.0.0.1:{second.port}"}})
        assert status == 403, answer
        time.sleep(0.5)
        assert not any(a and "czNjcmV0" in a for _, _, a in second.requests)


def test_passwd_works_on_a_terminal_only(page):
    p = page()
    done = p.homing.call("passwd")
    assert done.returncode == 1 and "terminal" in done.stderr and "claim" not in done.stdout
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(p.homing.program, p.homing.command("passwd"))
    text = b""
    try:
        while block := os.read(fd, 4096):
            text += block
    except OSError:
        pass
    os.waitpid(pid, 0)
    link = text.decode().split("#claim=")[1].split()[0]
    assert p.ask("POST", "/api/v1/claim", {"link": link})[0] == 200
    assert link not in p.homing.text(), "a link is no business of the log"


def test_tls_with_ones_own_certificate(homing, tmp_path):
    import ssl
    import subprocess
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=homing",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, capture_output=True)
    os.chmod(tmp_path, 0o755)
    port = free_ports(1)[0]
    h = homing(f"listen=127.0.0.1:{port}\nlisten-cert={tmp_path}/cert.pem, listen-key={tmp_path}/key.pem\noutside=no\n").start()
    link = h.api("POST", "/link", {})[1]
    assert link["url"].startswith(f"https://127.0.0.1:{port}/#claim=")
    trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))

    def ask(method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=trust)
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json", **(headers or {})} if body else headers or {})
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()

    status, headers, _ = ask("POST", "/api/v1/claim", {"link": link["link"], "password": PASSWORD})
    assert status == 200 and "Secure" in headers["Set-Cookie"]
    cookie = headers["Set-Cookie"].split(";")[0]
    assert ask("GET", "/api/v1/verdict", headers={"Cookie": cookie})[0] == 200
    for _ in range(20):
        assert ask("GET", "/app.js")[0] == 200
    # Plain words to it are no way in, and the unix socket stays what it was.
    s = socket.create_connection(("127.0.0.1", port))
    s.settimeout(10)
    s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b"<html" not in s.recv(65536)
    assert h.get("/verdict")


def test_half_a_pair_is_not_served_in_the_open(homing, tmp_path):
    port = free_ports(1)[0]
    h = homing(f"listen=127.0.0.1:{port}\nlisten-cert={tmp_path}/none.pem\noutside=no\n").start()
    assert "is not served" in h.text()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert h.get("/verdict")
