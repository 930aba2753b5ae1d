# SPDX-License-Identifier: ISC
"""Many devices that push: how long each waits for its answer, what it costs the service, whether all are handled."""
import base64
import http.client
import json
import os
import queue
import socket
import statistics
import threading
import time

from measure import Table, family
from peers import environment, private
from servers import free_ports, started, wait_port

DEVICES = int(os.environ.get("BENCH_DEVICES", "1000"))
PUSHES = int(os.environ.get("BENCH_PUSHES", "10000"))
SECONDS = int(os.environ.get("BENCH_PUSH_SECONDS", "60"))
TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid):
    """Seconds of CPU of a process so far."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def add_devices(path):
    """Their passwords, from the running service."""
    passwords, connection = [], Unix(path)
    for i in range(DEVICES):
        connection.request("POST", "/api/v1/devices", json.dumps({"name": f"d{i}"}), {"Content-Type": "application/json"})
        passwords.append(json.loads(connection.getresponse().read())["password"])
    connection.close()
    return passwords


def one(port, device, password, address):
    """(seconds to the answer, its first word) over a connection of its own, as a router does."""
    token = base64.b64encode(f"d{device}:{password}".encode()).decode()
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"/nic/update?hostname=h{device}.example.org&myip={address}", headers={"Authorization": f"Basic {token}"})
    words = connection.getresponse().read().decode().split()
    connection.close()
    return time.monotonic() - began, words[0]


class Guessers:
    """Somebody at twenty addresses who tries passwords of the same devices as fast as it is answered."""

    def __init__(self, port):
        self.port, self.over, self.answers = port, False, []
        self.threads = [threading.Thread(target=self.guess, args=(n,), daemon=True) for n in range(20)]

    def guess(self, n):
        token = base64.b64encode(f"d{n}:wrong".encode()).decode()
        while not self.over:
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(f"127.0.2.{n + 1}", 0))
                connection.request("GET", "/nic/update?myip=8.8.8.8", headers={"Authorization": f"Basic {token}"})
                self.answers.append((connection.getresponse().status, time.monotonic() - began))
                connection.close()
            except (OSError, http.client.HTTPException):
                self.answers.append((0, time.monotonic() - began))
            time.sleep(0.1)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.over = True
        for thread in self.threads:
            thread.join()

    def words(self):
        slow = [1000 * t for status, t in self.answers if status == 401]
        return (f"; meanwhile {len(self.answers)} guesses from 20 addresses: {len(slow)} refused after {statistics.median(slow or [0]):.0f} ms, "
                f"{sum(s == 429 for s, _ in self.answers)} not looked at (429)")


def spread(port, passwords, changing):
    """All pushes, evenly over the time; "changing": each with another address. [(seconds, word)], and how long it took"""
    todo, results = queue.Queue(), []

    def work():
        while True:
            item = todo.get()
            if item is None:
                return
            try:
                results.append(one(port, *item))
            except (OSError, http.client.HTTPException) as error:
                results.append((None, str(error)))

    workers = [threading.Thread(target=work, daemon=True) for _ in range(200)]
    for worker in workers:
        worker.start()
    began = time.monotonic()
    for n in range(PUSHES):
        time.sleep(max(0, began + n * SECONDS / PUSHES - time.monotonic()))
        device, turn = n % DEVICES, n // DEVICES if changing else 0
        todo.put((device, passwords[device], f"81.{10 + turn}.{device // 250}.{device % 250 + 1}"))
    for _ in workers:
        todo.put(None)
    for worker in workers:
        worker.join()
    return results, time.monotonic() - began


def show(title, results, took, used, more=""):
    times = sorted(1000 * t for t, _ in results if t is not None)
    words = {}
    for t, word in results:
        words[word if t is not None else "failed"] = words.get(word if t is not None else "failed", 0) + 1
    table = Table(title, "")
    table.add("pushes a minute", "homing", 60 * len(times) / took)
    table.add("CPU of the service, s", "homing", used)
    table.add("answer, median ms", "homing", statistics.median(times))
    table.add("answer, 99 of 100, ms", "homing", times[int(len(times) * 0.99)])
    table.add("answer, longest ms", "homing", times[-1])
    table.note = ", ".join(f"{count} {word}" for word, count in sorted(words.items())) + more
    table.show()


def measure(homing, work, provider):
    (port,) = free_ports(1)
    lines = ["listen=no", f"listen-push=127.0.0.1:{port}", "verify=no", "ssl=no", "usev6=disabled", "usev4=pushed", "min-interval=0"]
    lines += [f"pushed=d{i}, protocol=dyndns2, server={provider}, login=u{i}, password=secret h{i}.example.org" for i in range(DEVICES)]
    conf = private(work / "push.conf", "\n".join(lines) + "\n")
    command = [str(homing.path), "run", "--config", str(conf), "--state-dir", str(work / "push-state"), "--socket", str(work / "s")]
    with started(command, env=environment()) as process:
        wait_port("127.0.0.1", port, process)
        passwords = add_devices(str(work / "s"))
        pids = family(process.pid)
        for changing in (True, False):
            before = sum(cpu(p) for p in pids)
            with Guessers(port) as guessers:
                results, took = spread(port, passwords, changing)
            what = "each a new address, published before the answer" if changing else "the same address again"
            show(f"{PUSHES} pushes of {DEVICES} devices in {SECONDS} s, {what}", results, took, sum(cpu(p) for p in pids) - before, guessers.words())
