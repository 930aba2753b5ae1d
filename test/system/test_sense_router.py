# SPDX-License-Identifier: ISC
"""The router's word (miniupnpd: UPnP, NAT-PMP, PCP), STUN (coturn), whoami by DNS (Knot), and auto over all of them."""
import contextlib
import json
import pathlib
import random
import re
import socket
import subprocess

import pytest

from lib import igd as settings, web
from lib.coturn import write_conf
from lib.run import free_port, program, started, until
from test_sense import once, sensing


@pytest.fixture
def house(world):
    """isp 9.9.9.1 - (wan) router (lan) - eth0 home."""
    isp, router, home = world.space("isp"), world.space("router"), world.space("home")
    world.join(router, "wan", isp, "p1")
    world.join(router, "lan", home, "eth0")
    isp.ip("addr add 9.9.9.1/24 dev p1")
    router.ip("addr add 9.9.9.10/24 dev wan")
    router.ip("route add default via 9.9.9.1")
    router.ip("addr add 192.168.1.1/24 dev lan")
    home.ip("addr add 192.168.1.2/24 dev eth0")
    home.ip("route add default via 192.168.1.1")
    router.sysctl("net.ipv4.ip_forward", 1)
    done = subprocess.run(router.enter("nft", "-f", "-"), input=settings.RULES, text=True, capture_output=True)
    if done.returncode != 0:
        pytest.skip("nftables cannot be used here: " + done.stderr.splitlines()[0])
    home.isp, home.router = isp, router
    return home


@contextlib.contextmanager
def igd(house, tmp_path, wan="9.9.9.10"):
    conf = tmp_path / "miniupnpd.conf"
    conf.write_text(settings.CONF)
    command = house.router.enter(program("miniupnpd"), "-d", "-f", conf, "-P", tmp_path / "miniupnpd.pid")
    log = open(tmp_path / "miniupnpd.log", "w")
    with log, started(command, stdout=log, stderr=log) as process:
        def ready():
            assert process.poll() is None, (tmp_path / "miniupnpd.log").read_text()
            return "5351" in house.router.run("ss", "-lun").stdout and "5000" in house.router.run("ss", "-ltn").stdout
        until(ready, what="miniupnpd")
        yield


def move(house, old, new):
    house.router.ip(f"addr del {old}/24 dev wan")
    house.router.ip(f"addr add {new}/24 dev wan")
    house.router.ip("route add default via 9.9.9.1", check=False)


def test_asks_the_router(house, tmp_path):
    with igd(house, tmp_path):
        got = once({"usev4": "natpmp"}, {"usev4": "upnp"}, {"usev4": "pcp"}, space=house)
        for i in range(3):
            assert (got[i, "IPv4"]["state"], got[i, "IPv4"]["set"]) == ("known", "9.9.9.10"), got
        mappings = house.router.run("nft", "list", "table", "inet", "miniupnpd").stdout
        assert "dnat" not in mappings, "PCP's mapping is taken away again"


def test_hears_the_router(house, tmp_path):
    """The router's address changes: its announcement brings the new one, long before the next poll."""
    with igd(house, tmp_path), sensing(house, entries=[{"usev4": "natpmp"}, {"usev4": "pcp"}], poll=3600000) as s:
        s.expect(entry=0, state="known", set="9.9.9.10")
        s.expect(entry=1, state="known", set="9.9.9.10")
        move(house, "9.9.9.10", "9.9.9.77")
        told = {}
        while told != {0: "9.9.9.77", 1: "9.9.9.77"}:
            line = s.next(20)
            if line["state"] == "known":
                told[line["entry"]] = line["set"]


def forged(address, epoch=1):
    """A NAT-PMP announcement of that outside address (RFC 6886, 3.2.1), as a hexadecimal text."""
    return (b"\x00\x80\x00\x00" + epoch.to_bytes(4, "big") + socket.inet_aton(address)).hex()


SHOUT = """import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 5351))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
for group in ("224.0.0.1", sys.argv[2]):
    for port in (5350, *range(32768, 61000, 1)) if group != "224.0.0.1" else (5350,):
        s.sendto(bytes.fromhex(sys.argv[3]), (group, port))
"""


def test_believes_no_forged_word(house, tmp_path):
    """Neighbours and the router itself announce a wrong address, to the group and to every port: homing asks, and stays."""
    house.router.ip("addr add 192.168.1.66/24 dev lan")
    with igd(house, tmp_path), sensing(house, entries=[{"usev4": "natpmp"}, {"usev4": "pcp"}], poll=3600000) as s:
        s.expect(entry=0, state="known", set="9.9.9.10")
        s.expect(entry=1, state="known", set="9.9.9.10")
        for epoch in (1, 99999):
            with started(house.router.enter("python3", "-c", SHOUT, "192.168.1.66", "192.168.1.2", forged("8.8.8.8", epoch))) as shouting:
                s.say("refresh")
                told = [s.next(20), s.next(20)]
                shouting.wait(20)
            assert [(t["state"], t["set"]) for t in told] == 2 * [("known", "9.9.9.10")]
        assert s.quiet(1) is None


def test_polls_upnp(house, tmp_path):
    with igd(house, tmp_path), sensing(house, entries=[{"usev4": "upnp"}], poll=300) as s:
        s.expect(state="known", set="9.9.9.10")
        move(house, "9.9.9.10", "9.9.9.78")
        s.expect(20, state="known", set="9.9.9.78")


@contextlib.contextmanager
def crooked(house, address, mode, seed=0, *traps):
    """A device that is out to harm, on the router's side of the LAN."""
    command = house.router.enter("python3", "-m", "lib.crooked_igd", address, mode, seed, *traps)
    with started(command, cwd=pathlib.Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "listens\n"
        yield process


def test_a_crooked_upnp_device(house):
    """Thousands of mangled answers, descriptions and addresses: homing lives, leads nobody elsewhere, and ends each question."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    house.router.ip("addr add 192.168.1.66/24 dev lan")
    traps = ("192.168.1.66:80", "9.9.9.10:80")
    with crooked(house, "192.168.1.1", "mutate", seed, *traps) as device, \
            sensing(house, entries=[{"usev4": "upnp"}], poll=3600000) as s:
        for _ in range(200):
            s.next(20)
            s.say("refresh")
        s.next(20)
        status = pathlib.Path(f"/proc/{s.process.pid}/status").read_text()
        assert int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) < 64 * 1024, "kB at most"
        print("sound", file=device.stdin, flush=True)
        assert device.stdout.readline() == "sound\n", "somebody else was led to by it"
        s.say("refresh")
        assert s.next(20)["set"] == "9.9.9.10"
        device.terminate()
        assert device.stdout.read() == "", "somebody else was led to by it"


def test_a_slow_upnp_device(house):
    with crooked(house, "192.168.1.1", "slow"):
        got = once({"usev4": "upnp"}, space=house)
    assert "speaks UPnP" in got[0, "IPv4"]["error"]


def test_a_neighbour_plays_the_router(house):
    """Its word counts only where the configuration asks for UPnP by name, and no router speaks it."""
    house.router.ip("addr add 192.168.1.66/24 dev lan")
    with crooked(house, "192.168.1.66", "liar"):
        got = once({"usev4": "router"}, {"usev4": "upnp"}, space=house)
    assert got[0, "IPv4"]["state"] == "unknown", got
    assert got[1, "IPv4"]["set"] == "9.9.9.66"


def test_no_router_speaks(house):
    got = once({"usev4": "natpmp"}, {"usev4": "upnp"}, {"usev4": "pcp"}, space=house)
    assert "does not speak NAT-PMP" in got[0, "IPv4"]["error"]
    assert "speaks UPnP" in got[1, "IPv4"]["error"]
    assert "does not speak PCP" in got[2, "IPv4"]["error"]


def test_auto_believes_the_router(house, tmp_path):
    with igd(house, tmp_path), sensing(house, entries=[{"usev4": "auto"}], services=[], poll=3600000) as s:
        s.expect(state="known", set="9.9.9.10")
        move(house, "9.9.9.10", "9.9.9.79")
        s.expect(20, state="known", set="9.9.9.79")


def test_auto_looks_behind_a_private_router(house, tmp_path):
    """The router's own address is its provider's private one: what outside services see counts."""
    move(house, "9.9.9.10", "100.64.0.7")
    with contextlib.ExitStack() as stack:
        house.isp.ip("addr add 100.64.0.1/24 dev p1")
        house.isp.ip("addr add 8.8.4.1/32 dev lo")
        house.router.ip("route replace default via 100.64.0.1")
        stack.enter_context(igd(house, tmp_path))
        for i in (0, 1):
            stack.enter_context(web.echo_in(house.isp, "8.8.4.1", 8000 + i, "9.9.9.99"))
        made = [{"name": f"s{i}", "url": f"http://8.8.4.1:{8000 + i}/", "operator": f"o{i}", "families": 1} for i in (0, 1)]
        got = once({"usev4": "auto"}, {"usev4": "pcp"}, {"usev4": "natpmp"}, space=house, services=made)
        assert got[0, "IPv4"]["set"] == "9.9.9.99"
        assert got[1, "IPv4"]["set"] == "100.64.0.7", "the verdict needs it"
        assert got[2, "IPv4"]["state"] == "unknown" and "no address itself" in got[2, "IPv4"]["error"]


def test_a_relay_is_doubted():
    """A page that the configuration names tells a CDN's address: it is taken, and what it is stands beside it."""
    with web.scripted(lambda r: web.reply("104.16.0.1")) as server:
        got = once({"usev4": "webv4", "webv4": server.url})
    assert got[0, "IPv4"]["set"] == "104.16.0.1"
    assert "Cloudflare's network" in got[0, "IPv4"]["error"]


# --- STUN and DNS ---


@pytest.fixture(scope="module")
def coturn(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("coturn"), free_port(socket.SOCK_DGRAM)
    with started([program("turnserver"), "-c", write_conf(folder, port, "127.0.0.1", "::1")], cwd=folder):
        until(lambda: f":{port} " in subprocess.run(["ss", "-lun"], capture_output=True, text=True).stdout, what="coturn")
        yield port


@pytest.fixture(scope="module")
def knot(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("knot"), free_port(socket.SOCK_DGRAM)
    (folder / "whoami.test.zone").write_text("whoami.test. 60 SOA ns. root. 1 2 3 4 5\nwhoami.test. 60 NS ns.\n")
    (folder / "knot.conf").write_text(f"""server:
  rundir: "{folder}"
  listen: [ 127.0.0.1@{port}, ::1@{port} ]
database:
  storage: "{folder}"
template:
  - id: default
    storage: "{folder}"
    file: "%s.zone"
zone:
  - domain: whoami.test
    module: mod-whoami
""")
    with started([program("knotd"), "-c", folder / "knot.conf"], cwd=folder):
        until(lambda: f":{port} " in subprocess.run(["ss", "-lun"], capture_output=True, text=True).stdout, what="Knot")
        yield port


def told_by(url, operator="o", **more):
    return {"name": url, "url": url, "operator": operator, "families": 3, **more}


def loopback_is_not_public(word, url):
    """The real servers can tell a loopback address only, which no panel believes: what they said stands in the error."""
    got = once({"usev4": word, "usev6": word, "quorum": "1"}, services=[told_by(url)])
    return got[0, "IPv4"], got[0, "IPv6"]


def test_stun(coturn):
    v4, _ = loopback_is_not_public("stun", f"stun:127.0.0.1:{coturn}")
    assert v4["state"] == "unknown" and "says 127.0.0.1, a loopback address" in v4["error"]
    _, v6 = loopback_is_not_public("stun", f"stun:[::1]:{coturn}")
    assert v6["state"] == "unknown" and "says ::1, a loopback address" in v6["error"]


def test_whoami_by_dns(knot):
    v4, _ = loopback_is_not_public("dns", f"dns://127.0.0.1:{knot}/whoami.test")
    assert v4["state"] == "unknown" and "says 127.0.0.1, a loopback address" in v4["error"]
    _, v6 = loopback_is_not_public("dns", f"dns://[::1]:{knot}/whoami.test")
    assert v6["state"] == "unknown" and "says ::1, a loopback address" in v6["error"]


def test_stun_and_dns_from_a_public_address(world, tmp_path):
    here, there = world.space("here"), world.space("there")
    world.join(here, "e0", there, "p0")
    here.ip("addr add 9.9.9.7/24 dev e0")
    there.ip("addr add 9.9.9.1/24 dev p0")
    here.ip("addr add 2a00:1450::7/64 dev e0 nodad")
    there.ip("addr add 2a00:1450::1/64 dev p0 nodad")
    (tmp_path / "turn.conf").write_text("listening-port=3478\nstun-only\nno-tls\nno-dtls\nno-cli\nno-rfc5780\nlog-file=stdout\n"
                                        f"listening-ip=9.9.9.1\nlistening-ip=2a00:1450::1\npidfile={tmp_path}/p\nuserdb={tmp_path}/u\n")
    (tmp_path / "whoami.test.zone").write_text("whoami.test. 60 SOA ns. root. 1 2 3 4 5\nwhoami.test. 60 NS ns.\n")
    (tmp_path / "knot.conf").write_text(f"""server:
  rundir: "{tmp_path}"
  listen: [ 9.9.9.1@53, 2a00:1450::1@53 ]
database:
  storage: "{tmp_path}"
zone:
  - domain: whoami.test
    file: "{tmp_path}/whoami.test.zone"
    module: mod-whoami
""")
    with started(there.enter(program("turnserver"), "-c", tmp_path / "turn.conf"), cwd=tmp_path), \
            started(there.enter(program("knotd"), "-c", tmp_path / "knot.conf"), cwd=tmp_path):
        until(lambda: ":3478" in (found := there.run("ss", "-lun").stdout) and ":53 " in found, what="the servers")
        services = [told_by("stun:9.9.9.1", "a"), told_by("stun:[2a00:1450::1]:3478", "a"),
                    told_by("dns://9.9.9.1/whoami.test", "b"), told_by("dns://[2a00:1450::1]/whoami.test", "b")]
        got = once({"usev4": "stun", "usev6": "stun", "quorum": "1"}, {"usev4": "dns", "usev6": "dns", "quorum": "1"},
                   space=here, services=services)
        for entry in (0, 1):
            assert got[entry, "IPv4"]["set"] == "9.9.9.7", got
            assert got[entry, "IPv6"]["set"] == "2a00:1450::7", got


# --- FRITZ!Box ---


def fritzbox(v4, v6):
    def script(r):
        action = (r.header("SOAPAction") or "").strip('"').rpartition("#")[2]
        told = {"GetExternalIPAddress": f"<NewExternalIPAddress>{v4}</NewExternalIPAddress>",
                "X_AVM_DE_GetExternalIPv6Address": f"<NewExternalIPv6Address>{v6}</NewExternalIPv6Address>"}.get(action)
        if r.method != "POST" or r.target != "/igdupnp/control/WANIPConn1" or told is None or f"<u:{action} " not in r.body.decode():
            return web.reply("", 500)
        return web.reply(f'<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                         f'<u:{action}Response>{told}</u:{action}Response></s:Body></s:Envelope>')
    return script


@pytest.mark.parametrize("v4,v6,state", [("9.9.9.3", "2a02:908::3", "known"), ("0.0.0.0", "::", "unknown")])
def test_asks_a_fritzbox(v4, v6, state):
    with web.scripted(fritzbox(v4, v6)) as box:
        got = once({"usev4": "tr064", "usev6": "tr064", "fw": f"127.0.0.1:{box.port}"})
        for family, address in (("IPv4", v4), ("IPv6", v6)):
            assert got[0, family]["state"] == state
            assert got[0, family]["set"] == (address if state == "known" else "none")
