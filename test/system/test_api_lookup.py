# SPDX-License-Identifier: ISC
"""Who might publish a name: told by the name servers of its zone, which the parent side names."""
import pytest

import named


@pytest.fixture
def place(world, started, tmp_path):
    """A network with a top-level domain on one name server and a domain of it on another, called like Cloudflare's."""
    if named.program("named") is None:
        pytest.skip("there is no named here, and its package can not be had")
    space = world.space("place")
    space.ip("addr add 127.0.0.2/8 dev lo")
    space.etc("resolv.conf", "nameserver 127.0.0.1\n")
    space.etc("hosts", "127.0.0.1 localhost\n")
    group = type("G", (), {"start": staticmethod(started)})
    top = "example NS ada.ns.cloudflare.com.\nother NS ns.other\nns.other A 127.0.0.2\nada.ns.cloudflare A 127.0.0.2\n"
    named.Named(group, tmp_path / "top", zone="com", port=53, prefix=space.enter(), records=top)
    named.Named(group, tmp_path / "zone", zone="example.com", addresses=("127.0.0.2",), port=53, prefix=space.enter(), records="www A 192.0.2.7\n")
    return space


CONF = "listen=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled\n"


def test_the_name_servers_tell_the_provider(homing, place):
    service = homing(CONF, prefix=place.enter()).start()
    doc = service.get("/lookup?name=home.example.com")
    assert doc["provider"] == "cloudflare" and doc["why"] == "zone" and doc["nameserver"] == "ada.ns.cloudflare.com"
    assert service.get("/lookup?name=deep.below.example.com")["provider"] == "cloudflare"
    nobody = service.get("/lookup?name=home.other.com")
    assert nobody["provider"] is None and nobody["why"] is None and nobody["nameserver"] is None
    by_name = service.get("/lookup?name=home.dyndns.org")
    assert by_name["provider"].startswith("dyndns") and by_name["why"] == "name", "no server is asked for what the name tells"


def test_nobody_outside_is_asked_where_that_is_not_wanted(homing, place):
    service = homing(CONF + "outside=no\n", prefix=place.enter()).start()
    doc = service.get("/lookup?name=home.example.com")
    assert doc["provider"] is None and doc["nameserver"] is None
