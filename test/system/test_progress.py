# SPDX-License-Identifier: ISC
"""What is for a terminal alone: a line that is written over while long work goes on, and colours."""
import json
import os
import pty
import re
import signal
import subprocess
import termios
import time

import pytest

from dyndns import Dyndns
from processes import eventually

LINE = re.compile(r"(\d+) of (\d+) (?:records|hostnames), (\d+) failed, [\d.]+ a second")


@pytest.fixture
def slow():
    def answer(host, addresses):
        time.sleep(0.7)
        return "nohost" if host == "h0.example.com" else "good " + addresses[0]

    with Dyndns(answer) as server:
        yield server


def lines(server, count):
    """One account a hostname; a server is given four requests at a time."""
    return "usev4=ipv4, ipv4=9.9.9.9\nprotocol=dyndns2, password=pw\n" + "".join(
        f"server=127.0.0.1:{server.port}, ssl=no, login=u{i} h{i}.example.com\n" for i in range(count))


@pytest.fixture
def once(program, tmp_path):
    def run(text, *words, **options):
        conf = tmp_path / "homing.conf"
        conf.write_text(text)
        conf.chmod(0o600)
        return subprocess.run([program, "once", "--config", conf, "--state-dir", tmp_path / "state", *words],
                              text=True, timeout=60, **{"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, **options})

    return run


def on_terminal(call, environment, columns=80):
    """What call() wrote to its standard error, a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    try:
        result = call(stderr=theirs, env={**os.environ, **environment})
        os.set_blocking(ours, False)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 65536)
            except BlockingIOError:
                return result, shown.decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_once_on_a_terminal_writes_one_line_over(once, slow):
    result, shown = on_terminal(lambda **o: once(lines(slow, 12), **o), {"TERM": "xterm"})
    seen = [tuple(map(int, m.groups())) for m in LINE.finditer(shown)]
    assert len(seen) >= 2 and all(total == 12 for _, total, _ in seen), shown
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1][2] == 1
    # The log and what follows begin on an empty line, and nothing of the progress stays.
    for before in re.split(LINE, shown)[4::4]:
        assert before.startswith("\r\x1b[K"), shown
    assert "11 published" in result.stdout and result.returncode == 5
    # Below each line of the log it stands again.
    assert re.search(r"\(good\)\r?\n\d+ of 12 records", shown), shown


@pytest.mark.parametrize("columns, form", [(30, r"\d+ of 8, 1 failed, [\d.]+/s"), (19, r"\d/8, 1 failed")])
def test_the_line_is_never_wider_than_its_terminal(once, slow, columns, form):
    _, shown = on_terminal(lambda **o: once(lines(slow, 8), **o), {"TERM": "xterm"}, columns)
    drawn = [line for line in re.split(r"\r\x1b\[K|\r?\n", shown) if re.match(r"\d", line)]
    assert drawn and all(re.fullmatch(form, line) and len(line) < columns for line in drawn), drawn


def interrupted(command, after, **options):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    eventually(after, 20, "the middle of it")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_once_that_is_interrupted_says_how_far_it_came(once, slow, program, tmp_path):
    conf = tmp_path / "homing.conf"
    conf.write_text(lines(slow, 16))
    conf.chmod(0o600)
    command = [program, "once", "--config", conf, "--state-dir", tmp_path / "state", "--json"]
    status, out, _ = interrupted(command, lambda: len(slow.requests) > 4)
    told = json.loads(out)
    assert status == 1 and told["interrupted"] and told["left"] >= 4 and told["failed"] == 0, told
    assert told["published"] + told["blocked"] + told["left"] == 16
    before = len(slow.requests)
    result = once(lines(slow, 16))
    # What was under way has no outcome, so it is sent again; what was done is not.
    assert "15 published" in result.stdout or result.returncode == 5, result
    assert len(slow.requests) - before == told["left"]


def test_no_line_is_written_over_where_it_can_not_be(once, slow):
    _, shown = on_terminal(lambda **o: once(lines(slow, 8), **o), {"TERM": "dumb"})
    assert "\x1b" not in shown and "8 published" not in shown


def test_once_tells_machines_in_lines(once, slow):
    result = once(lines(slow, 16), "--json")
    told = [json.loads(line)["progress"] for line in result.stderr.splitlines() if line.startswith('{"progress"')]
    assert all(set(json.loads(line)) in ({"progress"}, {"log"}) for line in result.stderr.splitlines()), result.stderr
    refused = [json.loads(line)["log"] for line in result.stderr.splitlines() if "nohost" in line]
    assert [(r["level"], r["about"]) for r in refused] == [("error", "h0.example.com")]
    assert told and all(t["total"] == 16 and set(t) == {"done", "total", "failed", "per_second", "seconds"} for t in told)
    assert json.loads(result.stdout)["published"] == 15


def test_quiet_tells_what_went_wrong_alone(once, slow):
    result = once(lines(slow, 8), "--quiet")
    assert result.stdout == "" and not LINE.search(result.stderr)
    assert "h0.example.com" in result.stderr and "h1.example.com" not in result.stderr and result.returncode == 5


def test_update_all_waits_for_every_outcome(homing, slow):
    service = homing("listen=no\n" + lines(slow, 12)).start()
    eventually(lambda: json.loads(service.call("status", "--json").stdout)["counts"]["right"] == 11)
    before = len(slow.requests)
    result, shown = on_terminal(lambda **o: subprocess.run(service.command("update", "--all", "--force"), text=True, timeout=60,
                                                           stdout=subprocess.PIPE, **o), {"TERM": "xterm"})
    assert len(slow.requests) >= before + 12
    assert LINE.search(shown), shown
    assert "h0.example.com" in result.stdout and result.returncode != 0
    # Where both go to the terminal, what came of it begins on a line that was emptied.
    result, shown = on_terminal(lambda **o: subprocess.run(service.command("update", "--all", "--force"), timeout=60, stdout=o["stderr"], **o),
                                {"TERM": "xterm"})
    assert LINE.search(shown) and re.search(r"(^|\n|\r\x1b\[K)1 of 12 hostnames", shown), shown
    quiet = service.call("update", "--all", "--force", "--quiet")
    assert quiet.stdout == "" and re.fullmatch(r"1 of 12 hostnames.*h0\.example\.com.*\n", quiet.stderr) and quiet.returncode == 5, quiet
    assert service.call("update", "--all", "h1.example.com").returncode == 2
    # Ctrl-C ends the waiting alone.
    before = len(slow.requests)
    status, _, told = interrupted(service.command("update", "--all", "--force"), lambda: len(slow.requests) > before)
    assert status == 1 and told.endswith('the service goes on. "homing status" tells how far.\n'), told


@pytest.mark.parametrize("environment, colours", [
    ({"TERM": "xterm", "NO_COLOR": ""}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"TERM": ""}, False)])
def test_colours_on_a_terminal_alone(program, tmp_path, environment, colours):
    conf = tmp_path / "homing.conf"
    conf.write_text("usev4=ipv4, ipv4=9.9.9.9\nprotocol=dyndns2, login=a, password=b a.example.com\n")
    conf.chmod(0o600)
    for words in (["list"], ["status"], ["status", "a.example.com"]):
        command = [program, *words, "--config", conf, "--state-dir", tmp_path / "state", "--socket", "no"]
        _, shown = on_terminal(lambda **o: subprocess.run(command, stdout=o["stderr"], timeout=60, **o), environment)
        assert ("\x1b[" in shown) == colours and "changing" in shown
        assert "\x1b" not in subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60).stdout


def test_a_quiet_import_says_only_what_was_left_out(program, tmp_path):
    theirs = tmp_path / "ddclient.conf"
    theirs.write_text("protocol=dyndns2, login=a, password=pw a.example.com\n"
                      "protocol=nonesuch, login=a, password=pw b.example.com\n")
    conf = tmp_path / "homing.conf"
    result = subprocess.run([program, "import", "--quiet", "--write", "--config", conf, "--state-dir",
                             tmp_path / "state", theirs], text=True, capture_output=True, timeout=60)
    assert result.returncode == 1 and result.stderr == "", result
    assert result.stdout and all(":2: left out: " in line for line in result.stdout.splitlines()), result.stdout
    assert "a.example.com" in conf.read_text() and "b.example.com" not in conf.read_text()
