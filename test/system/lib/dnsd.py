# SPDX-License-Identifier: ISC
"""DNS servers: BIND in the foreground, and a scripted one for faults."""
import socket
import socketserver
import struct
import threading
from contextlib import contextmanager

import dns.message
import dns.query

from lib.run import free_port, program, started, until


class _Udp(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        self.server.queries.append(("udp", data, self.client_address))
        for answer in self.server.script("udp", data) or []:
            sock.sendto(answer, self.client_address)


class _Tcp(socketserver.BaseRequestHandler):
    def handle(self):
        stream = self.request.makefile("rb")
        length = stream.read(2)
        if len(length) < 2:
            return
        data = stream.read(struct.unpack("!H", length)[0])
        self.server.queries.append(("tcp", data, self.client_address))
        for answer in self.server.script("tcp", data) or []:
            self.request.sendall(struct.pack("!H", len(answer)) + answer)


class _UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 65535


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False


@contextmanager
def scripted(script, address="127.0.0.1"):
    """script("udp"|"tcp", query bytes) gives a list of answers. Yields the server: port, queries."""
    servers = []
    while len(servers) < 2:  # the same port for both
        udp = _UdpServer((address, 0), _Udp)
        try:
            servers = [udp, _TcpServer(udp.server_address, _Tcp)]
        except OSError:
            udp.server_close()
    port = servers[0].server_address[1]
    queries = []
    for server in servers:
        server.script, server.queries = script, queries
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    servers[0].port = port
    try:
        yield servers[0]
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def named_conf(folder, listen, zones, port=53, more=""):
    """Zones: name -> (zone file text, lines of its zone block)."""
    v4 = "; ".join(a for a in listen if ":" not in a) or "none"
    v6 = "; ".join(a for a in listen if ":" in a) or "none"
    text = f"""options {{ directory "{folder}"; pid-file "{folder}/named.pid"; session-keyfile "{folder}/session.key";
 listen-on port {port} {{ {v4}; }}; listen-on-v6 port {port} {{ {v6}; }}; recursion no; dnssec-validation no; notify no;
 minimal-responses no; }};
controls {{}};
{more}
"""
    for name, (contents, lines) in zones.items():
        (folder / f"{name}.zone").write_text(contents)
        text += f'zone "{name}" {{ type primary; file "{name}.zone"; {lines} }};\n'
    (folder / "named.conf").write_text(text)
    return folder / "named.conf"


@contextmanager
def bind(folder, zones, listen=("127.0.0.1",), port=None, more="", prefix=()):
    """BIND; yields its port. With "prefix" it runs in a namespace, and the caller waits for it."""
    port = port or free_port(socket.SOCK_DGRAM, listen[0])
    conf = named_conf(folder, listen, zones, port, more)
    log = open(folder / "named.log", "w")
    with log, started([*prefix, program("named"), "-g", "-c", conf], stderr=log) as process:
        def ready():
            assert process.poll() is None, (folder / "named.log").read_text()
            return any(line.endswith(" running") for line in (folder / "named.log").read_text().splitlines())
        until(ready, what="BIND")
        yield port


def ask(name, kind, address="127.0.0.1", port=53):
    """A server's answer as a set of texts."""
    answer = dns.query.udp(dns.message.make_query(name, kind), address, port=port, timeout=5)
    return {item.to_text() for rrset in answer.answer for item in rrset}
