# SPDX-License-Identifier: ISC
"""Fixtures of the system tests: the real program, a folder a test, and the promise that no process is left."""
import os
import pathlib
import socket
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "lib")]

import processes  # noqa: E402
from lib import faulttable, laboratory, spaces  # noqa: E402
from service import Homing  # noqa: E402


@pytest.fixture(scope="session")
def program():
    """The program under test: $HOMING, else the build folder's."""
    for path in (os.environ.get("HOMING"), HERE.parent.parent / "build" / "homing"):
        if path and os.access(path, os.X_OK):
            return os.path.abspath(path)
    pytest.fail("there is no program to test: set HOMING, or run make build")


@pytest.fixture
def started():
    """Starts processes that end with the test: started(command, ...) gives a processes.Process."""
    with processes.Group() as group:
        yield group.start


@pytest.fixture
def homing(program, tmp_path):
    """A service of its own folder: homing(conf) gives a service.Homing that is not started yet."""
    with processes.Group() as group:
        made = []

        def make(conf="", **options):
            folder = tmp_path / f"homing{len(made) or ''}"
            folder.mkdir()
            made.append(Homing(program, folder, conf, group, **options))
            return made[-1]

        yield make


@pytest.fixture(scope="session")
def lingering(program, tmp_path_factory):
    """(service, connections by name): one that says nothing, one amid its headers, one amid its body, one between requests."""
    port = processes.free_ports(1)[0]
    with processes.Group() as group:
        service = Homing(program, tmp_path_factory.mktemp("lingering"), f"listen=127.0.0.1:{port}\noutside=no\n", group).start()
        peers = {}
        for name, text in (("silent", b""), ("headers", b"GET / HTTP/1.1\r\nHost: localh"),
                           ("body", b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{"),
                           ("idle", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")):
            peers[name] = socket.create_connection(("127.0.0.1", port))
            peers[name].sendall(text)
        yield service, peers
        for peer in peers.values():
            peer.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What the processes said is shown when a test fails."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for name, text in processes.said():
            report.sections.append((name, text[-6000:]))
    if report.when == "teardown":
        processes.forget()


@pytest.fixture
def world():
    """Network namespaces, taken away after the test."""
    spaces.need()
    w = spaces.World()
    yield w
    w.close()


@pytest.fixture
def room(world):
    """A namespace for a household of hostnames (lib/laboratory.py)."""
    return laboratory.room(world)


def pytest_terminal_summary(terminalreporter):
    """The table of faults, from what the tests saw."""
    table = list(faulttable.lines())
    if table:
        terminalreporter.section("what homing did in each fault")
        for line in table:
            terminalreporter.write_line(line)
