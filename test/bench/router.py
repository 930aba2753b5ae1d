# SPDX-License-Identifier: ISC
"""From a change of the router's outside address to the answer in the DNS, on a home network behind it.

Three namespaces in a row: the provider's (BIND, and a page that echoes who asks), a router (miniupnpd, NAT), the home
with homing, or ddclient at its shortest interval, which asks the page.
"""
import os
import socket
import subprocess
import sys
import time

from events import answer, socket_in, wait_for_answers
from lib import igd
from measure import Table
from peers import Ddclient, environment, private, program
from servers import Bind, SECRET, started

ECHO = """import http.server, socketserver
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.client_address[0].encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
class S(socketserver.ThreadingTCPServer): allow_reuse_address = True
S(("9.9.9.1", 8080), H).serve_forever()
"""


class Street:
    """The namespaces; the router's address is moved with move()."""

    def __init__(self):
        tag = os.getpid()
        self.isp, self.router, self.home = (f"hb-{n}{tag}" for n in ("s", "r", "m"))
        self.now = "9.9.9.10"

    def ip(self, space, *args, check=True):
        subprocess.run(["ip", "-n", space, *args], check=check, capture_output=True)

    def __enter__(self):
        for n in (self.isp, self.router, self.home):
            subprocess.run(["ip", "netns", "add", n], check=True)
            self.ip(n, "link", "set", "lo", "up")
        for a, x, b, y in ((self.router, "wan", self.isp, "p0"), (self.router, "lan", self.home, "eth0")):
            subprocess.run(["ip", "link", "add", x, "netns", a, "type", "veth", "peer", "name", y, "netns", b], check=True)
            self.ip(a, "link", "set", x, "up")
            self.ip(b, "link", "set", y, "up")
        for space, device, address in ((self.isp, "p0", "9.9.9.1"), (self.router, "wan", self.now), (self.router, "lan", "192.168.1.1"),
                                       (self.home, "eth0", "192.168.1.2")):
            self.ip(space, "addr", "add", f"{address}/24", "dev", device)
        self.ip(self.router, "route", "add", "default", "via", "9.9.9.1")
        self.ip(self.home, "route", "add", "default", "via", "192.168.1.1")
        subprocess.run(self.inside(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1"), check=True)
        subprocess.run(self.inside(self.router, "nft", "-f", "-"), input=igd.RULES, text=True, check=True)
        return self

    def __exit__(self, *error):
        for n in (self.isp, self.router, self.home):
            subprocess.run(["ip", "netns", "del", n], check=False)

    def inside(self, space, *command):
        return ["ip", "netns", "exec", space, *[str(c) for c in command]]

    def move(self, address):
        """Gives the router another outside address; the monotonic time at which it had it."""
        self.ip(self.router, "addr", "del", f"{self.now}/24", "dev", "wan")
        self.ip(self.router, "addr", "add", f"{address}/24", "dev", "wan")
        then = time.monotonic()
        self.ip(self.router, "route", "add", "default", "via", "9.9.9.1", check=False)
        self.now = address
        return then


def told(asking, address, seconds):
    """Monotonic time at which the DNS gave the address."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        at = answer(asking, ("9.9.9.1", 53), address)
        if at is not None:
            return at
    return None


def changes(street, asking, command, work, row, table, runs, first, seconds):
    street.move(f"9.9.9.{first - 1}")  # one that the DNS does not give yet
    with open(work / "router.out", "w") as log, \
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment()) as process:
        try:
            if told(asking, street.now, 90) is None:
                print(f"  {row}: the first address was not published: {(work / 'router.out').read_text()[-500:]}")
                return
            time.sleep(2)
            for i in range(runs):
                address = f"9.9.9.{first + i}"
                then = street.move(address)
                at = told(asking, address, seconds)
                if at is None:
                    print(f"  {row}: {address} was not published within {seconds} s")
                    continue
                table.add(row, "answer in the DNS", at - then)
                time.sleep(1)
        finally:
            process.terminate()


def ddclient_conf(work):
    key = private(work / "ddclient.key", f'key "k" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n')
    return private(work / "router-ddclient.conf",
                   "daemon=60\nuse=web, web=http://9.9.9.1:8080/\nssl=no\n"
                   f"min-interval=0\nprotocol=nsupdate server=9.9.9.1 login={program('nsupdate')} password={key} zone=bench.test ttl=60 "
                   "home.bench.test\n")


def measure(homing, work, runs):
    if os.geteuid() != 0 or program("miniupnpd") is None:
        print("\nrouter: skipped, it needs root for network namespaces, and miniupnpd")
        return
    table = Table("The router's address changes, on a home network behind it", "s")
    polled = int(os.environ.get("BENCH_POLLED", "2"))
    (work / "miniupnpd.conf").write_text(igd.CONF)
    base = ("listen=no\nverify=no\nusev4={}\nprovider=nsupdate, server=9.9.9.1, zone=bench.test, ttl=60, policy=replace\n"
            f"min-interval=0\nkey-name=k, key-algorithm=hmac-sha256, password='{SECRET}'\nhome.bench.test\n")
    with Street() as street:
        bind = Bind(work, address="9.9.9.1", prefix=street.inside(street.isp), port=53)
        asking = socket_in(street.isp, socket.AF_INET, socket.SOCK_DGRAM)

        def homing_with(word):
            conf = private(work / f"router-{word}.conf", base.format(word))
            return street.inside(street.home, homing.path, "run", "--config", conf, "--state-dir", work / f"router-{word}")
        with started(bind.command), started(street.inside(street.isp, sys.executable, "-c", ECHO)), \
                started(street.inside(street.router, program("miniupnpd"), "-d", "-f", work / "miniupnpd.conf", "-P", work / "mu.pid")):
            wait_for_answers(asking, ("9.9.9.1", 53))
            time.sleep(1)
            changes(street, asking, homing_with("natpmp"), work, "homing, NAT-PMP announces", table, max(runs, 3), 20, 70)
            changes(street, asking, homing_with("pcp"), work, "homing, PCP announces", table, max(runs, 3), 60, 70)
            changes(street, asking, homing_with("upnp"), work, "homing, UPnP asked every 60 s", table, polled, 100, 100)
            if Ddclient().path:
                cache = work / "router-ddclient.cache"
                command = street.inside(street.home, Ddclient().path, "-file", ddclient_conf(work), "-cache", cache, "-foreground")
                changes(street, asking, command, work, "ddclient, a page every 60 s", table, polled, 140, 150)
    table.show()
