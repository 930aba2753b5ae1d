# SPDX-License-Identifier: ISC
"""protocol=command: a program of the user's own as provider, run by the keeper without a shell."""
import json
import pathlib
import stat
import subprocess
import time

import pytest

from processes import alive, eventually

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "doc" / "examples" / "hosts-file"
BASE = "listen=no\nverify=no\nusev4=ipv4, ipv4=192.0.2.7\nusev6=disabled\ntimeout=1\n"


class Programs:
    """Scripts for one test, and what they were given."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, text, name="program"):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(stat.S_IRWXU)
        return path

    def records(self, answer, name="program"):
        """One that notes its input, arguments and environment."""
        return self.path(f"cat >>{self.folder}/{name}.in; echo \"$#\" >{self.folder}/{name}.args\n"
                         f"env >{self.folder}/{name}.env\n{answer}", name)

    def given(self, name="program"):
        try:
            return [json.loads(line) for line in (self.folder / f"{name}.in").read_text().splitlines()]
        except FileNotFoundError:
            return []


@pytest.fixture
def programs(tmp_path):
    return Programs(tmp_path)


def once(homing, conf):
    service = homing(conf)
    done = service.call("once", "--limit", "20")
    return done, service.call("why", "home.example.org").stdout, service


def test_gets_the_update_and_nobody_elses_secrets(homing, programs):
    mine, other = programs.records("echo good updated"), programs.records("echo nochg", "other")
    done, why, _ = once(homing, BASE + f"protocol=command, program={mine}, login=me, password='my \"secret\" {{', zone=example.org, ttl=77 "
                        f"home.example.org\nprotocol=command, program={other}, password=theirs other.example.org\n"
                        "protocol=dyndns2, server=127.0.0.1:1, password=thirds, enabled=no third.example.org\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert programs.given() == [{
        "version": 1, "host": "home.example.org",
        "records": [{"type": "A", "due": True, "addresses": ["192.0.2.7"], "published": None}],
        "settings": {"login": "me", "password": 'my "secret" {', "zone": "example.org", "ttl": "77", "wildcard": "no"}}]
    assert [g["settings"]["password"] for g in programs.given("other")] == ["theirs"]
    assert (programs.folder / "program.args").read_text() == "0\n"
    environment = (programs.folder / "program.env").read_text()
    assert not any(word in environment for word in ("secret", "theirs", "thirds", "HOMING_CONFIG"))
    assert "secret" not in why and "updated" in why


@pytest.mark.parametrize("answer,words", [
    ("echo 'auth the token was revoked'", ["refuse", "the token was revoked"]),
    ("echo 'badauth'", ["refuse"]),
    ("echo 'no-host never heard of it'", ["never heard of it"]),
    ("echo 'limit later, please'", ["later, please"]),
    ("echo 'A conflict two values'", ["two values"]),
    ("printf 'good'; exit 3", ["ended with status 3"]),
    ("echo not yet; exit 7", ["ended with status 7", "not yet"]),
    ("kill -9 $$", ["status 137"]),
    ("echo fine, thanks", ["without an outcome word", "fine, thanks"]),
    ("printf '\\377\\000\\033[31mgood'", ["without an outcome word"]),
    ("true", ["said nothing"]),
    ("echo session please", ["without an outcome word"]),
    ("echo good; echo and more >&2", None),
    ("echo 'AAAA auth no'; echo 'A good'", None),
    ("echo \"auth $(cat)\"", ["\u2022\u2022\u2022"]),
])
def test_answers(homing, programs, answer, words):
    done, why, _ = once(homing, BASE + f"protocol=command, program={programs.path(answer)}, password=sesame-42 home.example.org\n")
    assert (done.returncode == 0) == (words is None), done.stdout + why
    for word in words or []:
        assert word in why
    assert "sesame" not in done.stdout + done.stderr + why and "\033[31m" not in why


def test_time_out_ends_the_whole_group(homing, programs):
    done, why, _ = once(homing, BASE + "protocol=command, program=%s home.example.org\n" % programs.path(
        f"sleep 1000 & echo $! >{programs.folder}/child; echo good; wait"))
    assert done.returncode == 1 and "took longer than 1 s and was ended" in why
    child = int((programs.folder / "child").read_text())
    eventually(lambda: not alive(child), 5, "the child's end")


def test_huge_output_is_cut_off(homing, programs):
    started = time.monotonic()
    done, why, _ = once(homing, BASE.replace("timeout=1", "timeout=60") +
                        f"protocol=command, program={programs.path('yes good')} home.example.org\n")
    assert done.returncode == 1 and "printed more than 64 KiB" in why
    assert time.monotonic() - started < 50, "it was not left to its time limit"


def test_what_can_not_be_started_is_told(homing, programs):
    not_executable = programs.path("echo good")
    not_executable.chmod(0o600)
    for path, word in ((programs.folder / "missing", "no such file"), (not_executable, "permission denied")):
        done, why, _ = once(homing, BASE + f"protocol=command, program={path} home.example.org\n")
        assert done.returncode == 1 and word in why


def test_no_shell_reads_the_setting(homing, programs):
    """What looks like a shell's text is the name of a file."""
    path = programs.folder / "a; touch x"
    path.write_text("#!/bin/sh\necho good\n")
    path.chmod(0o700)
    done, _, service = once(homing, BASE + f"protocol=command, program='{path}' home.example.org\n")
    assert done.returncode == 0 and not list(service.folder.glob("x"))


def test_check_wants_a_whole_path(homing):
    for text, word in (("protocol=command home.example.org\n", "no program= says what to run"),
                       ("protocol=command, program=my-dns home.example.org\n", "whole path")):
        done = homing(BASE + text).call("check")
        assert done.returncode == 3 and word in done.stdout + done.stderr


def test_plan_shows_it_and_runs_nothing(homing, programs):
    path = programs.records("echo good")
    done = homing(BASE + f"protocol=command, program={path}, password=sesame-42 home.example.org\n").call("plan", "--whole")
    assert done.returncode == 0 and "would send program= of home.example.org@command" in done.stdout
    assert '"addresses":["192.0.2.7"]' in done.stdout and "sesame" not in done.stdout and not programs.given()


def test_the_service_runs_it_by_its_keeper(homing, programs):
    path = programs.records("echo good")
    conf = BASE.replace("ipv4=192.0.2.7", "ipv4={}") + f"min-interval=1\nprotocol=command, program={path}, password=s home.example.org\n"
    service = homing(conf.format("192.0.2.7")).start()
    eventually(lambda: len(programs.given()) == 1, 20, "the program")
    service.write(conf.format("192.0.2.8"))
    eventually(lambda: len(programs.given()) == 2, 20, "the second run")
    record = programs.given()[1]["records"][0]
    assert record["addresses"] == ["192.0.2.8"] and record["published"] == ["192.0.2.7"]
    status, _ = service.api("PATCH", "/hostnames/home.example.org@command", {"settings": {"description": "mine"}})
    assert status in (200, 204)
    assert service.stop() == 0


def test_stopping_ends_a_program_that_runs(homing, programs):
    path = programs.path(f"echo $$ >{programs.folder}/child; exec sleep 1000")
    service = homing(BASE.replace("timeout=1", "timeout=600") + f"protocol=command, program={path} home.example.org\n").start()
    eventually(lambda: (programs.folder / "child").exists() and (programs.folder / "child").read_text().endswith("\n"), 20, "the program")
    child = int((programs.folder / "child").read_text())
    assert alive(child)
    assert service.stop() == 0
    eventually(lambda: not alive(child), 5, "the program's end")


def test_the_page_sets_no_program(homing, programs):
    mine = programs.records("echo good")
    conf = (BASE + f"define=account:own, protocol=command, program={mine}\nprogram={mine}\n"
            "protocol=dyndns2, server=127.0.0.1:1, login=a, password=b home.example.org\n")
    service = homing(conf).start()
    before = service.conf.read_text()
    for method, target, settings in (
            ("PATCH", "/hostnames/home.example.org@dyndns2%2Fa", {"program": str(mine)}),
            ("PATCH", "/hostnames/home.example.org@dyndns2%2Fa", {"protocol": "command"}),
            ("POST", "/hostnames", {"protocol": "command", "program": str(mine)}),
            ("POST", "/hostnames", {"protocol": "command"}),
            ("POST", "/hostnames", {"account": "own"})):
        body = {"settings": settings, **({"hostname": "new.example.org"} if method == "POST" else {})}
        status, answer = service.api(method, target, body)
        assert 400 <= status < 500, (settings, status, answer)
    assert service.conf.read_text() == before and not programs.given()
    assert all(p["id"] != "command" for p in service.get("/protocols")["items"])
    assert service.stop() == 0


def test_the_example(tmp_path, homing):
    hosts = tmp_path / "hosts"
    hosts.write_text("198.51.100.1 home.example.org\n2001:db8::1 home.example.org\n198.51.100.1 other.example.org\n")
    script = tmp_path / "hosts-file"
    script.write_text(EXAMPLE.read_text().replace("/var/lib/homing-hosts/hosts", str(hosts)))
    script.chmod(0o700)
    done, _, _ = once(homing, BASE + f"protocol=command, program={script} home.example.org\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert hosts.read_text() == "2001:db8::1 home.example.org\n198.51.100.1 other.example.org\n192.0.2.7 home.example.org\n"
    again = subprocess.run([script], input=json.dumps({"version": 1, "host": "home.example.org", "settings": {}, "records": [
        {"type": "A", "due": True, "addresses": ["192.0.2.7"]}]}), capture_output=True, text=True, timeout=20)
    assert again.stdout == "nochg\n"
