# SPDX-License-Identifier: ISC
"""HTTP(S) servers: one that is scripted, in this process or in a namespace, and nginx."""
import json
import pathlib
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from lib.run import free_ports, listens, program, started, until


class Request:
    def __init__(self, method, target, headers, body, peer):
        self.method, self.target, self.headers, self.body, self.peer = method, target, headers, body, peer

    def header(self, name):
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


def reply(body="", status=200, headers=(), length=True):
    """The bytes of an answer."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} Status"] + [f"{k}: {v}" for k, v in headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        server = self.server
        server.connections += 1
        sock = self.request
        if server.tls:
            try:
                sock = server.tls.wrap_socket(sock, server_side=True)
            except (OSError, ssl.SSLError):
                return
        stream = sock.makefile("rb")
        try:
            while self.one(stream, sock):
                pass
        except (OSError, ValueError):
            pass
        finally:
            stream.close()
            sock.close()

    def one(self, stream, sock):
        first = stream.readline().decode("latin-1").split()
        if len(first) < 2:
            return False
        headers = []
        while True:
            line = stream.readline().decode("latin-1").rstrip("\r\n")
            if not line:
                break
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        length = next((int(v) for k, v in headers if k.lower() == "content-length"), 0)
        request = Request(first[0], first[1], headers, stream.read(length), self.client_address[0])
        self.server.requests.append(request)
        answer = self.server.script(request)
        if answer is None:  # close without a word
            return False
        if callable(answer):  # does its own talking
            answer(sock)
            return False
        sock.sendall(answer)
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class _Server6(_Server):
    address_family = socket.AF_INET6


@contextmanager
def scripted(script, address="127.0.0.1", port=0, tls=None):
    """A server in this process: script(Request) gives the bytes, None to close, or a function that takes the socket.
    tls: an Authority's certificate (see below)."""
    server = (_Server6 if ":" in address else _Server)((address, port), _Handler)
    server.script, server.requests, server.connections, server.tls = script, [], 0, None
    if tls:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(*tls)
    server.port = server.server_address[1]
    host = f"[{address}]" if ":" in address else address
    server.url = f"http{'s' if tls else ''}://{host}:{server.port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "ca.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                      "/CN=Test authority", "-keyout", folder / "ca.key", "-out", self.file)

    def _openssl(self, *args):
        subprocess.run(["openssl", *[str(a) for a in args]], check=True, capture_output=True)

    def certificate(self, *names, days=30, stem=None):
        """(certificate, key) for these names and addresses; with negative days it has expired."""
        stem = self.folder / (stem or names[0].replace(":", "_"))
        ext = stem.with_suffix(".ext")
        ext.write_text(self._alternatives(names) + "\n")
        cert, key, req = (self.folder / f"{stem.name}.{s}" for s in ("pem", "key", "csr"))
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={names[0]}",
                      "-keyout", key, "-out", req)
        self._sign(req, ext, cert, days)
        return str(cert), str(key)

    def _sign(self, request, extensions, certificate, days):
        """By "ca", the only command of every version that takes a date in the past."""
        settings = self.folder / "ca.cnf"
        settings.write_text("[ca]\ndefault_ca = here\n[here]\npolicy = any\nunique_subject = no\ndefault_md = sha256\n"
                            f"new_certs_dir = {self.folder}\ndatabase = {self.folder}/ca.txt\nrand_serial = yes\n"
                            "[any]\ncommonName = supplied\n")
        (self.folder / "ca.txt").touch()
        begin, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 86400 * day)) for day in (min(days, 0) - 1, days))
        self._openssl("ca", "-batch", "-notext", "-config", settings, "-cert", self.file, "-keyfile", self.folder / "ca.key",
                      "-startdate", begin, "-enddate", end, "-extfile", extensions, "-in", request, "-out", certificate)

    def self_signed(self, *names):
        """(certificate, key) that nobody vouches for."""
        cert, key = self.folder / "self.pem", self.folder / "self.key"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                      f"/CN={names[0]}", "-addext", self._alternatives(names), "-keyout", key, "-out", cert)
        return str(cert), str(key)

    @staticmethod
    def _alternatives(names):
        return "subjectAltName=" + ",".join(("IP:" if n.replace(".", "").isdigit() or ":" in n else "DNS:") + n for n in names)


@contextmanager
def echo_in(space, address, port, text=None):
    """In a namespace: answers every request with the address that asked, or with a text; {n} in it counts the requests."""
    command = space.enter(sys.executable, "-m", "lib.web", address, port, json.dumps(text))
    with started(command, cwd=pathlib.Path(__file__).parents[1]) as process:
        until(lambda: space.run(sys.executable, "-c", "import socket,sys; s=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] "
                                "else socket.AF_INET); sys.exit(s.connect_ex((sys.argv[1], int(sys.argv[2]))))",
                                address, port, check=False).returncode == 0, what="the server")
        yield process


@contextmanager
def nginx(folder, servers, address="127.0.0.1", ports=1, prefix=()):
    """nginx in the foreground. "servers" is the inside of its http block, with {t} and {p0}, {p1} ... for folder and ports."""
    numbers = free_ports(ports, address=address)
    (folder / "tmp").mkdir(exist_ok=True)
    inside = servers
    for i, number in enumerate(numbers):
        inside = inside.replace("{p%d}" % i, str(number))
    text = """worker_processes 1; daemon off; pid {t}/pid; error_log {t}/error.log;
events { worker_connections 2000; }
http { access_log {t}/access.log; client_body_temp_path {t}/tmp/a; proxy_temp_path {t}/tmp/b;
 fastcgi_temp_path {t}/tmp/c; uwsgi_temp_path {t}/tmp/d; scgi_temp_path {t}/tmp/e; default_type text/plain;
""" + inside + "\n}\n"
    (folder / "nginx.conf").write_text(text.replace("{t}", str(folder)))
    with started([*prefix, program("nginx"), "-p", folder, "-c", folder / "nginx.conf"]) as process:
        if not prefix:
            until(lambda: process.poll() is not None or listens(address, numbers[0]), what="nginx")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield numbers


if __name__ == "__main__":
    _text, _count = json.loads(sys.argv[3]), iter(range(1, 1 << 30))

    def _answer(request):
        text = _text if _text is not None else request.peer
        return reply(text.replace("{n}", str(next(_count))) + "\n", headers=[("Connection", "close")])

    with scripted(_answer, sys.argv[1], int(sys.argv[2])):
        while True:
            time.sleep(3600)
