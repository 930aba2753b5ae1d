# SPDX-License-Identifier: ISC
"""Ends without warning, decay, full disks: it starts again, no wait is forgotten, nothing is written blindly."""
import os
import random
import shutil
import subprocess
import threading
import time

import pytest

from auth import Auth
from processes import eventually
from scripted import Scripted

KILLS = int(os.environ.get("HOMING_KILLS", "200"))
SHORTEST_WAIT = 48  # seconds: the first back-off is a minute, less a fifth at most


def seed():
    """Another one each time, printed, so that a failure can be had again: HOMING_SEED=n."""
    n = int(os.environ.get("HOMING_SEED", random.randrange(1 << 30)))
    print(f"HOMING_SEED={n}")
    return random.Random(n)


class Providers:
    """Accounts where all is well, in trouble, that block, and with a wrong password. Hostnames come in groups that
    have their address from one file each, so that a change concerns a few of them."""

    GROUPS, EACH = 40, 15

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.servers = {
            "well": Scripted(self.slowly),
            "trouble": Scripted(lambda r: (500, "sorry")),
            "abuse": Scripted(lambda r: "\n".join("abuse" for _ in r.hostnames)),
            "wrong": Scripted(lambda r: "badauth"),
        }
        self.auth = Auth(self.find)
        self.names = {kind: [] for kind in self.servers}
        self.conf = "listen=no, settle=0\nprotocol=dyndns2, ssl=no, password=s3cret, min-interval=0, usev4=filev4\n"
        self.conf += f"verify-server={self.auth.where}\n"
        for group in range(self.GROUPS):
            for kind, server in self.servers.items():
                for i in range(self.EACH if kind == "well" else 1 if group < 4 else 0):
                    self.names[kind].append(f"h{i}.g{group}.{kind}.test")
                    self.conf += (f"server={server.host}, login={kind}{group if kind == 'well' else ''}, password=s3cret, "
                                  f"filev4={folder}/{group} {self.names[kind][-1]}\n")
        self.addresses = [0] * self.GROUPS
        for group in range(self.GROUPS):
            self.change(group)

    @staticmethod
    def slowly(request):
        return "\n".join(f"good {request.address}" for _ in request.hostnames)

    def find(self, name, kind):
        """What the DNS says: at once what the provider took."""
        address = self.servers["well"].published(name) if kind == "A" else None
        return [address] if address else None

    def address(self, group):
        n = self.addresses[group]
        return f"8.{group}.{n >> 8}.{n & 255}"

    def change(self, group):
        """Another address for a group of hostnames; never one it had."""
        self.addresses[group] += 1
        beside = self.folder / "beside"
        beside.write_text(self.address(group) + "\n")
        beside.rename(self.folder / str(group))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.auth.close()
        for server in self.servers.values():
            server.close()


class Flapping:
    """Addresses that change all the time."""

    def __init__(self, providers, dice):
        self.providers, self.dice, self.ended = providers, dice, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.ended.wait(0.05):
            self.providers.change(self.dice.randrange(self.providers.GROUPS))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.ended.set()
        self.thread.join()


def pairs_of(server, name):
    taken = server.taken(name)
    return zip(taken, taken[1:])


def check_waits(providers):
    """What may never happen, in the servers' own words."""
    for kind in "trouble", "abuse", "wrong":
        for name in providers.names[kind]:
            for first, second in pairs_of(providers.servers[kind], name):
                assert second.at - first.at >= SHORTEST_WAIT, f"a wait was forgotten: {first} and {second}"
    for name in providers.names["well"]:
        seen = {}
        for request in providers.servers["well"].taken(name):
            # What it took it is never sent again: the DNS is asked first.
            assert request.address not in seen, f"sent twice: {seen[request.address]} and {request}"
            seen[request.address] = request


def test_killed_at_any_instant(homing, tmp_path):
    dice = seed()
    with Providers(tmp_path / "addresses") as providers:
        began = time.monotonic()
        service = homing(providers.conf).start()
        begin = time.monotonic() - began  # how long this machine takes to start it, just now
        eventually(lambda: len({n for r in providers.servers["well"].taken() for n in r.hostnames}) == len(providers.names["well"]),
                   60, "the first address of every hostname")
        service.kill()
        with Flapping(providers, random.Random(dice.random())):
            for _ in range(KILLS):
                service.start(ready=False)
                time.sleep(dice.uniform(begin / 4, 2 * begin + 0.3))
                assert not service.process.ended(), service.text()
                service.kill()
                assert "damaged" not in service.text() and "lost" not in service.text(), service.text()
        check_waits(providers)
        service.start()
        service.wait_for("in use")
        check_waits(providers)
        for group in range(providers.GROUPS):
            providers.change(group)
        eventually(lambda: any(r.address == providers.address(0) for r in providers.servers["well"].taken()) or
                   "back-off" in service.text(), 20, "work after the last start")
        service.stop()
        check_waits(providers)
        well = providers.servers["well"].taken()
        print(f"{KILLS} kills; requests: " + ", ".join(f"{kind} {len(s.taken())}" for kind, s in providers.servers.items()))
        # A kill during a request makes its names wait a minute, so most kills meet fewer than they could.
        assert len(well) > providers.GROUPS + KILLS // 4, "it was not busy"


PAGE = 4096


def small(providers, folder):
    """A few hostnames of every kind, at one address that stays."""
    (folder / "v4").write_text("8.8.4.4\n")
    text = f"listen=no, settle=0\nprotocol=dyndns2, ssl=no, min-interval=0, usev4=filev4, filev4={folder}/v4, verify-server={providers.auth.where}\n"
    for kind, server in providers.servers.items():
        for name in providers.names[kind][:6 if kind == "well" else 1]:
            text += f"server={server.host}, login={kind}, password=s3cret {name}\n"
    return text


def decayed(content, page, dice):
    """The content with one page as disks give it back when they lie: zeros, noise, half of it, a few changed bytes."""
    before = content[page * PAGE:(page + 1) * PAGE]
    after = bytearray(before)
    way = dice.randrange(4)
    if way == 0:
        after[:] = bytes(PAGE)
    elif way == 1:
        after[:] = dice.randbytes(PAGE)
    elif way == 2:
        after[PAGE // 2:] = bytes(PAGE // 2)
    else:
        for _ in range(3):
            after[PAGE - 1 - dice.randrange(600)] ^= 1 + dice.randrange(255)
    return content[:page * PAGE] + bytes(after) + content[(page + 1) * PAGE:], ("zeros", "noise", "half", "bytes")[way]


def test_any_page_decayed(homing, tmp_path):
    """Each page of each file in turn: it starts, says so, asks the DNS first, and forgets no wait and no stop."""
    dice = seed()
    with Providers(tmp_path / "addresses") as providers:
        service = homing(small(providers, tmp_path)).start()
        counts = lambda: {kind: len(s.taken()) for kind, s in providers.servers.items()}  # noqa: E731
        eventually(lambda: all(counts().values()), 20, "a first request to each")
        service.wait_for("good", count=6)
        assert service.stop() == 0
        kept = tmp_path / "kept"
        shutil.copytree(service.state, kept)
        first, lost = counts(), 0
        for name in "memory.db", "memory-copy.db":
            content = (kept / name).read_bytes()
            for page in range(len(content) // PAGE):
                shutil.rmtree(service.state)
                shutil.copytree(kept, service.state)
                bad, way = decayed(content, page, dice)
                (service.state / name).write_bytes(bad)
                what = f"{name}, page {page + 1}, {way}"
                service.start()
                said = service.text()
                assert ("is kept as" in said) == bool(list(service.state.glob("*.damaged-*"))), what
                if "is asked first" in said:
                    lost += 1
                    service.wait_for(r"nochg", count=6)
                else:
                    time.sleep(0.2)
                assert counts() == first, f"{what}: something was sent\n{service.text()}"
                assert service.stop() == 0, what
        pages = len((kept / "memory.db").read_bytes()) // PAGE
        print(f"the main file was lost with {lost} of its {pages} pages")
        assert lost >= 2


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system needs root")
def test_disk_full(homing, tmp_path):
    """Nothing is sent that could not be remembered; it goes on by itself when there is room again."""
    state = tmp_path / "homing" / "state"
    inside = ["unshare", "-m", "--propagation", "private", "sh", "-c",
              f'mkdir -p {state} && mount -t tmpfs -o size=400k,mode=700 none {state} && exec "$@"', "sh"]
    with Providers(tmp_path / "addresses") as providers:
        conf = small(providers, tmp_path).replace("settle=0", "settle=0, daemon=60")
        service = homing(conf, prefix=inside).start()
        service.wait_for("good", count=6)
        within = ["nsenter", "-t", str(service.keeper), "-m"]
        subprocess.run([*within, "sh", "-c", f"dd if=/dev/zero of={state}/filler bs=4k 2>/dev/null; true"], check=True)
        before = len(providers.servers["well"].taken())
        (tmp_path / "v4").write_text("8.8.8.8\n")
        service.wait_for("can not be written: no space is left")
        time.sleep(0.5)
        assert len(providers.servers["well"].taken()) == before, "it sent what it could not remember"
        assert not service.process.ended()
        subprocess.run([*within, "rm", f"{state}/filler"], check=True)
        service.wait_for("can be written again", 60)
        eventually(lambda: providers.servers["well"].published(providers.names["well"][0]) == "8.8.8.8", 60, "the new address")
        assert service.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system needs root")
def test_disk_full_at_the_start(homing, tmp_path):
    state = tmp_path / "homing" / "state"
    inside = ["unshare", "-m", "--propagation", "private", "sh", "-c",
              f'mkdir -p {state} && mount -t tmpfs -o size=16k,mode=700 none {state} && exec "$@"', "sh"]
    with Providers(tmp_path / "addresses") as providers:
        service = homing(small(providers, tmp_path), prefix=inside).start(ready=False)
        service.wait_for("no space is left")
        service.wait_for("started again in")
        assert not providers.servers["well"].taken()
        subprocess.run(["nsenter", "-t", str(service.keeper), "-m", "mount", "-o", "remount,size=4m", str(state)], check=True)
        service.wait_for("good", 60, count=6)
        assert service.stop() == 0
