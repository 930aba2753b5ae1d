# SPDX-License-Identifier: ISC
"""Servers that do their work until they are told to misbehave: HTTP, HTTPS and DNS, all in one thread inside a network
namespace. What a fault does to the wire stands here; what homing has to make of it stands in the tests."""
import asyncio
import ctypes
import datetime
import email.utils
import functools
import gzip
import json
import os
import socket
import ssl
import struct
import threading
import time
import urllib.parse
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

MUCH = 1 << 30  # bytes of a body that is too long
LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def inside(space):
    """Sockets that this thread makes meanwhile, and threads that it starts, belong to the namespace."""
    back = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{space.name}", os.O_RDONLY)
    try:
        if LIBC.setns(there, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        LIBC.setns(back, 0)
        os.close(back)
        os.close(there)


class Request:
    def __init__(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        self.at, self.method, self.target, self.path, self.headers, self.body = time.monotonic(), method, target, url.path, headers, body
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))

    @property
    def writes(self):
        return self.method not in ("GET", "HEAD") or "myip" in self.query


def head(status=200, length=None, **headers):
    lines = [f"HTTP/1.1 {status} Status", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


# What goes wrong once a request was read: async fault(place, writer, whole honest answer). Each ends the connection.

async def reset(place, writer, answer):
    """The answer begins, then the connection breaks."""
    writer.write(answer[:len(answer) - 3])
    await writer.drain()
    await asyncio.sleep(0.02)
    break_off(writer)


def break_off(writer):
    s = writer.get_extra_info("socket")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def drip(place, writer, answer):
    """A byte a second."""
    for n in range(len(answer)):
        writer.write(answer[n:n + 1])
        await writer.drain()
        await asyncio.sleep(1)


async def flood(place, writer, answer):
    """A body without an end; what is taken of it is counted."""
    writer.write(head() + b"good ")
    await pour(place, writer)


async def huge(place, writer, answer):
    """A body of 1 GiB, announced."""
    writer.write(head(length=MUCH))
    await pour(place, writer)


async def pour(place, writer):
    block = b"x" * 65536
    while place.poured < MUCH:
        writer.write(block)
        await writer.drain()
        place.poured += len(block)


@functools.lru_cache
def bomb_bytes():
    """1 GiB of nothing: members of 16 MB, one behind the other, as gzip allows."""
    return gzip.compress(bytes(16 << 20)) * 64


async def bomb(place, writer, answer):
    """Few bytes that become many."""
    body = bomb_bytes()
    writer.write(head(length=len(body), Content_Encoding="gzip") + body)


def answering(make):
    async def fault(place, writer, answer):
        writer.write(make(place))
    return fault


async def cut(place, writer, answer):
    """The end of an answer without a length, but no word of TLS that it is the end: half a word, or half of 6.6.6.66. The
    program curl takes it for the whole."""
    request = place.requests[-1]
    writer.write(head() + (b"goo" if request.writes else b"6.6" if request.headers.get("user-agent", "").startswith("curl") else b"6.6.6.6"))
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()


async def too_late(place, writer, answer):
    """After homing's patience."""
    await asyncio.sleep(15)
    writer.write(answer)


def telling(text):
    """A sound page with that in it: a text, or a function that gives one."""
    def make(place):
        body = (text() if callable(text) else text).encode()
        return head(200, length=len(body), Content_Type="text/plain") + body
    return answering(make)


PORTAL = "<html><title>Welcome</title><form action='http://10.1.1.1/login'>Accept our terms</form></html>"
garbage = answering(lambda place: os.urandom(3000))
trouble = answering(lambda place: head(503, length=0))
later = answering(lambda place: head(429, length=0, Retry_After="120"))
later_date = answering(lambda place: head(429, length=0, Retry_After=email.utils.format_datetime(
    datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=300), usegmt=True)))
loop = answering(lambda place: head(302, length=0, Location="/again"))
elsewhere = answering(lambda place: head(302, length=0, Location=place.lab.trap.url + "/stolen"))
portal = answering(lambda place: head(200, length=len(PORTAL), Content_Type="text/html") + PORTAL.encode())


async def old_tls(reader, writer):
    """A server that knows TLS 1.1 at best (RFC 4346, 7.4.1.3), where the library of this machine does not any more."""
    try:
        _, _, length = struct.unpack("!BHH", await reader.readexactly(5))
        await reader.readexactly(length)
        hello = struct.pack("!H32sBHBHHHB", 0x0302, os.urandom(32), 0, 0x002f, 0, 5, 0xff01, 1, 0)  # renegotiation: RFC 5746
        writer.write(struct.pack("!BHHBxH", 22, 0x0302, len(hello) + 4, 2, len(hello)) + hello)
        await reader.read()
    except (OSError, EOFError):
        pass
    finally:
        writer.close()


class Place:
    """An HTTP server on a port of its own: honest(request) gives the body (text, or a document for JSON) or (status, body).
    When bad, it misbehaves by "fault" once a request was read, or it listens with "bad_tls" instead of "tls": a context, or a function that serves a connection."""

    def __init__(self, lab, honest, fault=None, tls=None, bad_tls=None, writes_only=False, refuses=False, address="127.0.0.1", port=None):
        self.lab, self.honest, self.fault, self.tls, self.bad_tls = lab, honest, fault, tls, bad_tls
        self.writes_only = writes_only  # the fault meets writes alone, after they were carried out
        self.refuses, self.address = refuses, address
        self.bad, self.poured, self.requests, self.server = False, 0, [], None
        self.port = port or lab.port()
        self.url = f"http{'s' if tls else ''}://{address}:{self.port}"
        lab.run(self.listen())

    async def listen(self):
        tls = self.bad_tls if self.bad and self.bad_tls else self.tls
        serve, context = (tls, None) if callable(tls) else (self.serve, tls)
        self.server = await asyncio.start_server(serve, self.address, self.port, ssl=context, backlog=50)

    async def close(self):
        if self.server:
            self.server.close()
            self.server = None

    def turn(self, bad):
        async def change():
            self.bad = bad
            if self.bad_tls or self.refuses:
                await self.close()
                if not (bad and self.refuses):
                    await self.listen()
        self.lab.run(change())

    async def serve(self, reader, writer):
        try:
            request = await self.read(reader)
            self.requests.append(request)
            crooked = self.bad and self.fault and (request.writes or not self.writes_only)
            answer = b"" if crooked and not self.writes_only else self.answer(request)
            if crooked:
                await self.fault(self, writer, answer or head(length=40) + b"good " + b"." * 35)
            else:
                writer.write(answer)
            await writer.drain()
        except (OSError, EOFError, ValueError, IndexError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def read(self, reader):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:-2])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Request(method, target, headers, body)

    def answer(self, request):
        made = self.honest(request)
        status, body = made if isinstance(made, tuple) else (200, made)
        kind = "text/plain" if isinstance(body, str) else "application/json"
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        return head(status, length=len(data), Content_Type=kind) + data


# What a name server does wrong: fault(query) gives the bytes of its answer, or None for silence.

def reply(query, rcode=0, flags=dns.flags.AA):
    made = dns.message.make_response(query)
    made.flags |= flags
    made.set_rcode(rcode)
    return made


class Dns:
    """A name server that hands messages to a real one behind it, by UDP and TCP, until it is bad. Then fault(query)
    gives the answer's bytes, and "stream" is what becomes of TCP (as for HTTP, above). With "forge" others answer before it:
    one from another port, and one that gets the number wrong."""

    def __init__(self, lab, behind, fault=None, stream=None, garnish=None, refuses=False, forge=False):
        self.lab, self.behind, self.fault, self.stream, self.garnish, self.refuses = lab, behind, fault, stream, garnish, refuses
        self.forge = forge
        self.bad, self.poured, self.queries, self.udp, self.tcp = False, 0, [], None, None
        self.port = lab.port()
        lab.run(self.listen())

    async def listen(self):
        self.udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Datagrams(self), ("127.0.0.1", self.port))
        self.tcp = await asyncio.start_server(self.serve, "127.0.0.1", self.port)

    async def close(self):
        if self.udp:
            self.udp.close()
            self.tcp.close()
            self.udp = self.tcp = None
            await asyncio.sleep(0)

    def turn(self, bad):
        async def change():
            self.bad = bad
            if self.refuses:
                await self.close()
                if not bad:
                    await self.listen()
        self.lab.run(change())

    async def ask(self, data):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.behind)
        writer.write(struct.pack("!H", len(data)) + data)
        answer = await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])
        writer.close()
        return answer

    async def answer(self, data):
        self.queries.append(data)
        if self.bad and self.fault:
            return self.fault(dns.message.from_wire(data, question_only=True))
        answer = await self.ask(data)
        return self.garnish(answer) if self.bad and self.garnish else answer

    async def serve(self, reader, writer):
        try:
            data = await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])
            if self.bad and self.stream:
                self.queries.append(data)
                answer = await self.ask(data)
                await self.stream(self, writer, struct.pack("!H", len(answer)) + answer)
            else:
                answer = await self.answer(data)
                if answer is not None:
                    writer.write(struct.pack("!H", len(answer)) + answer)
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, owner):
        self.owner = owner

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        async def answer():
            try:
                if getattr(self.owner, "forge", False) and self.owner.bad:
                    self.forge(data, peer)
                    await asyncio.sleep(0.1)
                made = await self.owner.answer(data)
            except (OSError, EOFError):
                return
            if made is not None and not self.transport.is_closing():
                self.transport.sendto(made, peer)
        asyncio.ensure_future(answer())

    def forge(self, data, peer):
        """All is well, says one of another port, and with another number one of the right port."""
        lie = reply(dns.message.from_wire(data, question_only=True)).to_wire()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(lie, peer)
        self.transport.sendto(bytes([lie[0] ^ 0x55]) + lie[1:], peer)


class Resolver:
    """The system's resolver in the namespace. rule(name, type) gives a list of addresses, an rcode, None for silence, or a
    function that takes the query and gives a dns.message."""

    def __init__(self, lab, rule, address="127.0.0.53"):
        self.rule, self.queries = rule, []

        async def listen():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a link may have one of its own there (crooked_home.py)
            s.bind((address, 53))
            s.setblocking(False)
            self.udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Datagrams(self), sock=s)
        lab.run(listen())

    async def answer(self, data):
        query = dns.message.from_wire(data)
        name, kind = query.question[0].name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(query.question[0].rdtype)
        self.queries.append((name, kind))
        found = self.rule(name, kind)
        if found is None:
            return None
        if callable(found):
            return found(query).to_wire()
        made = reply(query, flags=dns.flags.RA)
        if isinstance(found, int):
            made.set_rcode(found)
        elif found:
            made.answer.append(dns.rrset.from_text(query.question[0].name, 0, "IN", kind, *found))
        return made.to_wire()


class Lab:
    """The thread in which all of them live, inside the namespace."""

    def __init__(self, space, trap="127.0.0.1"):
        self.space, self.loop = space, asyncio.new_event_loop()
        self.errors = []  # of the servers themselves
        self.loop.set_exception_handler(self.note)
        with inside(space):
            self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
            self.thread.start()
        self.next_port = 20000
        self.trap = Place(self, lambda request: "good", address=trap)  # nobody may ever come here

    def note(self, loop, context):
        error = context.get("exception")
        if not isinstance(error, (OSError, EOFError, asyncio.CancelledError, type(None))):  # homing broke off a connection
            self.errors.append(repr(error))

    def port(self):
        self.next_port += 1
        return self.next_port

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def close(self):
        async def end():
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
            await asyncio.sleep(0)
        self.run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Certificates:
    """A server's side of TLS: right, and wrong in the ways that matter."""

    def __init__(self, authority, folder):
        good = authority.certificate("127.0.0.1", "localhost")
        self.right = self.context(good)
        self.wrong_name = self.context(authority.certificate("other.example"))
        self.expired = self.context(authority.certificate("127.0.0.1", days=-1, stem="expired"))
        self.old = old_tls
        self.self_signed = self.context(authority.self_signed("127.0.0.1"))

    @staticmethod
    def context(files):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*files)
        return made
