# SPDX-License-Identifier: ISC
"""Sources of addresses on real interfaces, pages and commands."""
import contextlib
import json
import subprocess

import pytest

from lib import web
from lib.run import Lines, program, started, tool, until


def sensing(space=None, **config):
    """The sense on these entries, inside a namespace or here."""
    command = [tool("sensetool"), json.dumps(config)]
    return Lines(space.enter(*command) if space else command)


def once(*entries, space=None, **config):
    """One pass: {(entry, family): what was told last}."""
    command = [tool("sensetool"), json.dumps({"entries": entries, "once": True, **config})]
    done = subprocess.run(space.enter(*command) if space else command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return {(x["entry"], x["family"]): x for x in map(json.loads, done.stdout.splitlines())}


@pytest.fixture
def home(world):
    """A namespace with eth0 wired to a router's."""
    space, router = world.space("home"), world.space("router")
    world.join(space, "eth0", router, "lan0")
    router.ip("addr add 192.0.2.254/24 dev lan0")
    router.ip("addr add 2001:db8:1::1/64 dev lan0 nodad")
    space.router = router
    return space


def test_follows_the_kernel(home):
    home.ip("addr add 192.0.2.1/24 dev eth0")
    with sensing(home, entries=[{"usev4": "ifv4", "ifv4": "eth0", "usev6": "ifv6", "ifv6": "eth0"}]) as s:
        s.expect(family="IPv4", state="known", set="192.0.2.1")
        home.ip("addr add 198.51.100.7/24 dev eth0")
        home.ip("addr del 192.0.2.1/24 dev eth0")
        s.expect(family="IPv4", state="known", set="198.51.100.7")
        home.ip("addr add 2001:db8:1::5/64 dev eth0 nodad")
        s.expect(family="IPv6", state="known", set="2001:db8:1::5")
        home.ip("addr del 198.51.100.7/24 dev eth0")
        gone = s.expect(family="IPv4")
        assert gone["state"] == "unknown", "what vanished may come back"
        home.ip("link set eth0 down")
        assert s.expect(family="IPv6")["state"] == "unknown"
        home.ip("addr add 203.0.113.9/24 dev eth0")
        home.ip("link set eth0 up")
        s.expect(family="IPv4", state="known", set="203.0.113.9")


def test_follows_the_default_route(world):
    space, out = world.space("home"), world.space("out")
    world.join(space, "e0", out, "p0")
    world.join(space, "e1", out, "p1")
    space.ip("addr add 192.0.2.1/25 dev e0")
    space.ip("addr add 192.0.2.129/25 dev e1")
    with sensing(space, entries=[{"usev4": "ifv4"}]) as s:
        assert "no IPv4 way out" in s.expect(family="IPv4", state="unknown")["error"]
        space.ip("route add default via 192.0.2.126 dev e0 metric 100")
        s.expect(family="IPv4", state="known", set="192.0.2.1")
        space.ip("route add default via 192.0.2.254 dev e1 metric 50")
        s.expect(family="IPv4", state="known", set="192.0.2.129")
        space.ip("route del default dev e1")
        s.expect(family="IPv4", state="known", set="192.0.2.1")
        space.ip("route replace default via 192.0.2.254 dev e1 metric 100")  # the kernel tells of no deletion
        s.expect(family="IPv4", state="known", set="192.0.2.129")
        space.ip("route replace default via 192.0.2.126 dev e0 metric 100")
        s.expect(family="IPv4", state="known", set="192.0.2.1")
        space.ip("link del e0")
        s.expect(family="IPv4", state="unknown")


def test_a_moved_interface_name(home):
    """An interface that comes back under the same name with another index is the same for its user."""
    home.ip("addr add 192.0.2.1/24 dev eth0")
    with sensing(home, entries=[{"usev4": "ifv4", "ifv4": "eth0"}]) as s:
        s.expect(state="known", set="192.0.2.1")
        home.ip("link del eth0")
        s.expect(state="unknown")
        home.ip("link add eth0 type veth peer name other")
        home.ip("addr add 192.0.2.2/24 dev eth0")
        home.ip("link set other up")
        home.ip("link set eth0 up")
        s.expect(state="known", set="192.0.2.2")


def test_waits_for_duplicate_detection(home):
    home.sysctl("net.ipv6.conf.eth0.dad_transmits", 2)
    with sensing(home, entries=[{"usev6": "ifv6", "ifv6": "eth0"}]) as s:
        s.expect(state="unknown")
        home.ip("addr add 2001:db8:1::9/64 dev eth0")
        told = s.next(15)
        while told["state"] != "known":
            assert "checks that nobody else has it" in told["error"]
            told = s.next(15)
        assert told["set"] == "2001:db8:1::9"
        assert "tentative" not in home.ip("-6 addr show dev eth0").stdout


def test_a_flood_of_changes_ends_right(home):
    """More events than the kernel's queue holds: after the last one, the last address is told."""
    batch = "".join(f"addr add 10.{i // 250}.{i % 250}.1/32 dev eth0\naddr del 10.{i // 250}.{i % 250}.1/32 dev eth0\n"
                    for i in range(6000)) + "addr add 203.0.113.77/24 dev eth0\n"
    with sensing(home, entries=[{"usev4": "ifv4", "ifv4": "eth0"}]) as s:
        s.expect(state="unknown")
        subprocess.run(["ip", "-n", home.name, "-batch", "-"], input=batch, text=True, check=True, capture_output=True)
        s.expect(30, state="known", set="203.0.113.77")


def test_candidates_tell_why_not(home):
    home.ip("addr add 192.168.1.2/24 dev eth0")
    home.ip("addr add 9.9.9.9/24 dev eth0")
    home.ip("addr add fd00::1/64 dev eth0 nodad")
    home.ip("addr add 2001:db8:1::7/64 dev eth0 nodad preferred_lft 0")
    home.ip("route add default via 9.9.9.1")
    with sensing(home, entries=[{"usev4": "ifv4"}]) as s:
        s.expect(state="known", set="9.9.9.9")
        s.say("candidates")
        told = {}
        while "9.9.9.9" not in told or "2001:db8:1::7" not in told:
            line = s.next()
            told[line.get("candidate")] = line
        assert told["9.9.9.9"]["taken"] is True
        assert told["192.168.1.2"]["why"] == "another one is public"
        assert "deprecated" in told["2001:db8:1::7"]["why"]


# --- prefixes ---


def test_a_prefix_and_its_hosts(home):
    objects = {"prefix:lan": {"from": "eth0", "length": "64"}}
    entries = [{"usev6": "prefix", "prefix": "lan", "suffix": suffix}
               for suffix in ("::1:2:3:4", "00:11:22:33:44:55", "::5")]
    home.ip("addr add 2001:db8:1::9/64 dev eth0 nodad valid_lft 3600 preferred_lft 1800")
    with sensing(home, entries=entries, objects=objects) as s:
        wanted = {0: "2001:db8:1:0:1:2:3:4", 1: "2001:db8:1:0:211:22ff:fe33:4455", 2: "2001:db8:1::5"}
        latest(s, wanted)
        # renumbering: the new prefix is preferred for longer, the old one deprecated
        home.ip("addr add 2001:db8:2::9/64 dev eth0 nodad valid_lft 7200 preferred_lft 3600")
        latest(s, {0: "2001:db8:2:0:1:2:3:4", 1: "2001:db8:2:0:211:22ff:fe33:4455", 2: "2001:db8:2::5"})
        home.ip("addr change 2001:db8:1::9/64 dev eth0 valid_lft 3600 preferred_lft 0")
        home.ip("addr del 2001:db8:1::9/64 dev eth0")
        assert s.quiet(0.3) is None, "nothing else is touched"
        home.ip("addr del 2001:db8:2::9/64 dev eth0")
        assert s.expect(entry=0)["state"] == "unknown", "until its valid lifetime is over"


def latest(s, wanted):
    """Reads until each entry has been told so."""
    got = {}
    while got != wanted:
        line = s.next()
        if line["state"] == "known" and line["set"] == wanted.get(line["entry"]):
            got[line["entry"]] = line["set"]


def test_radvd_renumbers(home, tmp_path):
    radvd = program("radvd")
    conf, pid = tmp_path / "ra.conf", tmp_path / "ra.pid"

    def advertise(*prefixes):
        conf.write_text("interface lan0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;\n" + "".join(
            f" prefix {p} {{ AdvValidLifetime 3600; AdvPreferredLifetime {life}; }};\n" for p, life in prefixes) + "};\n")

    home.router.sysctl("net.ipv6.conf.all.forwarding", 1)
    home.sysctl("net.ipv6.conf.eth0.dad_transmits", 0)
    home.sysctl("net.ipv6.conf.eth0.use_tempaddr", 2)
    home.sysctl("net.ipv6.conf.eth0.accept_ra", 2)
    advertise(("2001:db8:a::/64", 1800))
    with started(home.router.enter(radvd, "-n", "-C", conf, "-p", pid, "-m", "stderr")) as process, \
            sensing(home, entries=[{"usev6": "ifv6", "ifv6": "eth0"}, {"usev6": "prefix", "prefix": "p", "suffix": "::1"}],
                    objects={"prefix:p": {"from": "eth0"}}) as s:
        first = s.expect(20, entry=0, state="known")["set"]
        assert first.startswith("2001:db8:a:")
        assert "temporary" not in next(line for line in home.ip("-6 -o addr show dev eth0").stdout.splitlines() if first in line)
        advertise(("2001:db8:a::/64", 0), ("2001:db8:b::/64", 1800))
        process.send_signal(1)
        s.expect(20, entry=1, state="known", set="2001:db8:b::1")
        until(lambda: s.expect(20, entry=0, state="known")["set"].startswith("2001:db8:b:"))


# --- pages ---


def page(text, status=200):
    return lambda r: web.reply(text, status)


def test_reads_pages():
    with web.scripted(lambda r: web.reply({
            "/plain": "192.0.2.1\n", "/html": "<b>Current IP Address: 192.0.2.2</b>", "/two": "192.0.2.3 skip 192.0.2.4",
            "/six": "2001:db8::5", "/version": "v 1.2.3.4.5 192.0.2.6", "/zero": "0.0.0.0", "/none": "hello"}.get(r.target, ""),
            404 if r.target == "/404" else 302 if r.target == "/302" else 200)) as server:
        u = server.url

        def v4(path, **more):
            return {"usev4": "webv4", "webv4": u + path, "ssl": "no", **more}

        got = once(v4("/plain"), v4("/html"), v4("/two", **{"webv4-skip": "SKIP"}), v4("/version"), v4("/zero"), v4("/none"),
                   v4("/404"), v4("/302"), {"use": "web", "web": u + "/six"}, {"use": "web", "web": u + "/plain"},
                   v4("/six"), {"usev4": "fwv4", "fwv4": u[7:] + "/plain"}, {"usev4": "linksys", "fw": u[7:]})
        assert [got[i, "IPv4"]["set"] for i in range(4)] == ["192.0.2.1", "192.0.2.2", "192.0.2.4", "192.0.2.6"]
        for i, words in ((4, "address of nothing"), (5, "no IPv4 address"), (6, "status 404"), (7, "sent elsewhere"), (10, "no IPv4")):
            assert got[i, "IPv4"]["state"] == "unknown" and words in got[i, "IPv4"]["error"], got[i, "IPv4"]
        assert (got[8, "IPv6"]["set"], got[8, "IPv4"]["state"]) == ("2001:db8::5", "unknown")
        assert (got[9, "IPv4"]["set"], got[9, "IPv6"]["state"]) == ("192.0.2.1", "unknown")
        assert got[11, "IPv4"]["set"] == "192.0.2.1"
        assert got[12, "IPv4"]["state"] == "unknown"
        assert [r.target for r in server.requests].count("/Status.htm") == 1
        assert [r.target for r in server.requests].count("/plain") == 3, "equal questions are asked once"


def test_logs_in_to_the_router():
    def script(r):
        return web.reply("WAN 198.51.100.1") if r.header("Authorization") == "Basic YWRtaW46cyFjcmV0" else web.reply("", 401)

    with web.scripted(script) as server:
        good = {"usev4": "fwv4", "fwv4": server.url, "fw-login": "admin", "fw-password": "s!cret"}
        got = once(good, {**good, "fw-password": "wrong"})
        assert got[0, "IPv4"]["set"] == "198.51.100.1"
        assert "login refused" in got[1, "IPv4"]["error"]


def test_forces_the_family(home):
    """A page that is reached over both families is asked over the one that matters, on a connection of its own."""
    home.ip("addr add 192.0.2.1/24 dev eth0")
    home.ip("addr add 2001:db8:1::5/64 dev eth0 nodad")
    with web.echo_in(home.router, "::", 8080):
        got = once({"usev4": "webv4", "webv4": "http://192.0.2.254:8080/"}, {"usev6": "webv6", "webv6": "http://[2001:db8:1::1]:8080/"},
                   {"usev6": "webv6", "webv6": "http://192.0.2.254:8080/"}, space=home)
        assert got[1, "IPv6"]["set"] == "2001:db8:1::5"
        assert got[2, "IPv6"]["state"] == "unknown"


def test_runs_commands():
    def cmd(text, **more):
        return {"usev4": "cmdv4", "cmdv4": text, "timeout": "5s", **more}

    entries = [cmd("echo x 192.0.2.4 y"), cmd("echo 192.0.2.4; exit 3"), cmd("echo 0.0.0.0"), cmd("true"),
               {"use": "cmd", "cmd": "echo 192.0.2.1 S 192.0.2.2", "cmd-skip": "s"},
               {"usev6": "cmdv6", "cmdv6": "echo 192.0.2.1 2001:db8::7"}, cmd("exec sleep 20", timeout="1s")]
    for i, e in enumerate(entries):
        e["@id"] = str(i)
    got = once(*entries)
    assert got[0, "IPv4"]["set"] == "192.0.2.4"
    assert "status 3" in got[1, "IPv4"]["error"]
    assert got[2, "IPv4"]["error"] == "the command printed 0.0.0.0, the unspecified address"
    assert "no address" in got[3, "IPv4"]["error"]
    assert got[4, "IPv4"]["set"] == "192.0.2.2"
    assert got[5, "IPv6"]["set"] == "2001:db8::7"
    assert "too long" in got[6, "IPv4"]["error"]


def test_polls_and_tells_changes_only():
    answers = iter(["192.0.2.1"] * 3 + ["192.0.2.2"] * 100)
    with web.scripted(lambda r: web.reply(next(answers))) as server:
        with sensing(entries=[{"usev4": "webv4", "webv4": server.url}], poll=50) as s:
            s.expect(state="known", set="192.0.2.1")
            changed = s.next()
            assert (changed["state"], changed["set"]) == ("known", "192.0.2.2")
            assert len(server.requests) >= 4
            assert s.quiet(0.4) is None


def test_refresh_is_answered():
    with sensing(entries=[{"usev4": "ipv4", "ipv4": "192.0.2.1"}]) as s:
        s.expect(set="192.0.2.1")
        s.say("refresh")
        s.expect(set="192.0.2.1")


# --- auto ---


@contextlib.contextmanager
def services(home, *answers):
    """Outside services in the router's namespace, each with an operator of its own unless given: (text[, operator])."""
    with contextlib.ExitStack() as stack:
        made = []
        for i, answer in enumerate(answers):
            text, operator = answer if isinstance(answer, tuple) else (answer, f"operator{i}")
            stack.enter_context(web.echo_in(home.router, "192.0.2.254", 8000 + i, text))
            made.append({"name": f"service{i}", "url": f"http://192.0.2.254:{8000 + i}/", "operator": operator, "families": 1})
        yield made


@pytest.fixture
def behind(home):
    """At home behind a router: a private address, a way out."""
    home.ip("addr add 192.0.2.1/24 dev eth0")
    home.ip("addr add 192.168.7.2/24 dev eth0")
    home.ip("route add default via 192.0.2.254")
    return home


AUTO = {"usev4": "auto"}


def test_auto_takes_a_public_interface(behind):
    behind.ip("addr add 9.9.9.7/24 dev eth0")
    got = once(AUTO, space=behind, services=[])
    assert got[0, "IPv4"]["set"] == "9.9.9.7"


def test_auto_believes_two_operators(behind):
    with services(behind, "9.9.9.1", "9.9.9.1") as made:
        got = once(AUTO, space=behind, services=made)
        assert (got[0, "IPv4"]["state"], got[0, "IPv4"]["set"]) == ("known", "9.9.9.1")


def test_auto_sees_through_a_liar(behind):
    with services(behind, "9.9.9.1", "9.9.9.1", "8.8.8.8") as made:
        for _ in range(6):  # whoever begins
            got = once(AUTO, space=behind, services=made)
            assert got[0, "IPv4"]["set"] == "9.9.9.1"


def test_auto_counts_operators(behind):
    with services(behind, ("9.9.9.1", "same"), ("9.9.9.1", "same")) as made:
        got = once(AUTO, space=behind, services=made)
        assert got[0, "IPv4"]["state"] == "unknown" and "no agreement" in got[0, "IPv4"]["error"]


@pytest.mark.parametrize("answers", [("9.9.9.1",), ("9.9.9.1", "8.8.8.8"), ("10.0.0.1", "10.0.0.1"), ("100.64.0.7", "100.64.0.7"),
                                     ("half 9.9.9", "login here"), ()])
def test_auto_publishes_nothing_it_does_not_know(behind, answers):
    with services(behind, *answers) as made:
        got = once(AUTO, space=behind, services=made)
        assert got[0, "IPv4"]["state"] == "unknown"
        assert got[0, "IPv4"]["error"]


def test_auto_asks_nobody_outside_when_told(behind):
    with services(behind, "9.9.9.1", "9.9.9.1") as made:
        got = once(AUTO, space=behind, services=made, no_outside=True)
        assert got[0, "IPv4"]["state"] == "unknown" and "no outside host" in got[0, "IPv4"]["error"]


def test_auto_without_a_way_out(home):
    got = once(AUTO, space=home, services=[{"name": "x", "url": "http://192.0.2.254:1/", "operator": "x", "families": 1}])
    assert "no IPv4 way out" in got[0, "IPv4"]["error"]


def test_auto_follows_the_interface(behind):
    with services(behind, "9.9.9.1", "9.9.9.1") as made, sensing(behind, entries=[AUTO], services=made) as s:
        s.expect(state="known", set="9.9.9.1")
        behind.ip("addr add 9.9.9.200/24 dev eth0")
        s.expect(state="known", set="9.9.9.200")
        behind.ip("addr del 9.9.9.200/24 dev eth0")
        s.expect(20, state="known", set="9.9.9.1")


def test_pushed():
    with sensing(entries=[{"usev4": "box", "usev6": "box"}], objects={"source:box": {"kind": "pushed"}}) as s:
        assert "has told no IPv4" in s.expect(family="IPv4", state="unknown")["error"]
        s.say("push box 192.0.2.44")
        s.expect(family="IPv4", state="known", set="192.0.2.44")
        s.say("push other 192.0.2.45")
        s.say("push box 2001:db8::44")
        s.expect(family="IPv6", state="known", set="2001:db8::44")


def test_pushed_prefix():
    """A device's own address never stands for the prefix of its LAN."""
    entries = [{"usev6": "pushed", "pushed": "box", "suffix": "::1:2:3:4"},
               {"usev6": "prefix", "prefix": "lan", "suffix": "02:00:5e:10:00:01"}]
    objects = {"prefix:lan": {"from": "router", "length": "56"}, "source:router": {"kind": "pushed", "pushed": "box"}}
    with sensing(entries=entries, objects=objects) as s:
        assert "ip6lanprefix" in s.expect(entry=0, family="IPv6", state="unknown")["error"]
        s.say("push box 2001:db8:ffff::1")
        s.say("push box 2001:db8:7:ab00::/56")
        told = [s.expect(family="IPv6", state="known")["set"] for _ in entries]
        assert sorted(told) == ["2001:db8:7:ab00:0:5eff:fe10:1", "2001:db8:7:ab00:1:2:3:4"]


def test_keeps_the_suffix_of_the_dns(home):
    home.etc("hosts", "2001:db8:9:9:1:2:3:4 nas.test\n127.0.0.1 old.test\n")
    home.etc("resolv.conf", "nameserver 127.0.0.1\n")
    got = once({"usev6": "prefix", "prefix": "lan", "suffix": "dns", "host": "nas.test"},
               {"usev6": "prefix", "prefix": "lan", "suffix": "dns", "host": "old.test"}, space=home,
               objects={"prefix:lan": {"from": "2001:db8:7::/48"}})
    assert got[0, "IPv6"]["set"] == "2001:db8:7:0:1:2:3:4"
    assert got[1, "IPv6"]["state"] == "unknown" and "suffix=dns" in got[1, "IPv6"]["error"]


def test_asks_by_way_of_the_uplink(world):
    here, there = world.space("here"), world.space("there")
    for i in (0, 1):
        world.join(here, f"e{i}", there, f"p{i}")
        here.ip(f"addr add 192.0.2.{i * 64 + 1}/26 dev e{i}")
        there.ip(f"addr add 192.0.2.{i * 64 + 2}/26 dev p{i}")
    there.ip("addr add 198.51.100.1/32 dev lo")
    here.ip("route add default via 192.0.2.2 dev e0 metric 1")
    here.ip("route add default via 192.0.2.66 dev e1 metric 2")
    with web.echo_in(there, "198.51.100.1", 8080):
        page = {"usev4": "webv4", "webv4": "http://198.51.100.1:8080/"}
        got = once(page, {**page, "uplink": "second"}, {"usev4": "ifv4"}, {"usev4": "ifv4", "uplink": "second"},
                   space=here, objects={"uplink:second": {"interface": "e1"}})
        assert [got[i, "IPv4"]["set"] for i in range(4)] == ["192.0.2.1", "192.0.2.65", "192.0.2.1", "192.0.2.65"]


def test_asks_again_when_the_way_out_changes_only(behind):
    """A page is asked again soon after the network changed, but not for what happens beside the way out."""
    page = {"usev4": "webv4", "webv4": "http://192.0.2.254:8080/"}
    with web.echo_in(behind.router, "192.0.2.254", 8080, "203.0.113.{n}"), sensing(behind, entries=[page], poll=3600000) as s:
        s.expect(state="known", set="203.0.113.1")
        for i in range(5):
            behind.ip(f"link add d{i} type veth peer name c{i}")
            behind.ip(f"addr add 172.17.{i}.1/24 dev d{i}")
            behind.ip(f"link set d{i} up")
        assert s.quiet(1.5) is None
        behind.ip("addr add 192.0.2.50/24 dev eth0")
        s.expect(20, state="known", set="203.0.113.2")
        for i in range(40):  # a line that flaps
            behind.ip(f"addr {'del' if i % 2 else 'add'} 192.0.2.60/24 dev eth0")
        s.expect(20, state="known", set="203.0.113.3")
        assert s.quiet(3) is None, "one question for a burst"
