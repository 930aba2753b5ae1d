# SPDX-License-Identifier: ISC
"""Random files read by Debian's ddclient 3.10 and by homing: every hostname has the same settings.

The files keep to what 3.10 and today's ddclient have in common. Left out on purpose, because homing mends it or
because 3.10 and today's differ (doc/ddclient-differences.md, "The language"): # and runs of blanks in quotes, quotes in
passwords, commas behind them, quotes that stay open, words behind the password, settings behind hostnames, comments
behind a continuation, backslashes behind a backslash, repeated hostnames (3.10: the last statement replaces all), lengths
with units beyond a whole word. HOMING_SEED repeats a run, HOMING_ROUNDS makes it longer."""
import os
import pathlib
import random
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from named import program as server_program
from run import tool

DDCLIENT = server_program("ddclient")
if DDCLIENT is None:
    pytest.skip("the program ddclient cannot be had here", allow_module_level=True)

PLAIN = ["x", "joe", "a.b", "t-1", "p=q", "x_y", "1", "ü", "a;b", "a:b", "50%", "x/y"]
QUOTED = ["a b", "a,b", "say so", "x, y=z", "it is", "(WAN).*?IP", "ü ö"]
TEXTS = ["web-skip", "cmd-skip", "fw-skip", "fw", "fw-login", "web", "script", "login", "mail"]
WORDS = {
    "wildcard": ["yes", "no", "1", "0", "true", "FALSE", "y", "n", "maybe", "T"],
    "backupmx": ["yes", "no", "perhaps"],
    "server": ["members.dyndns.org", "Example.ORG", "example.org:8245", "10.0.0.1:80"],
    "mx": ["mail.example.org", "MAIL.example.org", "nodot", ""],
    "protocol": ["dyndns2", "DynDNS2", "noip", "easydns", "dyndns1"],
    "if": ["eth0", "ppp0", "br-lan", "eth0.5", "eth0:1"],
    "min-interval": ["30", "5m", "2h", "1d", "30s", "5minutes", "10sec"],
    "max-interval": ["25d", "3days", "600"],
    "min-error-interval": ["5m", "1h"],
    "nonsense": ["1", "abc"],
}
# 3.10 drops hosts without login and password, and asks for an address whatever -noexec says.
FIRST = "use=ip, ip=192.0.2.1, login=first, password=first"
BOOLS = {"yes": "1", "no": "0"}


class Writer:
    """One random file."""

    def __init__(self, rnd):
        self.rnd, self.hosts = rnd, 0

    def value(self, name):
        rnd = self.rnd
        if name in WORDS:
            text = rnd.choice(WORDS[name])
            return rnd.choice([text, text, f"'{text}'", f'"{text}"'])
        text = rnd.choice(PLAIN if rnd.random() < 0.6 else QUOTED)
        if text in QUOTED:
            style = rnd.randrange(3)
            if style == 0:
                return f"'{text}'"
            if style == 1:
                return f'"{text}"'
            return re.sub(r"([ ,])", r"\\\1", text)
        return rnd.choice([text, text, f"'{text}'", f'"{text}"', f"{text[:1]}'{text[1:]}'"])

    def password(self):
        rnd = self.rnd
        text = rnd.choice(["s3cret", "a#b", "p;w", "a,b", "p\\w", "x'y", "p=q", "ü", "%41"])
        if rnd.random() < 0.4:
            text = f"'{rnd.choice(['s3cret', 'a b', 'a#b', 'x, y', 'p=q r'])}'"
        return f"password={text}"

    def assignment(self):
        name = self.rnd.choice(TEXTS + list(WORDS) * 2)
        return f"{name}={self.value(name)}"

    def settings(self, count):
        """Assignments; a password only as the last one, with a blank before it: 3.10 knows it no other way."""
        rnd = self.rnd
        out = ""
        parts = [self.assignment() for _ in range(count)]
        for i, part in enumerate(parts):
            out += part
            if i + 1 < len(parts):
                out += rnd.choice([", ", ",", " ", "  ", "\t", " , "])
                if rnd.random() < 0.1:
                    out += "\\\n" + rnd.choice(["", "  ", "\t"])
        if rnd.random() < 0.3:
            out += (rnd.choice([" ", ", "]) if out else "") + self.password()
            return out, True
        return out, False

    def host(self):
        self.hosts += 1
        return self.rnd.choice(["h%d.example.org", "H%d.Example.org", "%d", "*.h%d.org", "host_%d"]) % self.hosts

    def statement(self):
        rnd = self.rnd
        kind = rnd.random()
        if kind < 0.1:
            return rnd.choice(["# a comment with login=x", "", "   ", "\t# indented"])
        text, secret = self.settings(rnd.randrange(4))
        if kind < 0.45:
            if not text:
                return ""
        else:
            if text:
                text += " " if secret else rnd.choice([" ", ", ", ","])
            hosts = [self.host() for _ in range(rnd.choice([1, 1, 1, 2, 3]))]
            text += rnd.choice([",", ", ", " , "]).join(hosts)
            if not secret and rnd.random() < 0.2:
                text += " " + rnd.choice(["joe", "me@example.org", "a-b"])
                if rnd.random() < 0.6:
                    text += " " + rnd.choice(["pw", "p:w", "x'y"])
            elif rnd.random() < 0.05:
                text += rnd.choice([" ", ","])
        if rnd.random() < 0.1 and not secret:
            text += " # note"
        return rnd.choice(["", "", "", "  ", "\t"]) + text

    def file(self):
        rnd = self.rnd
        end = rnd.choice(["\n", "\n", "\n", "\r\n"])
        lines = [FIRST] + [self.statement() for _ in range(rnd.randrange(2, 12))]
        text = "\n".join(lines).replace("\n", end)
        return text + rnd.choice([end, end, ""])


def plain_copy(folder):
    """ddclient with its dump not hiding logins and passwords; nothing else is touched."""
    text = pathlib.Path(DDCLIENT).read_text(encoding="utf-8", errors="surrogateescape")
    started = re.search(r'exec "([^"]*)"', text) if text.startswith("#!/bin/sh") else None
    if started:  # not installed: a script that starts the package's
        text = pathlib.Path(started[1]).read_text(encoding="utf-8", errors="surrogateescape")
    shown = text.replace('$value = "<redacted>";', "$value = $ptr->{$key};")
    assert shown != text
    path = folder / "ddclient"
    path.write_text(shown, encoding="utf-8", errors="surrogateescape")
    return path


LINE = re.compile(rb"config\{(.*?)\}\{(.*?)\} *: (.*)")


def read_by_ddclient(script, conf, cache):
    done = subprocess.run(["perl", script, "-daemon=0", "-debug", "-verbose", "-noexec", "-file", conf, "-cache", cache],
                          capture_output=True, timeout=60, check=False)
    hosts = {}
    for line in done.stdout.splitlines():
        found = LINE.match(line)
        if found:
            host, name, value = (part.decode("utf-8", "surrogateescape") for part in found.groups())
            hosts.setdefault(host, {})[name] = "" if value == "<undefined>" else value
    return hosts


def read_by_homing(paths):
    done = subprocess.run([tool("confdump"), *paths], capture_output=True, timeout=120, check=True)
    files = [{} for _ in paths]
    for line in done.stdout.decode("utf-8", "surrogateescape").splitlines():
        number, host, name, value, at, line_of_host = line.split("\t")
        settings = files[int(number)].setdefault(host, {})
        if int(at) <= int(line_of_host):  # a later global line counts at look-up, which the dump does not show
            settings[name] = value
    return files


COMPARED = [name for name in TEXTS + list(WORDS) + ["password"] if name not in ("nonsense", "mail")]


def difference(theirs, ours, defaults):
    """What is not the same, as text; None when all is."""
    if set(theirs) != set(ours):
        return f"hosts: ddclient {sorted(theirs)}, homing {sorted(ours)}"
    for host, settings in theirs.items():
        for name in COMPARED:
            if name not in settings:
                continue  # 3.10 forgets what the hostname's protocol does not have
            want = settings[name]
            have = ours[host].get(name)
            if have is None:
                have = defaults.get(settings.get("protocol"), {}).get(name, "")
            elif name in ("wildcard", "backupmx"):
                have = BOOLS[have]
            if want != have:
                return f"{host}: {name}: ddclient <{want}>, homing <{have}>"
    return None


def test_random_files_mean_the_same(tmp_path):
    seed = int(os.environ.get("HOMING_SEED", time.time()))
    rounds = int(os.environ.get("HOMING_ROUNDS", "120"))
    script = plain_copy(tmp_path)
    defaults = {}
    for protocol in ("dyndns2", "noip", "easydns", "dyndns1"):
        conf = tmp_path / "default.conf"
        conf.write_text(f"{FIRST}\nprotocol={protocol} h\n")
        conf.chmod(0o600)
        defaults[protocol] = read_by_ddclient(script, conf, tmp_path / "default.cache")["h"]
    paths = []
    for i in range(rounds):
        path = tmp_path / f"{seed + i}.conf"
        path.write_text(Writer(random.Random(seed + i)).file(), encoding="utf-8", newline="")
        path.chmod(0o600)
        paths.append(path)
    with ThreadPoolExecutor(2) as pool:
        theirs = list(pool.map(lambda p: read_by_ddclient(script, p, f"{p}.cache"), paths))
    ours = read_by_homing(paths)
    wrong = []
    for path, one, other in zip(paths, theirs, ours):
        what = difference(one, other, defaults)
        if what:
            wrong.append(f"HOMING_SEED={path.stem} HOMING_ROUNDS=1: {what}\n{path.read_text(encoding='utf-8')}")
    print(f"{rounds} files, seed {seed}, {sum(len(t) for t in theirs)} hostnames, {len(wrong)} differ")
    assert not wrong, "\n\n".join(wrong[:5])


def there_and_back(program, path, folder):
    """The file as homing exports it after its import; what both said."""
    folder.mkdir()
    words = ["--config", folder / "homing.conf", "--state-dir", folder / "state"]
    said = ""
    for command in (["import", "--write", "--quiet", path], ["export", "--output", folder / "ddclient.conf"]):
        done = subprocess.run([program, command[0], *words, *command[1:]], capture_output=True, text=True, timeout=60, check=False)
        said += done.stdout + done.stderr
    return folder / "ddclient.conf", said


def test_random_files_come_back_the_same(program, tmp_path):
    """ddclient.conf, "homing import --write", "homing export": to ddclient 3.10 it is what it was."""
    seed = int(os.environ.get("HOMING_SEED", time.time()))
    script = plain_copy(tmp_path)
    wrong = []
    for i in range(int(os.environ.get("HOMING_ROUNDS", "120")) // 20):
        path = tmp_path / f"{seed + i}.conf"
        path.write_text(Writer(random.Random(seed + i)).file(), encoding="utf-8", newline="")
        path.chmod(0o600)
        back, said = there_and_back(program, path, tmp_path / str(seed + i))
        before, after = (read_by_ddclient(script, p, f"{p}.cache") for p in (path, back))
        read = read_by_homing([path])[0]  # without what a later global line sets: 3.10 knows no such thing
        changed = {(h, n): (before[h].get(n), after[h].get(n)) for h in set(before) & set(after) for n in COMPARED
                   if n in read[h] and before[h].get(n) != after[h].get(n)}
        if set(before) != set(after) or changed:
            wrong.append(f"HOMING_SEED={seed + i} HOMING_ROUNDS=20: {set(before) ^ set(after)} {changed}\n{path.read_text(encoding='utf-8')}\n"
                         f"{said}\n{back.read_text(encoding='utf-8')}")
    assert not wrong, "\n\n".join(wrong[:3])
