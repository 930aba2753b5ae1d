# SPDX-License-Identifier: ISC
"""The whole way: the kernel's address changes in one network namespace, BIND in another tells the new one."""
import base64
import os
import signal
import time

import pytest

from lib import spaces
from lib.run import program as server_program
from processes import eventually

KEY = base64.b64encode(os.urandom(32)).decode()
ZONE = """$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 9.9.9.1
 AAAA 2620:fe:1::1
foreign A 192.0.2.77
"""
NAMED = """
options {{ directory "{t}"; pid-file "{t}/pid"; session-keyfile "{t}/sk"; listen-on {{ 9.9.9.1; }}; listen-on-v6 {{ 2620:fe:1::1; }};
  recursion no; dnssec-validation no; notify no; }};
controls {{}};
key "home-key" {{ algorithm hmac-sha512; secret "{key}"; }};
zone "home.test" {{ type primary; file "{t}/zone"; update-policy {{ grant home-key zonesub ANY; }}; }};
"""


@pytest.fixture
def place(world, started, tmp_path):
    """Two spaces on one wire: BIND at the provider's end, an interface with public-looking addresses at home."""
    isp, home = world.space("isp"), world.space("home")
    world.join(isp, "w0", home, "eth0")
    for space in (isp, home):
        # No duplicate detection, no router asked: an address counts at once.
        for name in ("w0", "eth0"):
            space.run("sysctl", "-qw", f"net.ipv6.conf.{name}.accept_dad=0", check=False)
    isp.ip("addr add 9.9.9.1/24 dev w0")
    isp.ip("addr add 2620:fe:1::1/64 dev w0 nodad")
    home.ip("addr add 9.9.9.10/24 dev eth0")
    home.ip("addr add 2620:fe:1::10/64 dev eth0 nodad")
    home.ip("route add default via 9.9.9.1")
    home.ip("-6 route add default via 2620:fe:1::1")
    folder = tmp_path / "named"
    folder.mkdir()
    (folder / "named.conf").write_text(NAMED.format(t=folder, key=KEY))
    (folder / "zone").write_text(ZONE)
    named = started(isp.enter(server_program("named"), "-g", "-n", "1", "-c", folder / "named.conf"), name="named")
    named.wait_for("running$", 20)
    home.isp, home.named = isp, named
    return home


def change(space, former, now):
    space.ip(f"addr del {former}/24 dev eth0")
    space.ip(f"addr add {now}/24 dev eth0")


def dig(space, server, name, kind):
    done = space.isp.run("dig", "+short", "+time=2", "+tries=1", f"@{server}", name, kind)
    return sorted(done.stdout.split())


def wait_for_dns(space, name, v4, v6, seconds=15):
    for server in ("9.9.9.1", "2620:fe:1::1"):
        eventually(lambda: dig(space, server, name, "A") == v4, seconds, f"{name} A {v4} at {server}")
        eventually(lambda: dig(space, server, name, "AAAA") == v6, seconds, f"{name} AAAA {v6} at {server}")


CONF = f"""listen=no
daemon=60, settle=0
provider=nsupdate, server=9.9.9.1, zone=home.test, ttl=60, key-name=home-key, key-algorithm=hmac-sha512, password='{KEY}'
min-interval=0, usev4=ifv4, ifv4=eth0, usev6=ifv6, ifv6=eth0
home.home.test
office.home.test
"""


def test_an_address_changes_and_the_dns_shows_it(place, homing):
    service = homing(CONF, prefix=place.enter()).start()
    wait_for_dns(place, "home.home.test", ["9.9.9.10"], ["2620:fe:1::10"])
    wait_for_dns(place, "office.home.test", ["9.9.9.10"], ["2620:fe:1::10"])
    for n in (20, 30):
        began = time.monotonic()
        place.ip(f"addr del 9.9.9.{n - 10}/24 dev eth0")
        place.ip(f"addr add 9.9.9.{n}/24 dev eth0")
        place.ip(f"addr del 2620:fe:1::{n - 10}/64 dev eth0")
        place.ip(f"addr add 2620:fe:1::{n}/64 dev eth0 nodad")
        wait_for_dns(place, "home.home.test", [f"9.9.9.{n}"], [f"2620:fe:1::{n}"])
        print(f"after {(time.monotonic() - began) * 1000:.0f} ms, processes for ip and dig included")
        wait_for_dns(place, "office.home.test", [f"9.9.9.{n}"], [f"2620:fe:1::{n}"])
    # What was there before homing is as it was.
    assert dig(place, "9.9.9.1", "foreign.home.test", "A") == ["192.0.2.77"]
    assert service.process.stop() == 0


def test_lost_is_kept(place, homing):
    """Unknown is never none: without an address the record stays, and nothing is sent."""
    service = homing(CONF, prefix=place.enter()).start()
    wait_for_dns(place, "home.home.test", ["9.9.9.10"], ["2620:fe:1::10"])
    place.ip("link set eth0 down")
    service.wait_for("none|no address|unknown", 10)
    time.sleep(1)
    assert dig(place, "9.9.9.1", "home.home.test", "A") == ["9.9.9.10"]
    place.ip("link set eth0 up")
    place.ip("addr flush dev eth0")
    place.ip("addr add 9.9.9.40/24 dev eth0")
    wait_for_dns(place, "home.home.test", ["9.9.9.40"], ["2620:fe:1::10"])
    assert service.process.stop() == 0


def test_a_flapping_line(place, homing):
    """Fifty changes in ten seconds: no more than one update a settle time, and the last address wins."""
    conf = CONF.replace("settle=0", "settle=1").replace("office.home.test\n", "")
    service = homing(conf, prefix=place.enter()).start()
    wait_for_dns(place, "home.home.test", ["9.9.9.10"], ["2620:fe:1::10"])
    before, began = place.named.text().count("adding an RR"), time.monotonic()
    last = 10
    for n in range(101, 151):
        place.ip(f"addr del 9.9.9.{last}/24 dev eth0")
        place.ip(f"addr add 9.9.9.{n}/24 dev eth0")
        last = n
        time.sleep(max(0, began + 0.2 * (n - 100) - time.monotonic()))
    took = time.monotonic() - began
    wait_for_dns(place, "home.home.test", ["9.9.9.150"], ["2620:fe:1::10"])
    updates = place.named.text().count("adding an RR") - before
    print(f"{updates} updates for 50 changes in {took:.0f} s")
    assert updates <= took + 1
    assert service.process.stop() == 0


def test_an_answer_comes_when_its_address_is_gone(place, homing):
    """BIND's answer to the UPDATE does not arrive before the address changes: no try is burnt, the next goes at once."""
    # 0xa8: a response, opcode UPDATE.
    service = homing(CONF.replace("office.home.test\n", ""), prefix=place.enter()).start()
    wait_for_dns(place, "home.home.test", ["9.9.9.10"], ["2620:fe:1::10"])
    place.isp.run("nft", "-f", "-", input="table ip lost {\n chain out {\n type filter hook output priority 0;\n"
                  " ip daddr 9.9.9.20 udp sport 53 @th,80,8 0xa8 drop\n }\n}\n")
    change(place, "9.9.9.10", "9.9.9.20")
    eventually(lambda: dig(place, "9.9.9.1", "home.home.test", "A") == ["9.9.9.20"], 10, "the UPDATE that is not answered")
    change(place, "9.9.9.20", "9.9.9.30")
    began = time.monotonic()
    wait_for_dns(place, "home.home.test", ["9.9.9.30"], ["2620:fe:1::10"])
    print(f"after {time.monotonic() - began:.2f} s")
    # Back where it was while the answer to the next one is lost: what that one did is not forgotten.
    change(place, "9.9.9.30", "9.9.9.20")
    eventually(lambda: dig(place, "9.9.9.1", "home.home.test", "A") == ["9.9.9.20"], 10, "the UPDATE that is not answered")
    change(place, "9.9.9.20", "9.9.9.30")
    wait_for_dns(place, "home.home.test", ["9.9.9.30"], ["2620:fe:1::10"])
    assert "back-off" not in service.text()
    assert service.process.stop() == 0


SILENT = """import socketserver, sys
class H(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        print(self.client_address[0], line.split("myip=")[1].split("&")[0].split(" ")[0], flush=True)
        if self.client_address[0] == "9.9.9.20":
            self.rfile.read()
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\nConnection: close\\r\\n\\r\\ngood")
class S(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
server = S(("9.9.9.1", 8080), H)
print("listens", flush=True)
server.serve_forever()
"""


def test_a_request_waits_when_its_address_is_gone(place, homing, started):
    """The same by HTTP, where it is not read back: 9.9.9.20 never has an answer, and homing does not wait for one."""
    server = started(place.isp.enter("python3", "-c", SILENT), name="silent")
    server.wait_for("listens")
    conf = ("listen=no, verify=no\nsettle=0, ssl=no, min-interval=0, usev4=ifv4, ifv4=eth0, usev6=no\n"
            "protocol=dyndns2, server=9.9.9.1:8080, login=u, password=p\nhome.example.org\n")
    service = homing(conf, prefix=place.enter()).start()
    server.wait_for("9.9.9.10 9.9.9.10", 15)
    change(place, "9.9.9.10", "9.9.9.20")
    server.wait_for("9.9.9.20 9.9.9.20", 15)
    change(place, "9.9.9.20", "9.9.9.10")  # what is known to be published; but the other may have arrived
    server.wait_for("9.9.9.10 9.9.9.10", 15, count=2)
    # Not even the connection stands yet.
    place.isp.run("nft", "-f", "-", input="table ip lost {\n chain in {\n type filter hook input priority 0;\n"
                  " ip saddr 9.9.9.40 tcp dport 8080 drop\n }\n}\n")
    change(place, "9.9.9.10", "9.9.9.40")
    service.wait_for("sends GET .*9.9.9.40", 15)
    change(place, "9.9.9.40", "9.9.9.50")
    server.wait_for("9.9.9.50 9.9.9.50", 15)
    assert "back-off" not in service.text()
    assert service.process.stop() == 0


def test_boot_without_network(place, homing):
    """No line, no address, no route: nothing is tried, so nothing has failed; and it goes at once when there is one."""
    place.ip("link set eth0 down")
    place.ip("addr flush dev eth0")
    # The second hostname has its address from the file, so homing would like to send it all the time.
    conf = CONF.replace("office.home.test", "usev4=ipv4, ipv4=9.9.9.99, usev6=no office.home.test")
    service = homing(conf, prefix=place.enter()).start()
    service.wait_for("offline", 15)
    time.sleep(2)
    place.ip("link set eth0 up")
    place.ip("addr add 9.9.9.60/24 dev eth0")
    place.ip("addr add 2620:fe:1::60/64 dev eth0 nodad")
    place.ip("route replace default via 9.9.9.1")
    wait_for_dns(place, "home.home.test", ["9.9.9.60"], ["2620:fe:1::60"])
    eventually(lambda: dig(place, "9.9.9.1", "office.home.test", "A") == ["9.9.9.99"], 10, "the fixed address, without waiting")
    hosts = {h["hostname"]: h for h in service.get("/hostnames")["items"]}
    assert hosts["office.home.test"]["state"] in ("right", "changing")
    assert "back-off" not in service.text()
    assert service.process.stop() == 0


def test_sleep_and_wake(place, homing):
    """The processes stand still while the address changes, as in a machine that sleeps."""
    service = homing(CONF.replace("office.home.test\n", ""), prefix=place.enter()).start()
    wait_for_dns(place, "home.home.test", ["9.9.9.10"], ["2620:fe:1::10"])
    worker = service.worker()
    os.kill(worker, signal.SIGSTOP)
    try:
        place.ip("addr del 9.9.9.10/24 dev eth0")
        place.ip("addr add 9.9.9.70/24 dev eth0")
        time.sleep(2)
    finally:
        os.kill(worker, signal.SIGCONT)
    wait_for_dns(place, "home.home.test", ["9.9.9.70"], ["2620:fe:1::10"])
    assert "back-off" not in service.text()
    assert service.process.stop() == 0
