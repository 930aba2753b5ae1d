# SPDX-License-Identifier: ISC
"""What homing says is true: the provider is read where the DNS can not tell, and what the DNS shows is said in words."""
import json

import pytest

from auth import Auth
from fakes import cloudflare
from lib.web import echo_in
from named import Named
from processes import Group, eventually

ADDRESS, OTHER = "203.0.113.7", "203.0.113.99"
CONF = """listen=no
usev4=ipv4, ipv4={address}, usev6=disabled, allow-private=yes
provider=cloudflare, password={token}
{lines}
"""


@pytest.fixture
def place(homing, tmp_path):
    """place(lines) starts a service whose Cloudflare is a fake; the fake is place.fake."""
    fake = cloudflare.Cloudflare()

    def make(lines):
        service = homing(CONF.format(address=ADDRESS, token=cloudflare.TOKEN, lines=lines))
        fake.replace_in(service.folder)
        return service.start()

    make.fake = fake
    yield make
    fake.close()


def record(service, name):
    return next(h for h in service.get("/hostnames")["items"] if h["hostname"] == name)["records"][0]


def verified(service, name, state):
    return eventually(lambda: (r := record(service, name))["verified"] and r["verified"]["state"] == state and r, 15,
                      f"{name} being seen as \"{state}\"")


def explanation(service, name):
    return {m["code"]: m["text"] for m in service.get(f"/hostnames/{record_id(service, name)}/why")["explanation"]}


def record_id(service, name):
    return next(h["id"] for h in service.get("/hostnames")["items"] if h["hostname"] == name).replace("/", "%2F").replace("@", "%40")


def test_a_proxied_record_is_read_at_the_provider(place):
    place.fake.add("watched.example.com", "A", OTHER, proxied=True)
    service = place("proxied=yes proxied.example.com\nverify=api asked.example.com\nproxied=yes, verify=no never.example.com\n"
                    "proxied=yes, enabled=watch watched.example.com")
    for name in ("proxied", "asked", "never"):
        service.wait_for(f"{name}.example.com.*{ADDRESS}", 15)
    place.fake.calls.clear()
    # Somebody changes one of them at the provider before the look, 5 s after the update.
    changed = next(r for r in place.fake.records.values() if r["name"] == "asked.example.com")
    changed["content"] = OTHER
    right = verified(service, "proxied.example.com", "agrees")
    assert right["verified"]["by"] == "provider" and right["reason"]["code"] == "api_agrees"
    wrong = verified(service, "asked.example.com", "differs")
    assert wrong["reason"]["code"] == "api_differs" and wrong["state"] == "changing"
    assert verified(service, "watched.example.com", "differs")["published"] is None
    assert record(service, "never.example.com")["verified"] is None
    assert "Cloudflare showed something else" in explanation(service, "asked.example.com")["why_api_differs"]
    assert "verify=no" in explanation(service, "never.example.com")["why_dns_unasked"]
    # A look reads and never writes: the difference counts only after the provider's lag, seen twice.
    assert place.fake.calls and not place.fake.writes()
    assert not any("never" in json.dumps(c.query) for c in place.fake.calls)
    assert changed["content"] == OTHER and place.fake.contents("watched.example.com", "A") == [OTHER]
    assert service.stop() == 0


def test_a_long_ttl_is_said(place):
    with Auth(lambda name, kind: [ADDRESS] if kind == "A" else []) as auth:
        auth.ttl = 86400
        service = place(f"verify-server={auth.where} slow.example.com")
        verified(service, "slow.example.com", "agrees")
        service.wait_for("slow.example.com: When the IPv4 address changes, visitors may keep the former one for up to 24 h", 10)
        assert "86400 seconds" in explanation(service, "slow.example.com")["why_dns_ttl"]
        assert service.stop() == 0


def test_a_zone_that_others_serve_is_named(world, homing, tmp_path):
    """The provider takes it, but the domain's name servers are others: the commonest fault of a beginner."""
    isp, home = world.space("isp"), world.space("home")
    world.join(isp, "w0", home, "eth0")
    for n in (1, 2, 7):
        isp.ip(f"addr add 9.9.9.{n}/24 dev w0")
    home.ip("addr add 9.9.9.10/24 dev eth0")
    home.ip("route add default via 9.9.9.1")
    home.etc("resolv.conf", "nameserver 9.9.9.1\noptions timeout:1 attempts:1\n")
    with Group() as group, echo_in(isp, "9.9.9.7", 80, "good"):
        Named(group, tmp_path / "top", zone="test", addresses=("9.9.9.1",), port=53, prefix=isp.enter(),
              records="home NS dns.other\ndns.other A 9.9.9.2\n")
        Named(group, tmp_path / "other", zone="home.test", addresses=("9.9.9.2",), port=53, prefix=isp.enter())
        service = homing("listen=no\nprotocol=dyndns2, ssl=no, server=9.9.9.7, login=arthur, password=right, usev4=ifv4, ifv4=eth0, "
                         "usev6=disabled www.home.test\n", prefix=home.enter()).start()
        service.wait_for("www.home.test.*9.9.9.10", 20)
        differs = verified(service, "www.home.test", "differs")
        assert differs["verified"]["servers"] == 1 and differs["reason"]["code"] == "dns_differs"
        said = explanation(service, "www.home.test")["why_dns_elsewhere"]
        assert said.startswith("The DNS serves the zone home.test (dns.other.test).") and "registrar" in said
        assert service.stop() == 0
