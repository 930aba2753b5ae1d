# SPDX-License-Identifier: ISC
"""Chromium under the tests' hands: what a person does, in a person's words."""
import time

from processes import eventually

try:
    from selenium import webdriver
    from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:  # the tests are skipped then
    Keys = By = webdriver = None
    NoSuchElementException = StaleElementReferenceException = WebDriverException = Exception

PASSWORD = "four ordinary words"


class Browser:
    def __init__(self, screenshots):
        options = webdriver.ChromeOptions()
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--lang=en-GB",
                     "--disable-component-update", "--disable-sync"):
            options.add_argument(word)
        options.add_experimental_option("prefs", {"intl.accept_languages": "en-GB,en"})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_script_timeout(300)
        self.screenshots = screenshots
        screenshots.mkdir(parents=True, exist_ok=True)

    def quit(self):
        self.driver.quit()

    def fresh(self):
        self.size(1440, 900)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.console()

    def leave(self):
        try:
            self.driver.execute_script("localStorage.clear()")
        except WebDriverException:
            pass
        self.driver.get("about:blank")

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def dark(self, on=True, still=False):
        """Light or dark; "still": as for those who want no motion, so that no colour is on its way from one to the other."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": "dark" if on else "light"},
                                                  {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"}]})

    def console(self):
        """What was said on the console, without the notes on answers of the API that refuse."""
        return [line for line in self.driver.get_log("browser")
                if line["level"] in ("SEVERE", "WARNING") and not ("Failed to load resource" in line["message"] and "/api/v1/" in line["message"])]

    def shot(self, name):
        self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))

    def open(self, page, hash_=""):
        self.page = page
        self.driver.get("about:blank")
        self.driver.get(f"http://127.0.0.1:{page.port}/{hash_}")

    def go(self, hash_):
        self.driver.execute_script("location.hash = arguments[0]", hash_)

    def claim(self, page):
        """Through the one-time link to one's own page."""
        self.open(page, "#claim=" + page.homing.api("POST", "/link", {})[1]["link"])
        self.fill("#pw", PASSWORD)
        self.press("Open homing")
        eventually(lambda: self.find("#head nav"), 10, "the page")

    # ---- looking ----

    def find(self, css):
        try:
            return self.driver.find_element(By.CSS_SELECTOR, css)
        except NoSuchElementException:
            return None

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def see(self, css, seconds=10):
        def look():
            try:
                el = self.find(css)
                return el if el is not None and el.is_displayed() else None
            except StaleElementReferenceException:
                return None
        return eventually(look, seconds, f"seeing {css}")

    def text(self, css="body"):
        return self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", css)

    def read(self, words, css="body", seconds=10):
        """Waits until the words stand there."""
        try:
            eventually(lambda: words in self.text(css), seconds, f"reading {words!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; {css} says: {self.text(css)[:2000]}") from None

    def row(self, hostname):
        return self.driver.execute_script(
            "return [...document.querySelectorAll('tr.host')].find(r => r.querySelector('.c-name a').innerText === arguments[0]) ?? null", hostname)

    def row_text(self, hostname):
        return self.driver.execute_script(
            "return [...document.querySelectorAll('tr.host')].find(r => r.querySelector('.c-name a').innerText === arguments[0])?.innerText ?? ''",
            hostname)

    # ---- doing ----

    def press(self, words, within="body"):
        """A button or link with these words."""
        def look():
            return self.driver.execute_script(
                """return [...document.querySelectorAll(arguments[1] + ' button, ' + arguments[1] + ' a, ' + arguments[1] + ' summary')]
                   .find(b => b.innerText.trim() === arguments[0] && b.offsetParent !== null) ?? null""", words, within)
        def click():
            try:
                eventually(look, 10, f"a button {words!r}").click()
                return True
            except StaleElementReferenceException:  # drawn anew in between
                return False
        eventually(click, 10, f"pressing {words!r}")

    def fill(self, css, text, clear=True):
        el = eventually(lambda: self.find(css), 10, f"a field {css}")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", el)
        if clear:
            el.clear()
        el.send_keys(text)
        return el

    def keys(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def menu(self, hostname, words):
        self.row(hostname).find_element(By.CSS_SELECTOR, ".c-menu button").click()
        self.press_menu(words)

    def press_menu(self, words):
        def look():
            return self.driver.execute_script(
                "return [...document.querySelectorAll('.menu button')].find(b => b.querySelector('span')?.innerText === arguments[0]) ?? null", words)
        eventually(look, 5, f"{words!r} in the menu").click()

    def settle(self, seconds=0.3):
        time.sleep(seconds)

    def overflow(self):
        """How many pixels the page is wider than the window."""
        return self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
