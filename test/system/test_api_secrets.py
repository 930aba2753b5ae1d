# SPDX-License-Identifier: ISC
"""Canaries: a secret in every secret field of every provider, looked for in everything that comes out."""
import base64
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.parse

import pytest
from processes import eventually
from service import UnixConnection
from test_api import ALONE

DOCUMENTS = ["/start", "/verdict", "/hostnames", "/addresses", "/sources", "/providers", "/protocols", "/settings", "/about", "/openapi.json",
             "/log?level=debug&limit=5000", "/tokens", "/devices", "/notify"]


@pytest.fixture
def alone():
    done = subprocess.run([*ALONE, "true"], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("no network namespace of its own here: " + done.stderr.strip())


class Canaries:
    def __init__(self):
        self.words = []

    def new(self, url=False):
        word = f"cnry{len(self.words):03d}{os.urandom(6).hex()}"
        # Characters that each way of writing changes in its own manner.
        text = f"https://127.0.0.1:9/u?k={word}" if url else f"{word}/+ \"&\u00fc"
        self.words.append((word, text))
        return text

    def found_in(self, text):
        """Which of them are there, in whatever dress."""
        return [word for word, whole in self.words if any(f in text for f in self.forms(word, whole))]

    @staticmethod
    def forms(word, whole):
        raw = whole.encode()
        yield word
        # base64 at each of the three places a text can begin; what its ends share with neighbours is cut off
        for shift in range(3):
            yield base64.b64encode(b"\0" * shift + word.encode()).decode()[4 if shift else 0:-4]
        yield word.encode().hex()
        for name in ("md5", "sha1", "sha256", "sha512"):
            yield hashlib.new(name, raw).hexdigest()
            yield base64.b64encode(hashlib.new(name, raw).digest()).decode()
        yield urllib.parse.quote(whole)
        yield urllib.parse.quote_plus(whole)
        yield json.dumps(whole)[1:-1]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def configuration(providers, protocols, canaries):
    lines = ["listen=no", "outside=no", "usev4=ipv4, ipv4=203.0.113.7, usev6=ipv6, ipv6=2001:db8::7", "daemon=5m"]
    for kind, items in (("provider", providers), ("protocol", protocols)):
        for i, item in enumerate(items):
            parts = [f"{kind}={item['id']}"]
            if kind == "protocol":
                parts.append("server=127.0.0.1:9")
            for field in item["fields"]:
                if field["secret"]:
                    parts.append(f"{field['name']}={quoted(canaries.new(field['name'].startswith(('url', 'dynurl'))))}")
                elif field["required"]:
                    parts.append(f"{field['name']}={quoted(field['choices'][0] if field['choices'] else field['default'] or 'arthur')}")
            lines.append(", ".join(parts) + f" {kind[:4]}{i}.example.org")
    return "\n".join(lines) + "\n"


def raw(homing, method, path, body=None):
    connection = UnixConnection(str(homing.socket))
    try:
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json"} if body is not None else {})
        reply = connection.getresponse()
        return str(reply.getheaders()) + reply.read().decode()
    finally:
        connection.close()


def events(homing, act):
    """What the event stream says while something happens."""
    connection = UnixConnection(str(homing.socket))
    connection.request("GET", "/api/v1/events?log=1")
    reply = connection.getresponse()
    act()
    text = ""
    connection.sock.settimeout(2)
    try:
        while len(text) < 4 << 20:
            block = reply.read1(65536)
            if not block:
                break
            text += block.decode(errors="replace")
    except TimeoutError:
        pass
    connection.close()
    return text


def test_no_secret_ever_comes_out(alone, homing):
    scout = homing("listen=no\n", prefix=ALONE).start()
    providers = [p for p in scout.get("/providers")["items"] if p["status"] != "closed"]
    protocols = scout.get("/protocols")["items"]
    scout.stop()
    canaries = Canaries()
    h = homing(configuration(providers, protocols, canaries), prefix=ALONE)
    checked = h.call("check")
    h.start()
    hosts = h.get("/hostnames?limit=1000")["items"]
    assert len(hosts) > 50 and len(canaries.words) > 50
    said = {"homing check": checked.stdout + checked.stderr}

    def stir():
        raw(h, "POST", "/update", {"id": None, "force": True})
        for host in hosts:
            said["plan of " + host["id"]] = raw(h, "POST", "/plan", {"id": host["id"]})

    said["events"] = events(h, stir)
    for path in DOCUMENTS:
        said[path] = raw(h, "GET", path)
    exchanges = {line["exchange"] for line in h.get("/log?level=debug&limit=5000")["lines"] if line.get("exchange")}
    for number in exchanges:
        said[f"exchange {number}"] = raw(h, "GET", f"/exchanges/{number}")
    assert exchanges
    for host in hosts:
        ident = urllib.parse.quote(host["id"], safe="")
        for tail in ("", "/why"):
            said[host["id"] + tail] = raw(h, "GET", f"/hostnames/{ident}{tail}")
    # Errors speak about what was sent; what was sent here is a secret.
    secret = canaries.new()
    for setting in ("password", "apikey", "ttl", "mx", "nonsense", "usev4", "key-file"):
        said["refusal of " + setting] = raw(h, "POST", "/hostnames", {
            "hostname": "new.example.org", "settings": {"provider": "cloudflare", "password": secret + "\n", setting: secret + "\n"}})
    said["conflict"] = raw(h, "POST", "/hostnames", {"hostname": hosts[0]["hostname"],
                                                     "settings": {"provider": hosts[0]["provider"]["id"] or "cloudflare", "password": secret}})
    said["wrong password"] = raw(h, "POST", "/session", {"password": secret})
    for words in (("list",), ("status",), ("why", hosts[0]["id"]), ("sources",), ("address",), ("log",), ("list", "--json"), ("plan", hosts[0]["id"]), ("report",)):
        done = h.call(*words)
        said["homing " + " ".join(words)] = done.stdout + done.stderr
    said["the log"] = h.text()
    for pid in [h.keeper, *h.workers()]:
        said[f"process {pid}"] = pathlib.Path(f"/proc/{pid}/cmdline").read_text() + pathlib.Path(f"/proc/{pid}/environ").read_text(errors="replace")
    connection = UnixConnection(str(h.socket))
    connection.request("GET", "/metrics")
    said["/metrics"] = connection.getresponse().read().decode()
    connection.close()
    os.kill(h.worker(), signal.SIGABRT)  # as a crash would end it
    h.wait_for("started again|is narrowed", count=2)
    said["the log of a crash"] = h.text()
    h.stop()
    report = h.call("report")  # without a service, too
    said["homing report"] = report.stdout + report.stderr
    for file in h.state.rglob("*"):
        if file.is_file() and "conf" not in file.name and "versions" not in str(file):
            said[file.name] = file.read_bytes().decode("latin-1")
    leaks = {place: found for place, text in said.items() if (found := canaries.found_in(text))}
    assert not leaks, leaks
    # The test can fail: the file itself holds them all but the last, which was never saved.
    assert len(canaries.found_in(h.conf.read_text())) >= len(canaries.words) - 1
