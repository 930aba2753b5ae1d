# SPDX-License-Identifier: ISC
"""PowerDNS Authoritative, the real one: by its HTTP API (provider=powerdns) and by RFC 2136."""
import pytest

import pdns
from processes import Group

if pdns.root()[0] is None:
    pytest.skip("PowerDNS with its SQLite backend cannot be had here", allow_module_level=True)

FOUR, SIX, OTHER = "192.0.2.10", "2001:db8::10", "198.51.100.1"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Group() as group:
        yield pdns.Pdns(group, tmp_path_factory.mktemp("pdns") / "server")


@pytest.fixture
def publish(homing, server):
    """One pass for a statement: publish(hosts, four=, six=, **settings) gives the result and what why says."""
    folder = []

    def run(hosts, four=FOUR, six=None, key=None, **settings):
        words = {"provider": "powerdns", "server": f"http://127.0.0.1:{server.http}", "password": key or server.api_key, **settings}
        text = ("listen=no\nverify=no\n" + (f"usev4=ipv4, ipv4={four}\n" if four else "usev4=disabled\n") +
                (f"usev6=ipv6, ipv6={six}\n" if six else "usev6=disabled\n") +
                ", ".join(f"{k}='{v}'" for k, v in words.items()) + f" {hosts}\n")
        service = folder[0] if folder else homing()
        folder[:] = [service]
        service.write(text)
        done = service.call("once", "--force", "--limit", "30")
        told = "".join(service.call("why", host).stdout for host in hosts.split(","))
        assert server.api_key not in done.stdout + done.stderr + told
        return done, told

    return run


def test_life(server, publish):
    done, told = publish("a.home.test,b.home.test", six=SIX)
    assert done.returncode == 0, told
    for host in ("a.home.test", "b.home.test"):
        assert server.ask(host) == [FOUR] and server.ask(host, "AAAA") == [SIX]
    serial = server.serial()
    done, told = publish("a.home.test,b.home.test", six=SIX)
    assert done.returncode == 0 and server.serial() == serial, "what stands there already is not written"
    done, told = publish("a.home.test,b.home.test", four="192.0.2.11", six=SIX)
    assert done.returncode == 0, told
    assert server.ask("a.home.test") == ["192.0.2.11"] and server.ask("a.home.test", "AAAA") == [SIX]


def test_wildcard_apex_and_ttl(server, publish):
    done, told = publish("*.w.home.test,home.test", ttl=777)
    assert done.returncode == 0, told
    assert server.ask("any.w.home.test") == server.ask("home.test") == [FOUR]
    assert server.rrset("home.test", "A")["ttl"] == 777


def test_foreign_values(server, publish):
    server.put("two.home.test", "A", OTHER, "198.51.100.2")
    done, told = publish("two.home.test")
    assert done.returncode != 0 and OTHER in told, told
    assert server.ask("two.home.test") == [OTHER, "198.51.100.2"]
    done, told = publish("two.home.test", policy="keep")
    assert done.returncode == 0 and server.ask("two.home.test") == [FOUR, OTHER, "198.51.100.2"], told
    done, told = publish("two.home.test", four="192.0.2.14", policy="keep")
    assert done.returncode == 0 and server.ask("two.home.test") == ["192.0.2.14", OTHER, "198.51.100.2"], told
    done, told = publish("two.home.test", policy="replace")
    assert done.returncode == 0 and server.ask("two.home.test") == [FOUR]


def test_an_alias_is_a_conflict(server, publish):
    server.put("alias.home.test", "CNAME", "elsewhere.example.")
    done, told = publish("alias.home.test")
    assert done.returncode != 0 and "A CNAME or another record" in told
    assert server.rrset("alias.home.test", "CNAME")


@pytest.mark.parametrize("hosts,settings,words", [
    ("c.home.test", {"key": "wrong"}, "refuse"),
    ("c.elsewhere.test", {}, "zone"),
])
def test_refusals(server, publish, hosts, settings, words):
    done, told = publish(hosts, **settings)
    assert done.returncode != 0 and words in told
    assert not server.ask("c.home.test")


def test_updates_by_rfc_2136(server, publish):
    two = {"provider": "nsupdate", "server": f"127.0.0.1:{server.port}", "zone": server.zone, "key-name": server.key,
           "key": server.secret}
    done, told = publish("u.home.test,v.home.test", six=SIX, **two)
    assert done.returncode == 0, told
    assert server.ask("u.home.test") == [FOUR] and server.ask("v.home.test", "AAAA") == [SIX]
    done, told = publish("u.home.test,v.home.test", four="192.0.2.12", six=SIX, **two)
    assert done.returncode == 0 and server.ask("u.home.test") == ["192.0.2.12"], told
    done, told = publish("u.home.test", four="192.0.2.13", **{**two, "key": "b3RoZXIgc2VjcmV0IG9mIG5vIHVzZQ=="})
    assert done.returncode != 0 and server.ask("u.home.test") == ["192.0.2.12"], told
