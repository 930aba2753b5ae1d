# SPDX-License-Identifier: ISC
"""Processes of tests: started in the foreground, read line by line, ended by their process id."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

_all = []


def said():
    return [(f"{p.name} (process {p.pid})", p.text()) for p in _all]


def forget():
    _all.clear()


def eventually(check, seconds=10, what="it"):
    """Calls check until it gives something true, which is returned. For waiting, never for judging speed."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen in {seconds} s")
        time.sleep(0.02)


def alive(pid):
    """Does a process of that id run? A zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid):
    """Process ids of the living children, oldest first."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(word) for word in f.read().split() if alive(int(word))]
    except FileNotFoundError:
        return []


def free_ports(count, address="127.0.0.1"):
    """Ports that are free for TCP and UDP right now."""
    held, ports = [], []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    while len(ports) < count:
        tcp, udp = socket.socket(family), socket.socket(family, socket.SOCK_DGRAM)
        tcp.bind((address, 0))
        try:
            udp.bind((address, tcp.getsockname()[1]))
            ports.append(tcp.getsockname()[1])
        except OSError:
            pass
        held += [tcp, udp]
    for s in held:
        s.close()
    return ports


class Process:
    def __init__(self, command, name=None, env=None, cwd=None, **options):
        self.name = name or os.path.basename(command[0])
        self.log = tempfile.TemporaryFile()
        self.popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                      env=env, cwd=cwd, **options)
        self.pid = self.popen.pid
        _all.append(self)

    def text(self):
        return os.pread(self.log.fileno(), 1 << 24, 0).decode(errors="replace")

    def ended(self):
        return self.popen.poll() is not None

    def wait(self, seconds=20):
        """Its exit status; negative for a signal."""
        return self.popen.wait(seconds)

    def wait_for(self, pattern, seconds=10, count=1):
        """Waits until its output has the pattern so many times; gives the last match."""
        def look():
            found = list(re.finditer(pattern, self.text(), re.M))
            if len(found) >= count:
                return found[-1]
            if self.ended():
                found = list(re.finditer(pattern, self.text(), re.M))
                if len(found) >= count:
                    return found[-1]
                raise AssertionError(f"{self.name} ended ({self.popen.returncode}) without {pattern!r}:\n{self.text()[-3000:]}")
            return None
        return eventually(look, seconds, f"{pattern!r} from {self.name}")

    def signal(self, number):
        if not self.ended():
            self.popen.send_signal(number)

    def stop(self, seconds=20):
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.popen.wait(10)


class Group:
    """Ends what it started."""

    def __init__(self):
        self.processes = []

    def start(self, command, **options):
        self.processes.append(Process(command, **options))
        return self.processes[-1]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for process in reversed(self.processes):
            if not process.ended():
                process.signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
