# SPDX-License-Identifier: ISC
"""A home router on a link of its own, with the outside servers that this link leads to: NAT-PMP, PCP, UPnP, a FRITZ!Box's
answers, STUN, and who-am-I by DNS. They tell the truth until they are told to misbehave; what a fault does to the wire
stands here."""
import asyncio
import os
import socket
import struct
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from lib.crooked import Place, reply
from lib.crooked_igd import ANSWER, DESCRIPTION, GROUP, SEARCH

STUN_SERVER, DNS_SERVER, TRAP, FORGER = "9.9.7.78", "9.9.7.53", "9.9.7.9", "9.9.7.66"
FORGED = "6.6.6.6"  # nobody may ever publish it
PORTMAP, SSDP, STUN, DNS, CONTROL, FRITZ = 5351, 1900, 3478, 53, 5000, 49000
COOKIE = b"\x21\x12\xa4\x42"
PCP_CODES = {3: 7, 4: 8}  # NAT-PMP's result codes in PCP's words (RFC 6886, 3.5; RFC 6887, 7.4)


# Honest answers: protocol(box, query, address, code) gives bytes. Without an address, the protocol's way to say so.

def portmap(box, query, address, code=0):
    code = code or (0 if address else 3)
    epoch = box.epoch()
    if len(query) == 2:  # NAT-PMP: RFC 6886, 3.2
        return struct.pack("!BBHI4s", 0, 128, code, epoch, socket.inet_aton(address or "0.0.0.0"))
    head = struct.pack("!BBBBII12x", 2, 0x81, 0, PCP_CODES.get(code, code), 120, epoch)
    outside = b"\0" * 10 + b"\xff\xff" + socket.inet_aton(address) if address else bytes(16)
    return head + query[24:44] + outside  # nonce, protocol and ports as they were asked


def stun(box, query, address, code=0):
    value = b""
    if code:
        value = struct.pack("!HHHBB", 9, 4, 0, code // 100, code % 100)
    elif address:
        mixed = bytes(a ^ c for a, c in zip(socket.inet_aton(address), COOKIE))
        value = struct.pack("!HHBBH", 0x20, 8, 0, 1, STUN ^ 0x2112) + mixed
    return struct.pack("!HH", 0x111 if code else 0x101, len(value)) + query[4:20] + value


def whoami(box, query, address, code=0):
    made = reply(dns.message.from_wire(query), code)
    name, kind, form = made.question[0].name, made.question[0].rdtype, made.question[0].rdclass
    if address and not code and kind in (dns.rdatatype.A, dns.rdatatype.TXT):
        text = address if kind == dns.rdatatype.A else f'"{address}"'
        made.answer.append(dns.rrset.from_text(name, 0, form, kind, text))
    return made.to_wire()


def search(box, query, address, code=0):
    st = next((x[3:].strip() for x in query.decode("latin-1").split("\r\n") if x.upper().startswith("ST:")), "")
    return SEARCH.format(st=st, location=f"http://{box.gateway}:{box.upnp.port}/d.xml").encode()


# What goes wrong with datagrams: fault(box, protocol, query) gives [(seconds, bytes, as whom)], whom: None, or a neighbour.

def silence(box, protocol, query):
    return []


def halves(box, protocol, query):
    answer = protocol(box, query, box.told())
    return [(0, answer[:len(answer) // 2], None)]


def garbage(box, protocol, query):
    return [(0, b"", None), *((0, b"\xff" + os.urandom(n), None) for n in (0, 11, 59, 299, 1399))]  # a zero would be a version


def trouble(box, protocol, query):
    return [(0, protocol(box, query, None, {portmap: 4, stun: 500, whoami: dns.rcode.SERVFAIL}.get(protocol, 0)), None)]


def late(box, protocol, query):
    """When homing does not wait any more."""
    return [({portmap: 10, stun: 15, whoami: 20, search: 8}[protocol], protocol(box, query, FORGED), None)]


def forged(box, protocol, query):
    """Others answer before the one that was asked, and one whose number is not the question's comes from the right place."""
    lie = protocol(box, query, FORGED).replace(box.gateway.encode(), box.neighbour.encode())
    sent = [(0, lie, box.neighbour), (0.1, protocol(box, query, box.told()), None)]
    if protocol in (stun, whoami) or len(query) == 60:
        at = {stun: 8, whoami: 0, portmap: 24}[protocol]
        sent.insert(0, (0, lie[:at] + bytes(b ^ 0x55 for b in lie[at:at + 2]) + lie[at + 2:], None))
    return sent


def poisoned(box, protocol, query):
    """An address of somebody else in the additional section."""
    made = dns.message.from_wire(protocol(box, query, box.told()))
    made.additional.append(dns.rrset.from_text(made.question[0].name, 3600, "IN", "A", FORGED))
    return [(0, made.to_wire(), None)]


def rcode(code):
    return lambda box, protocol, query: [(0, protocol(box, query, None, code), None)]


class Box:
    """The router at 192.168.<number>.1, behind "device" of the namespace in which the lab's servers run. truth() is the
    address that it tells when it is well, and told what it tells in trouble (default: the truth)."""

    def __init__(self, lab, number, device, truth, datagrams=None, http=None, told=None, refuses=False, moves=False):
        self.lab, self.number, self.device, self.truth, self.datagrams, self.lies, self.refuses = lab, number, device, truth, datagrams, told, refuses
        self.gateway, self.neighbour, self.moves = f"192.168.{number}.1", f"192.168.{number}.66", moves
        self.bad, self.began, self.endpoints, self.asked = False, time.monotonic() - 10000, [], 0
        options = {"fault": http, "address": self.gateway, "refuses": refuses}
        self.upnp, self.fritz = (Place(lab, self.igd, port=port, **options) for port in (CONTROL, FRITZ))
        self.liar = Place(lab, lambda r: self.igd(r, FORGED), address=self.neighbour, port=CONTROL) if moves else None
        lab.run(self.listen())

    def told(self):
        return self.lies() if self.bad and self.lies else self.truth()

    def epoch(self):
        return int(time.monotonic() - self.began)

    def igd(self, request, address=None):
        address = address or self.told() or "0.0.0.0"
        if request.method == "GET":
            return DESCRIPTION.format(control="/ctl", base="")
        if b"GetStatusInfo" in request.body:
            return "<a><b><NewConnectionStatus>Disconnected</NewConnectionStatus></b></a>"
        return ANSWER.format(address=address)

    # datagrams

    def socket(self, address, port, whole_link=False):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if whole_link:  # what comes by this link is for us, whoever else has that address
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.device.encode())
        s.bind((address, port))
        s.setblocking(False)
        return s

    async def listen(self):
        places = (((self.gateway, PORTMAP), (self.neighbour, PORTMAP), portmap, False), ((STUN_SERVER, STUN), (FORGER, STUN), stun, True),
                  ((DNS_SERVER, DNS), (FORGER, DNS), whoami, True), (("", SSDP), (self.neighbour, SSDP), search, True))
        for at, neighbour, protocol, whole_link in places:
            s = self.socket(*at, whole_link)
            if protocol is search:
                s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton(self.gateway))
            answering = _Answering(self, protocol)
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: answering, sock=s)
            self.endpoints.append(transport)
            if self.moves:
                answering.neighbour, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    asyncio.DatagramProtocol, sock=self.socket(*neighbour, whole_link))
                self.endpoints.append(answering.neighbour)

    async def close(self):
        for transport in self.endpoints:
            transport.close()
        self.endpoints.clear()
        await asyncio.sleep(0)

    def turn(self, bad):
        async def change():
            self.bad = bad
            if self.refuses:
                await (self.close() if bad else self.listen())
            if self.moves:  # it begins anew: its clock, and the port of its description
                self.began = time.monotonic()
                await self.upnp.close()
                self.upnp.port = CONTROL + bad
                await self.upnp.listen()
        self.lab.run(change())
        for place in self.upnp, self.fritz:
            place.turn(bad)

    def answers(self, protocol, query):
        self.asked += 1
        if self.bad and self.datagrams:
            return self.datagrams(self, protocol, query)
        return [(0, protocol(self, query, self.told()), None)]


class _Answering(asyncio.DatagramProtocol):
    def __init__(self, box, protocol):
        self.box, self.protocol, self.neighbour = box, protocol, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, query, peer):
        for seconds, answer, whom in self.box.answers(self.protocol, query):
            transport = self.neighbour if whom else self.transport
            asyncio.get_running_loop().call_later(seconds, self.send, transport, answer, peer)

    @staticmethod
    def send(transport, answer, peer):
        if not transport.is_closing():
            transport.sendto(answer, peer)
