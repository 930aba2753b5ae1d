# SPDX-License-Identifier: ISC
"""The page behind nginx, below a path of somebody else's site: whether nginx takes the path away or passes it on."""
import http.client

import pytest
import web
from browser import PASSWORD
from page_of import Page
from processes import eventually

SITE = """
    server {
        listen 127.0.0.1:{p0};
        location /tools/homing/ {
            proxy_pass http://127.0.0.1:BEHIND;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_buffering off;
        }
        location = /tools/homing { proxy_pass http://127.0.0.1:BEHIND; proxy_set_header Host $http_host; }
        location / { return 404; }
    }
"""
LINE = "provider=nsupdate, server=127.0.0.1:9, zone=example.org, key-name=k, password=x, enabled=no {}.example.org\n"


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    reply = connection.getresponse()
    return reply.status, reply.getheader("Location"), reply.read()


@pytest.mark.parametrize("taken_away", [True, False], ids=["taken away", "passed on"])
def test_below_a_path(browser, homing, tmp_path, taken_away):
    page = Page(homing, ("trusted-proxy=127.0.0.1\n" if taken_away else "page-path=/tools/homing/, trusted-proxy=127.0.0.1\n") + LINE.format("a"))
    site = SITE.replace("BEHIND;\n            proxy_set_header Host", f"{page.port}/;\n            proxy_set_header Host") if taken_away else SITE
    with web.nginx(tmp_path, site.replace("BEHIND", str(page.port))) as (port,):
        link = page.homing.api("POST", "/link", {})[1]["link"]
        browser.driver.get("about:blank")
        browser.driver.get(f"http://127.0.0.1:{port}/tools/homing/#claim={link}")
        browser.fill("#pw", PASSWORD)
        browser.press("Open homing")
        browser.read("a.example.org", "tr.host")
        eventually(lambda: browser.text("#live") == "live", 10, "being live")
        page.homing.write(page.homing.conf.read_text() + LINE.format("b"))
        browser.read("b.example.org", "table", 15)
        browser.driver.refresh()
        browser.read("b.example.org", "table", 15)
        for where in ("addresses", "devices", "settings", "about", "log", "create", "h/" + page.homing.get("/hostnames")["items"][0]["id"].replace("/", "%2F")):
            browser.go("#/" + where)
            browser.settle(0.3)
        browser.driver.get("about:blank")
        browser.driver.get(f"http://127.0.0.1:{port}/tools/homing/#/")
        browser.see("tr.host")
        cookie = next(c for c in browser.driver.execute_cdp_cmd("Network.getAllCookies", {})["cookies"] if c["name"] == "homing")
        assert cookie["path"] == "/tools/homing/api/v1", "the cookie is no business of the rest of the site"
        asked = browser.driver.execute_script("return performance.getEntriesByType('resource').map((r) => new URL(r.name).pathname)")
        assert asked and all(path.startswith("/tools/homing/") for path in asked), asked
        if not taken_away:
            status, where, _ = get(port, "/tools/homing")
            assert status == 308 and where == "/tools/homing/", "relative addresses need the slash"
            assert get(page.port, "/api/v1/start")[0] == 200, "and without the path, as who sits at the machine"
            assert get(page.port, "/tools/homing2/")[0] == 404
        browser.driver.get("about:blank")
