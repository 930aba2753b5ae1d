# SPDX-License-Identifier: ISC
"""The fault laboratory, the network's part: one service keeps a hostname in every kind of trouble at the same time, at a
provider of each shape and with each kind of source, beside hostnames that are well. For each: a named outcome, the right
wait, nothing lost, nobody else affected, and words that help. lib/faults.py lists them, lib/crooked.py and
lib/crooked_home.py have the servers, lib/faulttable.py the table."""
import pathlib
import re
import subprocess
import time

import pytest

from lib import faulttable
from lib.crooked import Place
from lib.crooked_home import FORGED
from lib.faults import FAULTS
from lib.laboratory import NEW, OLD, WITNESSES, Laboratory, hostnames, no_garbage, why
from processes import Group, eventually


@pytest.fixture
def laboratory(room, tmp_path):
    with Group() as group, Laboratory(room, tmp_path, group, FAULTS) as made:
        yield made


class Watch:
    """How each hostname in trouble was when it first was as it shall be, and when that was."""

    def __init__(self, service, lab):
        self.service, self.began, self.seen, self.now = service, time.time(), {}, {}
        self.wanted = {host: fault.expected[shape][0] for host, (fault, shape) in lab.hosts.items() if fault.expected[shape] is not None}

    def look(self):
        """Are all so?"""
        self.now = hostnames(self.service)
        at = time.time()
        for host, state in self.wanted.items():
            if self.now[host]["state"] == state:
                self.seen.setdefault(host, (at, self.now[host]))
        time.sleep(0.1)  # the servers' threads need this one's time
        return not self.missing()

    def missing(self):
        return [(host, self.now[host]["state"], self.now[host]["reason"]["code"]) for host in self.wanted if host not in self.seen]


def judge(watch, lab, host, fault, shape):
    """Asserts the outcome of one hostname in its trouble, and puts it into the table."""
    state, reason, shortest, longest, words = fault.expected[shape]
    at, item = watch.seen[host]
    text, last = why(watch.service, item)
    what = f"{host}: {item['state']} {item['reason']['code']} {item['next_at']}, {lab.now(host)} stands there: {text}"
    assert item["state"] == state and re.fullmatch(reason, item["reason"]["code"]), what
    assert re.search(words, text), what
    no_garbage(text)
    early = fault.names not in (None, "poison") and shape in ("GET", "REST")  # in trouble from the start
    if shortest is not None:  # less the time until it was looked at
        wait = item["next_at"] / 1000 - at
        assert shortest - (60 if early else 8) <= wait <= longest and item["next"]["code"] == "next_send", f"{wait} s: {what}"
    if state in ("unknown", "right"):
        assert "said:" not in text, what  # the provider has no part in it
    # Either nothing was changed, or the server took it and only its answer was lost.
    lost = fault.writes_only if shape == "REST" else shape == "UPDATE" and ("stream" in fault.dns or "garnish" in fault.dns)
    assert lab.now(host) == (NEW if lost else None if early else OLD), what
    outcome = {"silent": "unknown, kept", "refused": "refused, kept", "odd_answer": "odd answer", ".*": "not taken, kept"}.get(reason, reason)
    if reason == "offline":
        assert item["next"]["code"] == "next_event", what
        outcome = "offline, on event"
    faulttable.note(fault.name, shape, outcome, {48: 60, 115: 120, 285: 300}.get(shortest))
    if shape in ("GET", "UPDATE", "web", "natpmp", "upnp"):
        faulttable.say(fault.name, item["reason"]["text"] + ". " + last)


def judge_all(watch, lab):
    wrong = []
    for host, (fault, shape) in lab.hosts.items():
        if fault.expected[shape] is None:
            faulttable.note(fault.name, shape, "goes on")
            continue
        try:
            judge(watch, lab, host, fault, shape)
        except AssertionError as error:
            wrong.append(str(error).split("\nassert")[0])
    assert not wrong, "\n".join(wrong)
    for fault in FAULTS:
        for shape in set(faulttable.SHAPES) - set(fault.expected):  # nothing of this is on their way, and the witnesses went on
            faulttable.note(fault.name, shape, "goes on")
    assert not faulttable.empty()


def nothing_grew(service, lab, before):
    """Nobody was asked again and again, nobody was lured away, and no memory was filled."""
    for key, place in lab.places.items():
        asked = (place.requests if isinstance(place, Place) else place.queries)[before[key]:]
        assert len(asked) <= 12, f"{key[0].name}, {key[1]}: {len(asked)} requests"
        # What a command prints beyond its bound is read and forgotten, until its time is over.
        assert key[1] == "command" or place.poured <= 16 << 20, f"{key[0].name}, {key[1]}: {place.poured} bytes were taken"
    for fault, box in lab.boxes.items():
        assert box.asked <= 100 and len(box.upnp.requests) <= 40 and len(box.fritz.requests) <= 12, fault.name
        assert box.upnp.poured + box.fritz.poured <= 32 << 20, fault.name
    assert not lab.lab.trap.requests and not lab.outside.trap.requests and not lab.poison.requests
    assert FORGED not in {address for _, address in lab.writes}
    for pid in service.keeper, service.worker():
        peak = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) >> 10
        print(f"the memory of process {pid} was {peak} MB at most")
        assert peak < 200


def test_every_fault_at_once(laboratory, homing):
    lab = laboratory
    service = lab.service(homing).start()
    watch = Watch(service, lab)
    lab.pair(service)
    everyone = [*lab.hosts, *WITNESSES]
    ask = lambda hosts, force=False: [service.api("POST", "/update", {"id": item["id"], "force": force})  # noqa: E731
                                      for host, item in hostnames(service).items() if host in hosts]
    unpublished = [host for host, (fault, shape) in lab.hosts.items() if fault.names not in (None, "poison") and shape in ("GET", "REST")]
    lab.wait_for(OLD, set(everyone) - set(unpublished), 60, push=ask)
    eventually(lambda: all(item["state"] == "right" for host, item in hostnames(service).items() if host not in unpublished), 20,
               "homing's own knowledge of it")
    sent = {key: len(place.requests if isinstance(place, Place) else place.queries) for key, place in lab.places.items()}

    # All the trouble at once, and another address.
    lab.turn(True)
    lab.move(NEW)
    began = time.monotonic()
    # Others are not affected, while the black holes still wait.
    goes_on = [host for host, (fault, shape) in lab.hosts.items() if fault.expected[shape] is None]
    lab.wait_for(NEW, goes_on + WITNESSES, push=ask, meanwhile=watch.look)
    print(f"the hostnames without trouble had their new address after {time.monotonic() - began:.1f} s")
    try:
        eventually(watch.look, 60)
    except AssertionError:
        raise AssertionError(f"still at work: {watch.missing()}") from None
    judge_all(watch, lab)
    nothing_grew(service, lab, sent)

    # All is mended: nothing was lost.
    lab.turn(False)
    limited = [host for host in watch.wanted if watch.now[host]["reason"]["code"] == "limit"]
    ask(limited, force=True)
    ask(set(watch.wanted) - set(limited))
    lab.wait_for(NEW, everyone, 60, push=ask)
    for (fault, shape), place in lab.places.items():
        if fault.writes_only and shape == "REST":  # what was written is not written again
            assert [request.method for request in place.requests].count("PUT") == 2
    for host in lab.fixed:  # what was written down was told once
        assert [h for h, _ in lab.writes].count(host) == 1, host
    assert service.stop() == 0
    no_garbage(service.text())
    # What to do, where there is something to do.
    for host in (h for h, (fault, shape) in lab.hosts.items() if fault.tls and shape in ("GET", "REST") and not fault.http):
        assert re.search(f"{host}: .*Check the server's name, its certificate and the clock", service.text()), host
    assert not lab.lab.errors and not lab.outside.errors


def test_the_table_has_every_kind_of_source(program):
    """What the manual lists, which is made of the program's own table."""
    listed = subprocess.run([program, "help", "--manual", "sources"], capture_output=True, text=True, check=True).stdout
    words = set(re.findall(r"\*([\w-]+)\*(?!=)", listed.split("Router models")[0])) - {"disabled"}
    assert words == set(faulttable.KINDS), words ^ set(faulttable.KINDS)
    assert set(faulttable.KINDS.values()) == set(faulttable.SOURCES)
