# SPDX-License-Identifier: ISC
"""A server that speaks dyndns2 on loopback and remembers what it was asked."""
import http.server
import socketserver
import threading
import urllib.parse


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Dyndns:
    """answer(host, addresses) gives a line of the reply, or None to hang until stop()."""

    def __init__(self, answer=None):
        self.answer = answer or (lambda host, addresses: "good " + ",".join(addresses))
        self.requests = []
        self.most = 0  # hostnames a request may have; 0: any
        self._stopping = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
                outer.requests.append((url.path, query, self.headers.get("Authorization")))
                if outer.most and query.get("hostname", "").count(",") >= outer.most:
                    self.send_response(414)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                lines = [outer.answer(host, query.get("myip", "").split(","))
                         for host in query.get("hostname", "").split(",")]
                if None in lines:
                    outer._stopping.wait()
                    return
                body = ("\n".join(lines) + "\n").encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def hosts(self):
        """The hostnames of each request."""
        return [query.get("hostname") for _, query, _ in self.requests]

    def stop(self):
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()
