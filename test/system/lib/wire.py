# SPDX-License-Identifier: ISC
"""Everything that arrives at an interface of a namespace: (protocol, destination, port, name asked for by DNS)."""
import json
import pathlib
import socket
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager

from lib.run import stop, until


class Packet:
    def __init__(self, kind, to, port, name):
        self.kind, self.to, self.port, self.name = kind, to, port, name

    def __repr__(self):
        return f"{self.kind} {self.to} {self.port or ''} {self.name or ''}".rstrip()


@contextmanager
def watched(space, interface):
    """Yields the list of Packets so far; it grows while the context lasts."""
    packets, ready = [], threading.Event()
    process = subprocess.Popen(space.enter(sys.executable, "-m", "lib.wire", interface), cwd=pathlib.Path(__file__).parents[1],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def read():
        for line in process.stdout:
            item = json.loads(line)
            ready.set()
            if item:
                packets.append(Packet(*item))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        until(lambda: ready.is_set() or process.poll() is not None, what="the watcher")
        assert process.poll() is None
        yield packets
    finally:
        stop(process)
        reader.join(5)


def question(data):
    """The name of a DNS message's first question."""
    labels, at = [], 12
    while at < len(data) and data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    return ".".join(labels).lower()


def parse(frame):
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == 0x0800:
        at, protocol, to = 14 + (frame[14] & 15) * 4, frame[23], socket.inet_ntop(socket.AF_INET, frame[30:34])
    elif kind == 0x86DD:
        at, protocol, to = 54, frame[20], socket.inet_ntop(socket.AF_INET6, frame[38:54])
    else:
        return None
    name = {6: "tcp", 17: "udp"}.get(protocol, str(protocol))
    if name not in ("tcp", "udp"):
        return name, to, None, None
    port = struct.unpack_from("!H", frame, at + 2)[0]
    if port == 53 and name == "udp":
        return name, to, port, question(frame[at + 8:])
    return name, to, port, None


def main(interface):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as s:
        s.bind((interface, 0))
        print("null", flush=True)
        while True:
            frame, (_, _, direction, *_) = s.recvfrom(65535)
            packet = parse(frame) if direction != socket.PACKET_OUTGOING else None
            if packet:
                print(json.dumps(packet), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
