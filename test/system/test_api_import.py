# SPDX-License-Identifier: ISC
"""Moving in through the API: every format, what is refused and why, and that no answer and no log repeats a secret."""
import pathlib
import re

import pytest

IMPORTS = pathlib.Path(__file__).resolve().parents[1] / "unit" / "import"
FORMATS = ["ddclient", "ddns-go", "ddns-updater", "inadyn", "nethserver", "openwrt"]
CONF = "listen=no\noutside=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled\ndaemon=7m\n"


@pytest.fixture(scope="module")
def service(program, tmp_path_factory):
    import processes
    from service import Homing
    with processes.Group() as group:
        yield Homing(program, tmp_path_factory.mktemp("import"), CONF, group).start()


@pytest.mark.parametrize("name", FORMATS)
def test_each_format(service, name):
    text = (IMPORTS / f"{name}.in").read_text()
    status, doc = service.api("POST", "/import", {"text": text})
    assert status == 200 and doc["format"] == name and not doc["written"]
    assert service.conf.read_text() == CONF, "a look writes nothing"
    status, done = service.api("POST", "/import", {"text": text, "apply": True, "paused": True})
    assert status == 200 and done["written"] and done["in_use"]
    names = {h["hostname"] for h in service.get("/hostnames")["items"]}
    assert doc["count"] > 0 and names == {h["hostname"] for h in doc["hostnames"] if h["fate"] == "taken"}
    written = service.conf.read_text()
    assert written.count("enabled=no") == doc["count"] and written.count("inherit=no") == doc["count"]
    assert "daemon=7m" in written, "what stands for all is not overwritten"
    assert not re.search(r"postscript|cmd", written)
    status, again = service.api("POST", "/import", {"text": text})
    assert again["count"] == 0 and {h["fate"] for h in again["hostnames"]} <= {"there", "left"}
    status, _ = service.api("POST", "/undo", {})
    assert status == 200 and service.conf.read_text() == CONF, "one step"


SECRET = "Zq7-canary-geheim"
HOSTILE = f"""
postscript=/bin/evil, password={SECRET}1
pasword={SECRET}2
login=a, password={SECRET}3, protocol=dyndns2, server=a.example.net a.example.org {SECRET}4
protocol=nsupdate, server=127.0.0.1, zone=example.org, password=/etc/shadow key.example.org
protocol=dyndns2, server=b.example.net, login=a, password_file=/etc/shadow file.example.org
protocol=dyndns2, server=b.example.net, login={SECRET}5, password={SECRET}5 same.example.org
use=cmd, cmd='echo {SECRET}6', protocol=dyndns2, server=b.example.net, login=a, password=x cmd.example.org
protocol=nonsense{SECRET}7 , password={SECRET}8 odd.example.org
password={SECRET}9
"""


def test_what_a_page_must_not_do(service):
    status, doc = service.api("POST", "/import", {"text": HOSTILE, "apply": True, "paused": True, "format": "ddclient"})
    fates = {h["hostname"]: h["fate"] for h in doc["hostnames"]}
    assert status == 200 and fates["key.example.org"] == "left" and fates["cmd.example.org"] == "left"
    written = service.conf.read_text()
    for forbidden in ("evil", "/etc/shadow", "cmd=", "echo", "_file"):
        assert forbidden not in written
    for number in (1, 3, 5, 6, 8, 9):  # those that are known for secrets, or command texts
        assert f"{SECRET}{number}" not in str(doc)
        assert f"{SECRET}{number}" not in service.text() or number == 5  # which is a login, too
    assert service.api("POST", "/undo", {})[0] == 200


@pytest.mark.parametrize("body,status", [({}, 422), ({"text": 7}, 422), ({"text": "no configuration"}, 422), ({"text": "a=b", "format": "none"}, 422),
                                         ({"text": "["}, 422), ({"text": "\u0000"}, 400)])
def test_what_is_no_configuration(service, body, status):
    assert service.api("POST", "/import", body)[0] == status
    assert service.conf.read_text() == CONF
