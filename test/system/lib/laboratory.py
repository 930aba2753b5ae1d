# SPDX-License-Identifier: ISC
"""A household of hostnames: at a provider of each shape and with each kind of source, in a network namespace with a
resolver, name servers and providers of its own. Beside those that are well, any number in trouble (crooked.py,
crooked_home.py). street.py has the namespaces."""
import base64
import json
import re
import socket
import time
import urllib.parse

import dns.flags
import dns.rrset

from auth import Auth
from lib import crooked, crooked_home, faulttable, web
from lib.crooked import Dns, Place, reply
from lib.crooked_home import Box
from lib.street import PROVIDER, Street, four
from named import Named
from processes import eventually

OLD, NEW = "9.9.8.1", "9.9.8.2"
TIMEOUT = 6
WITNESSES = [f"witness-{shape.lower()}.home.lab" for shape in faulttable.SHAPES]
FIXED = "9.9.7.200"  # of hostnames whose address is written down: it stands there whatever happens
PUSH_PORT = 18245
# The outside services whose names exist here. More of them would only take more time in silence.
OUTSIDE = {"ns1-1.akamaitech.net": crooked_home.DNS_SERVER, "resolver1.opendns.com": crooked_home.DNS_SERVER,
           "stun.cloudflare.com": crooked_home.STUN_SERVER, "stun.nextcloud.com": crooked_home.STUN_SERVER}
BOXES = ("dns", "stun", "upnp", "natpmp", "pcp", "router", "tr064", "auto")  # kinds that ask by way of a link

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

    def __init__(self, street, folder, group, faults=()):
        self.street, self.space, self.folder, self.faults = street, street.home, folder, faults
        self.lab, self.outside = crooked.Lab(self.space), crooked.Lab(street.out, trap=crooked_home.TRAP)
        street.start(group, folder)
        self.address = {"file": OLD, "line": OLD}
        self.writes = []  # (host, address), in the order in which providers that speak HTTP took them
        self.published = {}  # at the providers that speak HTTP
        self.places = {}  # (fault, shape) -> Place or Dns
        self.boxes, self.files, self.devices = {}, {}, {}  # fault -> Box; (fault, shape) -> path; name -> its authorization
        self.pushing, self.paired = [], False
        self.bad = self.mended = False
        with crooked.inside(self.space):
            self.named = Named(group, folder / "named", zone="home.lab")
            self.auth = Auth(self.find)
        with crooked.inside(street.out):
            self.auth_beyond = Auth(self.find, PROVIDER)  # the same, by way of a link
        authority = web.Authority(folder)
        self.ca, self.tls = authority.file, crooked.Certificates(authority, folder)
        self.resolver = crooked.Resolver(self.lab, self.rule)
        self.whoami = crooked.Resolver(self.outside, self.who, address=crooked_home.DNS_SERVER)
        self.well = Place(self.lab, self.dyndns, port=19000)
        self.beyond = Place(self.outside, self.dyndns, port=19000, address="0.0.0.0")  # the same provider, behind the routers
        self.poison = Place(self.lab, self.dyndns, port=19000, address="127.0.0.66")
        self.pages = Place(self.lab, self.page)
        self.lines, self.hosts = [], {}
        self.fixed = {"witness-fixed.home.lab": FIXED}  # what was written down
        self.write_address(OLD)
        self.add_boxes()
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
        self.writes.append((host, four(address)))

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
        known = self.published.get(name)
        return [known] if known and kind == ("AAAA" if ":" in known else "A") else None

    def rule(self, name, kind):
        """The resolver: names of servers are <fault>.<shape>.lab."""
        first = name.split(".")[0]
        fault = next((f for f in self.faults if f.slug == first and f.names is not None), None)
        if name in OUTSIDE:
            return [OUTSIDE[name]] if kind == "A" else []
        # Requests to providers may use what curl knows for a minute: for them a name is bad from the start.
        known = name.endswith((".get.lab", ".rest.lab")) and not self.mended
        if fault and (self.bad or known):
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
        return [self.address["file"]] if kind == "A" else []

    # the configuration

    def add_boxes(self):
        """A crooked router for each fault that has one, and one that is well."""
        faulty = [fault for fault in self.faults if fault.box is not None]
        numbers = self.street.link(len(faulty) + 1)
        self.box = Box(self.outside, numbers[-1], f"b{numbers[-1]}", lambda: self.address["file"])
        self.lines.append("define=uplink:house, interface=home0")
        self.lines.append(f"define=uplink:box, interface=f{numbers[-1]}")
        for fault, number in zip(faulty, numbers):
            self.boxes[fault] = Box(self.outside, number, f"b{number}", lambda: self.address["file"], **fault.box)
            self.lines.append(f"define=uplink:{fault.slug}, interface=f{number}")

    def add(self, fault, shape):
        host = f"{fault.slug}-{shape.lower()}.home.lab"
        self.hosts[host] = fault, shape
        if shape in faulttable.PROVIDERS + ("web", "fw", "command"):
            self.add_asking(fault, shape, host)
        elif shape in BOXES:
            box = self.boxes[fault]
            self.lines.append(f"{self.beyond_at(box.gateway)}, usev4={shape}, uplink={fault.slug} {host}")
        elif shape in ("file", "pushed"):
            self.files[fault, shape] = path = self.folder / f"v4-{fault.slug}"
            self.devices.setdefault(fault.slug, None)
            source = f"usev4=filev4, filev4={path}" if shape == "file" else f"usev4=pushed, pushed={fault.slug}"
            self.lines.append(f"{self.dyndns_at('well.lab')}, {source} {host}")
            self.write_file(path, OLD)
        elif shape == "fixed":
            self.fixed[host] = fault.own_address
            self.lines.append(f"{self.dyndns_at('well.lab')}, usev4=ipv4, ipv4={fault.own_address} {host}")

    @staticmethod
    def dyndns_at(server):
        return f"protocol=dyndns2, login=witness, password=s3cret-witness, server={server}:19000, ssl=no"

    def beyond_at(self, server):
        """The same by way of a link."""
        return f"{self.dyndns_at(server)}, verify-server={self.auth_beyond.where}"

    def add_asking(self, fault, shape, host):
        """One that asks a crooked server over HTTP, or a name server."""
        make = self.update_place if shape == "UPDATE" else self.http_place
        place = self.places[fault, shape] = make(fault, shape)
        proxied = fault.proxy and shape != "UPDATE"
        name = f"{fault.slug}.{shape.lower()}.lab" if fault.names is not None or proxied else "127.0.0.1"
        where, words = f"{name}:{place.port}", ""
        scheme = "https" if fault.tls and shape != "UPDATE" else "http"
        if proxied:
            words, where = f"proxy=127.0.0.1:{place.port}, ", name if shape not in ("fw", "command") else f"127.0.0.1:{self.pages.port}"
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
        return {"web": f"usev4=webv4, webv4={url}", "fw": f"usev4=fwv4, fwv4={url}"}[shape]

    def http_place(self, fault, shape):
        honest = {"GET": self.dyndns, "REST": self.rest}.get(shape, self.page)
        right = self.tls.right if fault.tls else None
        bad = getattr(self.tls, fault.tls) if fault.tls and not fault.http else None
        return Place(self.lab, honest, fault=fault.http, tls=right, bad_tls=bad, refuses=fault.refuses, writes_only=fault.writes_only and shape == "REST")

    def update_place(self, fault, shape):
        return Dns(self.lab, self.named.port, refuses=fault.refuses and not fault.proxy, **fault.dns)

    def add_witnesses(self):
        """Hostnames in no trouble, of each shape: they go on whatever happens to the others."""
        well, beyond = self.dyndns_at("witness.lab"), self.beyond_at(PROVIDER)
        rest = Place(self.lab, self.rest)
        page, update = self.pages, Dns(self.lab, self.named.port)
        file = f"usev4=filev4, filev4={self.folder}/v4"
        self.devices["witness"] = None
        self.lines += [
            "define=prefix:lan, from=eth0",
            f"{well}, {file} witness-get.home.lab",
            f"provider=lab, server={rest.url}, password=s3cret-witness, {file} witness-rest.home.lab",
            f"protocol=nsupdate, server=127.0.0.1:{update.port}, zone=home.lab, login=hmac-sha256:homing-key, "
            f"password='{self.named.secret}', {file} witness-update.home.lab",
            f"{well}, {file} witness-file.home.lab",
            f"{well}, {self.source('web', page.url + '/w')} witness-web.home.lab",
            f"{well}, {self.source('fw', page.url + '/r')} witness-fw.home.lab",
            f"{well}, {self.source('command', page.url + '/c')} witness-command.home.lab",
            f"{well}, usev4=ifv4, ifv4=eth0 witness-interface.home.lab",
            f"{well}, usev4=disabled, usev6=prefix, prefix=lan, suffix=::5 witness-prefix.home.lab",
            f"{well}, usev4=ipv4, ipv4={FIXED} witness-fixed.home.lab",
            f"{well}, usev4=pushed, pushed=witness witness-pushed.home.lab",
            f"{well}, usev4=dns witness-dns.home.lab",
            f"{well}, usev4=stun witness-stun.home.lab",
            f"{self.beyond_at(self.box.gateway)}, usev4=tr064, uplink=box witness-tr064.home.lab",
            *(f"{beyond}, usev4={kind}, uplink=house witness-{kind}.home.lab" for kind in ("upnp", "natpmp", "pcp", "router", "auto")),
        ]

    def conf(self):
        return (f"listen=no, listen-push=127.0.0.1:{PUSH_PORT}, settle=0, min-interval=0, timeout={TIMEOUT}, ssl_ca_file={self.ca}, verify-server={self.auth.where}\n"
                + "\n".join(self.lines) + "\n")

    # what happens

    @staticmethod
    def write_file(path, text):
        beside = path.with_suffix(".new")
        beside.write_text(text + "\n")
        beside.rename(path)

    def write_address(self, address):
        """All tell another address but the lines, which move()."""
        self.address["file"] = address
        self.write_file(self.folder / "v4", address)
        for (fault, shape), path in self.files.items():
            if shape == "file" and self.bad:
                fault.file(path)
            elif shape == "file":
                self.write_file(path, address)

    def turn(self, bad):
        for place in [*self.places.values(), *self.boxes.values()]:
            place.turn(bad)
        self.bad, self.mended = bad, not bad
        if not bad:
            self.street.open()
            self.write_address(self.address["file"])
            self.push()
            return
        for (fault, _), place in self.places.items():
            if fault.hole:
                self.street.swallow(port=place.port)
        for fault, box in self.boxes.items():
            if fault.hole:
                self.street.swallow(number=box.number)
            if fault.refuses:
                self.street.reject(box.number)

    def now(self, host):
        """What stands at its provider."""
        if host.split(".")[0].endswith("-update"):
            found = self.named_answer(host)
            return found[0] if found else None
        known = self.published.get(host)
        return four(known) if known else None

    def named_answer(self, host):
        with crooked.inside(self.space):
            return self.named.ask(host)

    def move(self, address):
        """Every source tells another address, those of faults theirs."""
        former, self.address["line"] = self.address["line"], address
        self.write_address(address)
        self.street.move(former, address)
        self.push()

    # devices that push their address

    def pair(self, service):
        """They get their passwords, and tell their address."""
        for name in self.devices:
            status, made = service.api("POST", "/devices", {"name": name})
            assert status in (200, 201), made
            self.devices[name] = base64.b64encode(f"{name}:{made['password']}".encode()).decode()
        self.push()
        self.paired = True

    def push(self):
        """Nobody waits for the answers: a provider in trouble takes its time."""
        for s in self.pushing:
            s.close()
        told = {fault.slug: fault.push for fault, shape in self.files if shape == "pushed" and fault.push and self.bad}
        self.pushing = [self.push_one(name, told.get(name, self.address["file"])) for name, key in self.devices.items() if key]

    def answer(self):
        """What homing said to the last push of the first device; None: nothing yet."""
        self.pushing[0].settimeout(30)
        found = re.search(r"\r\n\r\n(.*)", self.pushing[0].recv(4096).decode(), re.S)
        return found and found[1].strip()

    def push_one(self, name, address):
        with crooked.inside(self.space):
            s = socket.create_connection(("127.0.0.1", PUSH_PORT))
        s.sendall(f"GET /nic/update?hostname={'witness' if name == 'witness' else name}-pushed.home.lab&myip={address} HTTP/1.1\r\n"
                  f"Host: localhost\r\nAuthorization: Basic {self.devices[name]}\r\n\r\n".encode())
        return s

    def service(self, homing, conf="", prefix=(), **options):
        """A service for it, not started yet."""
        made = homing(None, prefix=self.space.enter(*prefix), **options)
        (made.folder / "providers.d").mkdir()
        (made.folder / "providers.d" / "lab.json").write_text(json.dumps(LAB_FILE))
        made.write(conf + self.conf())
        return made

    def wait_for(self, address, hosts, seconds=30, push=None, meanwhile=lambda: None):
        """Until that address stands at the provider of each; push(hosts) after some time, for what this machine was too slow for."""
        left, pushed = set(hosts), time.monotonic()

        def look():
            nonlocal pushed
            if push and time.monotonic() - pushed > 8:
                push(left)
                pushed = time.monotonic()
            meanwhile()
            left.difference_update([host for host in left if self.now(host) == self.fixed.get(host, address)])
            if left:
                time.sleep(0.2)  # the servers' thread needs this one's time
            return not left
        try:
            eventually(look, seconds)
        except AssertionError:
            raise AssertionError(f"{address} did not come in {seconds} s: {', '.join(sorted(left))}") from None

    def close(self):
        for s in self.pushing:
            s.close()
        with crooked.inside(self.space):
            self.auth.close()
        with crooked.inside(self.street.out):
            self.auth_beyond.close()
        self.lab.close()
        self.outside.close()

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
    """The namespaces for it."""
    return Street(world, OLD)
