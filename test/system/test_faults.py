# SPDX-License-Identifier: ISC
"""The fault laboratory, the network's part: one service keeps a hostname in every kind of trouble at the same time, at a
provider of each shape and with each kind of source, beside hostnames that are well. For each: a named outcome, the right
wait, nothing lost, nobody else affected, and words that help. lib/crooked.py has the servers, lib/faulttable.py the table."""
import pathlib
import re
import struct
import time

import dns.flags
import dns.rcode
import dns.rrset
import pytest

from lib import crooked, faulttable
from lib.crooked import Place, reply
from lib.laboratory import NEW, OLD, WITNESSES, Laboratory, hostnames, no_garbage, why
from processes import Group, eventually

HOP = "10.9.9.9"  # of the captive portal's name server


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
          command=silent("status|too much|long|no address")),
    Fault("1 GiB body", odd("too big$"), silent("too big"), odd(""), http=crooked.huge, dns={"stream": crooked.huge},
          command=silent("status|too much|long|no address")),
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


@pytest.fixture
def laboratory(room, tmp_path):
    with Group() as group, Laboratory(room, tmp_path, group, FAULTS) as made:
        yield made


def judge(service, laboratory, host, fault, shape, item):
    """Asserts the outcome of one hostname in its trouble, and puts it into the table."""
    state, reason, shortest, longest, words = fault.expected[shape]
    text, last = why(service, item)
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
    assert laboratory.now(host) == (NEW if lost else None if fault.names is not None and shape in ("GET", "REST") else OLD), what
    outcome = {"silent": "unknown, kept", "refused": "private, kept", "odd_answer": "odd answer"}.get(reason, reason)
    if reason == "offline":
        assert item["next"]["code"] == "next_event", what
        outcome = "offline, on event"
    faulttable.note(fault.name, shape, outcome, {48: 60, 115: 120, 285: 300}.get(shortest))
    if shape in ("GET", "UPDATE", "web"):
        faulttable.say(fault.name, item["reason"]["text"] + ". " + last)


def test_every_fault_at_once(laboratory, homing):
    lab = laboratory
    service = lab.service(homing).start()
    everyone = [*lab.hosts, *WITNESSES]
    ask = lambda hosts, force=False: [service.api("POST", "/update", {"id": item["id"], "force": force})  # noqa: E731
                                      for host, item in hostnames(service).items() if host in hosts]
    unpublished = [host for host, (fault, shape) in lab.hosts.items() if fault.names not in (None, "poison") and shape in ("GET", "REST")]
    lab.wait_for(OLD, set(everyone) - set(unpublished), 60, push=ask)
    eventually(lambda: all(item["state"] == "right" for host, item in hostnames(service).items() if host not in unpublished), 20,
               "homing's own knowledge of it")
    sent = {key: len(place.requests if isinstance(place, Place) else place.queries) for key, place in lab.places.items()}

    # All the trouble at once, and another address.
    lab.turn(True)
    lab.move(NEW)
    began = time.monotonic()
    # Others are not affected, while the black holes still wait.
    goes_on = [host for host, (fault, shape) in lab.hosts.items() if fault.expected[shape] is None]
    lab.wait_for(NEW, goes_on + WITNESSES, push=ask)
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
