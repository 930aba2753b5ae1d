# SPDX-License-Identifier: ISC
"""The cases of the benchmark, one function each."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import events
import pushes
import report
import router
from measure import Table, cpu_ms, family, private_kib, run, run_plain, switches
from peers import Homing, Provider, environment, peers, private, program
from servers import Bind, Nginx, SECRET, free_ports, slow_link, started, wait_port

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
NAMES = int(os.environ.get("BENCH_NAMES", "1000"))


def passes(title, homing, work, nginx, provider, names, one_account=False, prefix=(), runs=RUNS, who=None):
    """One pass over the names by each program; counts the requests that arrived."""
    wall, cpu = Table(f"{title}: wall", "s"), Table(f"{title}: CPU", "s")
    peak = Table(f"{title}: peak memory", "MiB")
    row = f"{names} names"
    for _ in range(runs):
        for one in who or [homing, *peers()]:
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
    return wall, cpu


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
            _, cpu = passes("Plain HTTP", homing, work, nginx, Provider(f"127.0.0.1:{nginx.http}"), n)
        report.aim(f"CPU, {NAMES} accounts, plain HTTP: inadyn / homing", "5 times", report.ratio(cpu, f"{NAMES} names", "inadyn"))
    with_nginx(work, then)


def case_tls(homing, work):
    def then(nginx):
        _, cpu = passes("TLS", homing, work, nginx, Provider(f"127.0.0.1:{nginx.https}", True, nginx.ca), NAMES)
        report.aim(f"CPU, {NAMES} accounts, TLS: inadyn / homing", "25 times", report.ratio(cpu, f"{NAMES} names", "inadyn"))
    with_nginx(work, then)


def case_account(homing, work):
    """homing sends twenty names a request, inadyn one, and ddclient all in one, which nginx refuses as too long."""
    def then(nginx):
        for title, provider, aim in (("plain HTTP", Provider(f"127.0.0.1:{nginx.http}"), "5 times"),
                                     ("TLS", Provider(f"127.0.0.1:{nginx.https}", True, nginx.ca), "25 times")):
            _, cpu = passes(f"One account, {title}", homing, work, nginx, provider, NAMES, one_account=True)
            report.aim(f"CPU, {NAMES} names of one account, {title}: inadyn / homing", aim, report.ratio(cpu, f"{NAMES} names", "inadyn"))
    with_nginx(work, then)


def case_link(homing, work):
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("\nlink: skipped, it needs root and /dev/net/tun")
        return
    with slow_link(0.05) as (client, server):
        def then(nginx):
            provider = Provider(f"9.9.9.1:{nginx.https}", True, nginx.ca)
            inside = ["ip", "netns", "exec", client]
            wall, _ = passes("TLS over 50 ms round trip", homing, work, nginx, provider, NAMES, prefix=inside, who=[homing])
            report.aim(f"Wall, {NAMES} accounts, TLS, 50 ms round trip", "at most 1.5 s", f"{wall.median(f'{NAMES} names', 'homing'):.2f} s")
            passes("TLS over 50 ms round trip", homing, work, nginx, provider, 50, prefix=inside, runs=1)
            # Plain HTTP has no streams, and homing keeps to four connections to a server.
            few = 200
            floor = few / 4 * 0.05
            wall, _ = passes("Plain HTTP over 50 ms round trip", homing, work, nginx, Provider(f"9.9.9.1:{nginx.http}"), few, prefix=inside,
                             who=[homing])
            seconds = wall.median(f"{few} names", "homing")
            report.aim(f"Wall, {few} accounts, plain HTTP, 50 ms: homing / (requests / connections x delay)", "1.3 times",
                       f"{seconds / floor:.2f} times ({seconds:.2f} s, {floor:.2f})")
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
                rows.append(("knsupdate, by 100", [knsupdate, "-v", "-y", f"hmac-sha256:k:{SECRET}", str(work / "hundred.txt")]))
            for name, command in rows:
                cost = run(command, env=environment(), output=work / "rfc2136.out")
                wall.add(row, name, cost.wall)
                cpu.add(row, name, cost.cpu)
                if cost.status != 0:
                    print(f"  {name}: exit {cost.status}: {(work / 'rfc2136.out').read_text()[-300:]}")
    wall.show()
    cpu.show()
    report.aim(f"RFC 2136, {NAMES} names: homing / knsupdate, wall", "1.5 times", report.ratio(wall, row, "homing", "knsupdate, by 100"))


def first_byte(command, port):
    """Milliseconds from the start of the command to the first byte that arrives at the port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    listener.settimeout(10)
    connection, _ = listener.accept()
    connection.recv(65536)
    took = time.monotonic() - begin
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\nConnection: close\r\n\r\ngood 198.51.100.7\n")
    connection.close()
    listener.close()
    process.wait(20)
    return 1000 * took


def case_start(homing, work):
    """homing commits the attempt to the disk before its request leaves, and makes its memory when there is none; the
    row "in memory" leaves the disk out."""
    table = Table("Start to the first byte on the wire, 1 name", "ms")
    port = free_ports(1)[0]
    provider = Provider(f"127.0.0.1:{port}")
    curl = ["curl", "-s", "-u", "user:secret", f"http://127.0.0.1:{port}/nic/update?hostname=h&myip=198.51.100.7"]
    with tempfile.TemporaryDirectory(prefix="homing-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as fast:
        for _ in range(max(RUNS, 9)):
            for folder, again in ((work, "on a disk"), (Path(fast), "in memory")):
                table.add("first pass, " + again, "homing", first_byte(homing.one_pass(folder, provider, 1), port))
                table.add("first pass, " + again, "curl", first_byte(curl, port))
                command = homing.one_pass(folder, provider, 1, address="198.51.100.8", again=True)
                table.add("next pass, " + again, "homing", first_byte(command, port))
                table.add("next pass, " + again, "curl", first_byte(curl, port))
            for one in peers():
                table.add("first pass, on a disk", one.name, first_byte(one.one_pass(work, provider, 1), port))
    table.show()
    for row in table.rows:
        report.aim(f"Start to first byte, {row}: homing / curl", "1.5 times", report.ratio(table, row, "homing", "curl"))


def own_runtime(work):
    """A place for the socket where no other service listens."""
    (work / "run").mkdir(exist_ok=True)
    return {**environment(), "RUNTIME_DIRECTORY": str(work / "run")}


def service(homing, conf, state, prefix=()):
    return started([*prefix, str(homing.path), "run", "--config", str(conf), "--state-dir", str(state)], env=own_runtime(conf.parent))


def an_interface():
    """One that has an IPv4 address, besides lo."""
    out = subprocess.run(["ip", "-j", "-4", "addr"], capture_output=True, text=True).stdout
    names = [link["ifname"] for link in json.loads(out or "[]") if link.get("addr_info")]
    return next((n for n in names if n != "lo"), "lo")


def case_idle(homing, work):
    """One name of an interface, which is an event source; the page closed to the network."""
    settle, seconds = int(os.environ.get("BENCH_SETTLE", "300")), int(os.environ.get("BENCH_IDLE", "120"))
    table = Table(f"Idle, one name, {settle} s after a TLS update, for {seconds} s", "KiB dirty and private; wake-ups a minute")
    def then(nginx):
        lines = ["ssl=yes", f"ssl_ca_file={nginx.ca}", f"usev4=ifv4, ifv4={an_interface()}, allow-private=yes", "verify=no", "listen=no",
                 f"protocol=dyndns2, server=127.0.0.1:{nginx.https}, login=user, password=secret host0.example.org"]
        conf = private(work / "homing.conf", "\n".join(lines) + "\n")
        with service(homing, conf, work / "idle-state") as process:
            time.sleep(settle)
            if nginx.requests() != 1:
                print(f"  homing: {nginx.requests()} updates instead of one")
            pids = family(process.pid)
            for row, pid in zip(("keeper", "worker"), pids):
                table.add("memory, " + row, "homing", private_kib(pid))
            table.add("memory, together", "homing", sum(private_kib(p) for p in pids))
            before = {p: switches(p) for p in pids}
            time.sleep(seconds)
            table.add("wake-ups", "homing", sum(switches(p) - before[p] for p in pids) * 60 / seconds)
    with_nginx(work, then)
    table.show()
    report.aim("Idle: dirty private memory", "under 5 MiB", f"{table.median('memory, together', 'homing') / 1024:.1f} MiB")
    report.aim("Idle: wake-ups a minute", "at most 1", f"{table.median('wake-ups', 'homing'):.1f}")


def fleet(homing, count, *options):
    """What the engine alone needs for so many hostnames (test/sim/fleet.c)."""
    tool = homing.path.parent / "test" / "sim" / "fleet"
    if not tool.exists():
        return None
    return json.loads(subprocess.run([tool, *options, str(count)], capture_output=True, text=True, check=True).stdout)


def running(homing, work, table, row):
    """The service with so many names whose address is known and published: memory and what an idle minute costs."""
    with service(homing, work / "homing.conf", work / "homing-state") as process:
        before, quiet, end = -1, 0, time.monotonic() + 120
        while quiet < 3 and time.monotonic() < end: # until it has nothing to do any more
            time.sleep(1)
            now = sum(cpu_ms(p) for p in family(process.pid))
            quiet = quiet + 1 if now - before < 20 else 0
            before = now
        pids = family(process.pid)
        woken, used = sum(switches(p) for p in pids), sum(cpu_ms(p) for p in pids)
        time.sleep(20)
        table.add(row, "idle MiB", sum(private_kib(p) for p in pids) / 1024)
        table.add(row, "wake-ups/min", (sum(switches(p) for p in pids) - woken) * 3)
        table.add(row, "CPU ms/min", (sum(cpu_ms(p) for p in pids) - used) * 3)


def case_scale(homing, work):
    sizes = [int(n) for n in os.environ.get("BENCH_SIZES", "1,100,10000,100000").split(",")]
    table = Table("Cost by number of hostnames, an account each: a pass, the service idle, the engine alone", "see columns")
    def then(nginx):
        for n in sizes:
            row = f"{n} names"
            command = homing.one_pass(work, Provider(f"127.0.0.1:{nginx.http}"), n)
            cost = run(command, env=environment(), output=work / "once.out")
            if cost.status != 0:
                print(f"  homing: exit {cost.status} for {n} names: {(work / 'once.out').read_text()[-200:]}")
            table.add(row, "pass s", cost.wall)
            table.add(row, "pass CPU s", cost.cpu)
            table.add(row, "peak MiB", cost.peak_kib / 1024)
            again = run(command, env=environment(), output=work / "once.out")
            table.add(row, "nothing new s", again.wall)
            running(homing, work, table, row)
            alone = fleet(homing, n)
            if alone:
                for column, key in (("read ms", "read_ms"), ("load ms", "load_ms"), ("decide ms", "decide_ms")):
                    table.add(row, column, alone[key])
                shared = fleet(homing, n, "--shared")
                for column, one in (("B/name", alone), ("one account", shared)):
                    table.add(row, column, one["conf_bytes"] - one["text_bytes"] + one["engine_bytes"])
    with_nginx(work, then)
    table.show_plain()
    most = f"{max(sizes)} names"
    if table.median(most, "decide ms") is not None:
        report.aim(f"{most}: a new address decided", "under 100 ms", f"{table.median(most, 'decide ms'):.0f} ms")
        report.aim(f"{most}, an account each: memory beyond the text", "under 400 B a name", f"{table.median(most, 'B/name'):.0f} B")
        report.aim(f"{most}, one account: memory beyond the text", "under 400 B a name", f"{table.median(most, 'one account'):.0f} B")
        ready = table.median(most, "read ms") + table.median(most, "load ms")
        report.aim(f"{most}: read, checked, loaded", "under 1 s", f"{ready / 1000:.2f} s")
    report.aim(f"{most}: a pass with nothing new", "under 1 s", f"{table.median(most, 'nothing new s'):.2f} s")


def case_status(homing, work):
    table = Table("homing status of a running service", "ms")
    def then(nginx):
        homing.one_pass(work, Provider(f"127.0.0.1:{nginx.http}"), 10)
        with service(homing, work / "homing.conf", work / "status-state"):
            time.sleep(3)
            command = [str(homing.path), "status", "--config", str(work / "homing.conf"), "--state-dir", str(work / "status-state")]
            for _ in range(max(RUNS, 9)):
                c = run_plain(command, own_runtime(work), None, work / "status.out")
                table.add("wall", "homing", 1000 * c.wall)
                table.add("CPU", "homing", 1000 * c.cpu)
            if c.status != 0:
                print(f"  homing: exit {c.status}: {(work / 'status.out').read_text()[-200:]}")
    with_nginx(work, then)
    table.show()
    report.aim("homing status", "under 10 ms", f"{table.median('wall', 'homing'):.1f} ms")


def case_limits(homing, work):
    """How far this nginx goes, and what a request costs a client that does nothing else."""
    rate, cost = Table("The limits of the same nginx", "requests a second"), Table("CPU of the client", "microseconds a request")
    def then(nginx):
        for row, url in (("HTTP", f"http://127.0.0.1:{nginx.http}"), ("TLS", f"https://127.0.0.1:{nginx.https}")):
            url += "/nic/update?hostname=host0.example.org&myip=198.51.100.7"
            for name, command in (("wrk", ["-t1", "-c8", "-d3", url]), ("h2load", ["-n", "20000", "-c", "1", "-m", "100", url])):
                path = program(name)
                if path is None or (name == "h2load" and row == "HTTP"):
                    continue
                for _ in range(min(RUNS, 3)):
                    c = run([path, *command], env=environment(), output=work / "limits.out")
                    text = (work / "limits.out").read_text()
                    found = re.search(r"Requests/sec:\s*([\d.]+)|([\d.]+) req/s", text)
                    if not found:
                        print(f"  {name}: exit {c.status}: {text[-200:]}")
                        continue
                    a_second = float(found.group(1) or found.group(2))
                    rate.add(row, name, a_second)
                    cost.add(row, name, 1e6 * c.cpu / (a_second * 3 if name == "wrk" else 20000))
            for _ in range(min(RUNS, 3)):
                provider = Provider(f"127.0.0.1:{nginx.https if row == 'TLS' else nginx.http}", row == "TLS", nginx.ca if row == "TLS" else None)
                c = run(homing.one_pass(work, provider, NAMES), env=environment(), output=work / "limits.out")
                rate.add(row, "homing", NAMES / c.wall)
                cost.add(row, "homing", 1e6 * c.cpu / NAMES)
    with_nginx(work, then)
    rate.show()
    cost.show()


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
    report.show()
