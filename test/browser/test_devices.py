# SPDX-License-Identifier: ISC
"""Devices on the page: one is made, tells its address, is seen, gets another password and goes."""
import base64
import http.client

from browser import Keys
from page_of import Page
from processes import eventually, free_ports


def push(port, name, password, query):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    header = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    connection.request("GET", f"/nic/update?{query}", headers={"Authorization": header})
    answer = connection.getresponse().read().decode().strip()
    connection.close()
    return answer


def shown(browser):
    """What the dialog tells, field by field."""
    browser.see("dialog dl dd")
    return dict(zip((e.text for e in browser.all("dialog dt")), (e.text for e in browser.all("dialog dd"))))


def test_a_device_from_beginning_to_end(browser, homing):
    port = free_ports(1)[0]
    page = Page(homing, f"listen-push=127.0.0.1:{port}\n")
    browser.claim(page)
    browser.press("Devices", "nav")
    browser.read(f"to port {port}")
    browser.read("No device yet")
    browser.fill("#dev-name", "no good")
    browser.press("Add the device")
    browser.read("letters, digits", ".err")
    browser.fill("#dev-name", "fritz")
    browser.fill("#dev-hosts", "home.example.org").send_keys(Keys.ENTER)
    facts = shown(browser)
    browser.shot("device-made")
    assert facts["User name"] == "fritz" and facts["Domain name"] == "home.example.org"
    assert facts["Update URL"].endswith(f":{port}/nic/update?hostname=<domain>&myip=<ipaddr>&myipv6=<ip6addr>&ip6lanprefix=<ip6lanprefix>")
    assert push(port, "fritz", facts["Password"], "hostname=home.example.org&myip=81.2.3.4") == "good 81.2.3.4"
    assert push(port, "fritz", facts["Password"], "hostname=home.example.org&myip=10.0.0.1") == "911"
    browser.press("I have it")
    browser.press("Log", "nav")
    browser.press("Devices", "nav")
    browser.read("81.2.3.4", "table")
    browser.read("10.0.0.1", "table")
    assert facts["Password"] not in browser.driver.page_source
    for width, name in ((320, "phone"), (1440, "desk")):
        browser.size(width, 800)
        browser.settle()
        browser.shot(f"devices-{name}")
        assert browser.overflow() <= 0
    browser.press("New password", "table")
    browser.press("New password", "dialog .d-foot")
    eventually(lambda: len(browser.all("dialog[open]")) == 1 and browser.find("dialog dd"), 5, "the new password alone")
    renewed = shown(browser)["Password"]
    assert renewed != facts["Password"]
    assert push(port, "fritz", facts["Password"], "hostname=home.example.org") == "badauth"
    assert push(port, "fritz", renewed, "hostname=home.example.org&myip=81.2.3.4") == "nochg 81.2.3.4"
    browser.press("I have it")
    browser.press("Remove", "table")
    browser.press("Remove", "dialog .d-foot")
    browser.read("No device yet")
    assert push(port, "fritz", renewed, "hostname=home.example.org&myip=81.2.3.4") == "badauth"


def test_without_a_socket(browser, homing):
    browser.claim(Page(homing))
    browser.go("#/devices")
    browser.read("listen-push= in homing.conf is off")
