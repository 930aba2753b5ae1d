# SPDX-License-Identifier: ISC
"""A household of hostnames: at a provider of each shape and with each kind of source, in a network namespace with a
resolver, name servers and providers of its own. Beside those that are well, any number in trouble (crooked.py)."""
import json
import re
import time
import urllib.parse

import dns.flags
import dns.rrset

from auth import Auth
from lib import crooked, faulttable, web
from lib.crooked import Dns, Place, reply
from named import Named
from processes import eventually

OLD, NEW = "9.9.8.1", "9.9.8.2"
TIMEOUT = 6
WITNESSES = [f"witness-{shape.lower()}.home.lab" for shape in faulttable.SHAPES]
OUTSIDE = ("ns1-1.akamaitech.net", "one.one.one.one", "ns1.google.com", "resolver1.opendns.com")


LAB_FILE = {
    "format": 1, "id": "lab", "name": "Lab", "website": "https://lab.example", "docs": "https://lab.example", "status": "alive",
    "evidence": "documented", "checked": "2026-11-26", "fields": {"password": {"label": "Token", "secret": True, "required": True}},
    "base": "https://{server}", "server": "free", "names": "at", "common": {"headers": {"Authorization": "Bearer {password}"}},
    "slots": {
        "zone": {"by": "suffix", "path": "/zones/{try}", "where": {"/name": "{try}"}, "take": {"id": "/id"}},
        "records": {"path": "/zones/{zone.id}/{name}/{type}", "each": "/values", "take": {"value": ""}},
        "set": {"method": "PUT", "path": "/zones/{zone.id}/{name}/{type}", "json": {"values": [{"$each": "values", "do": "{value}"}]}},
    },
}


class Laboratory:
    """All hostnames, their servers, and what each is to see."""

    def __init__(self, space, folder, group, faults=()):
        self.space, self.folder, self.faults = space, folder, faults
        self.lab = crooked.Lab(space)
        self.address = {"file": OLD, "interface": OLD}
        self.writes = []  # (host, address), in the order in which providers that speak HTTP took them
        self.published = {}  # at the providers that speak HTTP
        self.places = {}  # (fault, shape) -> Place or Dns
        self.names_bad = self.mended = False
        with crooked.inside(space):
            self.named = Named(group, folder / "named", zone="home.lab")
            self.auth = Auth(self.find)
        authority = web.Authority(folder)
        self.ca, self.tls = authority.file, crooked.Certificates(authority, folder)
        self.resolver = crooked.Resolver(self.lab, self.rule)
        self.whoami = crooked.Resolver(self.lab, self.who, address="127.0.0.54")
        self.well = Place(self.lab, self.dyndns, port=19000)
        self.poison = Place(self.lab, self.dyndns, port=19000, address="127.0.0.66")
        self.pages = Place(self.lab, self.page)
        self.lines, self.hosts = [], {}
        self.write_address(OLD)
        for fault in faults:
            for shape in fault.expected:
                self.add(fault, shape)
        self.add_witnesses()

    # what the servers say when they are well

    def dyndns(self, request):
        hosts = request.query["hostname"].split(",")
        for host in hosts:
            self.take(host, request.query["myip"])
        return "\n".join(f"good {request.query['myip']}" for _ in hosts) + "\n"

    def take(self, host, address):
        self.published[host] = address
        self.writes.append((host, address))

    def rest(self, request):
        parts = request.path.strip("/").split("/")
        if len(parts) == 2:
            return {"id": "z1", "name": parts[1]} if parts[1] == "home.lab" else (404, {"message": "no such zone"})
        host = parts[2] + ".home.lab"
        if request.method == "PUT":
            self.take(host, *json.loads(request.body)["values"])
        return {"values": [self.published[host]]} if host in self.published else (404, {"message": "no such record"})

    def page(self, request):
        if "hostname" in request.query:  # a proxy takes what is for the provider, too
            return self.dyndns(request)
        return f"<html>Current IP Address: {self.address['file']}</html>\n"

    def find(self, name, kind):
        """What the DNS says."""
        if name.split(".")[0].endswith("-update"):
            return self.named.ask(name, kind)
        return [self.published[name]] if kind == "A" and name in self.published else None

    def rule(self, name, kind):
        """The resolver: names of servers are <fault>.<shape>.lab."""
        first = name.split(".")[0]
        fault = next((f for f in self.faults if f.slug == first and f.names is not None), None)
        if name in OUTSIDE:
            return ["127.0.0.54"] if kind == "A" else []
        # Requests to providers may use what curl knows for a minute: for them a name is bad from the start.
        known = name.endswith((".get.lab", ".rest.lab")) and not self.mended
        if fault and (self.names_bad or known):
            if fault.names == "silence":
                return None
            if fault.names == "poison":
                return lambda query: self.with_poison(query, kind)
            return fault.names
        return ["127.0.0.1"] if kind == "A" and name.endswith(".lab") else []

    @staticmethod
    def with_poison(query, kind):
        made = reply(query, flags=dns.flags.RA)
        if kind == "A":
            made.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "A", "127.0.0.1"))
        made.additional.append(dns.rrset.from_text("witness.lab.", 3600, "IN", "A", "127.0.0.66"))
        return made

    def who(self, name, kind):
        if kind == "A":
            return [self.address["file"]]
        return [f'"{self.address["file"]}"'] if kind == "TXT" else []

    # the configuration

    def add(self, fault, shape):
        host = f"{fault.slug}-{shape.lower()}.home.lab"
        self.hosts[host] = fault, shape
        make = self.update_place if shape == "UPDATE" else self.http_place
        place = self.places[fault, shape] = make(fault, shape)
        proxied = fault.proxy and shape != "UPDATE"
        name = f"{fault.slug}.{shape.lower()}.lab" if fault.names is not None or proxied else "127.0.0.1"
        where, words = f"{name}:{place.port}", ""
        scheme = "https" if fault.tls and shape != "UPDATE" else "http"
        if proxied:
            words, where = f"proxy=127.0.0.1:{place.port}, ", name if shape not in ("router", "command") else f"127.0.0.1:{self.pages.port}"
        elif fault.proxy:
            words = "proxy=127.0.0.1:9, "  # not for this shape
        words += f"redirect={fault.redirect}, password=s3cret-{fault.slug}"
        if shape == "GET":
            words += f", protocol=dyndns2, login=me, server={where}, ssl={'yes' if scheme == 'https' else 'no'}"
        elif shape == "REST":
            words += f", provider=lab, server={scheme}://{where}"
        elif shape == "UPDATE":
            words = words.replace(f"password=s3cret-{fault.slug}", f"password='{self.named.secret}'")
            words += (f", protocol=nsupdate, server={where}, zone=home.lab, login=hmac-sha256:homing-key"
                      f"{', tcp=yes' if 'stream' in fault.dns else ''}")
        else:
            words += f", protocol=dyndns2, login=me, server=well.lab:19000, ssl=no, {self.source(shape, f'{scheme}://{where}/')}"
        if shape in faulttable.PROVIDERS:
            words += f", usev4=filev4, filev4={self.folder}/v4"
        self.lines.append(f"{words} {host}")

    def source(self, shape, url):
        if shape == "command":
            curl = f"curl --tlsv1.2 -sS --fail --location --max-redirs 3 --proto-redir =https --max-time {TIMEOUT - 1} --cacert {self.ca} {url}"
            return f"usev4=cmdv4, cmdv4='{curl}'"
        return {"web": f"usev4=webv4, webv4={url}", "router": f"usev4=fwv4, fwv4={url}"}[shape]

    def http_place(self, fault, shape):
        honest = {"GET": self.dyndns, "REST": self.rest}.get(shape, self.page)
        right = self.tls.right if fault.tls else None
        bad = getattr(self.tls, fault.tls) if fault.tls and not fault.http else None
        return Place(self.lab, honest, fault=fault.http, tls=right, bad_tls=bad, refuses=fault.refuses, writes_only=fault.writes_only and shape == "REST")

    def update_place(self, fault, shape):
        return Dns(self.lab, self.named.port, refuses=fault.refuses and not fault.proxy, **fault.dns)

    def add_witnesses(self):
        """Hostnames in no trouble, of each shape: they go on whatever happens to the others."""
        well = "protocol=dyndns2, login=witness, password=s3cret-witness, server=witness.lab:19000, ssl=no"
        rest = Place(self.lab, self.rest)
        page, update = self.pages, Dns(self.lab, self.named.port)
        file = f"usev4=filev4, filev4={self.folder}/v4"
        self.lines += [
            f"{well}, {file} witness-get.home.lab",
            f"provider=lab, server={rest.url}, password=s3cret-witness, {file} witness-rest.home.lab",
            f"protocol=nsupdate, server=127.0.0.1:{update.port}, zone=home.lab, login=hmac-sha256:homing-key, "
            f"password='{self.named.secret}', {file} witness-update.home.lab",
            f"{well}, {self.source('web', page.url + '/w')} witness-web.home.lab",
            f"{well}, {self.source('router', page.url + '/r')} witness-router.home.lab",
            f"{well}, {self.source('command', page.url + '/c')} witness-command.home.lab",
            f"{well}, usev4=ifv4, ifv4=eth0 witness-interface.home.lab",
            f"{well}, usev4=dns witness-dns.home.lab",
        ]

    def conf(self):
        return (f"listen=no, settle=0, min-interval=0, timeout={TIMEOUT}, ssl_ca_file={self.ca}, verify-server={self.auth.where}\n"
                + "\n".join(self.lines) + "\n")

    # what happens

    def write_address(self, address):
        self.address["file"] = address
        beside = self.folder / "v4.new"
        beside.write_text(address + "\n")
        beside.rename(self.folder / "v4")

    def turn(self, bad):
        for place in self.places.values():
            place.turn(bad)
        self.names_bad, self.mended = bad, not bad
        for (fault, _), place in self.places.items():
            if fault.hole and bad:
                for protocol in ("tcp", "udp"):
                    self.space.run("nft", "add", "rule", "inet", "hole", "in", protocol, "dport", str(place.port), "drop")
        if not bad:
            self.space.run("nft", "flush", "chain", "inet", "hole", "in")

    def now(self, host):
        """What stands at its provider."""
        if host.split(".")[0].endswith("-update"):
            found = self.named_answer(host)
            return found[0] if found else None
        return self.published.get(host)

    def named_answer(self, host):
        with crooked.inside(self.space):
            return self.named.ask(host)

    def move(self, address):
        """Every source tells another address."""
        former = self.address["interface"]
        self.address["interface"] = address
        self.write_address(address)
        self.space.ip(f"addr del {former}/24 dev eth0")
        self.space.ip(f"addr add {address}/24 dev eth0")  # an event: the sources are asked again
        self.space.ip("route add default via 9.9.8.254")

    def service(self, homing, conf="", prefix=(), **options):
        """A service for it, not started yet."""
        made = homing(None, prefix=self.space.enter(*prefix), **options)
        (made.folder / "providers.d").mkdir()
        (made.folder / "providers.d" / "lab.json").write_text(json.dumps(LAB_FILE))
        made.write(conf + self.conf())
        return made

    def wait_for(self, address, hosts, seconds=30, push=None):
        """Until that address stands at the provider of each; push(hosts) after some time, for what this machine was too slow for."""
        left, pushed = set(hosts), time.monotonic()

        def look():
            nonlocal pushed
            if push and time.monotonic() - pushed > 8:
                push(left)
                pushed = time.monotonic()
            left.difference_update([host for host in left if self.now(host) == address])
            if left:
                time.sleep(0.2)  # the servers' thread needs this one's time
            return not left
        try:
            eventually(look, seconds)
        except AssertionError:
            raise AssertionError(f"{address} did not come in {seconds} s: {', '.join(sorted(left))}") from None

    def close(self):
        with crooked.inside(self.space):
            self.auth.close()
        self.lab.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def hostnames(service):
    return {item["hostname"]: item for item in service.get("/hostnames?limit=500")["items"]}


def why(service, item):
    """All that homing says of a hostname, in one text; and its last sentence."""
    told = service.get(f"/hostnames/{urllib.parse.quote(item['id'], safe='')}/why")["explanation"]
    return " ".join(message["text"] for message in told), told[-1]["text"]


def no_garbage(text):
    found = re.search(r".{0,99}(s3cret|\(null\)|\{\w+\}|%[sdl]).{0,99}", text)
    assert not found, found[0]


def room(world):
    """The namespace for it."""
    space, router = world.space("lab"), world.space("out")
    world.join(space, "eth0", router, "p0")
    space.etc("resolv.conf", "nameserver 127.0.0.53\noptions timeout:3 attempts:1\n")
    space.ip(f"addr add {OLD}/24 dev eth0")
    space.ip("route add default via 9.9.8.254")
    space.run("nft", "add table inet hole; add chain inet hole in { type filter hook input priority 0; }")
    return space
