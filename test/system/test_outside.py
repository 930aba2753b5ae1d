# SPDX-License-Identifier: ISC
"""outside=no: every packet that leaves the machine is looked at, and none goes to a host that the configuration does not name."""
import json
import subprocess
import time

import pytest

from lib import wire
from lib.web import echo_in
from named import Named
from processes import eventually

CONF = """listen=no
{outside}daemon=60, settle=0
protocol=dyndns2, ssl=no, server=members.provider.example, login=arthur, password=right
usev4=ipv4, ipv4=203.0.113.7, usev6=disabled, allow-private=yes fixed.example.org
usev4=auto, usev6=auto auto.example.org
usev4=stun, usev6=stun stun.example.org
usev4=dns, usev6=dns dns.example.org
usev4=webv4, usev6=webv6 web.example.org
usev4=webv4, webv4=https://ip.elsewhere.example/x, usev6=disabled written.example.org
usev4=webv4, webv4=http://192.168.1.1:8099/ip, usev6=disabled near.example.org
"""
PROVIDER = "9.9.9.7"


@pytest.fixture
def place(world, tmp_path):
    """A home with private addresses; behind its router a name server and the provider, and nothing else."""
    from processes import Group
    isp, home = world.space("isp"), world.space("home")
    world.join(isp, "w0", home, "eth0")
    for address in ("192.168.1.1/24", "9.9.9.1/24", PROVIDER + "/24", "fd00:1::1/64"):
        isp.ip(f"addr add {address} dev w0 {'nodad' if ':' in address else ''}")
    home.ip("addr add 192.168.1.2/24 dev eth0")
    home.ip("addr add fd00:1::2/64 dev eth0 nodad")
    home.ip("route add default via 192.168.1.1")
    home.ip("-6 route add default via fd00:1::1")
    home.etc("resolv.conf", "nameserver 9.9.9.1\noptions timeout:1 attempts:1\n")
    with Group() as group, echo_in(isp, PROVIDER, 80, "good"), echo_in(isp, "192.168.1.1", 8099, "8.8.4.4"):
        Named(group, tmp_path / "named", zone="provider.example", addresses=("9.9.9.1",), port=53, prefix=isp.enter(),
              records=f"members A {PROVIDER}\n")
        home.isp = isp
        yield home


def run(place, homing, outside, seconds):
    """The packets of a service, and what it says of its sources and of one hostname."""
    with wire.watched(place.isp, "w0") as packets:
        service = homing(CONF.format(outside=outside), prefix=place.enter()).start()
        service.wait_for("fixed.example.org.*203.0.113.7", 25)
        time.sleep(seconds)  # the look at the DNS comes 5 s after the update
        sources = json.loads(service.call("sources", "--json").stdout)["outside"]
        text = service.call("sources").stdout
        why = {name: service.call("why", f"{name}.example.org").stdout for name in ("fixed", "auto", "stun", "written")}
        hosts = {h["hostname"]: h for h in service.get("/hostnames")["items"]}
        assert service.stop() == 0
    return packets, sources, text, why, hosts


def test_no_outside_host_is_asked(place, homing):
    packets, sources, text, why, hosts = run(place, homing, "outside=no\n", 6)
    to = {(p.kind, p.to, p.port) for p in packets if not p.to.startswith(("ff02:", "fe80:", "224.", "239.255.255.250"))}
    named = {("tcp", PROVIDER, 80), ("tcp", "192.168.1.1", 8099), ("udp", "9.9.9.1", 53), ("tcp", "9.9.9.1", 53)}
    router = {("udp", "192.168.1.1", 5351), ("58", "fd00:1::1", None), ("udp", "192.168.1.1", 1900)}
    assert named - {("tcp", "9.9.9.1", 53)} <= to
    assert to <= named | router
    assert {p.name for p in packets if p.name} == {"members.provider.example"}
    assert sources["allowed"] is False
    assert "No outside host is asked" in text
    assert "The DNS is not asked about it (outside=no)." in why["fixed"]
    assert all("outside=no" in why[name] for name in ("auto", "stun", "written")), why
    assert hosts["near.example.org"]["records"][0]["published"] == ["8.8.4.4"]
    for name in ("auto", "stun", "dns", "web", "written"):
        records = hosts[f"{name}.example.org"]["records"]
        assert records and all(r["wanted"] is None for r in records), name


def test_which_are_asked_otherwise(place, homing):
    """The same without the switch: each host that is looked up stands in the list, or is of the DNS itself."""
    packets, sources, text, why, hosts = run(place, homing, "", 0)
    listed = {h["host"] for h in sources["hosts"]}
    asked = {p.name for p in packets if p.name} - {"members.provider.example"}
    pages = {name for name in asked if name in listed}
    assert sources["allowed"] is True and len(pages) > 3, asked
    assert "ip.elsewhere.example" in pages and "192.168.1.1" not in listed
    assert all(host in text for host in listed)
    # Name servers of example.org and of the domains above it: what verification asks for.
    assert asked - pages <= {"org", "example.org", "", "a.root-servers.net"} | {f"{h}.example.org" for h in ("fixed", "near")}


DDCLIENT = """outside=no
ssl=no, protocol=dyndns2, server=members.provider.example, login=arthur, password=right
usev4=webv4, webv4=ipify-ipv4 web.example.org
usev4=webv4, webv4=http://192.168.1.1:8099/ip near.example.org
"""


def test_ddclients_command_keeps_to_it(place, homing, tmp_path):
    """In every mode, the survey of all services too. Nothing is looked up but the provider, and nobody else is spoken to."""
    conf = tmp_path / "ddclient.conf"
    conf.write_text(DDCLIENT)
    conf.chmod(0o600)
    command = [*place.enter(), homing().program, "ddclient", "--file", conf, "--cache", tmp_path / "cache", "--daemon=0"]
    with wire.watched(place.isp, "w0") as packets:
        done, survey = (subprocess.run(command + words, capture_output=True, text=True, timeout=60) for words in ([], ["--query"]))
    to = {p.to for p in packets if not p.to.startswith(("ff02:", "fe80:", "224."))}
    assert {PROVIDER} <= to <= {PROVIDER, "192.168.1.1", "9.9.9.1"}
    assert {p.name for p in packets if p.name} == {"members.provider.example"}
    assert "outside=no: no outside host is asked" in done.stdout + done.stderr, done
    assert "near.example.org" in (tmp_path / "cache").read_text()
    assert "webv4=ipify-ipv4 address is NOT FOUND" in survey.stdout, survey
