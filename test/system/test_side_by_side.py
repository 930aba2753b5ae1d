# SPDX-License-Identifier: ISC
"""Debian's ddclient 3.10 and homing on the same ddclient.conf, for each protocol that both have: the same requests.

What 3.10 itself does otherwise than the ddclient of today, whose protocols homing speaks, is taken out before
the comparison; each such rule says why."""
import http.server
import json
import re
import socketserver
import ssl
import subprocess
import threading
import urllib.parse

import pytest

from named import program as server_program

DDCLIENT = server_program("ddclient")
if DDCLIENT is None:
    pytest.skip("the program ddclient cannot be had here", allow_module_level=True)

HOSTS = "a.example.com,b.example.com"
LOGIN = "login=me, password=secret"


class Recorder:
    """A server that writes down what it was asked; answer(path, body) gives text or (status, text)."""

    def __init__(self, answer, certificate=None):
        self.requests, outer = [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            def one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                outer.requests.append((self.command, self.path, dict(self.headers.items()), body))
                answer = answer_of(self.path, body)
                status, text = answer if isinstance(answer, tuple) else (200, answer)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = one

            def log_message(self, *words):
                pass

        def answer_of(path, body):
            text = answer(path, body) if callable(answer) else answer
            return text.replace("HOST", outer.host)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

            def handle_error(self, request, client_address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("the program openssl cannot make a certificate here")
    both.write_text(key.read_text() + cert.read_text())
    return both


def plain(request):
    """A request in the form that is compared: what a service looks at."""
    method, target, headers, body = request
    parts = urllib.parse.urlsplit(target)
    query = sorted(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
    kept = {k.lower(): v for k, v in headers.items()
            if k.lower() == "authorization" or k.lower().startswith("x-") or k.lower() == "pddtoken"}
    kept.pop("x-nfsn-authentication", None)  # time and salt
    if body[:1] in "{[" and body:
        body = json.loads(body)
    elif body:
        body = sorted(urllib.parse.parse_qsl(body))
    return [method, urllib.parse.unquote(parts.path), query, kept, body]


def no_empty_myip(theirs, ours):
    """Its version 3.11 adds an empty myip for the family without an address; 3.10 and its main branch do not."""
    for request in theirs:
        request[2] = [pair for pair in request[2] if pair != ("myip", "")]
    return theirs, ours


def no_system(theirs, ours):
    """3.10 still sends system=dyndns; ddclient has left that out since 4.0."""
    for request in theirs:
        request[2] = [pair for pair in request[2] if pair != ("system", "dyndns")]
    return theirs, ours


def no_reading(theirs, ours):
    """3.10 writes without reading first."""
    return theirs, [request for request in ours if request[0] != "GET"]


def zones(path, body):
    if "dns_records" in path:
        return '{"result":[{"id":"r1","name":"%s"}]}' % re.search("name=([^&]*)", path).group(1) if "name=" in path else \
            '{"result":{"id":"r1"}}'
    return '{"result":[{"id":"z1","name":"example.com"}]}'


def freedns(path, body):
    if path.startswith("/u"):
        return "Updated host to 192.0.2.1"
    return "".join(f"{h}|198.51.100.1|https://HOST/u/?{h}\n" for h in HOSTS.split(","))


def nfsn(path, body):
    return "[]" if path.endswith("listRRs") else ""


def yandex(path, body):
    if "list" not in path:
        return '{"success":"ok"}'
    return json.dumps({"success": "ok", "records": [{"record_id": n, "fqdn": h} for n, h in enumerate(HOSTS.split(","), 5)]})


# Not here: dinahosting and keysystems, whose URLs are broken in 3.10; hetzner, whose old API it speaks; dnsexit,
# googledomains and woima, which are gone; nsupdate, for which homing starts no program. duckdns has one host: 3.10 asks
# once for each.
# protocol: (always https, settings, hosts, answer, what 3.10 does otherwise)
PROTOCOLS = {
    "1984": (True, "password=key", HOSTS, '{"ok":true,"msg":"x","ip":"192.0.2.1"}', None),
    "changeip": (True, LOGIN, HOSTS, "200 Successful Update", None),
    "cloudflare": (True, f"{LOGIN}, zone=example.com", HOSTS, zones, None),
    "cloudns": (False, "dynurl=http://HOST/u/?q=tok", HOSTS, "OK", None),
    "dnsmadeeasy": (False, LOGIN, "1007,1008", "success", None),
    "dondominio": (True, LOGIN, HOSTS, "OK", None),
    "dslreports1": (True, LOGIN, "77,78", "return code: NOERROR", None),
    "duckdns": (True, "password=tok", "a", "OK", None),
    "dyndns1": (True, LOGIN, HOSTS, "<title>x</title>\nreturn code: NOERROR\nerror code: NOERROR", None),
    "dyndns2": (False, f"{LOGIN}, wildcard=yes, mx=mail.example.com", HOSTS, "good\ngood", no_system),
    "easydns": (True, LOGIN, HOSTS, "NOERROR", no_empty_myip),
    "freedns": (True, LOGIN, HOSTS, freedns, None),
    "freemyip": (True, "password=tok", "a.freemyip.com,b.freemyip.com", "OK", None),
    "gandi": (True, "password=key, zone=example.com", HOSTS, '{"rrset_values":["198.51.100.1"],"rrset_ttl":300}', no_reading),
    "godaddy": (True, f"{LOGIN}, zone=example.com", HOSTS, "{}", None),
    "namecheap": (True, "login=example.com, password=secret", HOSTS, "<ErrCount>0</ErrCount>", None),
    "nfsn": (True, f"{LOGIN}, zone=example.com", HOSTS, nfsn, None),
    "njalla": (True, "password=key", HOSTS, '{"status":200,"message":"record updated","value":{"A":"192.0.2.1"}}', None),
    "noip": (True, LOGIN, HOSTS, "good 192.0.2.1\ngood 192.0.2.1", None),
    "ovh": (True, LOGIN, HOSTS, "good", None),
    "sitelutions": (True, LOGIN, "55,56", "success", None),
    "yandex": (True, "login=example.com, password=tok", HOSTS, yandex, None),
    "zoneedit1": (True, LOGIN, HOSTS, '<SUCCESS CODE="200" TEXT="x">\n<SUCCESS CODE="200" TEXT="x">', None),
}


def requests_of(command, folder, protocol, certificate):
    secure, settings, hosts, answer, _ = PROTOCOLS[protocol]
    server = Recorder(answer, certificate if secure else None)
    try:
        folder.mkdir()
        tls = f"ssl=yes\nssl_ca_file={certificate.parent}/cert.pem" if secure else "ssl=no"
        at = server.host + ("/client/v4" if protocol == "cloudflare" else "/v1/domains" if protocol == "godaddy" else "")
        conf = folder / "ddclient.conf"
        conf.write_text(f"{tls}\nuse=ip, ip=192.0.2.1\nprotocol={protocol}\nserver={at}\n"
                        f"{settings.replace('HOST', server.host).replace(', ', chr(10))}\n{hosts}\n")
        conf.chmod(0o600)
        done = subprocess.run([*command, "-daemon=0", "-foreground", "-force", "-file", conf, "-cache", folder / "cache"],
                              cwd=folder, capture_output=True, text=True, timeout=60)
        return [plain(r) for r in server.requests], done.stdout + done.stderr
    finally:
        server.stop()


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_same_requests(program, tmp_path, certificate, protocol):
    theirs, they_said = requests_of([DDCLIENT], tmp_path / "theirs", protocol, certificate)
    ours, we_said = requests_of([program, "ddclient"], tmp_path / "ours", protocol, certificate)
    assert theirs, they_said
    change = PROTOCOLS[protocol][4]
    if change:
        theirs, ours = change(theirs, ours)
    assert sorted(ours, key=repr) == sorted(theirs, key=repr), we_said
