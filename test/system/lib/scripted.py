# SPDX-License-Identifier: ISC
"""A scripted dyndns2 server: answers as it is told, and writes down every request it got."""
import base64
import http.server
import socketserver
import threading
import time
import urllib.parse


class Request:
    def __init__(self, path, query, login, agent):
        self.at, self.path, self.login, self.agent = time.monotonic(), path, login, agent
        self.hostnames = query.get("hostname", [""])[0].split(",")
        self.address = query.get("myip", [None])[0]
        self.answer = None

    def __repr__(self):
        return f"{self.at:.3f} {self.login} {','.join(self.hostnames)} {self.address} -> {self.answer!r}"


class Scripted:
    """answer(request) gives a line a hostname, or (status, text), or None to hang until the end."""

    def __init__(self, answer=None, address="127.0.0.1", port=0):
        self.requests, self.lock, self.connections = [], threading.Lock(), 0
        self.answer = answer or (lambda request: "\n".join(f"good {request.address}" for _ in request.hostnames))
        self.ended = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with outer.lock:
                    outer.connections += 1

            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                login = ""
                words = self.headers.get("Authorization", "").split()
                if len(words) == 2 and words[0] == "Basic":
                    login = base64.b64decode(words[1]).decode().split(":")[0]
                request = Request(parts.path, urllib.parse.parse_qs(parts.query), login, self.headers.get("User-Agent"))
                with outer.lock:
                    outer.requests.append(request)
                    answer = outer.answer(request)
                    request.answer = answer
                if answer is None:
                    outer.ended.wait()
                    self.close_connection = True
                    return
                status, text = answer if isinstance(answer, tuple) else (200, answer)
                body = (text + "\n").encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.send_header("Content-Type", "text/plain")
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # the client was killed

            def log_message(self, *words):
                pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request, client_address):
                pass  # a client that was killed

        self.server = Server((address, port), Handler)
        self.host = f"{address}:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def taken(self, hostname=None):
        """The requests so far, of one hostname or of all."""
        with self.lock:
            return [r for r in self.requests if hostname is None or hostname in r.hostnames]

    def published(self, hostname):
        """The address that was last taken for it."""
        last = [r.address for r in self.taken(hostname) if isinstance(r.answer, str) and r.answer.startswith(("good", "nochg"))]
        return last[-1] if last else None

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
