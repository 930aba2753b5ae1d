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


def ask(port, page, path, token):
    """Status, and what Prism says against the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "Host": f"127.0.0.1:{page}"})
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
    asked = 0
    for path, methods in document["paths"].items():
        if "get" not in methods or "{" in path or path.endswith(("/events", "/lookup", "/verdict", "/start")):
            continue
        assert ask(port, page, path, token) == (200, None), path
        asked += 1
    assert asked > 10
