# SPDX-License-Identifier: ISC
"""What About says of the parts is what happened to them."""
import json
import os
import signal
import time

import pytest
from dyndns import Dyndns
from processes import eventually

CONF = "listen=no\noutside=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled\n" \
       "protocol=dyndns2, server=http://127.0.0.1:9, login=a, password=x, enabled=no home.example.org\n"


@pytest.fixture
def service(homing):
    return homing(CONF).start()


def part(service, name):
    found = next(p for p in service.get("/about")["parts"] if p["id"] == name)
    return found["state"], found["message"]["code"], found["message"]["args"]


def answers(service):
    try:
        return service.api("GET", "/about")[0] == 200
    except OSError:
        return False


def test_all_is_right_at_first(service):
    assert {p["id"]: p["state"] for p in service.get("/about")["parts"]} == dict.fromkeys(("keeper", "worker", "memory", "sources", "dns", "page"), "right")


def test_a_worker_that_was_started_again(service):
    former = service.worker()
    os.kill(former, signal.SIGKILL)
    eventually(lambda: (now := service.workers()) and now[0] != former and answers(service), 20, "another worker")
    state, code, args = part(service, "worker")
    assert (state, code) == ("needs-you", "part_worker_again") and args["count"] == 1 and args["why"] == "signal 9"
    assert part(service, "keeper")[0] == "right"


def test_a_file_that_can_not_be_written(service):
    home = service.get("/hostnames")["items"][0]["id"].replace("/", "%2F")
    assert service.api("PATCH", f"/hostnames/{home}", {"settings": {"description": "one"}})[0] == 200
    folder = next(p for p in service.folder.rglob("versions"))
    folder.rename(folder.parent / "elsewhere")
    folder.write_text("in the way\n")
    before = service.conf.read_text()
    status, doc = service.api("PATCH", f"/hostnames/{home}", {"settings": {"description": "two"}})
    assert status >= 400 and service.conf.read_text() == before, doc
    state, code, args = part(service, "keeper")
    assert (state, code) == ("needs-you", "part_keeper_bad") and args["why"]
    # A refusal of what was asked for is no trouble of the keeper's.
    folder.unlink()
    assert service.api("PATCH", f"/hostnames/{home}", {"settings": {"description": "two"}})[0] == 200
    assert service.api("PATCH", f"/hostnames/{home}", {"settings": {"postscript": "id"}})[0] == 403
    assert part(service, "keeper")[:2] == ("right", "part_keeper")


def test_work_that_was_late(homing):
    """The worker is held up over a time at which it had to send something: min-interval is over meanwhile."""
    with Dyndns() as provider:
        line = f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=a, password=x, min-interval=2s home.example.org\n"
        service = homing(CONF.splitlines(True)[0] + "outside=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled\n" + line).start()
        eventually(lambda: service.get("/verdict")["counts"]["right"] == 1, 10, "the first address")
        assert service.api("PATCH", "/settings", {"settings": {"ipv4": "203.0.113.8"}})[0] == 200
        eventually(lambda: "203.0.113.8" in json.dumps(service.get("/hostnames")), 10, "the worker knowing of it")
        assert len(provider.requests) == 1
        worker = service.worker()
        os.kill(worker, signal.SIGSTOP)
        try:
            time.sleep(5)
        finally:
            os.kill(worker, signal.SIGCONT)
        eventually(lambda: len(provider.requests) >= 2, 10, "the second address")
        state, code, args = part(service, "worker")
        assert (state, code) == ("waiting", "part_worker_late") and args["count"] >= 2
