# SPDX-License-Identifier: ISC
"""Where the household of laboratory.py lives: a namespace with a line of its own (eth0), one behind a home router that is real
(home0: miniupnpd), and one behind each crooked router (f1, f2 ...); beyond all of them the outside with a real STUN server (coturn)."""
import re

import pytest

from lib import coturn, igd
from lib.crooked_home import DNS_SERVER, FORGER, STUN_SERVER, TRAP
from lib.run import program
from processes import eventually

PROVIDER = "10.7.0.1"  # of those behind routers, in the outside namespace


def six(address):
    """The IPv6 prefix that stands for an IPv4 address of this street; it has the last number."""
    return f"2a00:1450:8:{address.rsplit('.', 1)[1]}::"


def four(address):
    """The other way round, from an address of that prefix."""
    found = re.match(r"2a00:1450:8:(\d+):", address)
    return f"9.9.8.{found[1]}" if found else address


class Street:
    """The namespaces; homing lives in "home"."""

    def __init__(self, world, address):
        self.world, self.links, self.moves = world, 0, 0
        self.home, self.out, self.router = (world.space(name) for name in ("lab", "out", "router"))
        world.join(self.home, "eth0", self.out, "p0")
        world.join(self.home, "home0", self.router, "lan")
        world.join(self.router, "wan", self.out, "w0")  # where its address is; what it forwards takes the other way
        world.join(self.router, "way", self.out, "u0")
        self.home.etc("resolv.conf", "nameserver 127.0.0.53\noptions timeout:1 attempts:2\n")
        self.home.batch(f"addr add {address}/24 dev eth0", f"addr add {six(address)}9/64 dev eth0 nodad",
                        "route add default via 9.9.8.254", "addr add 192.168.1.2/24 dev home0",
                        "route add default via 192.168.1.1 dev home0 metric 900")
        self.router.batch("addr add 192.168.1.1/24 dev lan", f"addr add {address}/32 dev wan", "addr add 10.7.1.2/30 dev way",
                          "route add default via 10.7.1.1")
        self.out.batch("addr add 9.9.8.254/24 dev p0", "addr add 10.7.1.1/30 dev u0", "route add 192.168.1.0/24 via 10.7.1.2",
                       *(f"addr add {a}/32 dev lo" for a in (PROVIDER, STUN_SERVER, DNS_SERVER, TRAP, FORGER)))
        self.router.sysctl("net.ipv4.ip_forward", 1)
        for space in self.home, self.out:
            space.run("nft", "add table inet hole; add chain inet hole in { type filter hook input priority 0; }")

    def start(self, group, folder):
        """The real router and the real STUN server."""
        done = self.router.run("nft", "-f", "-", input=igd.RULES, check=False)
        if done.returncode != 0:
            pytest.skip("nftables cannot be used here: " + done.stderr.splitlines()[0])
        (folder / "miniupnpd.conf").write_text(igd.CONF)
        group.start(self.out.enter(program("turnserver"), "-c", coturn.write_conf(folder, 3478, STUN_SERVER)), name="turnserver", cwd=folder)
        group.start(self.router.enter(program("miniupnpd"), "-d", "-f", folder / "miniupnpd.conf", "-P", folder / "miniupnpd.pid"),
                    name="miniupnpd")
        eventually(lambda: f"{STUN_SERVER}:3478" in self.out.run("ss", "-lun").stdout, 20, "coturn's start")
        eventually(lambda: ":5351" in self.router.run("ss", "-lun").stdout and ":5000" in self.router.run("ss", "-ltn").stdout, 20,
                   "miniupnpd's start")

    def link(self, count):
        """Numbers of as many new links; each has the devices f<number> here, b<number> outside."""
        numbers = range(self.links + 101, self.links + 101 + count)
        self.links += count
        lines = [f"link add f{n} type veth peer name b{n} netns {self.out.name}" for n in numbers]
        for n in numbers:
            lines += [f"addr add 192.168.{n}.2/24 dev f{n}", f"link set f{n} up"]
        self.home.batch(*lines)
        self.out.batch(*(line for n in numbers for line in (f"addr add 192.168.{n}.1/24 dev b{n}", f"addr add 192.168.{n}.66/24 dev b{n}",
                                                            f"link set b{n} up")))
        self.home.batch(*(f"route add default via 192.168.{n}.1 dev f{n} metric {1000 + n}" for n in numbers))
        return list(numbers)

    def move(self, former, address):
        """The line and the real router have another address."""
        self.router.batch(f"addr del {former}/32 dev wan", f"addr add {address}/32 dev wan")
        self.home.batch(f"addr del {six(former)}9/64 dev eth0", f"addr add {six(address)}9/64 dev eth0 nodad",
                        f"addr del {former}/24 dev eth0", f"addr add {address}/24 dev eth0", "route add default via 9.9.8.254")
        self.moves += 1  # an event on each of the other lines, too: their sources are asked again
        devices = ["home0", *(f"f{n}" for n in range(101, 101 + self.links))]
        self.home.batch(*(f"addr add 10.8.8.{self.moves}/32 dev {device}" for device in devices))

    def swallow(self, number=None, port=None):
        """Nothing comes through any more: of a link but what is for the provider, or to a port here."""
        if port is not None:
            for protocol in "tcp", "udp":
                self.home.run("nft", "add", "rule", "inet", "hole", "in", protocol, "dport", str(port), "drop")
        if number is not None:
            self.out.run("nft", f"add rule inet hole in iifname b{number} meta l4proto {{ tcp, udp }} th dport != 19000 drop")

    def reject(self, number):
        """Nobody is there for STUN and DNS, whose servers are the same for all links."""
        self.out.run("nft", f"add rule inet hole in iifname b{number} udp dport {{ 53, 3478 }} reject")

    def open(self):
        for space in self.home, self.out:
            space.run("nft", "flush", "chain", "inet", "hole", "in")
