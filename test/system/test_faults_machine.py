# SPDX-License-Identifier: ISC
"""The fault laboratory, the machine's part: disk, memory, clock, descriptors and ends without warning, with a household of
a hostname at a provider of each shape and with each kind of source."""
import os
import re
import signal
import subprocess
import time

import pytest

from lib import crooked, faulttable
from lib.clock import Clock
from lib.laboratory import NEW, OLD, WITNESSES, Laboratory, hostnames, no_garbage, why
from lib.run import program
from processes import Group, eventually

THIRD = "9.9.8.3"
YEAR = 365 * 86400


@pytest.fixture
def household(room, tmp_path):
    with Group() as group, Laboratory(room, tmp_path, group) as made:
        yield made
        assert not made.lab.errors


def settle(household, service, address=OLD, seconds=40):
    """Until all is well."""
    if not household.paired:
        household.pair(service)
    household.wait_for(address, WITNESSES, 60, push=lambda hosts: update(service, hosts))
    asked = time.monotonic()

    def right():
        nonlocal asked
        states = {host: item["state"] for host, item in hostnames(service).items()}
        if time.monotonic() - asked > 8:  # a source that this machine was too slow for; the others wait for what is theirs
            update(service, [host for host, state in states.items() if state == "unknown"])
            asked = time.monotonic()
        return set(states.values()) == {"right"}
    eventually(right, seconds, "that all is right")


def update(service, hosts=WITNESSES):
    for host, item in hostnames(service).items():
        if host in hosts:
            service.api("POST", "/update", {"id": item["id"]})


def reasons(service):
    return {host: item["reason"]["code"] for host, item in hostnames(service).items()}


FIXED = "witness-fixed.home.lab"  # its address never changes: nothing is due for it, but at the start


def until_all(service, code, seconds=60):
    """Until homing gives this reason for every hostname for which something is due; gives them."""
    asked, found = time.monotonic(), {}

    def look():
        nonlocal asked
        found.update(hostnames(service))
        codes = {host: item["reason"]["code"] for host, item in found.items() if host != FIXED}
        if time.monotonic() - asked > 8:  # a source that this machine was too slow for
            update(service, [host for host, reason in codes.items() if reason == "silent"])
            asked = time.monotonic()
        return set(codes.values()) == {code}
    try:
        eventually(look, seconds)
    except AssertionError:
        raise AssertionError(f"not all wait for {code}: {reasons(service)}, {service.get('/verdict')}") from None
    return found


def note(fault, outcome, service=None, reason=None, words=""):
    """The same for every shape, asserted of each hostname: its reason, or that it is right."""
    if service:
        found = until_all(service, reason) if reason else hostnames(service)
        for host in WITNESSES:
            text, last = why(service, found[host])
            state = found[host]["state"], found[host]["reason"]["code"]
            if host == FIXED and state[0] == "right":
                continue
            assert state[0] == "right" if reason is None else state[1] == reason, (host, state, text)
            assert re.search(words, text), text
            no_garbage(text)
            if reason:
                faulttable.say(fault, found[host]["reason"]["text"] + ". " + service.get("/verdict")["message"]["text"])
    for shape in faulttable.SHAPES:
        faulttable.note(fault, shape, outcome)
    assert not faulttable.empty()


def writes(household):
    """How many requests the providers that speak HTTP took, and the serial of BIND's zone, which grows with each update."""
    with crooked.inside(household.space):
        return len(household.writes), household.named.serial()


def on(file_system):
    """Runs the program with that file system under its state folder."""
    return ["sh", "-c", f'mkdir -p "$0" && {file_system} && exec "$@"']


def within(service, *command):
    """In the mount namespace of the service."""
    return subprocess.run(["nsenter", "-t", str(service.keeper), "-m", *command], check=True, capture_output=True)


def test_disk_full(household, homing, tmp_path):
    state = tmp_path / "homing" / "state"
    service = household.service(homing, prefix=[*on('mount -t tmpfs -o size=1m,mode=700 none "$0"'), state]).start()
    settle(household, service)
    within(service, "sh", "-c", f"dd if=/dev/zero of={state}/filler bs=4k 2>/dev/null; true")
    before = writes(household)
    household.move(NEW)
    until_all(service, "memory")
    note("disk full", "waits, nothing sent", service, "memory", "no space is left")
    assert writes(household) == before, "it sent what it could not remember"
    within(service, "rm", f"{state}/filler")
    update(service)  # whoever made room need not wait for the next try
    household.wait_for(NEW, WITNESSES, 60)
    assert service.stop() == 0


def test_file_system_turned_read_only(household, homing, tmp_path):
    state, image = tmp_path / "homing" / "state", tmp_path / "image"
    image.write_bytes(b"")
    os.truncate(image, 16 << 20)
    subprocess.run([program("mke2fs"), "-q", "-t", "ext4", image], check=True)
    probe = subprocess.run(["unshare", "-m", "mount", "-o", "loop", image, "/mnt"], capture_output=True)
    if probe.returncode != 0:
        faulttable.skipped(["file system turned read-only"], "no loop device can be mounted")
        pytest.skip("no loop device can be mounted here")
    service = household.service(homing, prefix=[*on(f'mount -o loop {image} "$0"'), state]).start()
    settle(household, service)
    before = writes(household)
    within(service, "mount", "-o", "remount,abort", state)
    household.move(NEW)
    until_all(service, "memory")
    note("file system turned read-only", "waits, nothing sent", service, "memory", "read-only|can not be written|I/O")
    assert writes(household) == before, "it sent what it could not remember"
    assert household.answer() == "911"  # what is not remembered was not taken: the device tries again
    service.stop()
    service.start()  # mounted anew: the journal is replayed
    household.push()
    settle(household, service, NEW)
    assert service.stop() == 0


def test_every_page_of_the_memory_spoilt(household, homing):
    """Both copies at once; test_crash.py does each page alone."""
    service = household.service(homing).start()
    settle(household, service)
    assert service.stop() == 0
    before = writes(household)
    for name in "memory.db", "memory-copy.db":
        path = service.state / name
        content = path.read_bytes()
        path.write_bytes(content[:4096] + bytes(b ^ 0x55 for b in content[4096:]))
    service.start()
    service.wait_for("is kept as")
    household.push()  # what the device had told was lost with the memory; it tells it again at its next time
    eventually(lambda: all(item["state"] == "right" for item in hostnames(service).values()), 30, "that all is right again")
    note("memory's pages spoilt", "asks first, nothing sent", service)
    faulttable.say("memory's pages spoilt", next(line for line in service.text().splitlines() if "is kept as" in line)[-150:])
    assert writes(household) == before, "it wrote blindly"
    household.move(NEW)
    settle(household, service, NEW)
    assert service.stop() == 0


def test_configuration_replaced_while_read(household, homing):
    service = household.service(homing).start()
    settle(household, service)
    before, whole = writes(household), service.conf.read_text()
    end = time.monotonic() + 2
    rounds = 0
    while time.monotonic() < end:
        # As an editor does that writes in place: empty, half, whole; and as one that renames.
        for part in "", whole[:len(whole) // 2], whole:
            service.conf.write_text(part)
        service.write(whole[:len(whole) * 2 // 3] + "usev4=nosuch ttl=soon\n")
        os.kill(service.keeper, signal.SIGHUP)
        service.write(whole)
        rounds += 1
    print(f"{rounds} rounds")
    os.kill(service.keeper, signal.SIGHUP)
    eventually(lambda: sorted(hostnames(service)) == sorted(WITNESSES), 40, "the whole household")
    settle(household, service)  # a router that was asked hundreds of times may not have answered the last one
    # One that stays wrong changes nothing.
    service.write(whole + "usev4=nosuch ttl=soon another.home.lab\n")
    said = service.text().count("goes on with the configuration it has")
    os.kill(service.keeper, signal.SIGHUP)
    service.wait_for("goes on with the configuration it has", 20, said + 1)
    time.sleep(0.5)
    assert sorted(hostnames(service)) == sorted(WITNESSES)
    note("configuration replaced while read", "goes on with the last good", service)
    service.write(whole)
    os.kill(service.keeper, signal.SIGHUP)
    # A hostname that was out for a moment may be written once when it is back; nothing else stands anywhere.
    assert {address for _, address in household.writes[before[0]:]} <= {OLD}
    household.move(NEW)
    settle(household, service, NEW)
    assert service.stop() == 0


def start_with_clock(household, homing, tmp_path, offset=0):
    clock = Clock(tmp_path / "offset")
    clock.set(offset)
    service = household.service(homing, env=clock.env)
    return service.start(), clock


@pytest.mark.parametrize("fault,offset,believed", [("clock jumps 5 years ahead", 5 * YEAR, True), ("clock jumps 20 years back", -20 * YEAR, False)])
def test_clock_jumps(household, homing, tmp_path, fault, offset, believed):
    service, clock = start_with_clock(household, homing, tmp_path)
    settle(household, service)
    before = writes(household)
    clock.set(offset)
    time.sleep(2)
    assert writes(household) == before, "a jump of the clock is no reason to send"
    if believed:
        household.move(NEW)
        settle(household, service, NEW)
        note(fault, "goes on", service)
    else:
        household.move(NEW)
        until_all(service, "clock")
        note(fault, "waits for the clock", service, "clock")
        assert writes(household) == before
    clock.set(0)
    household.move(THIRD)
    household.wait_for(THIRD, WITNESSES, 60, push=lambda hosts: update(service, hosts))
    assert service.stop() == 0


def test_clock_not_set(household, homing, tmp_path):
    service, clock = start_with_clock(household, homing, tmp_path, offset=86400 - time.time())
    household.pair(service)
    until_all(service, "clock")
    note("clock not set", "waits for the clock", service, "clock")
    assert writes(household)[0] == 0
    clock.set(0)
    household.wait_for(OLD, WITNESSES, 60, push=lambda hosts: update(service, hosts))
    assert service.stop() == 0


def test_suspended_for_30_days(household, homing, tmp_path):
    """Both processes stand still, and wake up a month later by the wall clock. (CLOCK_BOOTTIME cannot be moved for a process
    that runs; what the engine makes of it is in test/sim.)"""
    service, clock = start_with_clock(household, homing, tmp_path)
    settle(household, service)
    before = len(household.writes)
    pids = [service.keeper, service.worker()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    clock.set(30 * 86400)
    household.move(NEW)  # the line has another address when it wakes up
    time.sleep(1)
    for pid in reversed(pids):
        os.kill(pid, signal.SIGCONT)
    settle(household, service, NEW)
    note("suspended for 30 days", "goes on, one request", service)
    # One request a hostname tells the new address; another at most confirms what is older than max-interval.
    for host in WITNESSES:
        assert [h for h, _ in household.writes[before:]].count(host) <= 2
    assert service.stop() == 0


def test_out_of_descriptors(household, homing):
    service = household.service(homing).start()
    settle(household, service)
    worker, before = service.worker(), writes(household)
    subprocess.run(["prlimit", f"--pid={worker}", "--nofile=10:"], check=True)  # fewer than it has: those that it has stay
    household.write_address(NEW)
    # Its source can not open the file, or its request no socket: whichever comes first.
    service.wait_for("witness-get.home.lab: A: right -> unknown|witness-get.home.lab: .*Too many open files", 30)
    assert writes(household)[0] == before[0]
    subprocess.run(["prlimit", f"--pid={worker}", "--nofile=1024:"], check=True)  # the API needs one, too
    found = hostnames(service)
    for host in WITNESSES:
        text, last = why(service, found[host])
        assert found[host]["reason"]["code"] in ("offline", "silent", "taken", "dns_agrees", "sent", "turn", "question"), text
        if host == "witness-get.home.lab":
            assert "Too many open files" in text, text
            faulttable.say("out of descriptors", found[host]["reason"]["text"] + ". " + text)
    household.move(NEW)
    settle(household, service, NEW)
    assert service.worker() == worker, "the worker ended"
    note("out of descriptors", "kept, then goes on", service)
    assert service.stop() == 0


def test_killed(household, homing):
    """While the new address is on its way; test_crash.py does it 200 times."""
    service = household.service(homing).start()
    settle(household, service)
    household.move(NEW)
    time.sleep(0.1)
    service.kill()
    service.start()
    household.push()  # it got no answer, so the device tries again
    household.wait_for(NEW, WITNESSES, 60, push=lambda hosts: update(service, hosts))  # what was under way waits for a back-off
    note("SIGKILL", "goes on after the start")
    for host in WITNESSES:
        assert household.writes.count((host, NEW)) <= 1, f"{host} was sent twice"
    assert service.stop() == 0


def test_two_instances(household, homing):
    service = household.service(homing).start()
    settle(household, service)
    before = writes(household)
    second = service.call("run")
    assert second.returncode == 75 and re.search("runs already|already running|another", second.stderr), second.stderr
    faulttable.say("two instances", second.stderr.strip().splitlines()[-1])
    assert writes(household) == before
    household.move(NEW)
    settle(household, service, NEW)
    note("two instances", "the second ends (75)", service)
    assert service.stop() == 0
