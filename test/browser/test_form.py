# SPDX-License-Identifier: ISC
"""The form: each error in words beside its field, nothing lost by a refusal, conflicts shown, a lost session asked for."""
import pytest
from browser import PASSWORD, Keys
from dyndns import Dyndns
from fakes import cloudflare
from page_of import Page
from processes import eventually


@pytest.fixture
def provider():
    with Dyndns() as p:
        yield p


def line(provider, hosts, more=""):
    return f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=arthur, password=s3cret{more} {hosts}\n"


NAMES = [
    ("", "Which name?"),
    ("arthur-rimbaud", "is only the first part"),
    ("mail server.example.org", "Did you mean mail-server.example.org?"),
    ("-web.example.org", "begins with a hyphen"),
    ("web-.example.org", "ends with a hyphen"),
    ("a..example.org", "Two dots"),
    ("https://home.example.org/x", "Write only the name: home.example.org"),
    ("192.0.2.1", "is an address"),
    ("a!b.example.org", "\u201c!\u201d in \u201ca!b\u201d"),
    ("x" * 64 + ".example.org", "at most 63"),
]


def test_names_are_explained(browser, homing):
    page = Page(homing)
    browser.claim(page)
    browser.go("#/create")
    for typed, told in NAMES:
        browser.fill("#f-hostname", typed)
        browser.press("Save and update now", "dialog")
        browser.read(told, "dialog .f[data-name=hostname]")
        assert browser.find("#f-hostname").get_attribute("aria-invalid") == "true"
        assert browser.find("#f-hostname").get_attribute("value") == typed


def test_what_is_missing_is_told_beside_its_field(browser, homing):
    page = Page(homing)
    browser.claim(page)
    browser.go("#/create")
    browser.fill("#f-hostname", "home.example.org")
    browser.press("Save and update now", "dialog")
    browser.read("Choose the provider", "dialog .f[data-name=provider]")
    browser.fill("#pick", "afraid")
    browser.read("FreeDNS", "#pick-list")
    browser.fill("#pick", "dnspark")
    browser.read("closed", "#pick-list")
    browser.fill("#pick", "cloudflare")
    browser.keys(Keys.ENTER)
    browser.see("#f-password")
    browser.press("Save and update now", "dialog")
    browser.read("needs this", "dialog .f[data-name=password]")
    assert browser.driver.switch_to.active_element.get_attribute("id") == "f-password"
    browser.shot("missing")
    # Leaving asks once, and what was typed stays when one goes on.
    browser.press("Cancel", "dialog")
    browser.read("is not saved", "dialog")
    browser.press("Go on writing", "dialog")
    assert browser.find("#f-hostname").get_attribute("value") == "home.example.org"
    browser.press("Cancel", "dialog")
    browser.press("Discard it", "dialog")
    eventually(lambda: browser.find("dialog") is None, 5, "the dialog closed")
    assert "home.example.org" not in page.homing.conf.read_text()


def test_a_custom_provider(browser, homing, provider):
    page = Page(homing)
    browser.claim(page)
    browser.go("#/create")
    browser.fill("#f-hostname", "b\u00fccher.example.org")
    browser.see("#pick").click()
    browser.read("xn--bcher-kva.example.org", "dialog", 15)
    browser.press("Custom provider")
    browser.fill("#f-server", f"127.0.0.1:{provider.port}")
    browser.fill("#f-login", "arthur")
    browser.fill("#f-password", 'a "b" \\c, d#e')
    browser.press("use plain http")
    browser.press("Save and update now", "dialog")
    browser.read("Accept the risk", "dialog")
    assert browser.find("#f-password").get_attribute("value") == 'a "b" \\c, d#e', "nothing is lost by a refusal"
    browser.find("#f-accept").click()
    browser.press("Test", "dialog")
    browser.read("would be sent", ".dock", 20)
    browser.read("xn--bcher-kva.example.org", ".dock")
    assert "\u2022" in browser.text(".dock") or "..." in browser.text(".dock") or "\u2026" in browser.text(".dock")
    assert not provider.requests, "a test sends nothing that writes"
    browser.shot("custom")
    browser.press("Save and update now", "dialog")
    browser.read("says good", ".dock", 20)
    import base64
    assert provider.requests[-1][2] == "Basic " + base64.b64encode(b'arthur:a "b" \\c, d#e').decode()
    browser.press("Done", "dialog")
    browser.read("b\u00fccher.example.org", "tr.host")
    # The same name once more, in its other spelling: it is here already.
    browser.press("Create")
    browser.fill("#f-hostname", "xn--bcher-kva.example.org")
    browser.see("#pick")
    browser.press("Custom provider")
    browser.fill("#f-server", f"127.0.0.1:{provider.port}")
    browser.fill("#f-login", "arthur")
    browser.fill("#f-password", "x")
    browser.press("use plain http")
    browser.see("#f-accept").click()
    browser.press("Save and update now", "dialog")
    browser.see("dialog .err:not([hidden]) [role=alert], dialog .f.bad .err")
    browser.shot("exists")


def test_the_same_account_for_a_second_name(browser, homing, provider):
    page = Page(homing, "provider=nsupdate, server=127.0.0.1:9, zone=example.org, key-name=k, password='czNjcmV0czNjcmV0', enabled=no "
                        "home.example.org\n")
    browser.claim(page)
    browser.see("tr.host")
    browser.press("Create")
    browser.fill("#f-hostname", "second.example.org")
    browser.see("#pick").click()
    browser.see("#f-password", 20)  # chosen as others of this zone
    browser.press("Same account as home.example.org", "dialog")
    assert "czNjcmV0" not in browser.driver.page_source
    browser.shot("same-account")
    browser.press("Save and update now", "dialog")
    browser.read("Saved in homing.conf", ".dock")
    line = next(x for x in page.homing.conf.read_text().splitlines() if "second.example.org" in x)
    assert "czNjcmV0czNjcmV0" in line and "key-name=k" in line and "server=127.0.0.1:9" in line


def test_a_program_of_the_owners_stays(browser, homing, tmp_path):
    """protocol=command is the file's: other settings of such a hostname can be changed, and it stays what it is."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho good\n")
    program.chmod(0o700)
    page = Page(homing, f"protocol=command, program={program}, enabled=no home.example.org\n")
    browser.claim(page)
    browser.see("tr.host")
    browser.menu("home.example.org", "Modify")
    browser.read("protocol=command", "dialog .f[data-name=provider], dialog")
    browser.fill("#f-description", "mine")
    browser.press("Save and update now", "dialog")
    browser.read("Saved in homing.conf", ".dock")
    line = next(x for x in page.homing.conf.read_text().splitlines() if "home.example.org" in x)
    assert "protocol=command" in line and f"program={program}" in line and "mine" in line


def test_two_editors_and_nothing_lost(browser, homing, provider):
    page = Page(homing, line(provider, "home.example.org", ", description=before"))
    browser.claim(page)
    browser.see("tr.host")
    browser.menu("home.example.org", "Modify")
    browser.fill("#f-description", "mine")
    page.homing.write(page.homing.conf.read_text().replace("description=before", "description=theirs"))
    eventually(lambda: page.homing.get("/hostnames")["items"][0]["description"] == "theirs", 10, "the other change")
    browser.press("Save and update now", "dialog")
    browser.read("was changed at", ".dock")
    browser.read("theirs", ".dock")
    browser.read("mine", ".dock")
    browser.shot("conflict")
    assert "description=theirs" in page.homing.conf.read_text(), "nothing was overwritten"
    assert browser.find("#f-description").get_attribute("value") == "mine"
    browser.press("Use mine", ".dock")
    browser.press("Save and update now", "dialog")
    browser.read("Saved in homing.conf", ".dock")
    eventually(lambda: "mine" in page.homing.conf.read_text(), 5, "mine being saved")
    browser.press("Undo", "dialog")
    eventually(lambda: "theirs" in page.homing.conf.read_text(), 5, "the former version")


def test_a_shared_value_asks_for_whom(browser, homing, provider):
    page = Page(homing, line(provider, "a.example.org,b.example.org,c.example.org"))
    browser.claim(page)
    browser.see("tr.host")
    browser.menu("b.example.org", "Modify")
    browser.fill("#f-login", "verlaine")
    browser.press("Save and update now", "dialog")
    browser.read("used by 3 hostnames", "dialog")
    browser.shot("shared")
    browser.press("For this one", "dialog")
    browser.read("Saved in homing.conf", ".dock")
    text = page.homing.conf.read_text()
    assert text.count("login=arthur") == 1 and "verlaine" in text


def test_another_name_asks_about_the_record(browser, homing):
    """It stays at the provider or goes there; a name that is taken is refused beside the field."""
    fake = cloudflare.Cloudflare()
    page = Page(homing, f"usev4=ipv4, ipv4=203.0.113.7, usev6=disabled, allow-private=yes\nprovider=cloudflare, password={cloudflare.TOKEN} "
                        "home.example.com,other.example.com\n", fake=fake)
    browser.claim(page)

    def rename(former, name, answer):
        eventually(lambda: fake.contents(former, "A") == ["203.0.113.7"], 15, f"{former} at the provider")
        browser.go("#/")
        browser.see("tr.host")
        eventually(lambda: page.homing.get("/verdict")["counts"]["right"] == 2, 15, "both being right")
        browser.menu(former, "Modify")
        assert browser.see("#f-hostname").get_attribute("value") == former
        browser.fill("#f-hostname", name)
        browser.press("Save and update now", "dialog")
        browser.read(f"{former} becomes {name}", "dialog")
        browser.shot(f"rename-{answer}")
        browser.press(answer, "dialog")

    try:
        rename("home.example.com", "other.example.com", "Remove it there")
        browser.read("already", "dialog .f[data-name=hostname]")
        browser.press("Cancel", "dialog")
        browser.press("Discard it", "dialog")
        rename("home.example.com", "new.example.com", "Leave it there")
        browser.read("Saved in homing.conf", ".dock")
        assert "new.example.com,other.example.com" in page.homing.conf.read_text()
        browser.press("Done", "dialog")
        rename("new.example.com", "newer.example.com", "Remove it there")
        browser.read("Saved in homing.conf", ".dock", 15)
        assert fake.contents("new.example.com", "A") == [] and fake.contents("home.example.com", "A") == ["203.0.113.7"]
    finally:
        fake.close()


def test_a_lost_session_is_asked_for_and_nothing_is_lost(browser, homing, provider):
    page = Page(homing, line(provider, "home.example.org"))
    browser.claim(page)
    browser.see("tr.host")
    browser.menu("home.example.org", "Modify")
    browser.fill("#f-description", "typed before it was lost")
    browser.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    browser.press("Save and update now", "dialog")
    browser.read("You were signed out", "body")
    browser.shot("signed-out")
    browser.fill("#pw", "not the password")
    browser.press("Sign in", "dialog")
    browser.read("not the password", "dialog:has(#pw)")
    browser.fill("#pw", PASSWORD)
    browser.press("Sign in", "dialog")
    browser.read("Saved in homing.conf", ".dock", 15)
    assert "typed before it was lost" in page.homing.conf.read_text()


def test_settings_are_saved_where_they_stand(browser, homing, provider):
    page = Page(homing, "# kept\n" + line(provider, "home.example.org"))
    browser.claim(page)
    browser.go("#/settings")
    browser.fill("#set-daemon", "10m").send_keys(Keys.TAB)
    eventually(lambda: "daemon=10m" in page.homing.conf.read_text(), 5, "the setting in the file")
    assert "# kept" in page.homing.conf.read_text()
    browser.fill("#set-daemon", "soon").send_keys(Keys.TAB)
    browser.see(".set.bad .err")
    assert browser.find("#set-daemon").get_attribute("value") == "soon"
    browser.shot("settings-refused")
    browser.find("#set-updates").click()
    eventually(lambda: "updates=no" in page.homing.conf.read_text(), 5, "the switch in the file")
    browser.go("#/")
    browser.read("Updates are off", "h1")
    browser.shot("off")
    browser.press("Turn on", ".verdict")
    eventually(lambda: "Updates are off" not in browser.text("h1"), 10, "being on again")
    browser.go("#/settings")
    browser.read("postscript", "main")
    assert "postscript" in browser.text("main") and browser.find("#set-postscript") is None, "commands are shown, not edited"


def test_tokens_and_a_new_password(browser, homing):
    page = Page(homing)
    browser.claim(page)
    browser.go("#/settings")
    browser.fill("#a-token", "a b")
    browser.press("Make a token")
    browser.read("letters, digits", "main")
    browser.fill("#a-token", "prometheus")
    browser.press("Make a token")
    browser.read("not shown again", "main")
    token = browser.see("main .request").text
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", page.port)
    connection.request("GET", "/api/v1/verdict", headers={"Authorization": f"Bearer {token}"})
    assert connection.getresponse().status == 200
    browser.shot("token")
    browser.press("Remove", "main")
    eventually(lambda: page.homing.get("/tokens")["items"] == [], 5, "no token")
    browser.fill("#a-old", "not it at all")
    browser.fill("#a-new", "another four ordinary words")
    browser.press("Change the password")
    browser.read("not the password", "main")
    browser.fill("#a-old", PASSWORD)
    browser.press("Change the password")
    browser.read("has a new password", "#notice")


def test_signing_out_and_in(browser, homing):
    page = Page(homing)
    browser.claim(page)
    browser.find(".head .end .btn").click()
    browser.press_menu("Sign out")
    browser.see("#pw")
    browser.shot("sign-in")
    browser.fill("#pw", "nonsense")
    browser.press("Open homing", "main")
    browser.read("This is not the password", "main")
    browser.fill("#pw", PASSWORD)
    browser.press("Open homing", "main")
    browser.read("No hostnames yet")
    browser.open(page, "#claim=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    browser.read("No hostnames yet")


def test_when_a_password_was_saved(browser, homing, provider):
    page = Page(homing, line(provider, "home.example.org", ", enabled=no"))
    browser.claim(page)
    browser.see("tr.host")
    browser.menu("home.example.org", "Modify")
    assert browser.see("#f-password").get_attribute("placeholder") == "Saved in homing.conf"
    browser.fill("#f-password", "another")
    browser.press("Save and update now", "dialog")
    browser.read("Saved in homing.conf", ".dock")
    browser.press("Done", "dialog")
    browser.menu("home.example.org", "Modify")
    assert browser.see("#f-password").get_attribute("placeholder") == browser.driver.execute_script(
        "return 'Saved on ' + new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(new Date())")
    browser.shot("saved-on")
