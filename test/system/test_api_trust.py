# SPDX-License-Identifier: ISC
"""Whom the page trusts and for how long: links, sessions, tokens, waits; and that a hostile provider's echo tells no secret."""
import base64
import hashlib
import http.server
import json
import os
import pty
import re
import socketserver
import threading
import time
import urllib.parse

import pytest
from processes import eventually
from test_api_attacks import BREAKERS, PASSWORD, Page

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.fixture
def page(homing):
    return lambda extra="": Page(homing, extra)


def now():
    return int(time.time() * 1000)


def access(p):
    """What the access file says; it is written soon after a change."""
    file = p.homing.state / "access"
    return file.read_text() if file.exists() else ""


def rewritten(p, kind, change):
    """The service over a stop in which the access file's lines of that kind were changed: what time would do to them."""
    p.homing.stop()
    file = p.homing.state / "access"
    lines = access(p).splitlines()
    assert any(line.startswith(kind + " ") for line in lines), lines
    file.write_text("".join((" ".join(change(line.split())) if line.startswith(kind + " ") else line) + "\n" for line in lines))
    p.homing.start()


@pytest.mark.parametrize("left, status", [(MINUTE, 200), (-1000, 403), (16 * MINUTE, 403)], ids=["a minute left", "over", "longer than any is"])
def test_a_link_works_for_a_quarter_of_an_hour(page, left, status):
    p = page()
    link = p.homing.api("POST", "/link", {})[1]
    assert abs(link["until"] - now() - 15 * MINUTE) < MINUTE
    eventually(lambda: "link " in access(p), 10, "the link being kept")
    rewritten(p, "link", lambda words: [words[0], words[1], str(now() + left)])
    body = {"link": link["link"], "password": PASSWORD}
    assert p.ask("POST", "/api/v1/claim", body)[0] == status
    if status == 200:  # and once
        assert p.ask("POST", "/api/v1/claim", body)[0] == 403
        assert p.ask("POST", "/api/v1/claim", {"link": link["link"]})[0] == 403


def test_nobody_claims_the_page_without_its_link(page):
    p = page()
    for body in ({}, {"password": PASSWORD}, {"link": "", "password": PASSWORD}, {"link": None, "password": PASSWORD}, {"link": "A" * 43, "password": PASSWORD}):
        assert p.ask("POST", "/api/v1/claim", body)[0] in (400, 403, 422), body
    assert p.ask("POST", "/api/v1/link", {})[0] == 401
    assert p.ask("POST", "/api/v1/session", {"password": PASSWORD})[0] == 403
    assert p.ask("POST", "/api/v1/password", {"old": "", "password": PASSWORD})[0] == 401
    assert json.loads(p.ask("GET", "/api/v1/start")[2])["session"] == {"level": "none", "accounts": True, "owned": False, "name": ""}
    # A service tells its log how to get a link, and no link.
    assert 'homing passwd' in p.homing.text() and "claim=" not in p.homing.text()


def test_a_terminal_is_told_a_link_at_the_first_start(page):
    p = page()
    p.homing.stop()
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(p.homing.program, p.homing.command("run"))
    text = b""
    try:
        def told():
            nonlocal text
            text += os.read(fd, 4096)
            return re.search(rb"#claim=([\w-]+)", text)
        link = eventually(told, 30, "a link on the terminal").group(1).decode()
        assert p.ask("POST", "/api/v1/claim", {"link": link, "password": PASSWORD})[0] == 200
    finally:
        os.kill(pid, 15)
        try:
            while os.read(fd, 4096):
                pass
        except OSError:
            pass
        os.waitpid(pid, 0)


@pytest.mark.parametrize("created, seen, status", [
    (29 * DAY, 11 * HOUR, 200),
    (13 * HOUR, 12 * HOUR + MINUTE, 401),
    (30 * DAY + MINUTE, 0, 401),
], ids=["in use", "idle", "old"])
def test_a_session_ends_when_idle_and_when_old(page, created, seen, status):
    p = page().own()
    eventually(lambda: "session " in access(p), 10, "the session being kept")
    rewritten(p, "session", lambda words: [words[0], words[1], str(now() - created), str(now() - seen)])
    assert p.ask("GET", "/api/v1/verdict")[0] == status


def test_the_cookie_says_little_and_goes_nowhere_else(page):
    p = page().own()
    header = p.ask("POST", "/api/v1/session", {"password": PASSWORD})[1]["Set-Cookie"]
    value, *attributes = (part.strip() for part in header.split(";"))
    assert re.fullmatch(r"homing=[\w-]{43}", value), "256 bits"
    names = {a.split("=")[0].lower(): a for a in attributes}
    assert names["httponly"] and names["samesite"] == "SameSite=Strict", header
    assert not {"domain", "path"} & set(names), "for /api/v1 of this host alone, wherever a proxy has put it"
    assert "secure" not in names, "that is where TLS is"
    secret = value.split("=")[1]
    eventually(lambda: hashlib.sha256(secret.encode()).hexdigest() in access(p), 10, "its hash being kept")
    assert secret not in access(p)


def test_tokens_are_kept_as_hashes_and_read_only_ones_change_nothing(page):
    p = page("protocol=dyndns2, server=http://127.0.0.1:9, password=x, usev4=ipv4, ipv4=203.0.113.9 home.example.org\n").own()
    made = {level: json.loads(p.ask("POST", "/api/v1/tokens", {"name": level, "level": level})[2])["token"] for level in ("read", "full")}
    def kept():
        text = access(p)
        assert not any(token in text for token in made.values())
        return all(hashlib.sha256(token.encode()).hexdigest() in text for token in made.values())
    eventually(kept, 10, "their hashes being kept")
    p.cookie = None
    before = p.homing.conf.read_text()
    document = p.homing.get("/openapi.json")
    tried = 0
    for path, methods in document["paths"].items():
        for method in methods:
            target = path.replace("{id}", "home.example.org").replace("{name}", "read")
            if method == "get" or target in ("/api/v1/session", "/api/v1/claim"):
                continue
            status, _, answer = p.ask(method.upper(), target, {}, {"Authorization": f"Bearer {made['read']}"})
            assert status == 403, (method, target, status, answer)
            assert p.ask(method.upper(), target, {})[0] in (401, 403), (method, target)
            tried += 1
    assert tried > 15 and p.homing.conf.read_text() == before
    assert p.ask("GET", "/api/v1/tokens", headers={"Authorization": f"Bearer {made['read']}"})[0] == 403
    assert p.ask("GET", "/api/v1/verdict", headers={"Authorization": f"Bearer {made['read']}"})[0] == 200
    assert p.ask("POST", "/api/v1/update", {"id": None}, {"Authorization": f"Bearer {made['full']}"})[0] == 200


def test_guesses_of_a_network_of_64_bits_count_together(page):
    p = page().own()
    for i in range(3):
        p.ask("POST", "/api/v1/session", {"password": "a wrong guess"}, {"Cookie": "a=b", "X-Forwarded-For": f"2001:db8:1:2::{i}"})
    def kept():
        lines = [line.split() for line in access(p).splitlines()]
        return {w[1]: int(w[2]) for w in lines if w[0] == "wait"}
    eventually(lambda: kept().get("2001:db8:1:2::/64") == 3, 10, f"three for the network, not {kept()}")
    assert kept()["account"] == 3 and len(kept()) == 2


def test_the_loop_goes_on_while_passwords_are_checked(page):
    """Argon2 takes its time elsewhere: others are answered meanwhile. Whoever is on the unix socket may try without a wait."""
    p = page().own()
    ended = []
    def check():
        ended.append(p.homing.api("POST", "/session", {"password": "not this one"})[0])
    for _ in range(20):
        ended.clear()
        threads = [threading.Thread(target=check) for _ in range(4)]
        for t in threads:
            t.start()
        status = p.ask("GET", "/healthz")[0]
        under_way = 4 - len(ended)
        for t in threads:
            t.join()
        assert status == 200 and set(ended) <= {403, 503}, ended
        if under_way:
            break
    assert under_way, "no answer came before the checks had ended"
    assert p.homing.api("POST", "/session", {"password": PASSWORD})[0] == 200


def test_nothing_inline_and_nothing_from_elsewhere(page):
    p = page().own()
    for path in ("/", "/app.js", "/page.css", "/api/v1/start", "/api/v1/verdict", "/nowhere", "/api/v1/nowhere", "/healthz", "/metrics", "/api/v1/openapi.json"):
        _, headers, body = p.ask("GET", path)
        policy = dict((part.split() + [""])[:2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'", (path, policy)
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    document = p.ask("GET", "/")[2].decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", document)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", document))


def test_every_command_and_file_is_out_of_reach(page):
    """Each setting of the table and each field of a provider that names a command or a file, and the values that would run one."""
    p = page("protocol=dyndns2, server=http://127.0.0.1:9, password=x, usev4=ipv4, ipv4=203.0.113.9 home.example.org\n").own()
    before = p.homing.conf.read_text()
    names = {s["name"] for s in p.homing.get("/settings")["items"] if s["class"] in ("command", "file")}
    for kind in ("providers", "protocols"):
        names |= {f["name"] for item in p.homing.get("/" + kind)["items"] for f in item["fields"] if f["type"] in ("command", "file")}
    assert {"postscript", "hook", "listen-key"} <= names, names
    names |= {"cmd", "cmdv4", "cmdv6", "program", "key-file", "filev4", "ssl_ca_file", "state-dir", "password_file", "password_env", "login_file", "define", "inherit", "kind", "include"}
    tries = [{name: "/bin/sh"} for name in sorted(names)]
    tries += [{"provider": "command", "program": "/bin/sh"}, {"protocol": "command", "program": "/bin/sh"}, {"usev4": "cmd", "cmd": "id"},
              {"usev4": "cmdv4", "cmdv4": "id"}, {"use": "cmd", "cmd": "id"}, {"login": "x, cmd=id"}, {"description": "x\ncmd=id"},
              {"description": "x\rpostscript=/bin/sh"}, {"description": "x \\\npostscript=/bin/sh"}]
    for settings in tries:
        harmless = set(settings) <= {"login", "description"}  # text like any other, if it stays inside its quotes
        for call in (("PATCH", "/api/v1/hostnames/home.example.org"), ("PATCH", "/api/v1/settings"), ("POST", "/api/v1/hostnames")):
            body = {"settings": settings} if call[0] == "PATCH" else {"hostname": "x.example.org", "settings": {"protocol": "dyndns2", "password": "x", **settings}}
            status, _, answer = p.ask(*call, body)
            assert status in (403, 404, 409, 422) or (harmless and status == 200), (call, settings, status, answer)
            if status != 200:
                assert p.homing.conf.read_text() == before, (call, settings)
            else:
                assert not re.search(r"^\s*(cmd|postscript)\s*=|,\s*(cmd|postscript)=", re.sub(r"'[^']*'|\"[^\"]*\"", "''", p.homing.conf.read_text()), re.M)
                assert p.ask("POST", "/api/v1/undo", {})[0] == 200
    assert p.homing.conf.read_text() == before


class Echo(socketserver.ThreadingTCPServer):
    """A provider that says back all it was told, in every dress, and keeps what it heard."""
    allow_reuse_address, daemon_threads = True, True

    def __init__(self):
        self.heard = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.heard.append((self.command, self.path, dict(self.headers)))
                basic = (self.headers.get("Authorization") or "").removeprefix("Basic ")
                try:
                    plain = base64.b64decode(basic).decode(errors="replace")
                except ValueError:
                    plain = basic
                body = f"badauth {plain} {basic} {self.path} {urllib.parse.unquote(self.path)} {urllib.parse.quote(plain)} {json.dumps(plain)}\n".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __exit__(self, *error):
        self.shutdown()
        super().__exit__(*error)


def test_a_provider_that_says_the_password_back_tells_nobody(page):
    from test_api_secrets import Canaries, quoted, raw
    canaries = Canaries()
    with Echo() as echo:
        p = page("usev4=ipv4, ipv4=203.0.113.9, usev6=disabled\n" + "".join(
            f"protocol={protocol}, server=http://127.0.0.1:{echo.port}, login=arthur{i}, password={quoted(canaries.new())} {protocol}.example.org\n"
            for i, protocol in enumerate(("dyndns2", "dyndns1", "duckdns", "namecheap", "zoneedit1")))).own()
        eventually(lambda: len(echo.heard) >= 3, 20, "requests")
        assert canaries.found_in(str(echo.heard) + "".join(
            base64.b64decode(h.get("Authorization", "").removeprefix("Basic ")).decode(errors="replace") for _, _, h in echo.heard)), "it was told some"
        eventually(lambda: sum("was not published" in line["text"] for line in p.homing.get("/log?limit=500")["lines"]) >= 3, 20, "their refusals")
        said = {path: raw(p.homing, "GET", path) for path in ("/start", "/hostnames", "/log?level=debug&limit=5000", "/addresses")}
        lines = p.homing.get("/log?level=debug&limit=5000")["lines"]
        for line in lines:
            if line.get("exchange"):
                said[f"exchange {line['exchange']}"] = raw(p.homing, "GET", f"/exchanges/{line['exchange']}")
        for host in p.homing.get("/hostnames")["items"]:
            said["why " + host["id"]] = raw(p.homing, "GET", f"/hostnames/{urllib.parse.quote(host['id'], safe='')}/why")
        for words in (("status",), ("log",), ("report",)):
            done = p.homing.call(*words)
            said[" ".join(words)] = done.stdout + done.stderr
        said["the log"] = p.homing.text()
        assert any(key.startswith("exchange") and "badauth" in text for key, text in said.items()), "an answer is shown"
        p.homing.stop()
        for file in p.homing.state.rglob("*"):
            if file.is_file() and "conf" not in file.name and "versions" not in str(file):
                said[file.name] = file.read_bytes().decode("latin-1")
        leaks = {place: found for place, text in said.items() if (found := canaries.found_in(text))}
        assert not leaks, leaks


def test_no_field_breaks_out_into_the_file_or_into_a_request(page):
    """Every field that a hostname can have, with texts that would end a line, a header or a request."""
    with Echo() as echo:
        p = page("usev4=ipv4, ipv4=203.0.113.9, usev6=disabled\n").own()
        tried = 0
        for protocol in ("dyndns2", "cloudflare", "namecheap"):
            item = next(x for x in p.homing.get("/protocols")["items"] if x["id"] == protocol)
            fields = [f for f in item["fields"] if f["type"] not in ("command", "file")]
            base = {f["name"]: f["default"] or "example.org" for f in fields if f["required"]} | {
                "protocol": protocol, "server": f"http://127.0.0.1:{echo.port}", "password": "secret", "login": "arthur"}
            for name in sorted({f["name"] for f in fields} | {"description", "login", "password", "server", "proxy", "ttl", "mx", "zone", "usev4", "provider", "enabled"}):
                for text in BREAKERS[:4]:
                    before = p.homing.conf.read_text()
                    status, _, answer = p.ask("POST", "/api/v1/hostnames", {"hostname": "a.example.org", "settings": {**base, name: text}})
                    after = p.homing.conf.read_text()
                    assert status in (200, 400, 403, 422), (protocol, name, text, status, answer)
                    tried += 1
                    if status == 200:
                        assert after.startswith(before) and after.count("\n") == before.count("\n") + 1 and "\r" not in after, (name, text, after)
                        ident = urllib.parse.quote(json.loads(answer)["id"], safe="")
                        p.ask("POST", "/api/v1/update", {"id": json.loads(answer)["id"]})
                        assert p.ask("DELETE", f"/api/v1/hostnames/{ident}")[0] == 200
                    else:
                        assert after == before, (name, text)
        assert tried > 100
        for method, path, headers in echo.heard:
            assert headers.get("Host") == f"127.0.0.1:{echo.port}" and "evil" not in str(headers), (method, path, headers)
            assert not re.search(r"[\x00-\x20\x7f]", path)


def test_requests_have_their_time(lingering):
    """Half a minute, and they are cut; most of it passes with the tests before this one."""
    service, peers = lingering
    for name, peer in peers.items():
        peer.settimeout(60)
        try:
            while peer.recv(65536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            pytest.fail(f"the {name} connection is still there")
    assert service.get("/verdict")
