# SPDX-License-Identifier: ISC
"""Who is told, in the settings: the receivers of the file, their last delivery, a test."""
from page_of import Page


def test_receivers_and_a_test(browser, homing, tmp_path):
    told = tmp_path / "told"
    page = Page(homing, f"""define=notify:desk, kind=command, command="cat >{told}", on="blocked, changed"
define=notify:far, kind=ntfy, topic=x, url=http://127.0.0.1:9, token=cnry0f3a
provider=duckdns, password=x, enabled=no home.duckdns.org
""")
    browser.claim(page)
    browser.go("#/settings")
    browser.read("Who is told", "main")
    browser.read("needs you, new addresses", "main")
    browser.read("Nothing was told yet", "main")
    browser.press("Send a test", "main")  # of the first one
    browser.read("Delivered", "main")
    assert told.read_text().startswith("A test of homing\n\n")
    browser.read("A test of homing", "main", 15)
    browser.driver.execute_script("[...document.querySelectorAll('main button')].filter((b) => b.textContent === 'Send a test')[1].click()")
    browser.read("Not delivered: 127.0.0.1:9", "main")
    assert "cnry0f3a" not in browser.driver.page_source
    for width in (320, 1440):
        browser.size(width, 800)
        browser.settle()
        browser.shot(f"notify-{width}")
        assert browser.overflow() <= 0


def test_nobody_is_told(browser, homing):
    page = Page(homing)
    browser.claim(page)
    browser.go("#/settings")
    browser.read("Nobody is told yet", "main")
    browser.read("homing notify --kinds", "main")
