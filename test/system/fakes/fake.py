# SPDX-License-Identifier: ISC
"""The frame of the fake providers: an HTTP server on a free loopback port that hands requests to a
function and keeps what it was asked. A fake is written from the provider's documentation and refuses
what that does not allow."""
import http.server
import json
import threading
import urllib.parse


class Refused(Exception):
    """An answer that is no success: Refused(status, body)."""

    def __init__(self, status, body, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Call:
    """One request, taken apart."""

    def __init__(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        self.method, self.path = method, url.path
        self.segments = [urllib.parse.unquote(s) for s in url.path.strip("/").split("/")]
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.headers, self.body = headers, body

    def json(self):
        if not (self.headers.get("Content-Type") or "").startswith("application/json"):
            raise Refused(415, {"message": "Content-Type must be application/json"})
        return json.loads(self.body)


class Fake:
    def __init__(self):
        self.calls = []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                call = Call(self.command, self.path, self.headers, self.rfile.read(length))
                fake.calls.append(call)
                headers = {}
                try:
                    status, body = fake.answer(call)
                except Refused as refused:
                    status, body, headers = refused.status, refused.body, refused.headers
                data = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if data:
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def writes(self):
        return [c for c in self.calls if c.method != "GET"]
