# SPDX-License-Identifier: ISC
"""Descriptors that come back: one that HTTP gave up is another's a moment later, and both must be watched."""
import random
import socket
from contextlib import contextmanager

import dns.message
import dns.rrset

from lib import dnsd, web
from test_net_http import send


def answers(kind, query):
    message = dns.message.make_response(dns.message.from_wire(query))
    message.answer.append(dns.rrset.from_text(message.question[0].name, 60, "IN", "A", "192.0.2.1"))
    return [message.to_wire()]


@contextmanager
def silent6(port):
    """A port of ::1 where the kernel answers nobody: its queue is full and never emptied."""
    with socket.socket(socket.AF_INET6) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("::1", port))
        listener.listen(0)
        waiting = [socket.socket(socket.AF_INET6) for _ in range(2)]
        for s in waiting:
            s.setblocking(False)
            s.connect_ex(("::1", port))
        yield
        for s in waiting:
            s.close()


def questions(port, count, **more):
    return [{"server": "127.0.0.1", "port": port, "name": f"h{i}.home.test", **more} for i in range(count)]


def test_an_attempt_that_took_too_long_leaves_nothing_behind():
    """The library closes the socket of such an attempt itself, without the callback for closing."""
    with web.scripted(lambda r: web.reply("ok")) as server, silent6(server.port), dnsd.scripted(answers) as dns_server:
        slow = [{"url": f"http://[::1]:{server.port}/", "timeout": 50} for _ in range(4)]
        slow[-1]["then"] = True
        got = send(*slow, *questions(dns_server.port, 8), *questions(dns_server.port, 8, tcp=True),
                   {"url": f"http://localhost:{server.port}/"})
        assert [r["error"] for r in got] == ["timeout"] * 4 + ["ok"] * 17, [(r["tag"], r["error"], r.get("detail")) for r in got]


def test_many_addresses_given_up_kept_and_asked_at_once():
    """A few hundred requests of every fate, drawn from a seed: each ends with the word that its server's fate allows."""
    rng = random.Random(6)
    with web.scripted(lambda r: web.reply("ok")) as server, silent6(server.port), dnsd.scripted(answers) as dns_server:
        def one():
            kind = rng.randrange(6)
            if kind == 0:
                return {"server": "127.0.0.1", "port": dns_server.port, "name": "a.home.test", "tcp": rng.random() < 0.3}, {"ok"}
            if kind == 1:
                return {"url": f"http://localhost:{server.port}/", "fresh": rng.random() < 0.5}, {"ok"}
            if kind == 2:
                return {"url": f"http://127.0.0.1:{server.port}/", "renew": rng.random() < 0.3}, {"ok"}
            if kind == 3:
                return {"url": f"http://localhost:{server.port}/", "cancel": True}, {"cancelled"}
            if kind == 4:
                return {"url": f"http://[::1]:{server.port}/", "timeout": rng.randrange(20, 200)}, {"timeout"}
            return {"url": f"http://127.0.0.1:{server.port}/", "source_address": rng.choice(["127.0.0.2", "127.0.0.3"])}, {"ok"}

        made = [one() for _ in range(300)]
        requests = [{**r, "then": rng.random() < 0.2} for r, _ in made]
        got = send(*requests)
        wrong = [(r["tag"], requests[r["tag"]], r["error"], r.get("detail")) for r in got if r["error"] not in made[r["tag"]][1]]
        assert not wrong, wrong[:5]
