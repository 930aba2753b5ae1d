# SPDX-License-Identifier: ISC
"""Every view in German, with hostnames in many states: no sentence of homing's own is left in English."""
import pathlib
import re

from dyndns import Dyndns
from page_of import Page
from processes import eventually

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"


def english():
    """What the program says, from its tables: the pieces between the values, long enough to be told from other words."""
    text = "".join((SOURCE / name).read_text() for name in ("engine/messages.c", "command/import_why.c", "conf/settings_table.c"))
    text = re.sub(r'"\s*"', "", text)
    pieces = {piece.strip() for literal in re.findall(r'"((?:[^"\\]|\\.)+)"', text) for piece in re.split(r"\{\w+\}|%s", literal)}
    return [p for p in pieces if len(p) >= 12 and p.count(" ") >= 2]


def test_no_english_is_left(browser, homing):
    said = english()
    assert len(said) > 200
    with Dyndns(lambda host, addresses: "badauth" if host.startswith("bad") else "911" if host.startswith("down") else "good") as provider:
        def line(name, login="arthur", more=""):
            return f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login={login}, password=x{more} {name}.example.org\n"
        page = Page(homing, line("good") + line("bad", "b") + line("down", "d") + line("off", more=", enabled=no") + line("watch", more=", enabled=watch")
                    + line("none", more=", usev4=ipv4, ipv4=10.0.0.1, allow-private=no") + "provider=cloudflare, password=x, enabled=no cf.example.net\n")
        browser.claim(page)
        browser.driver.execute_script("localStorage.setItem('homing.language', 'de')")
        browser.driver.refresh()
        browser.see("tr.host")
        eventually(lambda: page.homing.get("/verdict")["counts"]["needs-you"] >= 1 and provider.requests, 15, "some trouble")
        ids = {h["hostname"]: h["id"].replace("/", "%2F") for h in page.homing.get("/hostnames")["items"]}
        views = ["", "addresses", "devices", "settings", "about", "create", "import", "modify/" + ids["good.example.org"], "modify/" + ids["cf.example.net"],
                 "delete/" + ids["good.example.org"], *("h/" + one for one in ids.values())]
        left = []
        for view in views:
            browser.go("#/" + view)
            browser.settle(0.5)
            # What a provider or the system said stands in its own words; so does what only quotes.
            text = re.sub(r"\s+", " ", browser.text("dialog") or browser.text("main"))
            assert text, view
            left += [(view, piece) for piece in said if piece in text]
            if view.startswith("modify/"):  # what "Test" says
                browser.find("dialog .d-foot .btn").click()
                browser.see(".dock h3, .dock .err, .f.bad")
                left += [(view, piece) for piece in said if piece in browser.text(".dock h3")]
                if view == views[7]:
                    browser.read("geändert wurde nichts", ".dock")
        browser.go("#/")
        assert not left, left
