# SPDX-License-Identifier: ISC
"""The whole story: from the one-time link to a hostname that a real BIND serves, and on."""
import pathlib

import pytest
from browser import Keys
from dyndns import Dyndns
from page_of import Page
from processes import eventually

import named


@pytest.fixture
def bind(started, tmp_path):
    if named.program("named") is None:
        pytest.skip("there is no named here, and its package can not be had")
    group = type("G", (), {"start": staticmethod(started)})
    return named.Named(group, tmp_path / "bind", zone="example.org")


def create_at_bind(browser, bind, hostname):
    browser.press("Create a hostname" if browser.find("main .blank") else "Create")
    browser.fill("#f-hostname", hostname)
    browser.fill("#pick", "2136").send_keys(Keys.ENTER)
    browser.see("dialog details summary").click()
    browser.fill("#f-server", f"127.0.0.1:{bind.port}")
    browser.fill("#f-zone", "example.org")
    browser.fill("#f-key-name", bind.key)
    browser.fill("#f-password", bind.secret)


def test_from_the_link_to_a_served_name(browser, homing, bind):
    page = Page(homing)
    browser.open(page)
    browser.read("This page has no owner yet")
    browser.shot("first-visit")
    browser.claim(page)
    browser.read("No hostnames yet")
    browser.shot("empty")
    create_at_bind(browser, bind, "arthur-rimbaud.example.org")
    browser.press("Test", "dialog")
    browser.read("would be sent", ".dock", 20)
    assert bind.secret not in browser.text("dialog")
    assert bind.ask("arthur-rimbaud.example.org") == [], "a test writes nothing"
    browser.shot("create-tested")
    browser.press("Save and update now", "dialog")
    browser.read("Saved in homing.conf", ".dock")
    bind.wait_for("arthur-rimbaud.example.org", "A", ["203.0.113.9"], 20)
    browser.read("Right", ".dock", 20)
    browser.shot("create-saved")
    browser.press("Done", "dialog")
    browser.read("Right", "tr.host")
    browser.read("203.0.113.9", "tr.host")
    browser.shot("one-hostname")
    assert "inherit=no" in page.homing.conf.read_text()

    # Modify: another address, the password kept without being shown.
    browser.menu("arthur-rimbaud.example.org", "Modify")
    browser.see("#f-description")
    assert browser.find("#f-password").get_attribute("value") == ""
    assert "Saved" in browser.find("#f-password").get_attribute("placeholder")
    browser.fill("#f-description", "The poet's site")
    browser.shot("modify")
    browser.press("Save and update now", "dialog")
    browser.read("Saved in homing.conf", ".dock")
    browser.press("Done", "dialog")
    browser.read("The poet's site", "tr.host")
    assert bind.secret in page.homing.conf.read_text(), "the password was kept"

    # A change from outside appears without a reload.
    text = page.homing.conf.read_text()
    page.homing.write(text.replace("203.0.113.9", "203.0.113.10").replace("inherit=no", "inherit=no, min-interval=1s"))
    bind.wait_for("arthur-rimbaud.example.org", "A", ["203.0.113.10"], 20)
    browser.read("203.0.113.10", "tr.host", 20)

    # Pause and resume.
    browser.menu("arthur-rimbaud.example.org", "Pause")
    browser.read("Paused", "tr.host")
    browser.read("is paused", "#notice")
    browser.shot("paused")
    browser.menu("arthur-rimbaud.example.org", "Resume")
    eventually(lambda: "Paused" not in browser.row_text("arthur-rimbaud.example.org"), 10, "going on")

    # Why.
    browser.press("arthur-rimbaud.example.org", "tr.host")
    browser.read("Why it is so")
    browser.read("203.0.113.10")
    browser.shot("why")
    browser.press("Hostnames", ".crumb")

    # Delete, and have it back.
    browser.see("tr.host")
    browser.menu("arthur-rimbaud.example.org", "Delete")
    browser.read("keeps pointing to", "dialog")
    browser.shot("delete")
    browser.press("Delete hostname", "dialog")
    browser.read("No hostnames yet")
    assert "arthur-rimbaud" not in page.homing.conf.read_text()
    assert bind.ask("arthur-rimbaud.example.org") == ["203.0.113.10"], "the record stays"
    browser.press("Undo", "#notice")
    browser.read("arthur-rimbaud.example.org", "main", 15)

    # Delete it there, too.
    browser.see("tr.host")
    browser.menu("arthur-rimbaud.example.org", "Delete")
    browser.see("dialog input[type=checkbox]").click()
    browser.press("Delete hostname", "dialog")
    browser.read("No hostnames yet", seconds=30)
    bind.wait_for("arthur-rimbaud.example.org", "A", [], 20)


def test_a_refused_password_is_told_and_mended(browser, homing):
    with Dyndns(lambda host, addresses: "badauth") as provider:
        page = Page(homing, f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=arthur, password=wrong mail.example.org\n")
        browser.claim(page)
        browser.read("needs you", "h1", 15)
        assert "1 needs you" in browser.driver.title
        browser.read("Needs you", "tr.host")
        browser.shot("needs-you")
        provider.answer = lambda host, addresses: "good " + ",".join(addresses)
        browser.press("Enter the password", ".verdict")
        field = browser.see("#f-password")
        eventually(lambda: browser.driver.switch_to.active_element == field, 5, "the focus in the field that is wrong")
        field.send_keys("right", Keys.CONTROL, Keys.ENTER)
        browser.read("Saved in homing.conf", ".dock")
        browser.read("Right", ".dock", 20)
        browser.press("Done", "dialog")
        browser.read("accepted", "h1")


def test_a_script_is_text(browser, homing):
    script = "<img src=x onerror=alert(1)><script>document.title='stolen'</script>"
    with Dyndns(lambda host, addresses: "nohost " + script) as provider:
        page = Page(homing, f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login='{script}', password=x, description=\"{script}\" "
                            "mail.example.org\n")
        browser.claim(page)
        browser.read(script, "tr.host", 15)
        browser.press("mail.example.org", "tr.host")
        browser.read("Why it is so")
        browser.read("onerror", "main")
        browser.go("#/log")
        browser.read("onerror", ".log", 10)
        assert "stolen" not in browser.driver.title
        assert not browser.all("main img, main script")


def test_screens_for_looking_at(browser, homing):
    """Nothing is judged here but that no page is wider than its window and nothing is said on the console."""
    with Dyndns(lambda host, addresses: {"bad": "badauth", "dow": "911"}.get(host[:3], "good " + ",".join(addresses))) as provider:
        line = f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, password=x, "
        page = Page(homing, line + "login=arthur, description='Web site' charleville.example.org,home.example.org\n"
                    + line + "login=verlaine bad.example.org\n" + line + "login=rimbaud, description='Garden gate' down.example.org\n"
                    + line + "login=books, enabled=no, description='Closed shop' old-shop.example.com\n"
                    + line + "login=books b\u00fccher.example.org,a-rather-long-name-of-a-machine-in-the-cellar.branch-office.example.org\n")
        browser.claim(page)
        browser.read("needs you", "h1", 15)
        for width, height, name in ((320, 800, "phone"), (820, 1100, "tablet"), (1440, 900, "desk"), (3840, 2160, "wall")):
            browser.size(width, height)
            for dark in (False,) if name == "tablet" else (False, True):
                browser.dark(dark)
                for where in ("", "h/bad.example.org%40dyndns2%2Fverlaine", "create", "addresses", "devices", "log", "settings", "about"):
                    browser.go(f"#/{where}")
                    browser.settle(0.35)
                    browser.shot(f"{name}{'-dark' if dark else ''}-{where.split('/')[0] or 'hostnames'}")
                    assert browser.overflow() <= 0, (name, where)
                    if where == "create":
                        browser.keys(Keys.ESCAPE)
        assert pathlib.Path(browser.screenshots, "desk-hostnames.png").stat().st_size > 0
