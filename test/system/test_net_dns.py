# SPDX-License-Identifier: ISC
"""The DNS transport against BIND, and against servers that lie, lose and stall."""
import struct

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from lib import dnsd
from lib.run import free_port
from test_net_http import send, send_one

ZONE = """$TTL 300
@ SOA ns. root. 7 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
www A 192.0.2.1
www A 192.0.2.2
www AAAA 2001:db8::1
alias CNAME www
big TXT """ + " ".join('"' + "x" * 200 + '"' for _ in range(4)) + "\n" + "".join(f"big TXT \"{i}{'y' * 200}\"\n" for i in range(20))


@pytest.fixture(scope="module")
def bind(tmp_path_factory):
    with dnsd.bind(tmp_path_factory.mktemp("bind"), {"home.test": (ZONE, "")}) as port:
        yield port


def test_asks_bind(bind):
    a, aaaa, alias, none, tcp, refused = send(*[
        {"server": "127.0.0.1", "port": bind, **more} for more in (
            {"name": "www.home.test"}, {"name": "WWW.home.test", "type": 28}, {"name": "alias.home.test"},
            {"name": "nosuch.home.test"}, {"name": "www.home.test", "tcp": True}, {"name": "elsewhere.example"})])
    assert sorted(x["data"] for x in a["answers"]) == ["192.0.2.1", "192.0.2.2"]
    assert (a["error"], a["sent"], a["rcode"], a["peer"]) == ("ok", "yes", "NOERROR", "127.0.0.1")
    assert [x["data"] for x in aaaa["answers"]] == ["2001:db8::1"]
    assert [x["type"] for x in alias["answers"]].count(5) == 1 and len(alias["answers"]) == 3
    assert none["rcode"] == "NXDOMAIN" and refused["rcode"] == "REFUSED"
    assert len(tcp["answers"]) == 2


def test_truncated_goes_on_by_tcp(bind):
    got = send_one(server="127.0.0.1", port=bind, name="big.home.test", type=16)
    assert (got["error"], len(got["answers"])) == ("ok", 21)
    assert got["connects"] == 2


def answer(query, *addresses, **flags):
    message = dns.message.make_response(dns.message.from_wire(query))
    message.answer.append(dns.rrset.from_text(message.question[0].name, 60, "IN", "A", *addresses))
    return message.to_wire()


def test_ignores_what_is_no_answer_to_this():
    def script(kind, query):
        good = answer(query, "192.0.2.1")
        other_id = bytes([good[0] ^ 1]) + good[1:]
        message = dns.message.make_response(dns.message.make_query("other.example", "A"))
        other_name = query[:2] + message.to_wire()[2:]
        return [b"", b"x", query, other_id, other_name, good[:20], good]

    with dnsd.scripted(script) as server:
        got = send_one(server="127.0.0.1", port=server.port, name="a.example")
        assert [x["data"] for x in got["answers"]] == ["192.0.2.1"]
        assert got["connects"] == 1


def test_asks_again_with_another_id_and_port():
    def script(kind, query):
        return [answer(query, "192.0.2.1")] if len(server.queries) > 2 else []

    with dnsd.scripted(script) as server:
        got = send_one(server="127.0.0.1", port=server.port, name="a.example", timeout=9000)
        assert got["error"] == "ok" and got["took"] >= 2900
        assert len({q[1][:2] for q in server.queries}) == 3, "a random id for each"
        assert len({q[2][1] for q in server.queries}) == 3, "a port for each"


def test_a_write_leaves_once():
    with dnsd.scripted(lambda kind, query: []) as server:
        got = send_one(server="127.0.0.1", port=server.port, name="a.example", writes=True, timeout=2500)
        assert (got["error"], got["sent"]) == ("timeout", "maybe")
        assert len(server.queries) == 1


@pytest.mark.parametrize("script,error,sent", [
    (lambda kind, query: [], "timeout", "maybe"),
    (lambda kind, query: [query], "protocol", "maybe"),
])
def test_tcp_faults(script, error, sent):
    with dnsd.scripted(script) as server:
        got = send_one(server="127.0.0.1", port=server.port, name="a.example", tcp=True, timeout=1000)
        assert got["error"] in (error, "reset") and got["sent"] == sent


def test_nobody_there():
    udp, tcp, name = send({"server": "127.0.0.1", "port": free_port(), "name": "a.example"},
                          {"server": "127.0.0.1", "port": free_port(), "name": "a.example", "tcp": True},
                          {"server": "nosuch.invalid", "name": "a.example"})
    assert (udp["error"], udp["sent"]) == ("refused", "no")
    assert (tcp["error"], tcp["sent"]) == ("refused", "no")
    assert name["error"] in ("bad-name", "no-name") and name["sent"] == "no"


def test_a_server_by_name(bind):
    got = send_one(server="localhost", port=bind, name="www.home.test")
    assert got["error"] == "ok" and got["peer"] == "127.0.0.1"


def test_a_chosen_source(bind):
    got = send_one(server="127.0.0.1", port=bind, name="www.home.test", source_address="127.0.0.9")
    assert (got["error"], got["local"]) == ("ok", "127.0.0.9")
    got = send_one(server="127.0.0.1", port=bind, name="www.home.test", source_address="192.0.2.99")
    assert (got["error"], got["sent"]) == ("no-route", "no")
