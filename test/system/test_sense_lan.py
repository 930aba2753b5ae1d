# SPDX-License-Identifier: ISC
"""One homing keeps the AAAA of every machine on the LAN: a new prefix is advertised, and the names of five machines follow it."""
from lib.run import program as server_program
from lib.run import started as running
from processes import eventually
from test_whole_way import KEY, dig, place  # noqa: F401

HOSTS = {"nas": "::1:2:3:4", "printer": "52:54:00:12:34:56", "phone": "::5", "tv": "00-11-22-33-44-55", "desk": "::a:b"}
CONF = f"""listen=no
daemon=60, settle=200ms
provider=nsupdate, server=9.9.9.1, zone=home.test, ttl=60, key-name=home-key, key-algorithm=hmac-sha512, password='{KEY}'
min-interval=0
define=prefix:lan, from=lan0, length=64
usev6=prefix, prefix=lan
""" + "".join(f"suffix={suffix} {name}.home.test\n" for name, suffix in HOSTS.items())


def wanted(prefix):
    return {"nas": f"{prefix}:1:2:3:4", "printer": f"{prefix}:5054:ff:fe12:3456", "phone": f"{prefix}::5",
            "tv": f"{prefix}:211:22ff:fe33:4455", "desk": f"{prefix}::a:b"}


def test_a_lan_is_renumbered(place, world, homing, tmp_path):  # noqa: F811
    home, gateway = place, world.space("gateway")
    world.join(home, "lan0", gateway, "g0")
    gateway.sysctl("net.ipv6.conf.all.forwarding", 1)
    home.sysctl("net.ipv6.conf.lan0.accept_ra", 2)
    home.sysctl("net.ipv6.conf.lan0.dad_transmits", 0)
    conf = tmp_path / "ra.conf"

    def advertise(*prefixes):
        conf.write_text("interface g0 { AdvSendAdvert on; AdvDefaultLifetime 0; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;\n" + "".join(
            f" prefix {p}::/64 {{ AdvValidLifetime 7200; AdvPreferredLifetime {life}; }};\n" for p, life in prefixes) + "};\n")

    advertise(("2a02:908:1:1", 3600))
    with running(gateway.enter(server_program("radvd"), "-n", "-C", conf, "-p", tmp_path / "ra.pid", "-m", "stderr")) as radvd:
        eventually(lambda: "2a02:908:1:1:" in home.ip("-6 addr show dev lan0").stdout, 20, "the first prefix")
        service = homing(CONF, prefix=home.enter()).start()
        for name, address in wanted("2a02:908:1:1").items():
            eventually(lambda: dig(home, "9.9.9.1", f"{name}.home.test", "AAAA") == [address], 15, f"{name} AAAA {address}")
        serial = soa(home)
        advertise(("2a02:908:1:1", 0), ("2a02:908:2:2", 3600))
        radvd.send_signal(1)
        for name, address in wanted("2a02:908:2:2").items():
            eventually(lambda: dig(home, "9.9.9.1", f"{name}.home.test", "AAAA") == [address], 25, f"{name} AAAA {address}")
        assert soa(home) == serial + 1, "one message: BIND counts the serial up once for each"
        assert dig(home, "9.9.9.1", "foreign.home.test", "A") == ["192.0.2.77"]
        assert service.process.stop() == 0


def soa(space):
    return int(space.isp.run("dig", "+short", "@9.9.9.1", "home.test", "SOA").stdout.split()[2])
