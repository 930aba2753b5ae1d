# SPDX-License-Identifier: ISC
"""The verdict on a place, with real routers: what "homing address" and the page say of it."""
import contextlib
import json
import subprocess
import sys

import pytest

from lib.igd import CONF as IGD
from lib.igd import RULES
from lib.run import program as server_program
from lib.run import started as running
from lib.run import until

CONF = "outside=no\nprovider=nsupdate, server=192.0.2.53, zone=home.test, usev4=auto, usev6=auto home.home.test\n"
# Keeps a TUN device alive, as a VPN's program does.
TUN = "import fcntl, os, struct, sys, time\n" \
      "fd = os.open('/dev/net/tun', os.O_RDWR)\n" \
      "fcntl.ioctl(fd, 0x400454ca, struct.pack('16sH', b'vpn0', 0x1001))\n" \
      "print('ready', flush=True)\ntime.sleep(600)\n"


def wire(world, outer, outer_name, inner, inner_name, outer_address, inner_address):
    """A link with addresses, and the inner one's way out over it."""
    world.join(outer, outer_name, inner, inner_name)
    outer.ip(f"addr add {outer_address}/24 dev {outer_name}")
    inner.ip(f"addr add {inner_address}/24 dev {inner_name}")
    inner.ip(f"route add default via {outer_address}")


def router(world, name):
    space = world.space(name)
    space.sysctl("net.ipv4.ip_forward", 1)
    done = subprocess.run(space.enter("nft", "-f", "-"), input=RULES, text=True, capture_output=True)
    if done.returncode != 0:
        pytest.skip("nftables cannot be used here: " + done.stderr.splitlines()[0])
    return space


@contextlib.contextmanager
def speaks(space, tmp_path, net="192.168.1.0/24"):
    """miniupnpd on the router."""
    conf = tmp_path / "miniupnpd.conf"
    conf.write_text(IGD.replace("192.168.1.0/24", net))
    with open(tmp_path / "miniupnpd.log", "w") as log, running(
            space.enter(server_program("miniupnpd"), "-d", "-f", conf, "-P", tmp_path / "miniupnpd.pid"), stdout=log, stderr=log):
        until(lambda: "5351" in space.run("ss", "-lun").stdout and "5000" in space.run("ss", "-ltn").stdout, what="miniupnpd")
        yield


def told(service):
    """What the command says: code, address, and the candidates by address."""
    done = service.call("address", "--json")
    document = json.loads(done.stdout)
    why = {c["address"]: c for c in document["candidates"]}
    return document["place"]["code"], document["place"]["args"].get("address"), why, document


def test_public_address_on_the_interface(world, homing):
    isp, home = world.space("isp"), world.space("home")
    wire(world, isp, "p0", home, "eth0", "9.9.9.1", "9.9.9.9")
    home.ip("addr add 192.168.7.1/24 dev eth0")
    isp.ip("addr add 2620:fe::1/64 dev p0 nodad")
    home.ip("addr add 2620:fe::9/64 dev eth0 nodad")
    home.ip("-6 route add default via 2620:fe::1")
    code, address, why, document = told(homing(CONF, prefix=home.enter()))
    assert (code, address) == ("place_public", "9.9.9.9")
    assert document["detail"]["code"] == "place6_new"
    assert why["9.9.9.9"]["taken"] and why["192.168.7.1"]["why"] == "another one is public"


def test_one_router(world, homing, tmp_path):
    isp, r1, home = world.space("isp"), router(world, "r1"), world.space("home")
    wire(world, isp, "p0", r1, "wan", "9.9.9.1", "9.9.9.10")
    wire(world, r1, "lan", home, "eth0", "192.168.1.1", "192.168.1.2")
    with speaks(r1, tmp_path):
        code, address, why, document = told(homing(CONF, prefix=home.enter()))
        assert (code, address) == ("place_router", "9.9.9.10")
        assert document["detail"]["code"] == "place6_none"
        assert why["9.9.9.10"]["taken"] and why["9.9.9.10"]["from"] in ("natpmp", "upnp")
        # The page's document says the same; nobody's hostname needs to ask the router for that.
        service = homing("outside=no\n" + CONF.splitlines()[1].replace("auto", "ifv4", 1).replace("usev6=auto", "") + "\n",
                         prefix=home.enter()).start()
        until(lambda: service.get("/addresses")["place"]["code"] == "place_router", what="the router's word")
        service.stop()


def test_two_routers_in_a_row(world, homing, tmp_path):
    isp, r1, r2, home = world.space("isp"), router(world, "r1"), router(world, "r2"), world.space("home")
    wire(world, isp, "p0", r1, "wan", "9.9.9.1", "9.9.9.10")
    wire(world, r1, "lan", r2, "wan", "192.168.1.1", "192.168.1.2")
    wire(world, r2, "lan", home, "eth0", "192.168.2.1", "192.168.2.2")
    with speaks(r2, tmp_path, "192.168.2.0/24"):
        code, address, why, _ = told(homing(CONF, prefix=home.enter()))
        assert (code, address) == ("place_routers", "192.168.1.2")
        assert why["192.168.1.2"]["why"] == "a private address (RFC 1918)"


def test_carrier_grade_nat(world, homing, tmp_path):
    isp, r1, home = world.space("isp"), router(world, "r1"), world.space("home")
    wire(world, isp, "p0", r1, "wan", "100.64.0.1", "100.64.0.7")
    wire(world, r1, "lan", home, "eth0", "192.168.1.1", "192.168.1.2")
    with speaks(r1, tmp_path):
        code, address, why, _ = told(homing(CONF, prefix=home.enter()))
        assert (code, address) == ("place_cgnat", "100.64.0.7")
        assert "shares among customers" in why["100.64.0.7"]["why"]


def test_a_router_that_tells_nothing(world, homing):
    r1, home = world.space("r1"), world.space("home")
    wire(world, r1, "lan", home, "eth0", "192.168.1.1", "192.168.1.2")
    code, address, _, _ = told(homing(CONF, prefix=home.enter()))
    assert (code, address) == ("place_nat", "192.168.1.2")


def test_ds_lite(world, homing):
    """The machine's own end of the softwire (RFC 6333, section 5.7)."""
    isp, home = world.space("isp"), world.space("home")
    world.join(isp, "p0", home, "eth0")
    home.ip("addr add 192.0.0.2/29 dev eth0")
    home.ip("route add default via 192.0.0.1")
    code, address, _, _ = told(homing(CONF, prefix=home.enter()))
    assert (code, address) == ("place_dslite", "192.0.0.2")


def test_a_vpn_is_the_way_out(world, homing):
    isp, home = world.space("isp"), world.space("home")
    wire(world, isp, "p0", home, "eth0", "9.9.9.1", "9.9.9.9")
    process = subprocess.Popen(home.enter(sys.executable, "-c", TUN), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        home.ip("addr add 10.8.0.2/24 dev vpn0")
        home.ip("link set vpn0 up")
        service = homing(CONF, prefix=home.enter()).start()
        until(lambda: service.get("/addresses")["place"]["code"] == "place_public", what="the verdict before the VPN")
        home.ip("route replace default dev vpn0")
        until(lambda: service.get("/addresses")["place"]["code"] == "place_vpn", what="the verdict with the VPN")
        assert service.get("/addresses")["place"]["args"]["source"] == "vpn0"
        assert service.stop() == 0
    finally:
        process.terminate()
        process.wait()


def test_no_way_out(world, homing):
    code, _, _, _ = told(homing(CONF, prefix=world.space("home").enter()))
    assert code == "place_no_way_at_all"
