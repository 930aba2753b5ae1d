# SPDX-License-Identifier: ISC
"""The log's lines open the exchange that they are about; About tells the health of the parts."""
from dyndns import Dyndns
from page_of import Page


def test_a_line_opens_its_masked_exchange(browser, homing):
    with Dyndns(lambda host, addresses: "badauth" if host == "bad.example.org" else "good " + ",".join(addresses)) as provider:
        line = f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, password='s3cret word', "
        page = Page(homing, f"{line}login=arthur home.example.org\n{line}login=paul bad.example.org\n")
        browser.claim(page)
        browser.read("needs you", "h1", 15)
        browser.go("#/log")
        browser.press("IPv4 is 203.0.113.9 (good)", ".log")
        browser.read("What it means", "dialog")
        browser.read("GET http://127.0.0.1", "dialog")
        browser.read("HTTP 200: good 203.0.113.9", "dialog")
        browser.read("took it.", "dialog")
        browser.shot("exchange")
        assert "s3cret" not in browser.driver.page_source
        browser.press("Why: home.example.org", "dialog")
        browser.read("Why it is so", "main")
        refused = next(x for x in page.homing.get("/log?level=error")["lines"] if x["about"] == "bad.example.org")
        exchange = page.homing.get(f"/exchanges/{refused['exchange']}")
        assert exchange["answer"] == "HTTP 200: badauth" and exchange["meaning"]["code"] == "auth" and exchange["advice"]
        assert page.homing.api("GET", "/exchanges/99999")[0] == 404


def test_the_parts_tell_their_health(browser, homing):
    page = Page(homing)
    browser.claim(page)
    browser.go("#/about")
    for name in ("Keeper", "Worker", "Memory", "Sources", "DNS", "Page"):
        browser.read(name, "main")
    browser.shot("about-parts")
    assert {p["id"]: p["state"] for p in page.homing.get("/about")["parts"]} == dict.fromkeys(
        ("keeper", "worker", "memory", "sources", "dns", "page"), "right")
