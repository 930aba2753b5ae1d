# SPDX-License-Identifier: ISC
"""The network's faults, one by one: what each does to which servers (crooked.py, crooked_home.py), and what homing has to
make of it at a provider of each shape and with each kind of source."""
import os
import re
import struct

import dns.flags
import dns.rcode
import dns.rrset

from lib import crooked, crooked_home
from lib.crooked import reply

HOP = "10.9.9.9"  # of the captive portal's name server
PRIVATE, SHARED = "10.1.2.3", "100.64.9.9"


class Fault:
    """One kind of trouble. expected: (state, reason, shortest and longest wait in seconds, words) of a hostname at a provider
    of that shape or with that kind of source; None: it is no trouble there, and goes on. Shapes that it has nothing of meet
    nothing of it, as their witness shows."""

    def __init__(self, name, expected, http=None, dns=None, tls=None, names=None, refuses=False, hole=False, redirect=0,
                 proxy=False, writes_only=False, box=None, file=None, push=None, own_address=None):
        self.name, self.slug, self.expected = name, re.sub(r"\W+", "-", name).strip("-").lower(), expected
        self.http, self.dns, self.tls, self.names, self.refuses, self.hole = http, dns or {}, tls, names, refuses, hole
        self.redirect, self.proxy, self.writes_only = redirect, proxy, writes_only
        self.box = box  # what is wrong with the router of a link, and with what lies behind it; None: nothing
        self.file, self.push, self.own_address = file, push, own_address  # file(path) spoils it


def asking(provider, source, update=None, fw=None, command=None, rest=None):
    """Of those that ask a server over HTTP, and of RFC 2136."""
    return {"GET": provider, "REST": rest or provider, "UPDATE": update, "web": source, "fw": fw or source, "command": command or source}


def behind(**words):
    """Of those that ask a router, or by way of it; portmap: by NAT-PMP and PCP."""
    portmap = words.pop("portmap", "")
    if portmap != "":
        words["natpmp"] = words["pcp"] = portmap
    return words


def by_http(words):
    """The router is in trouble over HTTP alone."""
    return behind(upnp=silent("speaks UPnP"), tr064=silent(words), router=None)


def server(words, shortest=48, longest=73):
    """Waits of a minute, a fifth less or more."""
    return "waiting", "server", shortest, longest, words


def odd(words):
    return "waiting", "odd_answer", 48, 73, words


def tls(words):
    return "waiting", "tls", 48, 73, words


def silent(words):
    return "unknown", "silent", None, None, words


def refused(words):
    """Known, and not published."""
    return "unknown", "refused", None, None, words


OFFLINE = ("waiting", "offline", None, None, "name")
NOT_TAKEN = ("right", ".*", None, None, "")  # what was known of the device counts on
UDP_REFUSED = "refused|in time"  # the kernel says so a few times a second only
LIMITED = ("waiting", "limit", 115, 121, "429")


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


# What becomes of a file.

def missing(path):
    path.unlink()


def pipe(path):
    """Nobody writes into it."""
    path.unlink()
    os.mkfifo(path)


def endless(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def huge(path):
    os.truncate(path, crooked.MUCH)
    with path.open("r+b") as f:
        f.write(bytes(16))


def half(path):
    path.write_text("9.9.8")


def noise(path):
    path.write_bytes(os.urandom(3000))


def holding(text):
    return lambda path: path.write_text(text)


def told(address):
    """All tell that address."""
    return {"http": crooked.telling(f"address: {address}"), "box": {"told": lambda: address}, "file": holding(address),
            "push": address, "own_address": address}


FAULTS = [
    Fault("refused", asking(server("refused"), silent("refused"), server("refused"), command=silent("status 7"))
          | behind(stun=silent(UDP_REFUSED), dns=silent(UDP_REFUSED), upnp=silent("speaks UPnP"), portmap=silent(UDP_REFUSED),
                   tr064=silent("refused"), router=silent("no router here"), auto=silent("no agreement"))
          | {"file": silent("no such file")}, refuses=True, box={"refuses": True}, file=missing),
    Fault("black hole", asking(server("in time"), silent("in time"), server("in time"), command=silent("status 28|took longer"))
          | behind(stun=silent("in time"), dns=silent("in time"), upnp=silent("speaks UPnP"), portmap=silent("in time"),
                   tr064=silent("in time"), router=silent("no router here"), auto=silent("no agreement"))
          | {"file": silent("no regular file")}, hole=True, box={}, file=pipe),
    Fault("reset in mid-answer", asking(server("broken|reset|closed"), silent("broken|reset|closed"), server("closed in the middle|in time"),
                                        command=silent("status (18|56)"))
          | behind(stun=silent("in time"), dns=silent("."), upnp=silent("speaks UPnP"), portmap=silent("in time"),
                   tr064=silent("closed"), router=silent("no router here"), auto=silent("no agreement"))
          | {"file": silent("no address")}, http=crooked.reset, dns={"stream": crooked.reset}, writes_only=True, file=half,
          box={"http": crooked.reset, "datagrams": crooked_home.halves}),
    Fault("1 byte a second", asking(server("in time"), silent("in time"), server("in time"), command=silent("status 28|took longer"))
          | by_http("in time"), http=crooked.drip, dns={"stream": crooked.drip}, box={"http": crooked.drip}),
    Fault("5xx", asking(server("503"), silent("503"), server("SERVFAIL|trouble"), command=silent("status 22"))
          | behind(stun=silent("in time"), dns=silent("SERVFAIL"), upnp=silent("speaks UPnP"), portmap=silent("out of resources"),
                   tr064=silent("503"), router=silent("out of resources"), auto=silent("no agreement")),
          http=crooked.trouble, dns={"fault": signed(dns.rcode.SERVFAIL)},
          box={"http": crooked.trouble, "datagrams": crooked_home.trouble}),
    Fault("429, Retry-After in seconds", asking(LIMITED, silent("429"), command=silent("status 22")) | by_http("429"),
          http=crooked.later, box={"http": crooked.later}),
    Fault("429, Retry-After as a date", asking(("waiting", "limit", 285, 301, "429"), silent("429"), command=silent("status 22")),
          http=crooked.later_date),
    Fault("endless body", asking(odd("too big$"), silent("too big"), odd(""), command=silent("status|too much|long|no address"))
          | by_http("too big") | {"file": silent("no regular file")},
          http=crooked.flood, dns={"stream": crooked.flood}, box={"http": crooked.flood}, file=endless),
    Fault("1 GiB body", asking(odd("too big$"), silent("too big"), odd(""), command=silent("status|too much|long|no address"))
          | by_http("too big") | {"file": silent("no address")},
          http=crooked.huge, dns={"stream": crooked.huge}, box={"http": crooked.huge}, file=huge),
    Fault("gzip bomb", asking(odd("too big$"), silent("too big|no IPv4"), command=silent("no address|too much|long"))
          | by_http("too big"), http=crooked.bomb, box={"http": crooked.bomb}),
    Fault("redirect loop", asking(odd("redirected"), silent("elsewhere"), command=silent("status 1")) | by_http("302"),
          http=crooked.loop, redirect=2, box={"http": crooked.loop}),
    Fault("redirect to another host", asking(odd("another host"), silent("elsewhere"), command=silent("status 1"))
          | by_http("302"), http=crooked.elsewhere, redirect=5, box={"http": crooked.elsewhere}),
    Fault("TLS certificate expired", asking(tls("expired|prove"), silent("prove|certificate"), command=silent("status 60")),
          tls="expired"),
    Fault("TLS certificate of another name", asking(tls("name|prove"), silent("prove|certificate"), command=silent("status 60")),
          tls="wrong_name"),
    Fault("TLS certificate self-signed", asking(tls("self|prove"), silent("prove|certificate"), command=silent("status 60")),
          tls="self_signed"),
    Fault("TLS truncated", asking(odd("goo"), silent("broken|reset|closed"), rest=server("broken|reset|closed"),
                                  command=silent("status 56|no address")), http=crooked.cut, tls="right"),
    Fault("TLS of an old version", asking(tls("prove|protocol|version"), silent("prove|protocol|version"), command=silent("status 35")),
          tls="old"),
    Fault("captive portal", asking(odd(""), refused("private"), odd("sign"))
          | behind(stun=silent("private"), dns=silent("private"), upnp=silent("speaks UPnP"), portmap=refused("private"),
                   tr064=silent("no IPv4"), router=refused("private"), auto=silent("no agreement")),
          http=crooked.portal, dns={"fault": hijacked}, box={"http": crooked.portal, "told": lambda: HOP}),
    Fault("proxy down", asking(server("proxy"), silent("proxy"), fw=server("proxy"), command=server("proxy")), proxy=True, refuses=True),
    Fault("DNS SERVFAIL", asking(OFFLINE, silent("name"), OFFLINE, command=silent("status 6")) | behind(dns=silent("SERVFAIL")),
          names=dns.rcode.SERVFAIL, box={"datagrams": crooked_home.rcode(dns.rcode.SERVFAIL)}),
    Fault("DNS NXDOMAIN", asking(server("name"), silent("name"), server("name"), command=silent("status 6"))
          | behind(dns=silent("NXDOMAIN")), names=dns.rcode.NXDOMAIN, box={"datagrams": crooked_home.rcode(dns.rcode.NXDOMAIN)}),
    Fault("DNS time-out", asking(OFFLINE, silent("name"), OFFLINE, command=silent("status (6|28)")) | behind(dns=silent("in time")),
          names="silence", box={"datagrams": crooked_home.silence}),
    Fault("DNS with poisoned additional data", asking(None, None, odd("altered")) | behind(dns=None),
          names="poison", dns={"garnish": poisoned}, box={"datagrams": crooked_home.poisoned}),
    Fault("garbage", asking(odd("not HTTP|understand"), silent("not HTTP|understand|."), server("in time"), command=silent("status"))
          | behind(stun=silent("in time"), dns=silent("."), upnp=silent("speaks UPnP"), portmap=silent("in time"),
                   tr064=silent("."), router=silent("no router here"), auto=silent("no agreement"))
          | {"file": silent("no address"), "pushed": NOT_TAKEN},
          http=crooked.garbage, dns={"fault": lambda query: os.urandom(200)}, file=noise, push="rubbish",
          box={"http": crooked.garbage, "datagrams": crooked_home.garbage}),
    Fault("late answer", asking(server("in time"), silent("in time"), command=silent("status 28|took longer"))
          | behind(stun=silent("in time"), dns=silent("in time"), upnp=silent("speaks UPnP"), portmap=silent("in time"),
                   tr064=silent("in time"), router=silent("no router here"), auto=silent("no agreement")),
          http=crooked.too_late, box={"http": crooked.too_late, "datagrams": crooked_home.late}),
    Fault("forged answers by others", {"UPDATE": None} | behind(stun=None, dns=None, upnp=None, portmap=None, router=None, auto=None),
          dns={"forge": True}, box={"datagrams": crooked_home.forged, "moves": True}),
    Fault("the router begins anew", behind(upnp=None, portmap=None, router=None, auto=None), box={"moves": True}),
    Fault("a private address is told", {shape: refused("private") for shape in ("web", "fw", "command", "file", "natpmp", "pcp", "upnp",
                                                                                 "router", "tr064")}
          | behind(stun=silent("private"), dns=silent("private"), auto=silent("no agreement"))
          | {"pushed": NOT_TAKEN, "fixed": None}, **told(PRIVATE)),
    Fault("a carrier's shared address is told",
          {shape: refused("shares among customers") for shape in ("web", "fw", "command", "file", "natpmp", "pcp", "upnp", "router", "tr064")}
          | behind(stun=silent("shares among customers"), dns=silent("shares among customers"), auto=silent("no agreement"))
          | {"pushed": NOT_TAKEN, "fixed": None}, **told(SHARED)),
    Fault("no address is told",
          {"web": silent("no IPv4|nothing"), "fw": silent("no IPv4|nothing"), "command": silent("no address"), "file": silent("no address"),
           "upnp": silent("no address"), "natpmp": silent("no address"), "pcp": silent("no address"), "router": silent("no address"),
           "tr064": silent("no IPv4"), "stun": silent("no IPv4"), "dns": silent("no IPv4"), "auto": silent("no agreement")},
          http=crooked.telling(""), box={"told": lambda: None}, file=holding("\n")),
]
