# SPDX-License-Identifier: ISC
"""Network namespaces joined by veth pairs. Their names carry the test's process id, so that runs do not meet."""
import functools
import itertools
import os
import pathlib
import shutil
import subprocess

import pytest

_numbers = itertools.count(1)


@functools.lru_cache(maxsize=None)
def usable():
    """Can this user make namespaces with interfaces in them?"""
    if os.geteuid() != 0:
        return False
    name = f"homing-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:
        return False
    done = subprocess.run(["ip", "-n", name, "link", "add", "t0", "type", "veth", "peer", "name", "t1"], capture_output=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return done.returncode == 0


class Space:
    """A namespace with its loopback up."""

    def __init__(self, name):
        self.name = f"homing-{os.getpid()}-{next(_numbers)}-{name}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.ip("link set lo up")

    def ip(self, command, check=True):
        return subprocess.run(["ip", "-n", self.name, *command.split()], check=check, capture_output=True, text=True)

    def batch(self, *commands):
        """Several of ip's commands at once."""
        subprocess.run(["ip", "-n", self.name, "-batch", "-"], input="\n".join(commands) + "\n", check=True, capture_output=True, text=True)

    def enter(self, *command):
        """The command, to be run inside."""
        return ["ip", "netns", "exec", self.name, *[str(c) for c in command]]

    def run(self, *command, **options):
        options.setdefault("check", True)
        return subprocess.run(self.enter(*command), capture_output=True, text=True, **options)

    def sysctl(self, name, value):
        self.run("sysctl", "-qw", f"{name}={value}")

    def etc(self, name, text):
        """A file of /etc as it is seen by what runs inside (hosts, resolv.conf)."""
        folder = pathlib.Path("/etc/netns") / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        shutil.rmtree(pathlib.Path("/etc/netns") / self.name, ignore_errors=True)


class World:
    """Spaces of one test."""

    def __init__(self):
        self.spaces = []

    def space(self, name):
        self.spaces.append(Space(name))
        return self.spaces[-1]

    def join(self, a, a_name, b, b_name):
        """A wire between two spaces; both ends are up."""
        subprocess.run(["ip", "link", "add", a_name, "netns", a.name, "type", "veth", "peer", "name", b_name, "netns", b.name],
                       check=True)
        a.ip(f"link set {a_name} up")
        b.ip(f"link set {b_name} up")

    def close(self):
        for space in self.spaces:
            space.close()


def need():
    if not usable():
        pytest.skip("network namespaces cannot be made here (needs root and veth)")
