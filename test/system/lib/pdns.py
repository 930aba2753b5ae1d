# SPDX-License-Identifier: ISC
"""A real PowerDNS Authoritative Server in the foreground, with its HTTP API and RFC 2136; nothing outside its folder."""
import base64
import json
import os
import pathlib
import re
import sqlite3
import urllib.error
import urllib.request

import dns.message
import dns.query
import dns.rdatatype

from named import program
from processes import eventually, free_ports

CONF = """
launch=gsqlite3
gsqlite3-database={t}/zones.db
{modules}
local-address=127.0.0.1
local-port={dns}
api=yes
api-key={key}
webserver=yes
webserver-address=127.0.0.1
webserver-port={http}
webserver-allow-from=127.0.0.1
dnsupdate=yes
allow-dnsupdate-from=127.0.0.1
socket-dir={t}
daemon=no
guardian=no
setuid=
setgid=
write-pid=no
disable-syslog=yes
loglevel=5
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
zone-metadata-cache-ttl=0
domain-metadata-cache-ttl=0
"""
SCHEMA = "share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


def root():
    """The usr folder that the program and its backend for SQLite are in; None when one of them can not be had."""
    path = program("pdns_server")
    if path is None:
        return None, None
    text = pathlib.Path(path).read_bytes()[:2000]
    real = re.search(rb'exec "([^"]+)"', text) if text.startswith(b"#!") else None
    usr = pathlib.Path(real.group(1).decode() if real else path).parents[1]
    return (path, usr) if (usr / SCHEMA).exists() else (None, None)


class Pdns:
    def __init__(self, group, folder, zone="home.test"):
        path, usr = root()
        self.folder, self.zone = folder, zone
        self.port, self.http = free_ports(2)
        self.api_key = "key-" + base64.b16encode(os.urandom(8)).decode()
        self.key, self.secret = "homing-key", base64.b64encode(os.urandom(32)).decode()
        folder.mkdir()
        modules = next(iter(usr.glob("lib/*/pdns")), None)
        (folder / "pdns.conf").write_text(CONF.format(t=folder, dns=self.port, http=self.http, key=self.api_key,
                                                      modules=f"module-dir={modules}" if modules else ""))
        with sqlite3.connect(folder / "zones.db") as db:
            db.executescript((usr / SCHEMA).read_text())
            db.execute("INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, 'hmac-sha256', ?)", (self.key, self.secret))
        self.process = group.start([path, f"--config-dir={folder}"], name="pdns_server")
        eventually(self.answers, 20, "PowerDNS answering")
        self.api("POST", "/zones", {"name": zone + ".", "kind": "Native", "nameservers": [f"ns.{zone}."]})
        self.metadata("TSIG-ALLOW-DNSUPDATE", self.key)
        self.metadata("ALLOW-DNSUPDATE-FROM", "127.0.0.1")

    def answers(self):
        if self.process.ended():
            raise AssertionError(self.process.text())
        try:
            return self.api("GET", "") is not None
        except OSError:
            return False

    def api(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/api/v1/servers/localhost{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None,
                                         headers={"X-API-Key": self.api_key, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return json.loads(text) if text else {}

    def metadata(self, kind, value):
        with sqlite3.connect(self.folder / "zones.db", timeout=10) as db:
            db.execute("INSERT INTO domainmetadata (domain_id, kind, content) SELECT id, ?, ? FROM domains WHERE name = ?",
                       (kind, value, self.zone))

    def put(self, name, kind, *values, ttl=300, comment=None):
        rrset = {"name": name + ".", "type": kind, "ttl": ttl, "changetype": "REPLACE",
                 "records": [{"content": v, "disabled": False} for v in values]}
        if comment:
            rrset["comments"] = [{"content": comment, "account": "me"}]
        self.api("PATCH", f"/zones/{self.zone}.", {"rrsets": [rrset]})

    def rrset(self, name, kind):
        found = [r for r in self.api("GET", f"/zones/{self.zone}.")["rrsets"] if r["name"] == name + "." and r["type"] == kind]
        return found[0] if found else None

    def serial(self):
        return self.api("GET", f"/zones/{self.zone}.")["serial"]

    def ask(self, name, kind="A"):
        answer = dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=self.port, timeout=3)
        return sorted(r.to_text() for rrset in answer.answer for r in rrset if rrset.rdtype == dns.rdatatype.from_text(kind))
