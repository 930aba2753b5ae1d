# SPDX-License-Identifier: ISC
"""nginx and BIND in the foreground on loopback ports, ended by process id; a slow link between namespaces."""
import fcntl
import heapq
import os
import select
import socket
import struct
import subprocess
import time
from contextlib import contextmanager

from peers import program

NGINX = """
worker_processes 1; daemon off; pid {t}/nginx.pid; error_log {t}/nginx.log;
events {{ worker_connections 20000; }}
http {{ access_log {t}/access.log; client_body_temp_path {t}/t1; proxy_temp_path {t}/t2; fastcgi_temp_path {t}/t3;
 uwsgi_temp_path {t}/t4; scgi_temp_path {t}/t5; keepalive_requests 100000; default_type text/plain;
 server {{ listen {address}:{http}; listen {address}:{https} ssl http2; server_name {name};
  ssl_certificate {t}/cert.pem; ssl_certificate_key {t}/key.pem;
  location /nic/update {{ return 200 "good 198.51.100.7\\n"; }} }} }}
"""


def free_ports(count, address="127.0.0.1"):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind((address, 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_port(address, port, process, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended at once with {process.returncode}")
        with socket.socket() as s:
            s.settimeout(1)
            if s.connect_ex((address, port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("a server did not listen in time")


@contextmanager
def started(command, **options):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def certificate(folder, name, address):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name},IP:{address}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    return folder / "cert.pem"


class Nginx:
    def __init__(self, folder, address="127.0.0.1", prefix=(), ports=None):
        self.folder, self.address = folder, address
        self.http, self.https = ports or free_ports(2, "127.0.0.1")
        self.ca = certificate(folder, "localhost", address)
        (folder / "nginx.conf").write_text(NGINX.format(t=folder, address=address, http=self.http, https=self.https, name="localhost"))
        self.command = [*prefix, program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]

    def requests(self):
        path = self.folder / "access.log"
        return len(path.read_text().splitlines()) if path.exists() else 0


BIND = """
options {{ directory "{t}"; pid-file "{t}/named.pid"; session-keyfile "{t}/session.key"; listen-on port {port} {{ {address}; }};
 listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; notify no; }};
controls {{ }};
key "k" {{ algorithm hmac-sha256; secret "{secret}"; }};
zone "bench.test" {{ type primary; file "bench.zone"; update-policy {{ grant k zonesub ANY; }}; }};
"""
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ="


class Bind:
    def __init__(self, folder, address="127.0.0.1", prefix=(), port=None):
        self.folder, self.address = folder, address
        self.port = port or free_ports(1)[0]
        (folder / "bench.zone").write_text("$TTL 60\n@ IN SOA ns you 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n")
        (folder / "named.conf").write_text(BIND.format(t=folder, port=self.port, address=address, secret=SECRET))
        self.command = [*prefix, program("named"), "-f", "-c", str(folder / "named.conf")]


TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
CLONE_NEWNET = 0x40000000


def tun_in(namespace, name):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        libc.setns(home, CLONE_NEWNET)
    finally:
        os.close(home)
        os.close(there)
    return device


def relay(first, second, delay):
    """Carries packets both ways, each after "delay" seconds, until killed."""
    queue, order = [], 0
    while True:
        wait = max(0.0, queue[0][0] - time.monotonic()) if queue else None
        ready, _, _ = select.select([first, second], [], [], wait)
        now = time.monotonic()
        for device in ready:
            packet = os.read(device, 65536)
            order += 1
            heapq.heappush(queue, (now + delay, order, second if device == first else first, packet))
        while queue and queue[0][0] <= time.monotonic():
            _, _, device, packet = heapq.heappop(queue)
            os.write(device, packet)


@contextmanager
def slow_link(round_trip):
    """Two namespaces joined by a link with that round trip; yields their names (client, server)."""
    tag = str(os.getpid())
    names = (f"hb-c{tag}", f"hb-s{tag}")
    for n in names:
        subprocess.run(["ip", "netns", "add", n], check=True)
    child = None
    try:
        devices = [tun_in(names[0], "link0"), tun_in(names[1], "link0")]
        for n, mine, other in ((names[0], "9.9.9.2", "9.9.9.1"), (names[1], "9.9.9.1", "9.9.9.2")):
            subprocess.run(["ip", "-n", n, "link", "set", "lo", "up"], check=True)
            subprocess.run(["ip", "-n", n, "addr", "add", mine, "peer", other, "dev", "link0"], check=True)
            subprocess.run(["ip", "-n", n, "link", "set", "link0", "up"], check=True)
        child = os.fork()
        if child == 0:
            try:
                relay(*devices, round_trip / 2)
            finally:
                os._exit(0)
        for d in devices:
            os.close(d)
        yield names
    finally:
        if child:
            os.kill(child, 9)
            os.waitpid(child, 0)
        for n in names:
            subprocess.run(["ip", "netns", "del", n], check=False)

