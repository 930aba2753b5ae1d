# SPDX-License-Identifier: ISC
"""A second opinion on the served OpenAPI file: Prism stands between and compares each answer with it."""
import http.client
import json
import pathlib
import subprocess

import pytest

from processes import free_ports

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONF = "outside=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled\n" \
       "protocol=dyndns2, server=http://127.0.0.1:9, login=arthur, password=geheim, enabled=no home.example.org\n"


@pytest.fixture(scope="module")
def prism():
    done = subprocess.run([ROOT / "scripts" / "npm-package", "@stoplight/prism-cli"], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"Prism is not here ({done.stderr.strip()})")
    return pathlib.Path(done.stdout.strip()) / "node_modules" / ".bin" / "prism"


def ask(port, page, path, token, method="GET", body=None):
    """Status, and what Prism says against the request and the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Authorization": f"Bearer {token}", "Host": f"127.0.0.1:{page}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.getheader("sl-violations")


def test_prism_finds_no_violation(prism, homing, started, tmp_path):
    page, port = free_ports(2)
    service = homing(f"listen=127.0.0.1:{page}\n{CONF}").start()
    document = service.get("/openapi.json")
    document["components"]["schemas"]["Verdict"]["required"].append("nonsense")  # it can find one
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    token = service.api("POST", "/tokens", {"name": "prism", "level": "full"})[1]["token"]
    proxy = started([str(prism), "proxy", str(tmp_path / "openapi.json"), f"http://127.0.0.1:{page}", "-p", str(port)], name="prism")
    proxy.wait_for("Prism is listening", 60)
    status, against = ask(port, page, "/api/v1/verdict", token)
    assert status == 200 and "nonsense" in against
    entry = "home.example.org%40dyndns2%2Farthur"
    asked = set()
    for path, methods in document["paths"].items():
        if "get" not in methods or path.endswith(("/events", "/verdict", "/start")) or "exchanges" in path:  # what was broken above is in /start, too
            continue
        query = "?name=home.dyndns.org" if path.endswith("/lookup") else ""
        assert ask(port, page, path.replace("{id}", entry) + query, token) == (200, None), path
        asked.add(path)
    assert len(asked) > 15
    told = {"settings": {"protocol": "dyndns2", "server": "http://127.0.0.1:9", "login": "paul", "password": "geheim", "enabled": "no"}}
    acts = [("POST", "hostnames", {"hostname": "new.example.org", **told}, 200), ("POST", "hostnames", {"hostname": "new.example.org", **told}, 409),
            ("POST", "hostnames", {"hostname": "a b", **told}, 422), ("PATCH", f"hostnames/{entry}", {"settings": {"description": "x"}}, 200),
            ("POST", "plan", {"id": "home.example.org@dyndns2/arthur"}, 200), ("POST", "update", {"id": "nowhere.example.org"}, 404),
            ("PATCH", "settings", {"settings": {"daemon": "7m"}}, 200), ("PATCH", "settings", {"settings": {"daemon": "soon"}}, 422),
            ("POST", "undo", {}, 200), ("POST", f"hostnames/{entry}/enable", {}, 200), ("POST", "tokens", {"name": "reader", "level": "read"}, 201),
            ("DELETE", "tokens/reader", None, 200), ("POST", "import", {"text": "nonsense"}, 422), ("POST", "session", {"password": "not it"}, 403),
            ("DELETE", f"hostnames/{entry}", None, 200)]
    for method, path, body, wanted in acts:
        assert ask(port, page, "/api/v1/" + path, token, method, body) == (wanted, None), (method, path)
