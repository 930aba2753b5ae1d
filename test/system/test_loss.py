# SPDX-License-Identifier: ISC
"""What becomes of a record when its hostname goes: disabled, removed, or the service stops. The provider is a fake Cloudflare."""
import signal

import pytest

from fakes import cloudflare
from named import Named
from processes import Group, eventually

ADDRESS, PARKED = "203.0.113.7", "192.0.2.80"
CONF = """listen=no
usev4=ipv4, ipv4={address}, usev6=disabled, allow-private=yes, verify=no, min-interval=0
provider=cloudflare, password={token}
kept.example.com
on-loss=delete deleted.example.com
on-loss={parked} parked.example.com
on-loss=delete, on-stop=loss stopped.example.com
"""
NAMES = ["kept", "deleted", "parked", "stopped"]


def published(homing, conf):
    """A service with all hostnames published; its .fake is the provider."""
    fake = cloudflare.Cloudflare()
    service = homing(conf)
    service.fake = fake
    fake.replace_in(service.folder)
    service.start()
    stands(service, *([ADDRESS] for _ in NAMES))
    return service


@pytest.fixture
def place(homing):
    service = published(homing, CONF.format(address=ADDRESS, parked=PARKED, token=cloudflare.TOKEN))
    yield service
    if not service.process.ended():
        service.kill()
    service.fake.close()


def there(service):
    return [service.fake.contents(f"{name}.example.com", "A") for name in NAMES]


def stands(service, *wanted):
    eventually(lambda: there(service) == list(wanted), 15, f"{NAMES} standing as {wanted}, not {there(service)}")


def host(service, name):
    return next((h for h in service.get("/hostnames")["items"] if h["hostname"] == f"{name}.example.com"), None)


def test_disabled_and_enabled_again(place):
    for name in NAMES[:3]:
        assert place.call("disable", f"{name}.example.com").returncode == 0
    stands(place, [ADDRESS], [], [PARKED], [ADDRESS])
    for name in NAMES[:3]:
        eventually(lambda: host(place, name)["state"] == "paused", 10, f"{name} being paused")
        assert host(place, name)["enabled"] == "no"
    place.wait_for("deleted.example.com: It is disabled, and what on-loss= says was done", 5)
    # Once: nothing more is sent about them.
    before = len(place.fake.writes())
    uses = place.text().count("The configuration is in use")
    place.write(place.conf.read_text() + "# read again\n")
    place.wait_for("The configuration is in use", 10, count=uses + 1)
    assert len(place.fake.writes()) == before
    for name in NAMES[:3]:
        assert place.call("enable", f"{name}.example.com").returncode == 0
    stands(place, *([ADDRESS] for _ in NAMES))


def test_the_service_stops(place):
    """Only who asked for it loses the record, and gets it back at the next start."""
    assert place.stop() == 0
    stands(place, [ADDRESS], [ADDRESS], [ADDRESS], [])
    place.start()
    stands(place, *([ADDRESS] for _ in NAMES))


def test_a_provider_that_is_gone_does_not_hold_up_the_stop(place):
    place.fake.close()
    assert place.stop() == 0
    assert "stopped.example.com: The service stops before on-loss= was done" in place.text()


def test_removed_with_its_record(place):
    done = place.call("remove", "kept.example.com", "--record")
    assert done.returncode == 0 and "its record at the provider" in done.stdout
    stands(place, [], [ADDRESS], [ADDRESS], [ADDRESS])
    assert host(place, "kept") is None and "kept" not in place.conf.read_text()
    # Without the word the record stays.
    assert place.call("remove", "deleted.example.com").returncode == 0
    eventually(lambda: host(place, "deleted") is None, 10, "the hostname being gone")
    stands(place, [], [ADDRESS], [ADDRESS], [ADDRESS])


def test_a_renamed_hostname_keeps_its_history(place):
    """The name changes in the file; the record of the former name stays at the provider, and the history goes on."""
    def history(name):
        id = host(place, name)["id"].replace("/", "%2F").replace("@", "%40")
        return [(e["id"].split("@")[0], e["kind"], e["class"]) for e in place.get(f"/hostnames/{id}/why")["history"]]

    for former, name in (("kept", "renamed"), ("renamed", "again")):
        place.write(place.conf.read_text().replace(f"{former}.example.com", f"{name}.example.com"))
        place.wait_for(f"{name}.example.com: It was called {former}.example.com before", 10)
        place.wait_for(f"{name}.example.com: IPv4 is 203.0.113.7", 10)
    told = history("again")
    assert ("again.example.com", "outcome", "good") in told and ("renamed.example.com", "outcome", "good") in told
    assert told.count(("kept.example.com", "outcome", "good")) == 1
    names = [name for name, _, _ in told]
    assert names == sorted(names, key=["again.example.com", "renamed.example.com", "kept.example.com"].index), "newest first"
    assert not any(name == "again.example.com" for name, _, _ in history("deleted"))
    stands(place, [ADDRESS], [ADDRESS], [ADDRESS], [ADDRESS])


def asked_until(service, said):
    """Asks all sources until that is what they say; a source that is being asked is not asked again."""
    for seconds in (2, 2, 4, 8, 16):
        service.process.signal(signal.SIGUSR1)
        try:
            return eventually(lambda: said in str(service.get("/addresses")), seconds)
        except AssertionError:
            pass
    raise AssertionError(f"{said!r} did not stand in {service.get('/addresses')}")


def test_detection_that_fails_wipes_nothing(homing, tmp_path):
    """What is not known stays, also where on-loss= says what is to become of an address that is known to be gone."""
    file = tmp_path / "address"
    file.write_text(ADDRESS)
    conf = CONF.format(address=ADDRESS, parked=PARKED, token=cloudflare.TOKEN).replace(f"usev4=ipv4, ipv4={ADDRESS}", f"usev4=cmdv4, cmdv4='cat {file}'")
    service = published(homing, conf)
    before = len(service.fake.writes())
    for said, text in (("ended with status 1", None), ("printed no address", ""), ("printed no address", "<html>sign in</html>"),
                       ("printed 0.0.0.0", "0.0.0.0"), ("printed no address", "203.0.113")):
        if text is None:
            file.unlink()
        else:
            file.write_text(text)
        asked_until(service, said)
        eventually(lambda: {host(service, name)["state"] for name in NAMES} == {"unknown"}, 20, "that nothing is known")
    assert there(service) == [[ADDRESS]] * 4 and len(service.fake.writes()) == before
    service.stop()
    assert there(service)[:3] == [[ADDRESS]] * 3
    service.fake.close()


def history(service, name):
    """Whose outcomes the history of a hostname holds, newest first, each once."""
    id = host(service, name)["id"].replace("/", "%2F").replace("@", "%40")
    return list(dict.fromkeys(e["id"].split("@")[0] for e in service.get(f"/hostnames/{id}/why")["history"] if e["kind"] == "outcome"))


def test_renamed_by_command(place):
    """In its place in the file, and back again by undo; what can not be done changes nothing."""
    before = place.conf.read_text()
    refused = [("kept.example.com", "deleted.example.com"), ("nobody.example.com", "a.example.com"), ("kept.example.com", "a b")]
    for words in refused:
        done = place.call("rename", *words)
        assert done.returncode in (1, 2) and done.stderr.startswith("homing rename: "), done
    assert place.conf.read_text() == before
    done = place.call("rename", "kept.example.com", "new.example.com")
    assert done.returncode == 0 and "The record of kept.example.com stays at the provider" in done.stdout, done
    assert place.conf.read_text() == before.replace("kept.example.com", "new.example.com")
    place.wait_for("new.example.com: IPv4 is 203.0.113.7", 10)
    eventually(lambda: history(place, "new") == ["new.example.com", "kept.example.com"], 10, "the history of both names")
    stands(place, *([ADDRESS] for _ in NAMES))
    assert place.call("undo").returncode == 0 and place.conf.read_text() == before


def test_renamed_while_no_service_runs(place):
    assert place.stop() == 0
    done = place.call("rename", "kept.example.com", "new.example.com", "--json")
    assert done.returncode == 0 and '"entry": "new.example.com@cloudflare' in done.stdout, done
    place.start()
    place.wait_for("new.example.com: IPv4 is 203.0.113.7", 10)
    eventually(lambda: history(place, "new") == ["new.example.com", "kept.example.com"], 10, "the history of both names")


def test_renamed_with_its_record(place):
    """The former record goes first; not for a name that is refused afterwards, and nothing happens where it can not go."""
    done = place.call("rename", "kept.example.com", "deleted.example.com", "--record")
    assert done.returncode != 0 and "already" in done.stderr, done
    stands(place, *([ADDRESS] for _ in NAMES))
    assert place.call("rename", "kept.example.com", "new.example.com", "--record").returncode == 0
    stands(place, [], [ADDRESS], [ADDRESS], [ADDRESS])
    place.wait_for("new.example.com: IPv4 is 203.0.113.7", 10)
    eventually(lambda: place.fake.contents("new.example.com", "A") == [ADDRESS], 10, "the new name's record")
    eventually(lambda: history(place, "new") == ["new.example.com", "kept.example.com"], 10, "the history of both names")
    before = place.conf.read_text()
    place.fake.close()
    done = place.call("rename", "new.example.com", "newer.example.com", "--record")
    assert done.returncode == 1 and "was not removed at the provider" in done.stderr, done
    assert place.conf.read_text() == before


@pytest.fixture
def group():
    with Group() as g:
        yield g


def test_records_of_a_real_server_go(homing, tmp_path, group):
    """BIND, by RFC 2136: removed, disabled and renamed; what others put there stays."""
    named = Named(group, tmp_path / "named", zone="home.test", records="removed TXT mine\nremoved AAAA 2001:db8::1\ndisabled TXT mine\n")
    service = homing("listen=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled, allow-private=yes, verify=no, min-interval=0\n"
                     f"{named.settings()} removed.home.test\n"
                     f"provider=nsupdate, server=127.0.0.1:{named.port}, zone=home.test, key-name={named.key}, key-algorithm={named.algorithm}, "
                     f"password='{named.secret}', on-loss=delete disabled.home.test,renamed.home.test\n").start()
    for name in ("removed", "disabled", "renamed"):
        eventually(lambda: named.ask(f"{name}.home.test") == [ADDRESS], 15, f"{name} in the zone")
    assert service.call("remove", "removed.home.test", "--record").returncode == 0
    assert named.ask("removed.home.test") == [] and named.ask("removed.home.test", "AAAA") == ["2001:db8::1"]
    assert named.ask("removed.home.test", "TXT") == ['"mine"']
    assert service.call("disable", "disabled.home.test").returncode == 0
    eventually(lambda: named.ask("disabled.home.test") == [], 15, "the disabled one being gone")
    assert named.ask("disabled.home.test", "TXT") == ['"mine"']
    assert service.call("rename", "renamed.home.test", "new.home.test", "--record").returncode == 0
    eventually(lambda: named.ask("new.home.test") == [ADDRESS], 15, "the new name")
    assert named.ask("renamed.home.test") == []
    assert service.stop() == 0
