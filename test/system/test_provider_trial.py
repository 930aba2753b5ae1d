# SPDX-License-Identifier: ISC
"""homing providers --test: a provider file is tried with a hostname against a real nginx; no secret is shown."""
import json
import os
import pty
import select
import subprocess

import pytest

from lib import web

RIGHT, FAILED, USAGE, CONF = 0, 1, 2, 3
TOKEN = "tok&en-\u00fc-42"
OLD, NEW = "198.51.100.1", "198.51.100.7"

FILE = {
    "format": 1, "id": "tried", "name": "Tried", "website": "https://www.example.net", "docs": "https://www.example.net/api",
    "status": "alive", "evidence": "documented", "checked": "2026-11-26", "help": "A token of the account.",
    "fields": {"server": {"label": "Server", "required": True}, "login": {"label": "Login"},
               "password": {"label": "Token", "secret": True, "required": True}},
    "base": "https://{server}", "server": "free", "names": "at", "ttl": {"min": 60, "default": 300},
    "common": {"query": {"key": "{password}"}}, "message": ["/message"],
    "slots": {
        "zone": {"by": "suffix", "path": "/zones/{try}", "take": {"id": "/id"}},
        "records": {"path": "/records/{zone}/{name}/{type}", "each": "/values", "take": {"value": ""}},
        "set": {"method": "PUT", "path": "/records/{zone}/{name}/{type}",
                "json": {"ttl": "{ttl}", "values": [{"$each": "values", "do": "{value}"}]}}},
}

# What it answers is logged with the method, and whether the key was the right one; an answer echoes the key.
SERVER = """log_format seen '$request_method $uri $arg_key';
server { listen 127.0.0.1:{p0}; access_log {t}/seen seen; default_type application/json;
 location / { return 404 '{"message":"nothing of that name"}'; }
 location = /zones/example.org { return 200 '{"id":"example.org"}'; }
 location = /records/example.org/home/A {
  if ($arg_key = "refused") { return 403 '{"message":"the key $arg_key is not known"}'; }
  if ($request_method = PUT) { return 200 '{"message":"taken","key":"$arg_key"}'; }
  return 200 '{"values":["%s"]}'; } }""" % OLD


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "nginx"
    folder.mkdir()
    with web.nginx(folder, SERVER) as (port,):
        yield port, lambda: [line.split(" ")[:2] for line in (folder / "seen").read_text().splitlines()]


class Trial:
    def __init__(self, program, folder, port):
        self.program, self.folder, self.port = program, folder, port
        self.file = folder / "tried.json"
        self.file.write_text(json.dumps(FILE))

    def command(self, *words, host="home.example.org"):
        return [self.program, "providers", "--config", str(self.folder / "none.conf"), "--test", str(self.file),
                *([host, f"server=http://127.0.0.1:{self.port}", f"ipv4={NEW}"] if host else []), *words]

    def run(self, *words, secret=TOKEN, host="home.example.org", env=None):
        return subprocess.run(self.command(*words, host=host), input=f"{secret}\n" if secret else "", capture_output=True,
                              text=True, timeout=60, cwd=self.folder, env={**os.environ, **(env or {})})


@pytest.fixture
def trial(program, tmp_path, server):
    return Trial(program, tmp_path, server[0])


def clean(done, *secrets):
    """Nothing that it said has a secret in it, written in any way."""
    for secret in (TOKEN, "tok%26en", "tok&en", *secrets):
        assert secret not in done.stdout + done.stderr
    return done.stdout


def test_dry_run_reads_and_never_writes(trial, server):
    done = trial.run()
    said = clean(done)
    assert done.returncode == RIGHT, done.stderr
    assert f"A should be {NEW}" in said
    for line in ("sent       GET http://127.0.0.1:%d/zones/home.example.org?key=\u2022\u2022\u2022" % trial.port,
                 "answered   HTTP 404: {\"message\":\"nothing of that name\"}",
                 "would send PUT http://127.0.0.1:%d/records/example.org/home/A?key=\u2022\u2022\u2022" % trial.port,
                 f'{{"ttl":300,"values":["{NEW}"]}}', "Nothing was changed."):
        assert line in said
    assert [method for method, _ in server[1]()] == ["GET", "GET", "GET"]


def test_offline_sends_nothing(trial, server):
    done = trial.run("--offline")
    assert "would send GET" in clean(done) and not server[1]()


def test_send_carries_it_out_once(trial, server):
    done = trial.run("--send")
    said = clean(done)
    assert done.returncode == RIGHT, done.stderr
    assert "sent       PUT " in said and 'answered   HTTP 200: {"message":"taken","key":"\u2022\u2022\u2022"}' in said
    assert said.splitlines()[-1].startswith("good: ")
    assert [line for line in server[1]() if line[0] == "PUT"] == [["PUT", "/records/example.org/home/A"]]


def test_refusal_is_told_with_the_providers_words(trial, server):
    done = trial.run("--send", secret="refused")
    assert done.returncode == FAILED
    assert "forbidden: " in done.stdout and "the key \u2022\u2022\u2022 is not known" in done.stdout
    assert "refused" not in done.stdout.replace("The provider refuse", "")
    assert not [line for line in server[1]() if line[0] == "PUT"]


def test_json(trial, server):
    said = json.loads(clean(trial.run("--send", "--json")))
    assert said["outcome"] == "good" and [s["writes"] for s in said["steps"]] == [False, False, False, True]
    assert said["steps"][3]["answer"].startswith("HTTP 200")


def test_secrets_never_on_the_command_line(trial, server):
    done = trial.run(f"password={TOKEN}")
    assert done.returncode == USAGE and "password_file=PATH" in clean(done) + done.stderr
    (trial.folder / "secret").write_text(TOKEN + "\n")
    (trial.folder / "secret").chmod(0o600)
    done = trial.run(f"password_file={trial.folder / 'secret'}", secret=None)
    assert done.returncode == RIGHT, done.stderr
    done = trial.run("password_env=THE_TOKEN", secret=None, env={"THE_TOKEN": TOKEN})
    assert done.returncode == RIGHT, done.stderr
    clean(done)
    assert len(server[1]()) == 6


def test_a_terminal_is_asked_and_shows_nothing(trial):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(trial.command(), stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    said, answered = b"", False
    while select.select([ours], [], [], 30)[0]:
        try:
            more = os.read(ours, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
        if b"Token (password):" in said and not answered:
            os.write(ours, TOKEN.encode() + b"\n")
            answered = True
    os.close(ours)
    assert process.wait(30) == RIGHT, said
    assert answered and b"would send" in said and b"tok&en" not in said


def test_faults_of_file_and_settings(trial, server):
    for change, words, expected in (
            ({"slots": {}}, (), "/slots"),
            ({"colour": "blue"}, (), "colour"),
            ({}, ("ttl=often",), "ttl"),
            ({}, ("usev6=nonsense",), "no such source")):
        trial.file.write_text(json.dumps({**FILE, **change}))
        done = trial.run(*words)
        assert done.returncode == CONF and expected in done.stderr, (expected, done.stderr)
    trial.file.write_text(json.dumps(FILE))
    done = trial.run(secret=None)
    assert done.returncode == CONF and "needs password" in done.stderr
    assert trial.run("--send", host=None).returncode == USAGE
    assert trial.run(host=None, secret=None).returncode == RIGHT
    assert not server[1]()
