# SPDX-License-Identifier: ISC
"""Two ways out (define=uplink): whose address is published, and by which of them requests travel."""
import base64
import os
import re

import pytest

from lib import web
from lib.run import program as server_program
from processes import eventually

KEY = base64.b64encode(os.urandom(32)).decode()
ZONE = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 9.9.7.1\n"
NAMED = """
options {{ directory "{t}"; pid-file "{t}/pid"; session-keyfile "{t}/sk"; listen-on {{ 9.9.7.1; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; notify no; }};
controls {{}};
key "home-key" {{ algorithm hmac-sha256; secret "{key}"; }};
zone "home.test" {{ type primary; file "{t}/zone"; update-policy {{ grant home-key zonesub ANY; }}; }};
"""
CONF = f"""listen=no
settle=0, min-interval=0
define=uplink:fiber, interface=e0
define=uplink:lte, interface=e1, metered=yes
provider=nsupdate, server=9.9.7.1, zone=home.test, ttl=60, key-name=home-key, key-algorithm=hmac-sha256, password='{KEY}'
verify-server=9.9.7.1, uplink='fiber,lte', uplink-hold=2s
"""


@pytest.fixture
def two(world, started, tmp_path):
    """home - e0 9.9.9.0/24 and e1 9.9.8.0/24 - isp, which has BIND on 9.9.7.1."""
    isp, home = world.space("isp"), world.space("home")
    for n, net in ((0, "9.9.9"), (1, "9.9.8")):
        world.join(isp, f"p{n}", home, f"e{n}")
        isp.ip(f"addr add {net}.1/24 dev p{n}")
        home.ip(f"addr add {net}.10/24 dev e{n}")
        home.ip(f"route add default via {net}.1 dev e{n} metric {n + 1}")
    isp.ip("addr add 9.9.7.1/32 dev lo")
    folder = tmp_path / "named"
    folder.mkdir()
    (folder / "named.conf").write_text(NAMED.format(t=folder, key=KEY))
    (folder / "zone").write_text(ZONE)
    home.named = started(isp.enter(server_program("named"), "-g", "-n", "1", "-c", folder / "named.conf"), name="named")
    home.named.wait_for("running$", 20)
    home.isp, home.world = isp, world

    def dns(name):
        done = isp.run("dig", "+short", "+time=2", "+tries=1", "@9.9.7.1", name, "A")
        return sorted(done.stdout.split())
    home.dns = dns
    home.down = lambda n: home.ip(f"link set e{n} down")

    def up(n):
        home.ip(f"link set e{n} up")
        home.ip(f"route add default via 9.9.{9 - n}.1 dev e{n} metric {n + 1}")
    home.up = up
    # Who sent an update, by BIND's own log.
    home.senders = lambda: re.findall(r"client \S+ ([0-9.]+)#\d+/key home-key: updating zone", home.named.text())
    return home


def test_the_first_that_works(two, homing):
    service = homing(CONF + "usev4=ifv4 a.home.test\n", prefix=two.enter()).start()
    eventually(lambda: two.dns("a.home.test") == ["9.9.9.10"], 15, "the first uplink's address")
    two.down(0)
    eventually(lambda: two.dns("a.home.test") == ["9.9.8.10"], 20, "the second uplink's address")
    assert two.senders()[-1] == "9.9.8.10", "the update travels by way of the uplink that it is about"
    service.wait_for("the uplink lte is used in place of fiber")
    two.up(0)
    eventually(lambda: two.dns("a.home.test") == ["9.9.9.10"], 20, "the first uplink's address again")
    assert two.senders()[-1] == "9.9.9.10"
    assert service.stop() == 0


@pytest.fixture
def routers(two):
    """The same with a router on each way: the link to it stays up whatever it does behind."""
    two.ways = []
    for n, net in ((0, "9.9.9"), (1, "9.9.8")):
        way = two.world.space(f"way{n}")
        two.ip(f"link del e{n}")
        two.world.join(way, "in", two, f"e{n}")
        two.world.join(two.isp, f"q{n}", way, "out")
        way.ip(f"addr add {net}.1/24 dev in")
        way.ip(f"addr add 9.9.{n}.2/30 dev out")
        two.isp.ip(f"addr add 9.9.{n}.1/30 dev q{n}")
        two.isp.ip(f"route add {net}.0/24 via 9.9.{n}.2")
        way.ip(f"route add default via 9.9.{n}.1")
        way.sysctl("net.ipv4.ip_forward", 1)
        two.ip(f"addr add {net}.10/24 dev e{n}")
        two.up(n)
        two.ways.append(way)
    return two


def test_a_line_that_is_dead_behind_its_router(routers, homing):
    """The interface is up, the gateway there, and nothing comes back: the other uplink, and back again."""
    service = homing(CONF.replace(", metered=yes", "") + "usev4=ifv4 a.home.test\n", prefix=routers.enter()).start()
    eventually(lambda: routers.dns("a.home.test") == ["9.9.9.10"], 15, "the first uplink's address")
    service.wait_for("by way of e0: answers come back", 20)
    routers.ways[0].sysctl("net.ipv4.ip_forward", 0)
    eventually(lambda: routers.dns("a.home.test") == ["9.9.8.10"], 40, "the second uplink's address")
    assert routers.senders()[-1] == "9.9.8.10"
    service.wait_for("by way of e0: no answer comes back by it")
    assert "fiber: no answer comes back by it" in str(service.get("/addresses"))
    routers.ways[0].sysctl("net.ipv4.ip_forward", 1)
    eventually(lambda: routers.dns("a.home.test") == ["9.9.9.10"], 40, "the first uplink's address again")
    assert service.stop() == 0


def test_a_line_that_is_dead_from_the_start(routers, homing):
    """No name server ever answered by it: what met silence is asked by the other line."""
    routers.ways[0].sysctl("net.ipv4.ip_forward", 0)
    service = homing(CONF.replace("uplink-hold=2s", "uplink-hold=2s, timeout=1") + "usev4=ifv4 a.home.test\n", prefix=routers.enter()).start()
    service.wait_for("did not answer in time", 20)
    service.call("update")  # the second try, which would come in a minute
    eventually(lambda: routers.dns("a.home.test") == ["9.9.8.10"], 20, "the second uplink's address")
    assert service.stop() == 0


def test_a_gateway_that_is_gone(routers, homing):
    """The kernel's word is enough, and costs nothing: neither line is asked."""
    conf = CONF.replace("interface=e0", "interface=e0, probe=no").replace("uplink-hold=2s", "uplink-hold=2s, verify=no")
    service = homing(conf + "usev4=ifv4 a.home.test\n", prefix=routers.enter()).start()
    eventually(lambda: routers.dns("a.home.test") == ["9.9.9.10"], 15, "the first uplink's address")
    knock = ("dig", "+time=1", "+tries=1", "@9.9.9.1", ".")  # somebody else's packet: now the kernel looks for it
    routers.ways[0].ip("addr del 9.9.9.1/24 dev in")
    routers.ip("neigh del 9.9.9.1 dev e0", check=False)
    routers.run(*knock, check=False)
    service.wait_for("its gateway does not answer", 15)
    eventually(lambda: routers.dns("a.home.test") == ["9.9.8.10"], 20, "the second uplink's address")
    # Another device in its place: of the same one the kernel would not tell at once that it is back.
    routers.ways[0].ip("link set in address 02:00:00:00:00:09")
    routers.ways[0].ip("addr add 9.9.9.1/24 dev in")
    eventually(lambda: routers.run(*knock, check=False) and routers.dns("a.home.test") == ["9.9.9.10"], 30, "the first uplink's address again")
    assert service.stop() == 0


def test_a_restart_does_not_change_the_uplink(two, homing):
    service = homing(CONF + "usev4=ifv4 a.home.test\n", prefix=two.enter()).start()
    eventually(lambda: two.dns("a.home.test") == ["9.9.9.10"], 15, "the first uplink's address")
    two.down(0)
    eventually(lambda: two.dns("a.home.test") == ["9.9.8.10"], 20, "the second uplink's address")
    assert service.stop() == 0
    two.up(0)
    service.start()
    service.wait_for("the uplink fiber is used in place of lte", 20)
    eventually(lambda: two.dns("a.home.test") == ["9.9.9.10"], 20, "after the hold-down the first uplink's address")
    assert service.stop() == 0


def test_the_addresses_of_all(two, homing):
    service = homing(CONF + "usev4=ifv4, uplink-mode=all a.home.test\n", prefix=two.enter()).start()
    eventually(lambda: two.dns("a.home.test") == ["9.9.8.10", "9.9.9.10"], 15, "both addresses")
    two.down(1)
    eventually(lambda: two.dns("a.home.test") == ["9.9.9.10"], 20, "one of them")
    two.up(1)
    eventually(lambda: two.dns("a.home.test") == ["9.9.8.10", "9.9.9.10"], 20, "both again")
    assert service.stop() == 0


def test_a_standby_is_not_probed(two, homing):
    """The page is asked by way of the metered uplink only once the other has failed."""
    def asked(way):
        out = two.run("nft", "list", "ruleset").stdout
        return int(re.search(rf'oifname "{way}".* packets (\d+)', out).group(1))

    two.run("nft", "-f", "-", input='table inet seen {\n chain out {\n type filter hook output priority 0;\n'
            ' oifname "e0" tcp dport 8080 counter\n oifname "e1" tcp dport 8080 counter\n }\n}\n')
    with web.echo_in(two.isp, "9.9.7.1", 8080):
        service = homing(CONF + "usev4=webv4, webv4='http://9.9.7.1:8080/' a.home.test\n", prefix=two.enter()).start()
        eventually(lambda: two.dns("a.home.test") == ["9.9.9.10"], 15, "what is seen from outside")
        assert asked("e0") > 0 and asked("e1") == 0
        two.down(0)
        eventually(lambda: two.dns("a.home.test") == ["9.9.8.10"], 20, "what is seen by way of the second")
        assert asked("e1") > 0
        assert service.stop() == 0


def test_by_a_routing_mark(two, homing):
    """The kernel's rules say where a mark leads; all of the hostname's questions and requests carry it."""
    two.ip("route add default via 9.9.8.1 dev e1 table 100")
    two.ip("rule add fwmark 7 table 100")
    conf = CONF.replace("define=uplink:lte, interface=e1, metered=yes", "define=uplink:lte, mark=7").replace("'fiber,lte'", "lte")
    with web.echo_in(two.isp, "9.9.7.1", 8080):
        service = homing(conf + "usev4=webv4, webv4='http://9.9.7.1:8080/' a.home.test\n", prefix=two.enter()).start()
        service.wait_for("a.home.test: IPv4 is 9.9.8.10|CAP_NET_ADMIN", 15)
        if "CAP_NET_ADMIN" in service.text():
            pytest.skip("the worker has no right to set routing marks here")
        assert two.dns("a.home.test") == ["9.9.8.10"]
        assert two.senders()[-1] == "9.9.8.10"
        assert service.stop() == 0
