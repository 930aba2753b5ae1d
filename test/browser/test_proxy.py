# SPDX-License-Identifier: ISC
"""The page behind a reverse proxy, below a path of somebody else's site."""
import http.client
import http.server
import socketserver
import threading

from browser import PASSWORD
from page_of import Page
from processes import eventually


class Proxy(socketserver.ThreadingTCPServer):
    """/tools/homing/ is the page; everything else is another site."""
    allow_reuse_address, daemon_threads = True, True

    def __init__(self, backend):
        outer = self
        self.port_behind = backend

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                if not self.path.startswith("/tools/homing/"):
                    self.send_error(404)
                    return
                behind = http.client.HTTPConnection("127.0.0.1", outer.port_behind, timeout=60)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "accept-encoding")}
                behind.request(self.command, self.path[len("/tools/homing"):], body, {**headers, "X-Forwarded-For": self.client_address[0]})
                reply = behind.getresponse()
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "date"):
                        self.send_header(name, value)
                self.end_headers()
                try:
                    while block := reply.read1(65536):
                        self.wfile.write(block)
                        self.wfile.flush()
                except OSError:
                    pass

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def test_below_a_path(browser, homing):
    page = Page(homing, "provider=nsupdate, server=127.0.0.1:9, zone=example.org, key-name=k, password=x, enabled=no a.example.org\n")
    with Proxy(page.port) as proxy:
        link = page.homing.api("POST", "/link", {})[1]["link"]
        browser.driver.get("about:blank")
        browser.driver.get(f"http://127.0.0.1:{proxy.port}/tools/homing/#claim={link}")
        browser.fill("#pw", PASSWORD)
        browser.press("Open homing")
        browser.read("a.example.org", "tr.host")
        eventually(lambda: browser.text("#live") == "live", 10, "being live")
        page.homing.write(page.homing.conf.read_text() + "provider=nsupdate, server=127.0.0.1:9, zone=example.org, key-name=k, password=x, enabled=no "
                                                         "b.example.org\n")
        browser.read("b.example.org", "table", 15)
        browser.driver.refresh()
        browser.read("b.example.org", "table", 15)
        for where in ("addresses", "settings", "about", "log"):
            browser.go("#/" + where)
            browser.settle(0.5)
        browser.go("#/")
        browser.see("tr.host")
        cookie = next(c for c in browser.driver.execute_cdp_cmd("Network.getAllCookies", {})["cookies"] if c["name"] == "homing")
        assert cookie["path"] == "/tools/homing/api/v1", "the cookie is no business of the rest of the site"
        browser.driver.get("about:blank")
        proxy.shutdown()
