# SPDX-License-Identifier: ISC
"""Several hostnames at once: one change of the file, one undo that brings back each byte; all or none."""
import pytest
from dyndns import Dyndns
from processes import eventually

HEAD = "listen=no\noutside=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.7, usev6=disabled\n# a comment, kept\n"
LINE = "protocol=dyndns2, server=http://127.0.0.1:9, login=arthur, password='Zq7, \"old\"' "


def lines(count):
    """Half of them on lines of their own, the others three to a line, with comments between."""
    text = "".join(f"{LINE}own{i}.example.org # {i}\n" for i in range(count))
    return HEAD + text + "".join(f"\n# group {g}\n{LINE} g{g}a.example.org,g{g}b.example.org, g{g}c.example.org\n" for g in range(count // 3 or 1))


def ids(service, *names):
    known = {h["hostname"]: h["id"] for h in service.get("/hostnames?limit=1000")["items"]}
    return [known[n + ".example.org"] for n in names]


@pytest.fixture
def service(homing):
    return homing(lines(6)).start()


def states(service):
    return {h["hostname"].split(".")[0]: h["enabled"] for h in service.get("/hostnames?limit=1000")["items"]}


def test_five_are_deleted_and_brought_back(service):
    before = service.conf.read_bytes()
    chosen = ["own0", "own3", "g0b", "g1a", "g1c"]
    status, doc = service.api("POST", "/hostnames/many", {"ids": ids(service, *chosen), "act": "remove"})
    assert status == 200 and doc["count"] == 5 and doc["in_use"]
    assert not set(chosen) & set(states(service)) and len(states(service)) == 7
    assert "# group 1" in service.conf.read_text() and "g1b.example.org" in service.conf.read_text()
    assert service.api("POST", "/undo", {})[0] == 200
    assert service.conf.read_bytes() == before and len(states(service)) == 12


def test_pause_and_resume(service):
    before = service.conf.read_bytes()
    chosen = ["own0", "own1", "g0a", "g0b", "g0c", "g1b"]
    status, doc = service.api("POST", "/hostnames/many", {"ids": ids(service, *chosen), "act": "pause"})
    assert status == 200 and {n for n, e in states(service).items() if e == "no"} == set(chosen)
    assert service.api("POST", "/hostnames/many", {"ids": ids(service, "own0", "own1", "g0b"), "act": "resume"})[0] == 200
    assert {n for n, e in states(service).items() if e == "no"} == {"g0a", "g0c", "g1b"}
    for _ in range(2):
        assert service.api("POST", "/undo", {})[0] == 200
    assert service.conf.read_bytes() == before


def test_one_new_password_for_all_of_an_account(service):
    chosen = ["own0", "own1", "g1b"]
    status, doc = service.api("POST", "/hostnames/many", {"ids": ids(service, *chosen), "act": "change", "settings": {"password": "Zq7-new"}})
    assert status == 200, doc
    for line in service.conf.read_text().splitlines():
        if any(n + ".example.org" in line for n in chosen):
            assert "Zq7-new" in line and "Zq7, " not in line, line
        elif "example.org" in line:
            assert "Zq7, " in line and "Zq7-new" not in line, line


@pytest.mark.parametrize("body, status", [
    ({"act": "remove", "ids": []}, 422),
    ({"act": "remove"}, 422),
    ({"act": "remove", "ids": ["own0.example.org", 5]}, 422),
    ({"act": "burn", "ids": ["own0.example.org"]}, 422),
    ({"act": "remove", "ids": ["own0.example.org", "nobody.example.org"]}, 404),
    ({"act": "change", "ids": ["own0.example.org"], "settings": {"postscript": "id"}}, 403),
    ({"act": "change", "ids": ["own0.example.org"], "settings": {"password": "a\nb"}}, 422),
    ({"act": "change", "ids": ["own0.example.org"], "settings": {"password": None}}, 422),
    ({"act": "change", "ids": ["own0.example.org"]}, 422),
])
def test_what_is_wrong_changes_nothing(service, body, status):
    before = service.conf.read_bytes()
    got, doc = service.api("POST", "/hostnames/many", body)
    assert got == status, doc
    assert service.conf.read_bytes() == before


def test_thousands_at_once(homing):
    """A whole fleet goes in one step, and comes back in one."""
    count = 3000
    service = homing(HEAD + "".join(f"{LINE}enabled=no h{i}.example.org\n" for i in range(count))).start()
    before = service.conf.read_bytes()
    every = [h["id"] for o in (0, 1000, 2000) for h in service.get(f"/hostnames?limit=1000&offset={o}")["items"]]
    assert len(every) == count
    status, doc = service.api("POST", "/hostnames/many", {"ids": every[:-1], "act": "remove"})
    assert status == 200 and doc["count"] == count - 1, doc
    assert service.get("/hostnames")["total"] == 1
    assert service.api("POST", "/undo", {})[0] == 200
    assert service.conf.read_bytes() == before


def test_records_that_stay_keep_their_hostnames(homing):
    """Only where the protocol can remove a record is the hostname gone; the answer says which stayed."""
    with Dyndns() as provider:
        line = f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=a, password=x "
        service = homing(HEAD + line + "own0.example.org\n" + line + "own1.example.org\n").start()
        eventually(lambda: service.get("/verdict")["counts"]["right"] == 2, 10, "both")
        status, doc = service.api("POST", "/hostnames/many", {"ids": ids(service, "own0", "own1"), "act": "remove", "record": True})
        assert status == 403 and doc["error"]["code"] == "records-stay" and doc["error"]["args"]["count"] == 2, doc
        assert len(states(service)) == 2
        status, doc = service.api("POST", "/hostnames/many", {"ids": ids(service, "own0", "own1"), "act": "update"})
        assert status == 200 and doc == {"count": 2, "refused": 0}


def test_the_history_of_many_is_read_page_by_page(homing):
    """Many of their events come in one millisecond: none is told twice, none is left out where a page ends."""
    with Dyndns() as provider:
        names = ",".join(f"own{i}.example.org" for i in range(255))
        service = homing(f"{HEAD}protocol=dyndns2, server=http://127.0.0.1:{provider.port}, login=a, password=x {names}\n").start()
        eventually(lambda: service.get("/verdict")["counts"]["right"] == 255, 10, "all")
    all = service.get("/addresses?from=1")
    to = all["history"][0]["at"] + 1
    events, offset, pages = [], 0, 0
    while offset is not None:
        page = service.get(f"/addresses?to={to}&offset={offset}")
        events, offset, pages = events + page["history"], page["next"], pages + 1
    assert pages > 2 and all["next"] is None and events == all["history"]
