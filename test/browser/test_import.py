# SPDX-License-Identifier: ISC
"""Moving in: a ddclient.conf from the empty page to hostnames that are updated."""
import pytest
from browser import Keys
from dyndns import Dyndns
from page_of import Page
from processes import eventually


@pytest.fixture
def provider():
    with Dyndns() as p:
        yield p


def test_a_ddclient_conf_is_taken_over(browser, homing, provider, tmp_path):
    page = Page(homing)
    browser.claim(page)
    conf = tmp_path / "ddclient.conf"
    conf.write_text(f"""# my ddclient
daemon=10m
pid=/run/ddclient.pid
postscript=/usr/local/bin/tell
usev4=ipv4, ipv4=203.0.113.9
protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=arthur, password='s3cret word' charleville.example.org,paris.example.org
use=cmd, cmd=/bin/myip, protocol=dyndns2, server=dyn.example.net, login=a, password=anoth3r aden.example.org
""")
    browser.press("Import a ddclient.conf")
    browser.press("Take over", "dialog")
    browser.read("Choose the file", "dialog")
    browser.find("#im-file").send_keys(str(conf))
    browser.read("ddclient.conf: 2 hostnames can be taken over", "dialog")
    browser.read("charleville.example.org at dyndns2 line 6", "dialog")
    browser.read("cmd= names a command", "dialog")
    assert "s3cret" not in browser.driver.page_source and "anoth3r" not in browser.driver.page_source
    assert "charleville" not in page.homing.conf.read_text(), "nothing is written before it is asked for"
    browser.shot("import")
    for width, dark in ((320, False), (1440, True)):
        browser.size(width, 800)
        browser.dark(dark)
        browser.settle()
        browser.shot(f"import-{width}{'-dark' if dark else ''}")
        assert browser.overflow() <= 0
    browser.press("Take over 2 hostnames", "dialog")
    browser.read("2 hostnames are taken over", "#notice")
    browser.read("All 2 hostnames were accepted", "h1", 20)
    text = page.homing.conf.read_text()
    assert "daemon=600" in text and 's3cret word' in text and "inherit=no charleville.example.org" in text
    assert "postscript" not in text and "cmd=" not in text and "aden" not in text
    # All of it was one change: one step back.
    browser.press("Undo", "#notice")
    browser.read("No hostnames yet", "main", 15)


def test_what_is_there_stays_and_nonsense_is_told(browser, homing, provider):
    line = f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=arthur, password=x"
    page = Page(homing, f"{line} home.example.org\n")
    browser.claim(page)
    browser.go("#/settings")
    browser.press("Move in from another program")
    browser.fill("#im-text", "nothing like a configuration")
    browser.read("no file of a program", "dialog")
    browser.fill("#im-text", f"{line} home.example.org\n{line} new.example.org\n")
    browser.read("stands in homing.conf already", "dialog")
    browser.find("dialog .d-foot input[type=checkbox]").click()
    browser.press("Take over 1 hostname", "dialog")
    browser.read("Paused", "table")
    eventually(lambda: browser.find("dialog") is None, 10, "the dialog closed")  # the list knows before the dialog does
    assert page.homing.conf.read_text().count("home.example.org") == 1
    browser.go("#/import")
    browser.see("#im-file")
    browser.keys(Keys.ESCAPE)
    eventually(lambda: browser.find("dialog") is None, 5, "the dialog closed")
