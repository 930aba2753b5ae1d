# SPDX-License-Identifier: ISC
"""From the kernel's address event to the first byte of the update and to the answer in the DNS.

homing runs in one namespace, BIND in another, joined by a veth pair. A listener in homing's namespace notes when the
kernel announces the final address (not tentative); a packet socket in BIND's notes the first update packet; then the
DNS is asked until it gives the new address.
"""
import ctypes
import os
import socket
import struct
import subprocess
import time

from measure import Table
from peers import environment, private
from servers import Bind, CLONE_NEWNET, SECRET, started

RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR, RTM_NEWADDR, IFA_F_TENTATIVE = 0x10, 0x100, 20, 0x40
ETH_P_ALL = 3


def socket_in(namespace, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        s = socket.socket(*args)
        libc.setns(home, CLONE_NEWNET)
    finally:
        os.close(home)
        os.close(there)
    return s


def drain(s):
    s.setblocking(False)
    try:
        while True:
            s.recv(65536)
    except BlockingIOError:
        pass
    s.setblocking(True)


def kernel_event(netlink, address):
    """Monotonic time at which the kernel announced the final address."""
    packed = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    netlink.settimeout(10)
    while True:
        data = netlink.recv(65536)
        now = time.monotonic()
        while len(data) >= 16:
            length, kind = struct.unpack_from("=IH", data)
            if kind == RTM_NEWADDR and packed in data[:length] and not data[18] & IFA_F_TENTATIVE:
                return now
            data = data[(length + 3) & ~3:]


def update_packet(wire, port):
    """Monotonic time of the first packet to the port, by UDP or TCP, whose DNS opcode is UPDATE."""
    wire.settimeout(10)
    while True:
        data = wire.recv(65536)
        now = time.monotonic()
        if len(data) < 14 + 20 + 8:
            continue
        if data[12:14] == b"\x08\x00":
            at, protocol = 14 + 4 * (data[14] & 15), data[23]
        elif data[12:14] == b"\x86\xdd":
            at, protocol = 14 + 40, data[20]
        else:
            continue
        if protocol == 17:
            dns = at + 8
        elif protocol == 6:
            dns = at + 4 * (data[at + 12] >> 4) + 2
        else:
            continue
        if struct.unpack_from("!H", data, at + 2)[0] == port and len(data) > dns + 2 and data[dns + 2] >> 3 & 15 == 5:
            return now


def answer(query_socket, server, address):
    """Monotonic time at which the DNS gives the address for home.bench.test."""
    kind = 28 if ":" in address else 1
    packed = socket.inet_pton(socket.AF_INET6 if kind == 28 else socket.AF_INET, address)
    question = b"\x04home\x05bench\x04test\x00" + struct.pack("!HH", kind, 1)
    query_socket.settimeout(0.5)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        query_socket.sendto(struct.pack("!HHHHHH", 7, 0, 1, 0, 0, 0) + question, server)
        try:
            if packed in query_socket.recv(4096):
                return time.monotonic()
        except TimeoutError:
            pass
    return None


def wait_for_answers(query_socket, server):
    """Until the DNS server answers anything: homing would take a server that is not there for trouble."""
    query_socket.settimeout(0.1)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            query_socket.sendto(struct.pack("!HHHHHH", 7, 0, 1, 0, 0, 0) + b"\x05bench\x04test\x00" + struct.pack("!HH", 6, 1), server)
            query_socket.recv(4096)
            return
        except (TimeoutError, ConnectionError):
            time.sleep(0.05)


def measure(homing, work, runs):
    if os.geteuid() != 0:
        print("\nevent: skipped, it needs root for network namespaces")
        return
    tag = str(os.getpid())
    home, isp = f"hb-h{tag}", f"hb-i{tag}"
    table = Table("Address change, settle time 0, from the kernel's final event", "ms")
    ip = lambda ns, *args: subprocess.run(["ip", "-n", ns, *args], check=True)  # noqa: E731
    for n in (home, isp):
        subprocess.run(["ip", "netns", "add", n], check=True)
        ip(n, "link", "set", "lo", "up")
    try:
        subprocess.run(["ip", "link", "add", "wan", "netns", home, "type", "veth", "peer", "name", "v0", "netns", isp], check=True)
        for ns, dev, a4, a6 in ((isp, "v0", "9.9.9.1/24", "2620:fe::1/64"), (home, "wan", "9.9.9.2/24", "2620:fe::2/64")):
            ip(ns, "link", "set", dev, "up")
            ip(ns, "addr", "add", a4, "dev", dev)
            ip(ns, "addr", "add", a6, "dev", dev, "nodad")
        bind = Bind(work, address="9.9.9.1", prefix=["ip", "netns", "exec", isp], port=5305)
        conf = private(work / "homing.conf", "settle=0\nverify=no\nusev4=ifv4, ifv4=wan\nusev6=ifv6, ifv6=wan\n"
                       f"provider=nsupdate, server=9.9.9.1:5305, zone=bench.test, ttl=60, policy=replace\n"
                       f"min-interval=0\nkey-name=k, key-algorithm=hmac-sha256, password='{SECRET}'\nhome.bench.test\n")
        netlink = socket_in(home, socket.AF_NETLINK, socket.SOCK_RAW, 0)
        netlink.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
        wire = socket_in(isp, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        wire.bind(("v0", 0))
        asking = socket_in(isp, socket.AF_INET, socket.SOCK_DGRAM)
        inside = ["ip", "netns", "exec", home]
        command = [*inside, str(homing.path), "run", "--config", str(conf), "--state-dir", str(work / "event-state")]
        with started(bind.command):
            wait_for_answers(asking, ("9.9.9.1", 5305))
            with started(command, env=environment()):
                answer(asking, ("9.9.9.1", 5305), "9.9.9.2")
                time.sleep(3)
                for i in range(max(2 * runs, 10)):
                    for address, bits in ((f"9.9.9.{100 + i}", 24), (f"2620:fe::{100 + i:x}", 64)):
                        for old in addresses(home, ":" in address):  # the kernel takes others of the subnet with the first
                            ip(home, "addr", "del", old, "dev", "wan")
                        time.sleep(0.2)
                        drain(netlink)
                        drain(wire)
                        ip(home, "addr", "add", f"{address}/{bits}", "dev", "wan", *(["nodad"] if ":" in address else []))
                        row = "IPv6" if ":" in address else "IPv4"
                        begin = max(kernel_event(netlink, address), 0)
                        try:
                            sent = update_packet(wire, 5305)
                        except TimeoutError:
                            print(f"  {row}: no update of {address} was seen within 10 s")
                            continue
                        told = answer(asking, ("9.9.9.1", 5305), address)
                        table.add(row, "first byte", 1000 * (sent - begin))
                        if told:
                            table.add(row, "answer in the DNS", 1000 * (told - begin))
                        time.sleep(0.3)
    finally:
        for n in (home, isp):
            subprocess.run(["ip", "netns", "del", n], check=False)
    table.show()


def addresses(namespace, v6):
    out = subprocess.run(["ip", "-n", namespace, "-o", "-6" if v6 else "-4", "addr", "show", "dev", "wan", "scope", "global"],
                         capture_output=True, text=True, check=True).stdout
    return [line.split()[3] for line in out.splitlines()]
