# SPDX-License-Identifier: ISC
"""Provider files: against their schema, and some against fake servers that know the provider's documentation and not
our file."""
import copy
import http.client
import json
import os
import pathlib
import subprocess
import urllib.parse

import jsonschema
import pytest

from fakes import cloudflare, desec, hetzner

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROVIDERS = ROOT / "providers"
FILES = sorted(p for p in [*PROVIDERS.glob("*.json"), *PROVIDERS.glob("ddclient/*.json"), *PROVIDERS.glob("notify/*.json")]
               if p.name != "provider.schema.json")


@pytest.fixture(scope="session")
def tool():
    """The program that carries out a job by a file and lets us carry its requests."""
    homing = os.environ.get("HOMING") or ROOT / "build" / "homing"
    path = pathlib.Path(homing).resolve().parent / "test" / "tool" / "providertool"
    if not path.exists():
        pytest.skip("providertool is not built (it comes with the tests)")
    return path


@pytest.fixture(scope="session")
def schema():
    schema = json.loads((PROVIDERS / "provider.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_schema(schema, path):
    faults = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in schema.iter_errors(json.loads(path.read_text()))]
    assert not faults


def elsewhere():
    """What other programs call their providers, and what is here for each."""
    lines = (PROVIDERS / "names.tsv").read_text().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_every_provider_there_is():
    """None that another program knows is missing: each has a file that works, says that the service has closed, or says
    why it can not be used; or another word of ours does it."""
    files = {p.stem: json.loads(p.read_text()) for p in FILES if p.parent == PROVIDERS}
    words = {p.stem for p in FILES if p.parent != PROVIDERS}
    rows = elsewhere()
    assert len(rows) > 500 and len({(program, name) for program, name, _ in rows}) == len(rows)
    missing = []
    for program, name, ours in rows:
        word = ours.removeprefix("protocol=")
        if word != ours:
            known = word in words
        elif ours.startswith("homing "):
            known = True
        else:
            file = files.get(files.get(ours, {}).get("alias", ours))
            known = file is not None and ("slots" in file or "speaks" in file or bool(file.get("note")))
        if not known:
            missing.append(f"{program}: {name} ({ours})")
    assert not missing
    # The other way round: what can not be used says why.
    for name, file in files.items():
        if file.get("status") in ("closed", "unsupported"):
            assert file.get("note") and "slots" not in file, name
        elif name != "starter" and "alias" not in file:
            assert file.get("help") and file.get("fields") is not None and file.get("evidence"), name


def test_who_names_an_unusable_provider_is_told_why(homing):
    service = homing("listen=no\nverify=no\nusev4=ipv4, ipv4=192.0.2.3\nprovider=aliesa a.example.org\nprovider=tzo b.example.org\n")
    check = service.call("check")
    assert check.returncode == 0 and "aliesa can not be used: One record" in check.stdout + check.stderr
    assert "tzo can not be used: Taken over" in check.stdout + check.stderr
    plan = service.call("plan", "b.example.org")
    assert plan.returncode == 1 and "has closed. Taken over" in plan.stderr
    service.call("once", "--limit", "10")
    assert "homing can not speak to" in service.call("why", "a.example.org").stdout
    assert "has closed" in service.call("why", "b.example.org").stdout


def broken():
    """The starter file with one fault each: both the schema and the program must see it."""
    start = json.loads((PROVIDERS / "starter.json").read_text())

    def with_change(name, change):
        one = copy.deepcopy(start)
        change(one)
        return pytest.param(one, id=name)

    slots = lambda o: o["slots"]
    yield with_change("no id", lambda o: o.pop("id"))
    yield with_change("format 2", lambda o: o.update(format=2))
    yield with_change("unknown member", lambda o: o.update(colour="blue"))
    yield with_change("unknown slot", lambda o: slots(o).update(remove_all={"path": "/"}))
    yield with_change("status", lambda o: o.update(status="fine"))
    yield with_change("a path with a query", lambda o: slots(o)["records"].update(path="records"))
    yield with_change("zone without by", lambda o: slots(o)["zone"].pop("by"))
    yield with_change("method", lambda o: slots(o)["create"].update(method="post"))
    yield with_change("pointer", lambda o: slots(o)["records"]["take"].update(id="id"))
    yield with_change("class", lambda o: o.update(errors=[{"when": {"status": 400}, "is": "bad"}]))
    yield with_change("status test", lambda o: o.update(ok={"status": "2x"}))
    yield with_change("raw", lambda o: slots(o)["records"].update(raw="/&"))
    yield with_change("label", lambda o: o["fields"]["password"].pop("label"))
    yield with_change("base", lambda o: o.update(base="ftp://example.net"))
    yield with_change("sign", lambda o: o.update(sign={"by": "magic"}))
    yield with_change("path and url", lambda o: slots(o)["records"].update(url="{id}"))


@pytest.mark.parametrize("file", broken())
def test_both_refuse(schema, tool, tmp_path, file):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(file))
    run = subprocess.run([tool, path], capture_output=True, text=True)
    assert run.returncode == 3 and ": at /" in run.stderr
    assert list(schema.iter_errors(file))


def publish(tool, tmp_path, fake, name, host, wanted, settings, **given):
    """Carries out one job, its requests sent to the fake in place of the provider. Returns {type: class}."""
    path = tmp_path / "given.json"
    path.write_text(json.dumps({"host": host, "settings": settings, "wanted": wanted, **given}))
    process = subprocess.Popen([tool, PROVIDERS / f"{name}.json", path], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    port = urllib.parse.urlsplit(fake.url).port
    with process:
        for line in process.stdout:
            said = json.loads(line)
            if "outcomes" in said:
                return {o["type"]: o["class"] for o in said["outcomes"]}
            request = said["request"]
            url = urllib.parse.urlsplit(request["url"])
            assert url.scheme == "https", "nothing travels without TLS"
            body = request.get("body")
            body = body if body is None or isinstance(body, str) else json.dumps(body)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request(request["method"], url.path + ("?" + url.query if url.query else ""), body, request["headers"])
            reply = connection.getresponse()
            answer = {"status": reply.status, "headers": {k.lower(): v for k, v in reply.getheaders()},
                      "body": reply.read().decode()}
            connection.close()
            process.stdin.write(json.dumps(answer) + "\n")
            process.stdin.flush()
    raise AssertionError("it ended without outcomes")


@pytest.fixture
def fakes():
    made = []

    def make(kind, **options):
        made.append(kind(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


OLD, NEW, FOREIGN, SIX = "198.51.100.1", "198.51.100.7", "203.0.113.9", "2001:db8::7"


class TestCloudflare:
    settings = {"password": cloudflare.TOKEN}

    def run(self, tool, tmp_path, fake, host="home.example.com", wanted=None, **given):
        return publish(tool, tmp_path, fake, "cloudflare", host, wanted or {"A": [NEW]},
                       {**self.settings, **given.pop("settings", {})}, **given)

    def test_life(self, tool, tmp_path, fakes):
        fake = fakes(cloudflare.Cloudflare)
        both = {"A": [NEW], "AAAA": [SIX]}
        assert self.run(tool, tmp_path, fake, wanted=both) == {"A": "good", "AAAA": "good"}
        assert fake.contents("home.example.com", "A") == [NEW]
        fake.calls.clear()
        assert self.run(tool, tmp_path, fake, wanted=both) == {"A": "nochg", "AAAA": "nochg"}
        assert not fake.writes()
        assert self.run(tool, tmp_path, fake, wanted={"A": [OLD]}) == {"A": "good"}
        assert fake.contents("home.example.com", "A") == [OLD]
        assert fake.contents("home.example.com", "AAAA") == [SIX], "the other family is left alone"
        assert self.run(tool, tmp_path, fake, wanted={"A": []}) == {"A": "good"}
        assert fake.contents("home.example.com", "A") == []

    def test_keeps_what_it_does_not_know(self, tool, tmp_path, fakes):
        fake = fakes(cloudflare.Cloudflare)
        id = fake.add("home.example.com", "A", OLD, proxied=True, comment="mine", tags=["owner:me"])
        assert self.run(tool, tmp_path, fake) == {"A": "good"}
        record = fake.records[id]
        assert (record["content"], record["proxied"], record["comment"], record["tags"]) == (NEW, True, "mine", ["owner:me"])

    def test_foreign_values_stay(self, tool, tmp_path, fakes):
        fake = fakes(cloudflare.Cloudflare, per_page_limit=5)
        for i in range(7):
            fake.add("home.example.com", "A", f"203.0.113.{i}")
        fake.add("home.example.com", "A", OLD)
        assert self.run(tool, tmp_path, fake, published={"A": [OLD]}) == {"A": "good"}
        assert NEW in fake.contents("home.example.com", "A") and len(fake.contents("home.example.com", "A")) == 8
        assert OLD not in fake.contents("home.example.com", "A")
        fake.calls.clear()
        assert self.run(tool, tmp_path, fake, wanted={"A": ["192.0.2.77"]}) == {"A": "conflict"}
        assert not fake.writes()
        assert self.run(tool, tmp_path, fake, policy="replace") == {"A": "good"}
        assert fake.contents("home.example.com", "A") == [NEW]

    def test_refusals(self, tool, tmp_path, fakes):
        fake = fakes(cloudflare.Cloudflare)
        wrong = {"settings": {"password": "x" * 40}}
        assert self.run(tool, tmp_path, fake, **wrong) == {"all": "auth"}
        assert self.run(tool, tmp_path, fake, settings={"password": "two words"}) == {"all": "auth"}
        assert self.run(tool, tmp_path, fake, host="home.example.net") == {"A": "no-zone"}
        fake.add("www.example.com", "CNAME", "example.net")
        assert self.run(tool, tmp_path, fake, host="www.example.com") == {"A": "conflict"}
        assert self.run(tool, tmp_path, fake, settings={"ttl": "5"}) == {"A": "good"}, "a TTL is brought into bounds"


class TestHetzner:
    settings = {"password": hetzner.TOKEN}

    def run(self, tool, tmp_path, fake, host="home.example.com", wanted=None, **given):
        return publish(tool, tmp_path, fake, "hetzner", host, wanted or {"A": [NEW]},
                       {**self.settings, **given.pop("settings", {})}, **given)

    @pytest.mark.parametrize("host,name", [("home.example.com", "home"), ("example.com", "@"), ("*.example.com", "*"),
                                           ("*.a.example.com", "*.a")])
    def test_life(self, tool, tmp_path, fakes, host, name):
        fake = fakes(hetzner.Hetzner)
        both = {"A": [NEW], "AAAA": [SIX]}
        assert self.run(tool, tmp_path, fake, host, both) == {"A": "good", "AAAA": "good"}
        assert fake.values(name, "A") == [NEW] and fake.values(name, "AAAA") == [SIX]
        fake.calls.clear()
        assert self.run(tool, tmp_path, fake, host, both) == {"A": "nochg", "AAAA": "nochg"}
        assert not fake.writes()
        assert self.run(tool, tmp_path, fake, host, {"A": [OLD]}) == {"A": "good"}
        assert fake.values(name, "A") == [OLD] and fake.values(name, "AAAA") == [SIX]
        assert self.run(tool, tmp_path, fake, host, {"AAAA": []}) == {"AAAA": "good"}
        assert fake.values(name, "AAAA") == []

    def test_foreign_values_stay_with_their_comments(self, tool, tmp_path, fakes):
        fake = fakes(hetzner.Hetzner)
        fake.put("home", "A", FOREIGN, OLD, comment="not ours")
        assert self.run(tool, tmp_path, fake, published={"A": [OLD]}) == {"A": "good"}
        assert fake.values("home", "A") == [NEW, FOREIGN]
        assert {"value": FOREIGN, "comment": "not ours"} in fake.sets[42, "home", "A"]["records"]

    def test_ttl(self, tool, tmp_path, fakes):
        fake = fakes(hetzner.Hetzner)
        fake.put("home", "A", NEW, ttl=3600)
        assert self.run(tool, tmp_path, fake, settings={"ttl": "120"}) == {"A": "good"}
        assert fake.sets[42, "home", "A"]["ttl"] == 120

    def test_waits_for_its_action_and_a_lock(self, tool, tmp_path, fakes):
        fake = fakes(hetzner.Hetzner, polls=3)
        fake.locked = 1
        assert self.run(tool, tmp_path, fake) == {"A": "good"}
        assert all(left < 0 for left in fake.actions.values())

    def test_refusals(self, tool, tmp_path, fakes):
        fake = fakes(hetzner.Hetzner)
        assert self.run(tool, tmp_path, fake, settings={"password": "nothing"}) == {"all": "auth"}
        assert self.run(tool, tmp_path, fake, settings={"password": hetzner.READ_ONLY}) == {"all": "forbidden"}
        assert self.run(tool, tmp_path, fake, host="home.example.net") == {"A": "no-zone"}
        secondary = fakes(hetzner.Hetzner, mode="secondary")
        assert self.run(tool, tmp_path, secondary) == {"A": "no-zone"}


class TestDesec:
    settings = {"password": desec.TOKEN}

    def run(self, tool, tmp_path, fake, host="home.example.com", wanted=None, **given):
        return publish(tool, tmp_path, fake, "desec", host, wanted or {"A": [NEW]},
                       {**self.settings, **given.pop("settings", {})}, **given)

    @pytest.mark.parametrize("host,name", [("home.example.com", "home"), ("example.com", ""), ("*.example.com", "*")])
    def test_life(self, tool, tmp_path, fakes, host, name):
        fake = fakes(desec.Desec)
        both = {"A": [NEW], "AAAA": [SIX]}
        assert self.run(tool, tmp_path, fake, host, both) == {"A": "good", "AAAA": "good"}
        assert fake.values(name, "A") == [NEW] and fake.values(name, "AAAA") == [SIX]
        assert len(fake.writes()) == 1, "both families travel in one write"
        fake.calls.clear()
        assert self.run(tool, tmp_path, fake, host, both) == {"A": "nochg", "AAAA": "nochg"}
        assert not fake.writes()
        assert self.run(tool, tmp_path, fake, host, {"A": []}) == {"A": "good"}
        assert fake.values(name, "A") == [] and fake.values(name, "AAAA") == [SIX]

    def test_foreign_values_are_put_back(self, tool, tmp_path, fakes):
        fake = fakes(desec.Desec)
        fake.put("home", "A", FOREIGN, OLD)
        assert self.run(tool, tmp_path, fake, published={"A": [OLD]}) == {"A": "good"}
        assert fake.values("home", "A") == [NEW, FOREIGN]

    def test_the_longest_zone(self, tool, tmp_path, fakes):
        fake = fakes(desec.Desec, zones=("example.com", "dyn.example.com"))
        assert self.run(tool, tmp_path, fake, host="a.dyn.example.com") == {"A": "good"}
        assert fake.values("a", "A", zone="dyn.example.com") == [NEW]

    def test_refusals(self, tool, tmp_path, fakes):
        fake = fakes(desec.Desec)
        assert self.run(tool, tmp_path, fake, settings={"password": "nothing"}) == {"all": "auth"}
        assert self.run(tool, tmp_path, fake, host="home.example.net") == {"A": "no-zone"}
        assert self.run(tool, tmp_path, fake, settings={"ttl": "60"}) == {"A": "input"}
        fake.throttle = 1
        assert self.run(tool, tmp_path, fake) == {"all": "limit"}


def test_the_program(program, tmp_path, fakes):
    """The real program over files of providers.d that lead to the fakes: a plan only reads, a pass publishes, the next
    one asks nobody."""
    made = {"cloudflare": (fakes(cloudflare.Cloudflare), "https://api.cloudflare.com", cloudflare.TOKEN),
            "hetzner": (fakes(hetzner.Hetzner), "https://api.hetzner.cloud", hetzner.TOKEN),
            "desec": (fakes(desec.Desec), "https://desec.io", desec.TOKEN)}
    (tmp_path / "providers.d").mkdir()
    lines = [f"usev4=ipv4, ipv4={NEW}, allow-private=yes"]
    for name, (fake, real, token) in made.items():
        text = (PROVIDERS / f"{name}.json").read_text()
        assert real in text
        (tmp_path / "providers.d" / f"{name}.json").write_text(text.replace(real, fake.url))
        lines.append(f"provider={name}, password={token} {name}.example.com")
    conf = tmp_path / "homing.conf"
    conf.write_text("\n".join(lines) + "\n")
    conf.chmod(0o600)

    def run(*command):
        words = [program, *command, "--config", str(conf), "--state-dir", str(tmp_path / "state")]
        return subprocess.run(words, capture_output=True, text=True, timeout=60)

    fakes_of = [fake for fake, _, _ in made.values()]
    offline = run("plan", "--offline")
    assert "would send GET" in offline.stdout and "sent   " not in offline.stdout
    assert not any(fake.calls for fake in fakes_of)
    plan = run("plan")
    assert plan.returncode == 0, plan.stderr
    assert plan.stdout.count("would send") == 3
    assert not any(fake.writes() for fake in fakes_of)
    assert not any(token in plan.stdout + plan.stderr for _, _, token in made.values())
    once = run("once")
    assert once.returncode == 0 and "3 published" in once.stdout, once.stdout + once.stderr
    assert made["cloudflare"][0].contents("cloudflare.example.com", "A") == [NEW]
    assert made["hetzner"][0].values("hetzner", "A") == [NEW]
    assert made["desec"][0].values("desec", "A") == [NEW]
    for fake in fakes_of:
        fake.calls.clear()
    again = run("once")
    assert again.returncode == 0 and "3 unchanged" in again.stdout, again.stdout + again.stderr
    assert not any(fake.calls for fake in fakes_of)
