# SPDX-License-Identifier: ISC
"""The cases of the benchmark, one function each."""
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import events
import pushes
import router
from measure import Table, family, private_kib, run, switches
from peers import Homing, Provider, environment, peers, private, program
from servers import Bind, Nginx, SECRET, free_ports, slow_link, started, wait_port

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
NAMES = int(os.environ.get("BENCH_NAMES", "1000"))


def passes(title, homing, work, nginx, provider, names, one_account=False, prefix=(), runs=RUNS, who=None):
    """One pass over the names by each program; counts the requests that arrived."""
    wall, cpu = Table(f"{title}: wall", "s"), Table(f"{title}: CPU", "s")
    peak = Table(f"{title}: peak memory", "MiB")
    row = f"{names} names"
    for one in who or [homing, *peers()]:
        for _ in range(runs):
            before = nginx.requests()
            command = one.one_pass(work, provider, names, one_account)
            cost = run([*prefix, *command], env=environment(), output=work / f"{one.name}.out")
            wall.add(row, one.name, cost.wall)
            cpu.add(row, one.name, cost.cpu)
            peak.add(row, one.name, cost.peak_kib / 1024)
            time.sleep(0.05)
            arrived = nginx.requests() - before
            if (arrived != names and not one_account) or cost.status != 0:
                print(f"  {one.name}: {arrived} requests for {names} names, exit {cost.status}")
    for table in (wall, cpu, peak):
        table.show()


def with_nginx(work, then, **options):
    nginx = Nginx(work, **options)
    with started(nginx.command) as process:
        if "prefix" not in options:
            wait_port(nginx.address, nginx.http, process)
        else:
            time.sleep(0.5)
        then(nginx)


def case_http(homing, work):
    def then(nginx):
        for n in (1, NAMES):
            passes("Plain HTTP", homing, work, nginx, Provider(f"127.0.0.1:{nginx.http}"), n)
    with_nginx(work, then)


def case_tls(homing, work):
    def then(nginx):
        passes("TLS", homing, work, nginx, Provider(f"127.0.0.1:{nginx.https}", True, nginx.ca), NAMES)
    with_nginx(work, then)


def case_account(homing, work):
    def then(nginx):
        passes("One account", homing, work, nginx, Provider(f"127.0.0.1:{nginx.http}"), NAMES, one_account=True)
    with_nginx(work, then)


def case_link(homing, work):
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("\nlink: skipped, it needs root and /dev/net/tun")
        return
    with slow_link(0.05) as (client, server):
        def then(nginx):
            provider = Provider(f"9.9.9.1:{nginx.https}", True, nginx.ca)
            inside = ["ip", "netns", "exec", client]
            passes("TLS over 50 ms round trip", homing, work, nginx, provider, NAMES, prefix=inside, who=[homing])
            passes("TLS over 50 ms round trip", homing, work, nginx, provider, 50, prefix=inside, runs=1)
        with_nginx(work, then, address="9.9.9.1", prefix=["ip", "netns", "exec", server], ports=(8080, 8443))


def case_rfc2136(homing, work):
    bind = Bind(work)
    wall, cpu = Table("RFC 2136: wall", "s"), Table("RFC 2136: CPU of the client", "s")
    row = f"{NAMES} names"
    conf = ["usev4=ipv4, ipv4=198.51.100.7, allow-private=yes", "verify=no",
            f"provider=nsupdate, server=127.0.0.1:{bind.port}, zone=bench.test, ttl=60, policy=replace",
            f"key-name=k, key-algorithm=hmac-sha256, password='{SECRET}'"]
    conf += [f"h{i}.bench.test" for i in range(NAMES)]
    path = private(work / "rfc2136.conf", "\n".join(conf) + "\n")
    key = private(work / "key", f'key "k" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n')

    def batch(size):
        lines = [f"server 127.0.0.1 {bind.port}", "zone bench.test"]
        for i in range(NAMES):
            lines += [f"update delete h{i}.bench.test A", f"update add h{i}.bench.test 60 A 198.51.100.7"]
            if (i + 1) % size == 0:
                lines.append("send")
        lines.append("send")
        return "\n".join(lines) + "\n"

    (work / "one.txt").write_text(batch(NAMES + 1))
    (work / "hundred.txt").write_text(batch(100))
    with started(bind.command) as process:
        wait_port(bind.address, bind.port, process)
        for _ in range(RUNS):
            subprocess.run(["rm", "-rf", work / "state"], check=True)
            rows = [("homing", [str(homing.path), "once", "--config", str(path), "--state-dir", str(work / "state")]),
                    ("nsupdate, one message", ["nsupdate", "-v", "-k", str(key), str(work / "one.txt")])]
            knsupdate = program("knsupdate")
            if knsupdate:
                rows.append(("knsupdate, by 100", [knsupdate, "-v", "-k", str(key), str(work / "hundred.txt")]))
            for name, command in rows:
                cost = run(command, env=environment(), output=work / "rfc2136.out")
                wall.add(row, name, cost.wall)
                cpu.add(row, name, cost.cpu)
                if cost.status != 0:
                    print(f"  {name}: exit {cost.status}: {(work / 'rfc2136.out').read_text()[-300:]}")
    wall.show()
    cpu.show()


def first_byte(command, port):
    """Seconds from start of the command to the first byte that arrives at the port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    listener.settimeout(10)
    connection, _ = listener.accept()
    connection.recv(1)
    took = time.monotonic() - begin
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\nConnection: close\r\n\r\ngood 198.51.100.7\n")
    connection.close()
    listener.close()
    process.wait(20)
    return took


def case_start(homing, work):
    table = Table("Start to the first byte on the wire", "ms")
    port = free_ports(1)[0]
    provider = Provider(f"127.0.0.1:{port}")
    curl = ["curl", "-s", "-u", "user:secret", f"http://127.0.0.1:{port}/nic/update?hostname=h&myip=198.51.100.7"]
    for _ in range(max(RUNS, 9)):
        for one in [homing, *peers()]:
            table.add("1 name", one.name, 1000 * first_byte(one.one_pass(work, provider, 1), port))
        table.add("1 name", "curl", 1000 * first_byte(curl, port))
    table.show()


def service(homing, conf, state, prefix=()):
    return started([*prefix, str(homing.path), "run", "--config", str(conf), "--state-dir", str(state)], env=environment())


def case_idle(homing, work):
    seconds = int(os.environ.get("BENCH_IDLE", "60"))
    table = Table(f"Idle for {seconds} s, one name after a TLS update", "KiB dirty and private; wake-ups a minute")
    def then(nginx):
        homing.one_pass(work, Provider(f"127.0.0.1:{nginx.https}", True, nginx.ca), 1)
        text = (work / "homing.conf").read_text() + f"listen=127.0.0.1:{free_ports(1)[0]}\n"
        private(work / "homing.conf", text)
        with service(homing, work / "homing.conf", work / "idle-state") as process:
            time.sleep(5)
            pids = family(process.pid)
            before = {p: switches(p) for p in pids}
            time.sleep(seconds)
            table.add("memory", "homing", sum(private_kib(p) for p in pids))
            table.add("wake-ups", "homing", sum(switches(p) - before[p] for p in pids) * 60 / seconds)
    with_nginx(work, then)
    table.show()


def case_scale(homing, work):
    cost = Table("Cost by size: homing check", "s"), Table("Cost by size: peak memory", "MiB")
    for n in (1, 100, 10000, 100000):
        homing.one_pass(work, Provider("127.0.0.1:9"), n)
        for _ in range(3):
            c = run([str(homing.path), "check", str(work / "homing.conf")], env=environment(), output=work / "check.out")
            cost[0].add(f"{n} names", "homing", c.wall)
            cost[1].add(f"{n} names", "homing", c.peak_kib / 1024)
    for table in cost:
        table.show()


def case_status(homing, work):
    table = Table("homing status of a running service", "ms")
    def then(nginx):
        homing.one_pass(work, Provider(f"127.0.0.1:{nginx.http}"), 10)
        with service(homing, work / "homing.conf", work / "status-state"):
            time.sleep(2)
            for _ in range(max(RUNS, 9)):
                c = run([str(homing.path), "status", "--config", str(work / "homing.conf"), "--state-dir", str(work / "status-state")],
                        env=environment())
                table.add("10 names", "homing", 1000 * c.wall)
    with_nginx(work, then)
    table.show()


def case_event(homing, work):
    events.measure(homing, work, RUNS)


def case_push(homing, work):
    with_nginx(work, lambda nginx: pushes.measure(homing, work, f"127.0.0.1:{nginx.http}"))


def case_router(homing, work):
    router.measure(homing, work, RUNS)


CASES = {name[5:]: fn for name, fn in list(globals().items()) if name.startswith("case_")}


def main(path, wanted):
    homing = Homing(path)
    for peer in peers():
        print(f"{peer.name}: {peer.path}")
    for name in wanted or CASES:
        if name not in CASES:
            sys.exit(f"bench: there is no case {name}; there are {', '.join(CASES)}")
        with tempfile.TemporaryDirectory(prefix="homing-bench-") as work:
            CASES[name](homing, Path(work))
        sys.stdout.flush()
