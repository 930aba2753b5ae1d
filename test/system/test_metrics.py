# SPDX-License-Identifier: ISC
"""/metrics: its form, who may read it, and a real Prometheus that collects it, with the alert rules and the dashboard."""
import gzip
import http.client
import json
import pathlib
import re
import subprocess
import urllib.parse

import pytest

from fakes import cloudflare
from lib.run import program as server_program
from named import Named
from processes import Group, eventually, free_ports
from service import Homing

TOP = pathlib.Path(__file__).resolve().parents[2]
RULES = TOP / "dist" / "prometheus" / "homing.rules.yml"
DASHBOARD = TOP / "dist" / "grafana" / "homing.json"
RULES_TEST = pathlib.Path(__file__).parent / "rules" / "homing.rules.test.yml"
OPENMETRICS = "application/openmetrics-text"
CONF = """listen=127.0.0.1:{port}
{metrics}usev4=ipv4, ipv4=203.0.113.7, usev6=disabled, allow-private=yes
provider=cloudflare, password={token}, verify=no cloud.example.com
protocol=dyndns2, ssl=no, server=127.0.0.1:{closed}, login=arthur, password=the-password-of-arthur, verify=no wrong.example.org
{named}, verify-server=127.0.0.1:{dns} home.home.test
{named}, verify-server=127.0.0.1:{dns}, enabled=watch watched.home.test
"""


class Place:
    """A service with one hostname at each of three providers: two that work, one that nobody serves."""

    def __init__(self, program, folder, group):
        self.port, self.closed = free_ports(2)
        self.cloudflare = cloudflare.Cloudflare()
        self.cloudflare.replace_in(folder)
        self.named = Named(group, folder / "named", records="watched A 203.0.113.7\n")
        self.service = Homing(program, folder, self.conf(), group).start()
        for name in ("home.home.test", "cloud.example.com"):
            self.service.wait_for(f"{name}: IPv4 is 203.0.113.7", 20)
        status, made = self.service.api("POST", "/tokens", {"name": "prometheus", "level": "read"})
        assert status == 201, made
        self.token = made["token"]

    def conf(self, metrics=""):
        return CONF.format(port=self.port, closed=self.closed, token=cloudflare.TOKEN, named=self.named.settings(),
                           dns=self.named.port, metrics=metrics)

    def get(self, headers=(), token=True):
        """(status, type, text)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = dict(headers)
            if token:
                given["Authorization"] = "Bearer " + self.token
            connection.request("GET", "/metrics", headers=given)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def place(program, tmp_path_factory):
    server_program("named")
    with Group() as group:
        place = Place(program, tmp_path_factory.mktemp("metrics"), group)
        yield place
        place.cloudflare.close()


SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$')
SUFFIXES = {"gauge": ("",), "counter": ("_total",), "info": ("_info",), "histogram": ("_bucket", "_sum", "_count")}


def read(text):
    """OpenMetrics, read as strictly as its specification asks: {family: (type, {(name, labels): value})}."""
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""], lines[-3:]
    families, name = {}, None
    for line in lines[:-2]:
        if line.startswith("# HELP "):
            name = line.split()[2]
            assert name not in families, f"{name} comes twice"
            families[name] = [None, {}]
        elif line.startswith("# TYPE "):
            assert line.split()[2] == name and families[name][0] is None
            families[name][0] = line.split()[3]
        elif line.startswith("# UNIT "):
            assert line.split()[2] == name and name.endswith("_" + line.split()[3])
        else:
            found = SAMPLE.fullmatch(line)
            assert found, f"no sample: {line!r}"
            kind, samples = families[name]
            assert found[1] in [name + suffix for suffix in SUFFIXES[kind]], (line, kind)
            assert (found[1], found[2]) not in samples, f"twice: {line}"
            samples[found[1], found[2]] = float(found[3])
    for name, (kind, samples) in families.items():
        assert kind in SUFFIXES and not name.endswith(("_total", "_info")), name
    return families


def value(families, name, sample=None, **labels):
    wanted = {f'{k}="{v}"' for k, v in labels.items()}
    found = [v for (n, l), v in families[name][1].items() if n == (sample or name) and wanted <= set((l or "").split(","))]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def test_form(place):
    status, kind, text = place.get({"Accept": OPENMETRICS})
    assert (status, kind) == (200, OPENMETRICS + "; version=1.0.0; charset=utf-8")
    families = read(text)
    assert value(families, "homing_record_right", hostname="home.home.test", family="IPv4", provider="nsupdate") == 1
    assert value(families, "homing_record_right", hostname="wrong.example.org") == 0
    assert value(families, "homing_record", "homing_record_info", hostname="wrong.example.org", wanted="203.0.113.7", published="") == 1
    assert value(families, "homing_record", "homing_record_info", hostname="home.home.test", published="203.0.113.7", state="right") == 1
    assert value(families, "homing_outcomes", "homing_outcomes_total", provider="cloudflare", outcome="good") == 1
    assert value(families, "homing_outcomes", "homing_outcomes_total", provider="dyndns2", outcome="server") >= 1
    assert value(families, "homing_request_duration_seconds", "homing_request_duration_seconds_count", provider="cloudflare") >= 2
    assert value(families, "homing_requests_lost", "homing_requests_lost_total", provider="dyndns2") >= 1
    assert 0 < value(families, "homing_budget_left", provider="cloudflare") < value(families, "homing_budget_limit", provider="cloudflare")
    assert value(families, "homing_source_up", kind="fixed") == value(families, "homing_state_up") == 1
    assert value(families, "homing_hostnames", state="right") == 2


def test_watched(place):
    """What homing only watches is right when the DNS says so, and makes no alarm then."""
    def right():
        families = read(place.get({"Accept": OPENMETRICS})[2])
        return [v for (_, labels), v in families["homing_record_right"][1].items() if 'hostname="watched.home.test"' in labels]
    assert eventually(right, 20, "the look at the DNS") == [1]


def test_manual(place):
    """The manual page tells of each measurement, and of none that is not there."""
    page = (TOP / "doc" / "man" / "homing-metrics.7.scd.in").read_text()
    told = set(re.findall(r"(?<=\*)(?:homing|process)_\w+(?=\*)", page))
    families = read(place.get({"Accept": OPENMETRICS})[2])
    assert told == {n + {"counter": "_total", "info": "_info"}.get(kind, "") for n, (kind, _) in families.items()}


def test_text_format(place):
    """The older form, as promtool reads it."""
    status, kind, text = place.get()
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "# EOF" not in text
    done = subprocess.run([server_program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert place.get({"Accept": "image/png"})[0] == 406


def test_packed(place):
    """For who accepts it; what is unpacked is the same."""
    def fetch(coding):
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=10)
        try:
            connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {place.token}", "Accept-Encoding": coding})
            answer = connection.getresponse()
            return answer.getheader("Content-Encoding"), answer.read()
        finally:
            connection.close()
    assert fetch("identity")[0] is None and fetch("gzip;q=0")[0] is None
    plain, (coding, packed) = fetch("deflate")[1], fetch("deflate, gzip")
    assert coding == "gzip" and 5 * len(packed) < len(plain)
    names = lambda text: [line.split()[0] for line in text.decode().splitlines() if not line.startswith("#")]  # noqa: E731
    assert set(names(gzip.decompress(packed))) >= {n for n in names(plain) if "duration" not in n}


def test_no_secret(place):
    for accept in (OPENMETRICS, "text/plain"):
        text = place.get({"Accept": accept})[2]
        for secret in (cloudflare.TOKEN, "the-password-of-arthur", place.named.secret, place.token):
            assert secret not in text


def test_who_may_read(place):
    """As the API: a token that may read. metrics=loopback opens it to programs of this machine, never through a proxy."""
    assert place.get(token=False)[0] == 401
    assert place.get({"Authorization": "Bearer wrong"}, token=False)[0] == 401
    assert place.get()[0] == 200
    place.service.write(place.conf("metrics=loopback\n"))
    try:
        eventually(lambda: place.get(token=False)[0] == 200, what="the setting")
        for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
            assert place.get({header: "192.0.2.1"}, token=False)[0] == 401, header
        assert place.get({"Host": "evil.example"}, token=False)[0] == 421
    finally:
        place.service.write(place.conf())
    eventually(lambda: place.get(token=False)[0] == 401, what="the setting")


def test_rules():
    """promtool's own unit tests of the alerts: each fires, resolves, and does not fire."""
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    tests = RULES_TEST.read_text()
    assert alerts and set(alerts) == set(re.findall(r"alertname: (\w+)\n", tests))
    assert all(len(re.findall(rf"alertname: {a}, eval_time: \w+, exp_alerts: \[\]", tests)) == 2 for a in alerts)
    done = subprocess.run([server_program("promtool"), "test", "rules", str(RULES_TEST)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def queries():
    """Of the dashboard: (panel, query)."""
    doc = json.loads(DASHBOARD.read_text())
    for panel in doc["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace("$instance", ".*").replace("$__rate_interval", "10s")
    for variable in doc["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], re.fullmatch(r"label_values\((\w+), \w+\)", variable["definition"])[1]


def test_prometheus(place, started, tmp_path):
    """A real Prometheus: it collects, every rule is evaluated over data that is there, every query of the dashboard has an answer."""
    port = free_ports(1)[0]
    (tmp_path / "token").write_text(place.token)
    (tmp_path / "p.yml").write_text(f"""global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{RULES}"]
scrape_configs:
  - job_name: homing
    authorization: {{credentials_file: "{tmp_path}/token"}}
    static_configs: [{{targets: ["127.0.0.1:{place.port}"]}}]
""")
    prometheus = started([server_program("prometheus"), f"--config.file={tmp_path}/p.yml", f"--storage.tsdb.path={tmp_path}/d",
                          f"--web.listen-address=127.0.0.1:{port}"], name="prometheus")
    prometheus.wait_for("ready to receive web requests", 30)

    def ask(path, **query):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert answer["status"] == "success", (query, answer)
        return answer["data"]

    def result(query):
        return ask("query", query=query)["result"]

    eventually(lambda: result("homing_build_info"), 20, "the first collection")
    # What happens while it collects: requests, and the look at the DNS 5 s after the update.
    for _ in range(2):
        seen = result('homing_request_duration_seconds_count{provider="cloudflare"}')[0]["value"][1]
        for item in (i for i in place.service.get("/hostnames")["items"] if i["hostname"] != "watched.home.test"):
            assert place.service.api("POST", "/update", {"id": item["id"], "force": True})[0] == 200
        eventually(lambda: result('homing_request_duration_seconds_count{provider="cloudflare"}')[0]["value"][1] != seen, 20, "the count")
    eventually(lambda: result("homing_record_dns_agrees == 1"), 20, "the DNS being asked")

    silent = [(panel, query) for panel, query in queries() if not result(query)]
    assert not silent
    latency = next(query for panel, query in queries() if panel.startswith("Nine of ten"))
    assert {r["metric"]["provider"]: float(r["value"][1]) for r in result(latency)}["cloudflare"] > 0

    groups = eventually(lambda: (g := ask("rules")["groups"]) and all(r["health"] == "ok" for r in g[0]["rules"]) and g, 10, "the rules")
    for rule in groups[0]["rules"]:
        for name in re.findall(r"\b(?:homing_\w+|up)\b", rule["query"]):
            assert result(name), f"{rule['name']} asks for {name}, which is not there"
    alerts = {(a["labels"]["alertname"], a["labels"].get("hostname")) for a in ask("alerts")["alerts"]}
    assert alerts == {("HomingRecordWrong", "wrong.example.org")}
    target = ask("targets")["activeTargets"][0]
    assert target["health"] == "up" and target["lastError"] == ""


def test_ten_thousand_hostnames(program, tmp_path):
    """The number of series has a bound; those that are not right are among those that are listed."""
    port = free_ports(1)[0]
    names = ",".join(f"h{i}.example.org" for i in range(9999))
    conf = f"""listen=127.0.0.1:{port}
metrics=loopback, updates=no
usev4=ipv4, ipv4=203.0.113.7, usev6=ipv6, ipv6=2001:db8::7, allow-private=yes
protocol=dyndns2, server=127.0.0.1:9, login=arthur, password=geheim {names}
protocol=dyndns2, server=127.0.0.1:9, login=other, password=geheim last.example.org
"""
    with Group() as group:
        Homing(program, tmp_path, conf, group).start(debug=False)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/metrics", headers={"Accept": OPENMETRICS})
        families = read(connection.getresponse().read().decode())
        connection.close()
    assert value(families, "homing_records", kind="all") == 20000
    assert value(families, "homing_records", kind="listed") == 2000
    assert sum(len(samples) for _, samples in families.values()) < 13000
