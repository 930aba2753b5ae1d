# SPDX-License-Identifier: ISC
"""Programs of the build and server programs; every process that is started here is ended by its id."""
import functools
import json
import os
import pathlib
import queue
import socket
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]


def homing():
    """The program under test: $HOMING, else that of ./build."""
    return pathlib.Path(os.environ.get("HOMING", TOP / "build" / "homing"))


def tool(name):
    """A test program of the same build."""
    path = homing().parent / "test" / "tool" / name
    if not path.exists():
        pytest.skip(f"{name} is not built (meson option tests)")
    return str(path)


@functools.lru_cache(maxsize=None)
def _program(name):
    done = subprocess.run([TOP / "scripts" / "program", name], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def program(name):
    """The path of a server program; the test is skipped where it cannot be had."""
    path = _program(name)
    if not path:
        pytest.skip(f"the program {name} cannot be had here")
    return path


@contextmanager
def started(command, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.DEVNULL)
    options.setdefault("stderr", subprocess.DEVNULL)
    process = subprocess.Popen([str(c) for c in command], **options)
    try:
        yield process
    finally:
        stop(process)


def stop(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()


def free_ports(count, kind=socket.SOCK_STREAM, address="127.0.0.1"):
    sockets = [socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) for _ in range(count)]
    for s in sockets:
        s.bind((address, 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def free_port(kind=socket.SOCK_STREAM, address="127.0.0.1"):
    return free_ports(1, kind, address)[0]


def until(condition, seconds=10, what="it"):
    """Waits for a condition to hold; returns its value. The time is a bound for a broken test, not a measure."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come in {seconds} s")
        time.sleep(0.02)


def listens(address, port):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as s:
        s.settimeout(1)
        return s.connect_ex((address, port)) == 0


class Lines:
    """A process whose output is read line by line, as JSON."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, **options)
        self.queue = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.queue.put(json.loads(line))
        self.queue.put(None)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def next(self, seconds=10):
        try:
            item = self.queue.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"nothing was told in {seconds} s; before: {self.seen}") from None
        assert item is not None, f"it ended; before: {self.seen}; it said: {self.process.stderr.read()}"
        self.seen.append(item)
        return item

    def expect(self, seconds=10, **wanted):
        """Reads until a line has all of these values."""
        end = time.monotonic() + seconds
        while True:
            item = self.next(max(0.1, end - time.monotonic()))
            if all(item.get(key) == value for key, value in wanted.items()):
                return item

    def quiet(self, seconds):
        """Nothing comes for so long; what comes is returned for the message."""
        try:
            return self.queue.get(timeout=seconds)
        except queue.Empty:
            return None

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        stop(self.process)
        self.reader.join(5)
