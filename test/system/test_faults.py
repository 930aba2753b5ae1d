# SPDX-License-Identifier: ISC
"""The fault laboratory, the network's part: one service keeps a hostname in every kind of trouble at the same time, at a
provider of each shape and with each kind of source, beside hostnames that are well. For each: a named outcome, the right
wait, nothing lost, nobody else affected, and words that help. lib/crooked.py has the servers, lib/faulttable.py the table."""
import json
import pathlib
import re
import struct
import time
import urllib.parse

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from auth import Auth
from lib import crooked, faulttable, web
from lib.crooked import Dns, Place, reply
from named import Named
from processes import Group, eventually

OLD, NEW = "9.9.8.1", "9.9.8.2"
HOP = "10.9.9.9"  # of the captive portal's name server
TIMEOUT = 6

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


class Fault:
    """One kind of trouble. provider, source: what is expected of a hostname there, as (state, reason, shortest and longest
    wait in seconds, words); None: it is no trouble there, and goes on."""

    def __init__(self, name, provider, source, update=None, http=None, dns=None, tls=None, names=None, refuses=False, hole=False,
                 redirect=0, rest=None, command=None, proxy=False, writes_only=False, router=None):
        self.name, self.slug = name, re.sub(r"\W+", "-", name).strip("-").lower()
        self.http, self.dns, self.tls, self.names, self.refuses, self.hole = http, dns or {}, tls, names, refuses, hole
        self.redirect, self.proxy, self.writes_only = redirect, proxy, writes_only
        self.expected = {"GET": provider, "REST": rest or provider, "UPDATE": update, "web": source,
                         "router": router or source, "command": command or source}
        if proxy:  # routers and commands are not asked by way of it, but the provider of their hostnames is
            self.expected["router"] = self.expected["command"] = provider


def server(words, shortest=48, longest=73):
    """Waits of a minute, a fifth less or more."""
    return "waiting", "server", shortest, longest, words


def odd(words):
    return "waiting", "odd_answer", 48, 73, words


def tls(words):
    return "waiting", "tls", 48, 73, words


def silent(words):
    return "unknown", "silent", None, None, words


def signed(rcode):
    """An answer of that code; without a signature, as servers in trouble send."""
    return lambda query: reply(query, rcode).to_wire()


def hijacked(query):
    made = reply(query, flags=dns.flags.RA)
    made.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "A", HOP))
    return made.to_wire()


def poisoned(answer):
    """A signed answer with one record more in its additional section, before the signature."""
    at = answer.rindex(b"\x0ahoming-key\x00\x00\xfa")
    record = b"\x07witness\x03lab\x00" + struct.pack("!HHIH", 1, 1, 3600, 4) + bytes([127, 0, 0, 66])
    count = struct.unpack("!H", answer[10:12])[0] + 1
    return answer[:10] + struct.pack("!H", count) + answer[12:at] + record + answer[at:]


LIMITED = ("waiting", "limit", 115, 121, "429")
FAULTS = [
    Fault("refused", server("refused"), silent("refused"), server("refused"), refuses=True, command=silent("status 7")),
    Fault("black hole", server("in time"), silent("in time"), server("in time"), hole=True, command=silent("status 28|took longer")),
    Fault("reset in mid-answer", server("broken|reset|closed"), silent("broken|reset|closed"), server("closed in the middle|in time"),
          http=crooked.reset, dns={"stream": crooked.reset}, writes_only=True, command=silent("status (18|56)")),
    Fault("1 byte a second", server("in time"), silent("in time"), server("in time"), http=crooked.drip,
          dns={"stream": crooked.drip}, command=silent("status 28|took longer")),
    Fault("5xx", server("503"), silent("503"), server("SERVFAIL|trouble"), http=crooked.trouble,
          dns={"fault": signed(dns.rcode.SERVFAIL)}, command=silent("status 22")),
    Fault("429, Retry-After in seconds", LIMITED, silent("429"), http=crooked.later, command=silent("status 22")),
    Fault("429, Retry-After as a date", ("waiting", "limit", 285, 301, "429"), silent("429"), http=crooked.later_date,
          command=silent("status 22")),
    Fault("endless body", odd("too big$"), silent("too big"), odd(""), http=crooked.flood, dns={"stream": crooked.flood},
          command=silent("status|too much|long")),
    Fault("1 GiB body", odd("too big$"), silent("too big"), odd(""), http=crooked.huge, dns={"stream": crooked.huge},
          command=silent("status|too much|long")),
    Fault("gzip bomb", odd("too big$"), silent("too big|no IPv4"), http=crooked.bomb, command=silent("no address|too much|long")),
    Fault("redirect loop", odd("redirected"), silent("elsewhere"), http=crooked.loop, redirect=5,
          command=silent("status 1")),
    Fault("redirect to another host", odd("another host"), silent("elsewhere"), http=crooked.elsewhere, redirect=5,
          command=silent("status 1")),
    Fault("TLS certificate expired", tls("expired|prove"), silent("prove|certificate"), tls="expired", command=silent("status 60")),
    Fault("TLS certificate of another name", tls("name|prove"), silent("prove|certificate"), tls="wrong_name",
          command=silent("status 60")),
    Fault("TLS certificate self-signed", tls("self|prove"), silent("prove|certificate"), tls="self_signed",
          command=silent("status 60")),
    Fault("TLS truncated", server("broken|reset|closed"), silent("broken|reset|closed"), http=crooked.cut, tls="right",
          command=silent("status 56|no address")),
    Fault("TLS of an old version", tls("prove|protocol|version"), silent("prove|protocol|version"), tls="old",
          command=silent("status 35")),
    Fault("captive portal", odd(""), ("unknown", "refused", None, None, "private"), odd("sign"), http=crooked.portal,
          dns={"fault": hijacked}),
    Fault("proxy down", server("proxy"), silent("proxy"), proxy=True, refuses=True),
    Fault("DNS SERVFAIL", ("waiting", "offline", None, None, "name"), silent("name"), ("waiting", "offline", None, None, "name"),
          names=dns.rcode.SERVFAIL, command=silent("status 6")),
    Fault("DNS NXDOMAIN", server("name"), silent("name"), server("name"), names=dns.rcode.NXDOMAIN, command=silent("status 6")),
    Fault("DNS time-out", ("waiting", "offline", None, None, "name"), silent("name"), ("waiting", "offline", None, None, "name"),
          names="silence", command=silent("status (6|28)")),
    Fault("DNS with poisoned additional data", None, None, odd("altered"), names="poison", dns={"garnish": poisoned}),
]


def no_garbage(text):
    found = re.search(r".{0,99}(s3cret|\(null\)|\{\w+\}|%[sdl]).{0,99}", text)
    assert not found, found[0]


class Laboratory:
    """All hostnames, their servers, and what each is to see."""

    def __init__(self, space, folder, started):
        self.space, self.folder = space, folder
        self.lab = crooked.Lab(space)
        self.address = {"file": OLD, "interface": OLD}
        self.published = {}  # at the providers that speak HTTP
        self.places = {}  # (fault, shape) -> Place or Dns
        self.names_bad = False
        with crooked.inside(space):
            self.named = Named(started, folder / "named", zone="home.lab")
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
        for fault in FAULTS:
            for shape in fault.expected:
                self.add(fault, shape)
        self.add_witnesses()

    # what the servers say when they are well

    def dyndns(self, request):
        hosts = request.query["hostname"].split(",")
        for host in hosts:
            self.published[host] = request.query["myip"]
        return "\n".join(f"good {request.query['myip']}" for _ in hosts) + "\n"

    def rest(self, request):
        parts = request.path.strip("/").split("/")
        if len(parts) == 2:
            return {"id": "z1", "name": parts[1]} if parts[1] == "home.lab" else (404, {"message": "no such zone"})
        host = parts[2] + ".home.lab"
        if request.method == "PUT":
            self.published[host], = json.loads(request.body)["values"]
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
        fault = next((f for f in FAULTS if f.slug == first and f.names is not None), None)
        if name in OUTSIDE:
            return ["127.0.0.54"] if kind == "A" else []
        if fault and self.names_bad:
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
            curl = f"curl -sS --fail --location --max-redirs 3 --proto-redir =https --max-time {TIMEOUT - 1} --cacert {self.ca} {url}"
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
        self.names_bad = bad
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


OUTSIDE = ("ns1-1.akamaitech.net", "one.one.one.one", "ns1.google.com", "resolver1.opendns.com")


@pytest.fixture
def laboratory(world, tmp_path):
    space, router = world.space("lab"), world.space("out")
    world.join(space, "eth0", router, "p0")
    space.etc("resolv.conf", "nameserver 127.0.0.53\noptions timeout:3 attempts:1\n")
    space.ip(f"addr add {OLD}/24 dev eth0")
    space.ip("route add default via 9.9.8.254")
    space.run("nft", "add table inet hole; add chain inet hole in { type filter hook input priority 0; }")
    with Group() as group:
        made = Laboratory(space, tmp_path, group)
        yield made
        made.close()


def hostnames(service):
    return {item["hostname"]: item for item in service.get("/hostnames?limit=500")["items"]}


def judge(service, laboratory, host, fault, shape, item):
    """Asserts the outcome of one hostname in its trouble, and puts it into the table."""
    state, reason, shortest, longest, words = fault.expected[shape]
    why = service.get(f"/hostnames/{urllib.parse.quote(item['id'], safe='')}/why")
    text = " ".join(message["text"] for message in why["explanation"])
    what = f"{host}: {item['state']} {item['reason']['code']} {item['next_at']}, {laboratory.now(host)} stands there: {text}"
    assert item["state"] == state and re.fullmatch(reason, item["reason"]["code"]), what
    assert re.search(words, text), what
    no_garbage(text)
    if shortest is not None:  # less the time that the test took to come here
        wait = item["next_at"] / 1000 - time.time()
        assert shortest - 30 <= wait <= longest and item["next"]["code"] == "next_send", f"{wait} s: {what}"
    if state == "unknown":
        assert "said:" not in text, what  # the provider has no part in it
    # Either nothing was changed, or the server took it and only its answer was lost.
    lost = fault.writes_only if shape == "REST" else shape == "UPDATE" and ("stream" in fault.dns or "garnish" in fault.dns)
    assert laboratory.now(host) == (NEW if lost else OLD), what
    outcome = {"silent": "unknown, kept", "refused": "private, kept", "odd_answer": "odd answer"}.get(reason, reason)
    if reason == "offline":
        assert item["next"]["code"] == "next_event", what
        outcome = "offline, on event"
    faulttable.note(fault.name, shape, outcome, {48: 60, 115: 120, 285: 300}.get(shortest))
    if shape in ("GET", "UPDATE", "web"):
        faulttable.say(fault.name, item["reason"]["text"] + ". " + why["explanation"][-1]["text"])


def test_every_fault_at_once(laboratory, homing):
    lab = laboratory
    service = homing(None, prefix=lab.space.enter())
    (service.folder / "providers.d").mkdir()
    (service.folder / "providers.d" / "lab.json").write_text(json.dumps(LAB_FILE))
    service.write(lab.conf())
    service.start()
    everyone = [*lab.hosts, *(f"witness-{shape.lower()}.home.lab" for shape in faulttable.SHAPES)]
    ask = lambda hosts, force=False: [service.api("POST", "/update", {"id": item["id"], "force": force})  # noqa: E731
                                      for host, item in hostnames(service).items() if host in hosts]
    lab.wait_for(OLD, everyone, 60, push=ask)
    sent = {key: len(place.requests if isinstance(place, Place) else place.queries) for key, place in lab.places.items()}

    # All the trouble at once, and another address.
    lab.turn(True)
    lab.write_address(NEW)
    lab.space.ip(f"addr del {OLD}/24 dev eth0")
    lab.space.ip(f"addr add {NEW}/24 dev eth0")  # an event: the sources are asked again
    lab.space.ip("route add default via 9.9.8.254")
    began = time.monotonic()
    # Others are not affected, while the black holes still wait.
    goes_on = [host for host, (fault, shape) in lab.hosts.items() if fault.expected[shape] is None]
    lab.wait_for(NEW, goes_on + everyone[-len(faulttable.SHAPES):], push=ask)
    print(f"the hostnames without trouble had their new address after {time.monotonic() - began:.1f} s")
    told = {}

    def settled():
        told.update(hostnames(service))
        return not unsettled()

    def unsettled():
        return [(host, told[host]["state"], told[host]["reason"]["code"]) for host, (fault, shape) in lab.hosts.items()
                if fault.expected[shape] is not None and told[host]["state"] != fault.expected[shape][0]]
    try:
        eventually(settled, 40)
    except AssertionError:
        raise AssertionError(f"still at work: {unsettled()}") from None
    wrong = []
    for host, (fault, shape) in lab.hosts.items():
        if fault.expected[shape] is None:
            faulttable.note(fault.name, shape, "goes on")
            continue
        try:
            judge(service, lab, host, fault, shape, told[host])
        except AssertionError as error:
            wrong.append(str(error).split("\nassert")[0])
    assert not wrong, "\n".join(wrong)
    for fault in FAULTS:
        for shape in "interface", "dns":  # nothing of this is on their way, and the witnesses went on
            faulttable.note(fault.name, shape, "goes on")

    # Nobody was asked again and again, nobody was lured away, and nothing grew.
    for key, place in lab.places.items():
        asked = (place.requests if isinstance(place, Place) else place.queries)[sent[key]:]
        assert len(asked) <= 12, f"{key[0].name}, {key[1]}: {len(asked)} requests"
        # What a command prints beyond its bound is read and forgotten, until its time is over.
        assert key[1] == "command" or place.poured <= 16 << 20, f"{key[0].name}, {key[1]}: {place.poured} bytes were taken"
    assert not lab.lab.trap.requests and not lab.poison.requests
    for pid in service.keeper, service.worker():
        peak = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) >> 10
        print(f"the memory of process {pid} was {peak} MB at most")
        assert peak < 200

    # All is mended: nothing was lost.
    lab.turn(False)
    in_trouble = [host for host, (fault, shape) in lab.hosts.items() if fault.expected[shape] is not None]
    limited = [host for host in in_trouble if told[host]["reason"]["code"] == "limit"]
    ask(limited, force=True)
    ask(set(in_trouble) - set(limited))
    lab.wait_for(NEW, everyone, 60, push=ask)
    for (fault, shape), place in lab.places.items():
        if fault.writes_only and shape == "REST":  # what was written is not written again
            assert [request.method for request in place.requests].count("PUT") == 2
    assert service.stop() == 0
    no_garbage(service.text())
    # What to do, where there is something to do.
    for host in (h for h, (fault, shape) in lab.hosts.items() if fault.tls and shape in ("GET", "REST") and not fault.http):
        assert re.search(f"{host}: .*Check the server's name, its certificate and the clock", service.text()), host
    assert not lab.lab.errors
