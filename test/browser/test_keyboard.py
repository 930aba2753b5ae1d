# SPDX-License-Identifier: ISC
"""The whole story by the keyboard alone, as a screen reader's user would go: no click, and at each step the focus is somewhere."""
import pytest
from browser import PASSWORD, Keys, webdriver
from dyndns import Dyndns
from page_of import Page
from processes import eventually

WHERE = """const a = document.activeElement, box = document.querySelector('dialog[open]');
    return {id: a.id, tag: a.tagName, words: (a.getAttribute('aria-label') ?? a.innerText ?? '').trim(), inside: !box || box === a || box.contains(a),
      ring: a === document.body || a.id === 'main' || a.tagName === 'DIALOG' || getComputedStyle(a).outlineStyle !== 'none' || a.matches('.chips input, .seg input')}"""


class Hands:
    """Keys, and what has the focus after them."""

    def __init__(self, browser):
        self.browser = browser

    def focus(self):
        return self.browser.driver.execute_script(WHERE)

    def press(self, *keys):
        self.browser.keys(*keys)

    def chord(self, key):
        webdriver.ActionChains(self.browser.driver).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()

    def tab_to(self, wanted, most=60):
        """Tabs until the focus is on the element with that id or with those words; each stop shows a ring and is in the open dialog."""
        seen = []
        for _ in range(most):
            at = self.focus()
            if wanted in (at["id"], at["words"]):
                return at
            self.press(Keys.TAB)
            at = self.focus()
            seen.append(at["id"] or at["words"][:20])
            assert at["inside"] or at["tag"] == "BODY", (at, "left the dialog")
            assert at["ring"], (at, "has the focus and does not show it")
        raise AssertionError(f"{wanted} is not reached by Tab: {seen}")

    def type(self, wanted, text):
        self.tab_to(wanted)
        self.press(text)

    def lands(self, wanted):
        eventually(lambda: wanted in (self.focus()["id"], self.focus()["words"]), 10, f"the focus on {wanted}, not {self.focus()}")


@pytest.fixture
def hands(browser):
    return Hands(browser)


def test_from_the_link_to_created_and_deleted(browser, homing, hands):
    with Dyndns() as provider:
        page = Page(homing)
        browser.open(page, "#claim=" + page.homing.api("POST", "/link", {})[1]["link"])
        hands.lands("pw")
        hands.press("short", Keys.ENTER)
        assert browser.find("#pw").get_attribute("aria-invalid") == "true"
        browser.read("12", "#pw-e [role=alert]")
        hands.chord("a")
        hands.press(PASSWORD, Keys.ENTER)
        browser.read("No hostnames yet")

        # Create, with what is missing told beside its field and the focus there.
        hands.tab_to("Create a hostname")
        hands.press(Keys.ENTER)
        hands.lands("f-hostname")
        hands.chord(Keys.ENTER)
        eventually(lambda: browser.find("#f-hostname").get_attribute("aria-invalid") == "true", 5, "the field being marked")
        hands.lands("f-hostname")
        told = browser.find("#f-hostname").get_attribute("aria-describedby").split()
        assert any("Which name?" in browser.text("#" + one) for one in told), told
        hands.press("home.example.org")
        hands.tab_to("Custom provider")
        hands.press(Keys.ENTER)
        hands.type("f-server", f"127.0.0.1:{provider.port}")
        hands.tab_to("use plain http")
        hands.press(Keys.ENTER)
        hands.tab_to("f-accept")
        hands.press(Keys.SPACE)
        hands.type("f-login", "arthur")
        hands.type("f-password", "s3cret")

        # The dialog keeps the focus: round and round, nothing behind it is reached.
        for _ in range(40):
            hands.press(Keys.TAB)
            assert hands.focus()["inside"] or hands.focus()["tag"] == "BODY", hands.focus()

        # A test: its result is a live region, and has the focus.
        hands.tab_to("Test")
        hands.press(Keys.ENTER)
        browser.read("would be sent", ".dock[role=status]", 20)
        eventually(lambda: browser.driver.execute_script("return document.activeElement.className") == "dock", 5, "the focus on the result")
        assert not provider.requests
        hands.chord(Keys.ENTER)
        browser.read("Right", ".dock[role=status]", 20)
        hands.lands("Done")
        hands.press(Keys.ENTER)
        eventually(lambda: browser.find("dialog") is None, 5, "the dialog closed")
        assert hands.focus()["tag"] != "BODY", "what opened the dialog is gone: the content has the focus"
        browser.read("Right", "tr.host")

        # Open by its row, and back; a menu, and out of it again.
        hands.press("j")
        hands.lands("home.example.org")
        hands.press(Keys.ENTER)
        browser.read("Why it is so")
        hands.press("g", "h")
        browser.see("tr.host")
        hands.tab_to("More for home.example.org")
        hands.press(Keys.ENTER)
        hands.lands("Update now\nu")
        hands.press(Keys.ARROW_DOWN)
        assert hands.focus()["words"].startswith("Modify")
        hands.press(Keys.ESCAPE)
        hands.lands("More for home.example.org")

        # Modify from the menu: Escape closes, and the focus is where it was.
        hands.press(Keys.ENTER, Keys.ARROW_DOWN, Keys.ENTER)
        browser.see("#f-description")
        hands.tab_to("f-description")
        hands.press(Keys.ESCAPE)
        eventually(lambda: browser.find("dialog") is None, 5, "the dialog closed")
        hands.lands("More for home.example.org")

        # Pause, and what the notice says can be undone by keyboard.
        hands.press("j", "p")
        browser.read("is paused", "#notice[role=status]")
        browser.read("Paused", "tr.host")
        hands.tab_to("Undo")
        hands.press(Keys.ENTER)
        eventually(lambda: "Paused" not in browser.row_text("home.example.org"), 10, "going on")

        # Delete: asked, refused by Escape, asked again and done.
        for answer in (Keys.ESCAPE, Keys.ENTER):
            hands.tab_to("More for home.example.org")
            hands.press(Keys.ENTER, Keys.ARROW_UP, Keys.ENTER)
            browser.read("Delete home.example.org here?", "dialog")
            if answer == Keys.ENTER:
                hands.tab_to("Delete hostname")
            hands.press(answer)
            eventually(lambda: browser.find("dialog") is None, 10, "the dialog closed")
        browser.read("No hostnames yet")
        assert "home.example.org" not in page.homing.conf.read_text()
        assert hands.focus()["tag"] != "BODY"
        for live in ("#notice[role=status]", "h1[aria-live=polite], h1"):
            assert browser.find(live) is not None, live


def test_nothing_moves_where_that_is_asked(browser, homing):
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    browser.claim(Page(homing))
    browser.go("#/create")
    browser.see("dialog")
    assert browser.driver.execute_script("return document.getAnimations().length") == 0
    assert browser.driver.execute_script("return getComputedStyle(document.querySelector('dialog')).animationName") == "none"
    assert browser.driver.execute_script("return getComputedStyle(document.querySelector('.btn')).transitionDuration") in ("0s", "")


def test_the_focus_stays_where_rows_go(browser, homing, hands):
    """A row that leaves (here, or by another's hand) takes the focus nowhere but to its neighbour."""
    line = "protocol=dyndns2, server=http://127.0.0.1:9, password=x, enabled=no"
    page = Page(homing, "".join(f"{line} {name}.example.org\n" for name in "abc"))
    browser.claim(page)
    browser.see("tr.host")
    hands.press("j", "j")
    hands.lands("b.example.org")
    page.homing.write(page.homing.conf.read_text().replace(f"{line} b.example.org\n", ""))
    hands.lands("c.example.org")
    page.homing.write(page.homing.conf.read_text().replace(f"{line} c.example.org\n", ""))
    hands.lands("a.example.org")
    page.homing.write(page.homing.conf.read_text().replace(f"{line} a.example.org\n", ""))
    hands.lands("Create a hostname")
