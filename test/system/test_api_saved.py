# SPDX-License-Identifier: ISC
"""When a secret was last entered: told beside it, kept over restarts, and all that is told."""
import time

from processes import eventually

CONF = """listen=no
outside=no
verify=no
usev4=ipv4, ipv4=203.0.113.7, usev6=disabled
protocol=dyndns2, server=http://127.0.0.1:9, login=arthur, password=Zq7-first, enabled=no home.example.org
protocol=dyndns2, server=http://127.0.0.1:9, login=paul, password=Zq7-other, enabled=no www.example.org
"""


def saved(service, name):
    host = next(h for h in service.get("/hostnames")["items"] if h["hostname"] == name)
    return service.get("/hostnames/" + host["id"].replace("/", "%2F"))["settings"]["password"], host["id"].replace("/", "%2F")


def test_the_date_of_a_secret(homing):
    service = homing(CONF).start()
    told, home = saved(service, "home.example.org")
    assert told == {"set": True}, "it was there before homing looked: nobody knows since when"
    before = time.time() * 1000 - 1000
    assert service.api("PATCH", f"/hostnames/{home}", {"settings": {"password": "Zq7-second"}})[0] == 200
    told, _ = saved(service, "home.example.org")
    assert told["set"] and before <= told["at"] <= time.time() * 1000 + 1000 and set(told) == {"set", "at"}
    at = told["at"]
    # Other settings, the same secret again, and other hostnames leave the date alone; so does a restart.
    assert service.api("PATCH", f"/hostnames/{home}", {"settings": {"description": "mine", "password": "Zq7-second"}})[0] == 200
    assert saved(service, "home.example.org")[0]["at"] == at
    assert service.api("POST", "/hostnames", {"hostname": "new.example.org", "settings": {
        "protocol": "dyndns2", "server": "http://127.0.0.1:9", "login": "a", "password": "Zq7-new", "enabled": "no"}})[0] == 200
    assert saved(service, "new.example.org")[0]["at"] >= at
    service.stop()
    service.start()
    assert saved(service, "home.example.org")[0] == {"set": True, "at": at}
    assert saved(service, "new.example.org")[0]["at"] >= at
    assert saved(service, "www.example.org")[0] == {"set": True}
    # What changed while homing did not look has no date that it could tell.
    service.stop()
    service.write(service.conf.read_text().replace("Zq7-second", "Zq7-third"))
    service.start()
    assert saved(service, "home.example.org")[0] == {"set": True}
    # By hand, while it looks: that is when it was saved.
    service.write(service.conf.read_text().replace("Zq7-third", "Zq7-fourth"))
    eventually(lambda: "at" in saved(service, "home.example.org")[0], 10, "the date of a change by hand")
    assert saved(service, "home.example.org")[0]["at"] >= at
    service.stop()
    databases = list(service.state.rglob("*.db*"))
    assert databases
    for file in databases:
        assert b"Zq7-" not in file.read_bytes(), file
    assert "Zq7-" not in service.text()


def test_a_hostname_of_the_account_of_another(homing):
    """What the account object says is not written beside it, so that its secret goes where it went."""
    service = homing("listen=no\noutside=no\ndefine=account:office, provider=nsupdate, server=127.0.0.1:9, zone=example.org, "
                     "key-name=k, password='AAAA'\naccount=office, usev4=ipv4, ipv4=203.0.113.7, enabled=no  home.example.org\n").start()
    status, answer = service.api("POST", "/hostnames", {"hostname": "attic.example.org", "same_as": "home.example.org", "settings": {
        "provider": "nsupdate", "usev4": "ipv4", "ipv4": "203.0.113.7", "enabled": "no"}})
    assert status == 200, answer
    line = service.conf.read_text().splitlines()[-1]
    assert "account=office" in line and "provider" not in line and "password" not in line
    assert service.api("POST", "/hostnames", {"hostname": "cellar.example.org", "same_as": "home.example.org", "settings": {
        "provider": "nsupdate", "server": "127.0.0.1:10"}})[0] == 403
