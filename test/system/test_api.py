# SPDX-License-Identifier: ISC
"""The API keeps to its own description: every operation of the served OpenAPI file, with good and broken input."""
import http.client
import json
import subprocess
import urllib.parse

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schema import Schemas

from dyndns import Dyndns
from processes import eventually, free_ports
from service import UnixConnection

CONF = """listen=no
outside=no
usev4=ipv4, ipv4=203.0.113.7, usev6=disabled
protocol=dyndns2, server=http://127.0.0.1:9, login=arthur, password=geheim home.example.org
protocol=dyndns2, server=http://127.0.0.1:9, login=arthur, password=geheim www.example.org,mail.example.org
provider=cloudflare, password=geheim, description="the third" third.example.net
"""
# Nothing may leave this machine, whatever is drawn: a network of its own, with nothing in it but loopback.
ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]

SETTINGS = ["login", "password", "description", "mx", "ttl", "zone", "enabled", "usev4", "ipv4", "provider", "protocol", "server",
            "max-interval", "on-loss", "postscript", "cmdv4", "inherit", "define", "nonsense", "key-file", "daemon", "history"]
VALUES = ["yes", "no", "disabled", "ipv4", "203.0.113.9", "cloudflare", "dyndns2", "127.0.0.1:9", "http://127.0.0.1:9", "5m", "60",
          "keep", "a'b\"c#d,e=f\\", " ", "", "example.org", "\u00fc", "*", "default"]


@pytest.fixture(scope="module")
def alone():
    done = subprocess.run([*ALONE, "true"], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("no network namespace of its own here: " + done.stderr.strip())


@pytest.fixture(scope="module")
def service(alone, program, tmp_path_factory):
    import processes
    from service import Homing
    with processes.Group() as group:
        yield Homing(program, tmp_path_factory.mktemp("api"), CONF, group, prefix=ALONE).start()


@pytest.fixture(scope="module")
def document(service):
    status, doc = service.api("GET", "/openapi.json")
    assert status == 200
    return doc


@pytest.fixture(scope="module")
def schemas(document):
    changes = st.dictionaries(st.sampled_from(SETTINGS) | st.text(max_size=8),
                              st.none() | st.sampled_from(VALUES) | st.text(max_size=30), max_size=5)
    return Schemas(document, {"Changes": changes})


def operations():
    """(path, method) of the file in the source tree; that the served one is the same is a test of its own."""
    import pathlib
    doc = json.loads((pathlib.Path(__file__).resolve().parents[2] / "src" / "web" / "openapi.json").read_text())
    return [(path, method) for path, methods in doc["paths"].items() for method in methods]


def send(service, method, path, body, headers):
    connection = UnixConnection(str(service.socket))
    try:
        connection.request(method.upper(), path, body, headers)
        reply = connection.getresponse()
        kind = reply.getheader("Content-Type", "")
        data = b"" if kind.startswith("text/event-stream") else reply.read()
        return reply.status, kind, data
    finally:
        connection.close()


def check(document, operation, status, kind, data):
    assert status < 500 or str(status) in operation["responses"], (status, data)
    assert str(status) in operation["responses"], f"{status} is not described: {data[:300]!r}"
    content = operation["responses"][str(status)].get("content", {})
    wanted = next(iter(content))
    assert kind.startswith(wanted), (kind, wanted)
    if wanted == "application/json":
        schema = {**content[wanted]["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(json.loads(data))


def strategies(schemas, operation, good):
    """Parts of a request: {path parameters}, {query}, {headers}, body."""
    draw = schemas.good if good else schemas.broken
    known_ids = st.sampled_from(["home.example.org@dyndns2/arthur", "www.example.org", "third.example.net@cloudflare", "gone.example.org", "a/b@c"])
    places = {"path": {}, "query": {}, "header": {}}
    for p in operation.get("parameters", ()):
        value = known_ids if p["name"] == "id" else draw(p["schema"])
        places[p["in"]][p["name"]] = value if p["required"] or p["in"] == "path" else st.none() | value
    body = operation.get("requestBody")
    drawn = st.none() if body is None else draw(body["content"]["application/json"]["schema"])
    return st.tuples(*(st.fixed_dictionaries(places[k]) for k in ("path", "query", "header")), drawn)


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


def carry_out(service, document, path, method, operation, parts):
    in_path, query, headers, body = parts
    for name, value in in_path.items():
        path = path.replace("{%s}" % name, urllib.parse.quote(text(value), safe="") or "x")
    query = {k: text(v) for k, v in query.items() if v is not None}
    if query:
        path += "?" + urllib.parse.urlencode(query)
    headers = {k: '"%s"' % v.encode("ascii", "replace").decode() for k, v in headers.items() if isinstance(v, str) and v.isprintable()}
    data = None
    if body is not None or operation.get("requestBody", {}).get("required"):
        data = json.dumps(body)
        headers["Content-Type"] = "application/json"
    check(document, operation, *send(service, method, path, data, headers))


def whole(service):
    """With all its hostnames, whatever the operation before did to them: else all that follows would only meet gaps."""
    wanted = {"home.example.org", "www.example.org", "mail.example.org", "third.example.net"}
    if wanted <= {x["hostname"] for x in service.get("/hostnames")["items"]}:
        return
    service.write(CONF)
    eventually(lambda: {x["hostname"] for x in service.get("/hostnames")["items"]} == wanted, 20, "the hostnames being back")


RELAXED = dict(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate], derandomize=True)


@pytest.mark.parametrize("good", [True, False], ids=["good", "broken"])
@pytest.mark.parametrize("path,method", operations())
def test_each_operation_keeps_to_its_description(service, document, schemas, path, method, good):
    operation = document["paths"][path][method]
    edits = method != "get"
    whole(service)

    @settings(max_examples=12 if edits else 20, **RELAXED)
    @given(strategies(schemas, operation, good))
    def run(parts):
        carry_out(service, document, path, method, operation, parts)

    run()
    assert service.workers(), "the worker ended"


def test_each_operation_does_what_it_is_for(homing):
    """What is drawn is mostly refused: here each operation of the description succeeds, and its answer fits."""
    with Dyndns() as provider:
        port = free_ports(1)[0]
        service = homing(f"listen=127.0.0.1:{port}\noutside=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled\n"
                         f"define=notify:desk, kind=webhook, url=http://127.0.0.1:{provider.port}/told\n").start()
        document = service.get("/openapi.json")
        left = {operation["operationId"]: (path, method) for path, methods in document["paths"].items() for method, operation in methods.items()}
        settings = {"protocol": "dyndns2", "server": f"http://127.0.0.1:{provider.port}", "login": "arthur", "password": "geheim",
                    "usev4": "ipv4", "ipv4": "203.0.113.7"}

        def does(name, body=None, wanted=200, /, **places):
            """Carries it out; gives what it answers."""
            path, method = left.pop(name)
            for place, value in places.items():
                path = path.replace("{%s}" % place, urllib.parse.quote(str(value), safe=""))
            path += {"lookup": "?name=home.dyndns.org", "hostnames": "?search=home&sort=-hostname&limit=5", "log": "?level=debug&limit=9"}.get(name, "")
            headers = {"Content-Type": "application/json"} if body is not None else {}
            status, kind, data = send(service, method, path, json.dumps(body) if body is not None else None, headers)
            check(document, next(o for ms in document["paths"].values() for o in ms.values() if o["operationId"] == name), status, kind, data)
            assert status == wanted, (name, status, data)
            return json.loads(data) if kind.startswith("application/json") and data else None

        made = does("create", {"hostname": "home.example.org", "settings": settings})
        home = made["id"]
        eventually(lambda: provider.requests, 10, "an update")
        for name in ("start", "verdict", "addresses", "sources", "providers", "protocols", "settings", "about", "openapi", "health", "measurements",
                     "lookup", "tokens", "devices", "notify", "events"):
            does(name)
        assert [x["id"] for x in does("hostnames")["items"]] == [home]
        assert does("hostname", id=home)["settings"]["password"]["set"] and does("why", id=home)["host"]["id"] == home
        assert does("plan", {"id": home})["requests"]
        does("update", {"id": home, "force": True})
        eventually(lambda: any(line.get("exchange") for line in service.get("/log")["lines"]), 10, "an exchange")
        does("exchange", id=next(line["exchange"] for line in service.get("/log")["lines"] if line.get("exchange")))
        assert does("log")["lines"]
        assert does("change", {"settings": {"description": "mine"}}, id=home)["id"] == home
        does("undo", {})
        assert does("reload", {})["in_use"]
        does("disable", {}, id=home)
        does("enable", {}, id=home)
        does("resume", {}, id=home)
        home = does("rename", {"hostname": "office.example.org"}, id=home)["id"]
        does("set", {"settings": {"daemon": "7m"}})
        assert does("import", {"text": f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=a, password=b new.example.org\n",
                               "apply": True, "paused": True})["written"]
        eventually(lambda: service.get("/hostnames")["total"] == 2, 10, "the second hostname")
        does("many", {"ids": [x["id"] for x in service.get("/hostnames")["items"]], "act": "update"})
        does("remove", id=home)
        does("notifyTest", {}, name="desk")
        does("addToken", {"name": "laptop", "level": "read"}, 201)
        does("removeToken", name="laptop")
        does("addDevice", {"name": "fritz", "hosts": ["home.example.org"]}, 201)
        does("renewDevice", {}, name="fritz")
        does("removeDevice", name="fritz")
        link = does("link", {})["link"]
        does("claim", {"link": link, "password": "four ordinary words"})
        does("password", {"password": "four other words"})
        does("signIn", {"password": "four other words"})
        does("signOutAll")
        does("signOut")
        assert not left, f"nobody tried {sorted(left)}"


def test_the_served_description_is_the_one_of_the_source(document):
    assert [(p, m) for p, ms in document["paths"].items() for m in ms] == operations()
    jsonschema.Draft202012Validator.check_schema({"$defs": document["components"]["schemas"]})


@pytest.mark.parametrize("data,status", [(b"", 200), (b"{", 400), (b"[]", 400), (b"null", 400), (b"{}{}", 400), (b'{"a":1,"a":2}', 400),
                                         (b"\xff\xfe", 400), (b'{"id":"\\u0000"}', None), (b"[" * 100000, 400)])
def test_bodies_that_are_no_objects(service, document, data, status):
    got, kind, answer = send(service, "POST", "/api/v1/update", data, {"Content-Type": "application/json"})
    assert status in (None, got), answer
    check(document, document["paths"]["/api/v1/update"]["post"], got, kind, answer)


def test_the_service_survived_it_all(service):
    assert service.get("/verdict")["counts"]["all"] >= 0
    assert "AddressSanitizer" not in service.text() and "panic" not in service.text().lower()
