# SPDX-License-Identifier: ISC
"""The commands without a service: what they print, what they change, how they end."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from dyndns import Dyndns
from processes import eventually

RIGHT, FAILED, USAGE, CONF, ADDRESS, BLOCKED, RUNNING = 0, 1, 2, 3, 4, 5, 75


@pytest.fixture
def server():
    with Dyndns() as server:
        yield server


class Commands:
    def __init__(self, program, folder, server):
        self.program, self.folder, self.server = program, folder, server
        self.conf = folder / "homing.conf"
        self.state = folder / "state"

    def write(self, text):
        self.conf.write_text(text)
        self.conf.chmod(0o600)

    def write_hosts(self, hosts="a.example.com\nb.example.com", address="203.0.113.5"):
        self.write(f"usev4=ipv4, ipv4={address}\nprotocol=dyndns2, server=127.0.0.1:{self.server.port}, ssl=no\n"
                   f"login=me, password='se cret'\n{hosts}\n")

    def run(self, *words, **options):
        places = [] if words[0] in ("help", "--version") else ["--config", str(self.conf), "--state-dir", str(self.state), "--socket", "no"]
        return subprocess.run([self.program, words[0], *places, *words[1:]], text=True, timeout=60, cwd=self.folder,
                              **{"capture_output": True, **options})

    def json(self, *words):
        result = self.run(*words, "--json")
        return json.loads(result.stdout)


@pytest.fixture
def commands(program, tmp_path, server):
    return Commands(program, tmp_path, server)


def names(program):
    text = subprocess.run([program, "help"], capture_output=True, text=True, timeout=10).stdout
    return re.findall(r"^  ([a-z]+) ", text, re.M)


def test_all_that_help_lists_can_run(commands, program):
    assert len(names(program)) > 20
    for name in names(program):
        page = commands.run("help", name)
        assert page.returncode == RIGHT and "Exit status:" in page.stdout
        if name != "ddclient":
            own = subprocess.run([program, name, "--help"], capture_output=True, text=True, timeout=10)
            assert own.stdout == page.stdout
            wrong = subprocess.run([program, name, "--nosuch"], capture_output=True, text=True, timeout=10)
            assert wrong.returncode == USAGE and "--nosuch" in wrong.stderr


def test_check(commands):
    commands.write_hosts()
    assert commands.run("check").returncode == RIGHT
    commands.write("protocol=dyndns2, login=a, password=b, ttl=soon h.example.com\n")
    result = commands.run("check")
    assert result.returncode == CONF and re.search(r"homing.conf:1:\d+: error: ", result.stdout)
    found = commands.json("check")
    assert found["errors"] == 1 and found["problems"][0]["line"] == 1
    assert commands.run("check", "/nonexistent").returncode == CONF


def test_once_sends_what_is_due_and_remembers(commands, server):
    commands.write_hosts()
    first = commands.json("once")
    assert (first["published"], first["failed"]) == (2, 0)
    assert sorted(",".join(server.hosts()).split(",")) == ["a.example.com", "b.example.com"]
    count = len(server.requests)
    second = commands.json("once")
    assert second["unchanged"] == 2 and len(server.requests) == count


def test_once_ends_with_what_is_wrong(commands, server):
    commands.write_hosts()
    server.answer = lambda host, addresses: "badauth"
    result = commands.run("once")
    assert result.returncode == BLOCKED and "se cret" not in result.stdout + result.stderr
    # The refusal is remembered: nobody asks again until something changes.
    count = len(server.requests)
    assert commands.run("once").returncode == BLOCKED
    assert len(server.requests) == count


def test_lines_leave_in_their_order(commands):
    """The log of many hostnames, in few writes, and what their commands write to the same place."""
    hosts = [f"h{i}.example.com" for i in range(100)]
    commands.write_hosts("\n".join(hosts[:60]) + "\nhook='echo \"command of $HOMING_HOST\" >&2'\n" + "\n".join(hosts[60:]))
    result = commands.run("once")
    lines = result.stderr.splitlines()
    assert sorted(line for line in lines if line.startswith("notice: ")) == sorted(f"notice: {h}: IPv4 is 203.0.113.5 (good)" for h in hosts)
    for h in hosts[60:]:
        assert lines.index(f"notice: {h}: IPv4 is 203.0.113.5 (good)") < lines.index(f"command of {h}"), result.stderr


def test_plan_sends_nothing_and_writes_nothing(commands, server):
    commands.write_hosts()
    plans = commands.json("plan")["plans"]
    assert len(plans) == 2 and server.requests == [] and not commands.state.exists()
    assert plans[0]["requests"][0]["writes"] and "/nic/update" in plans[0]["requests"][0]["text"]
    assert "se cret" not in commands.run("plan", "--whole").stdout
    assert commands.run("plan", "nosuch.example.com").returncode == USAGE


def test_plan_says_why_an_address_is_not_published(commands):
    found = commands.folder / "address"
    commands.write(f"usev4=filev4, filev4={found}\nprotocol=dyndns2, login=me, password=pw\na.example.com\n")
    found.write_text("203.0.113.9\n")
    result = commands.run("plan")
    assert "203.0.113.9 is an address reserved for documentation: it is not published" in result.stdout, result
    assert "Nothing was found" not in result.stdout and result.returncode == ADDRESS
    assert commands.json("plan")["plans"][0]["message"]["args"]["address"] == "203.0.113.9"
    found.unlink()
    result = commands.run("plan", "--offline")
    assert "no address to publish is known" in result.stdout and "203.0.113.9" not in result.stdout and result.returncode == ADDRESS


def test_editing(commands):
    commands.write_hosts()
    before = commands.conf.read_text()
    assert commands.run("add", "new.example.net", "protocol=dyndns2", "server=dyn.example.net", "login=u", "password=p q").returncode == RIGHT
    assert 'inherit=no' in commands.conf.read_text() and 'password="p q"' in commands.conf.read_text()
    nobody = commands.run("add", "other.example.net", "login=u", "password=p")
    assert nobody.returncode == USAGE and "who publishes other.example.net" in nobody.stderr and "other" not in commands.conf.read_text()
    shared = commands.run("set", "a.example.com", "login=other")
    assert shared.returncode == FAILED and "--only" in shared.stderr
    assert commands.run("set", "a.example.com", "login=other", "--only").returncode == RIGHT
    assert commands.run("disable", "b.example.com").returncode == RIGHT
    assert commands.run("remove", "new.example.net").returncode == RIGHT
    assert "new.example.net" not in commands.conf.read_text()
    assert commands.run("check").returncode == RIGHT
    for _ in range(4):
        assert commands.run("undo").returncode == RIGHT
    assert commands.conf.read_text() == before
    assert commands.run("set", "a.example.com", "ttl=soon").returncode == USAGE
    assert commands.run("set", "nosuch.example.com", "ttl=300").returncode == FAILED
    unset = commands.run("set", "a.example.com", "ttl=default")
    assert unset.returncode == USAGE and "homing set a.example.com ttl\n" in unset.stderr
    assert commands.conf.read_text() == before
    assert commands.run("add", "account:one", "provider=cloudflare", "password=p", "ttl=300").returncode == RIGHT
    assert commands.run("set", "account:one", "ttl").returncode == RIGHT
    assert "define=account:one" in commands.conf.read_text() and "ttl=300" not in commands.conf.read_text()


def test_an_edit_shows_what_the_reader_warns_of(commands):
    commands.write_hosts()
    result = commands.run("add", "new.example.net", "protocol=dyndns2", "login=u", "password=se cret")
    assert result.returncode == RIGHT and "usev4=auto" in result.stderr and "se cret" not in result.stderr
    assert commands.run("add", "other.example.net", "provider=duckdns", "password=se cret", "usev4=auto").stderr == ""


def test_import_write_and_export(commands, server):
    theirs = commands.folder / "inadyn.conf"
    theirs.write_text(f"custom x {{\n username = me\n password = 'se cret'\n ddns-server = 127.0.0.1:{server.port}\n"
                      " ddns-path = \"/nic/update?hostname=\"\n ssl = false\n hostname = h.example.com\n checkip-command = \"echo 9.9.9.9\"\n}\n")
    shown = commands.run("import", str(theirs))
    assert shown.returncode == RIGHT and "se cret" not in shown.stdout and not commands.conf.exists()
    assert commands.run("import", "--write", str(theirs)).returncode == RIGHT
    again = commands.run("import", "--write", str(theirs))
    assert again.returncode == FAILED and "already" in again.stderr
    assert commands.json("once")["published"] == 1
    assert server.requests == [("/nic/update", {"hostname": "h.example.com", "myip": "9.9.9.9"}, "Basic bWU6c2UgY3JldA==")]
    # ... and back: ddclient's reader sends the same.
    out = commands.folder / "ddclient.conf"
    assert commands.run("export", "--output", str(out)).returncode == RIGHT
    assert out.stat().st_mode & 0o777 == 0o600
    subprocess.run([commands.program, "ddclient", "-file", str(out), "-cache", str(commands.folder / "cache")], timeout=30, check=True)
    assert server.requests[1] == server.requests[0]


def test_export_says_what_ddclient_can_not_do(commands):
    commands.write("""usev4=ipv4, ipv4=203.0.113.5
define=account:cf, provider=cloudflare, password=tok
account=cf, zone=example.com, ssl=no a.example.com
account=cf, ssl=no b.example.com
provider=namecheap, password="p,", zone=example.net, ssl=no n.example.net
provider=desec, password=tok, usev4=auto h.dedyn.io
provider=inwx, login=me, password=secret i.example.com
protocol=dyndns2, login="a#b", password=secret, ssl=no c.example.com
protocol=dyndns2, login=me, password=secret, usev4=pushed, pushed=phone, ssl=no d.example.com
provider=duckdns, password=secret, ssl=no, suffix=::5 x.duckdns.org
protocol=command, program=/bin/true, password=secret, ssl=no p.example.com
protocol=dyndns2, login=me, password=secret, ssl=no n.example.net
""")
    done = commands.run("export")
    assert done.returncode == FAILED
    assert done.stdout == """# Made by homing from its configuration, for ddclient.
ssl=no
protocol=cloudflare, usev4=ipv4, zone=example.com, ipv4=203.0.113.5 \\
    password=tok \\
    a.example.com
protocol=namecheap, usev4=ipv4, login=example.net, ipv4=203.0.113.5 \\
    password='p,' \\
    n.example.net
protocol=dyndns2, server=update.dedyn.io, usev4=webv4, ipv4=203.0.113.5, login=h.dedyn.io \\
    password=tok \\
    h.dedyn.io
# b.example.com, zone: ddclient needs it, and it is not set
# usev4=auto: ddclient asks a web service instead
# h.dedyn.io, ssl: ddclient has one for all hostnames, and most have another
# i.example.com: ddclient can not speak to this provider
# c.example.com, login: ddclient's file can not hold this value
# d.example.com, usev4=pushed: ddclient has no such source
# x.duckdns.org, suffix: ddclient knows the addresses of its own machine only
# p.example.com: ddclient can not speak to this provider
# n.example.net: it stands above at another provider; ddclient knows a hostname once
"""


def test_a_cache_taken_over_saves_the_update(commands, server):
    commands.write_hosts("h.example.com")
    cache = commands.folder / "ddclient.cache"
    subprocess.run([commands.program, "ddclient", "-file", str(commands.conf), "-cache", str(cache)], timeout=30, check=True)
    assert commands.run("import", "--write", str(cache)).returncode == RIGHT
    assert commands.json("once")["unchanged"] == 1
    assert len(server.requests) == 1


def test_providers(commands):
    assert any(p["id"] == "cloudflare" for p in commands.json("providers", "cloudflare")["items"])
    assert commands.run("providers", "nosuchprovider").returncode == FAILED
    made = commands.run("providers", "--new", "mine")
    file = commands.folder / "providers.d" / "mine.json"
    assert made.returncode == RIGHT and file.exists()
    assert commands.run("providers", "--test", str(file)).returncode == RIGHT
    assert commands.run("providers", "mine").returncode == RIGHT
    file.write_text(file.read_text().replace('"format": 1', '"format": "one"'))
    assert commands.run("providers", "--test", str(file)).returncode == CONF


@pytest.mark.parametrize("words", [("add", "home.example.org", "protocol=dyndns2", "login=a", "password=b"), ("providers", "--new", "mine"),
                                   ("import", "--write", "ddclient.conf")], ids=lambda words: words[0])
def test_the_first_file_of_a_person(program, words):
    """In a home without any folder of homing's."""
    if os.path.exists("/etc/homing/homing.conf"):
        pytest.skip("homing is installed here: its file is a person's, too")
    somebody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(dir="/tmp") as home:
        if somebody:  # who may not go where the program stands
            program = shutil.copy(program, home)
            os.chown(home, 65534, 65534)
        pathlib.Path(home, "ddclient.conf").write_text("protocol=dyndns2, login=a, password=b, use=if home.example.org\n")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "HOMING_"))}
        done = subprocess.run([program, *words], env={**env, "HOME": home}, cwd=home, capture_output=True, text=True, timeout=30, **somebody)
        assert done.returncode == RIGHT, done
        made = pathlib.Path(home, ".config", "homing")
        assert (made / ("providers.d/mine.json" if words[0] == "providers" else "homing.conf")).exists()
        assert made.stat().st_mode & 0o777 == made.parent.stat().st_mode & 0o777 == 0o700


def test_a_second_pass_is_refused(commands, server):
    server.answer = lambda host, addresses: None
    commands.write_hosts("h.example.com")
    first = subprocess.Popen([commands.program, "once", "--config", str(commands.conf), "--state-dir", str(commands.state), "--socket", "no"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: server.requests or first.poll() is not None)
        second = commands.run("once")
        assert second.returncode == RUNNING and str(first.pid) in second.stderr
    finally:
        first.terminate()
        assert first.wait(30) == FAILED


def test_reading_without_a_service(commands, server):
    commands.write_hosts()
    commands.run("once")
    hosts = commands.json("list")
    assert hosts["total"] == 2 and {h["hostname"] for h in hosts["items"]} == {"a.example.com", "b.example.com"}
    assert commands.json("list", "b.exam")["total"] == 1
    status = commands.run("status")
    assert status.returncode == RIGHT and status.stdout.strip()
    one = commands.json("status", "a.example.com")
    assert one["hostname"] == "a.example.com" and one["records"][0]["published"] == ["203.0.113.5"]
    assert "a.example.com" in commands.run("why", "a.example.com").stdout
    assert [e["kind"] for e in commands.json("why", "a.example.com")["history"]] == ["outcome", "attempt"], "the newest is not told first"
    assert commands.run("why", "nosuch.example.com").returncode == FAILED
    assert commands.run("address").returncode == RIGHT
    count = len(server.requests)
    for name in ("list", "status", "address", "sources"):
        commands.run(name)
    assert len(server.requests) == count
    log = commands.run("log")
    assert log.returncode == FAILED and "homing run" in log.stderr


def test_plan_with_a_damaged_memory(commands):
    commands.write_hosts()
    assert commands.run("once").returncode == RIGHT
    for name in ("memory.db", "memory-copy.db"):
        with open(commands.state / name, "r+b") as file:
            file.write(b"no database at all")
    def files():
        return {f.name: f.read_bytes() for f in commands.state.iterdir() if f.name != "lock"}
    before = files()
    plan = commands.run("plan")
    assert plan.returncode == RIGHT and plan.stdout.count("would send") == 2, plan
    assert commands.run("status").returncode == RIGHT and files() == before  # who keeps it sets it aside


def test_plan_beside_a_running_service(homing, server):
    """Whose memory is its own: what it published is known by its word."""
    service = homing(f"listen=no\nusev4=ipv4, ipv4=9.9.9.9\nprotocol=dyndns2, server=127.0.0.1:{server.port}, ssl=no\n"
                     "login=me, password=pw\na.example.com\n").start()
    eventually(lambda: service.get("/hostnames")["items"][0]["state"] == "right")
    assert "is by what homing remembers" in service.call("plan").stdout
    service.write(service.conf.read_text().replace("9.9.9.9", "9.9.9.8"))  # which is not published before half a minute is over
    plan = service.call("plan").stdout
    assert "should be 9.9.9.8\n" in plan and "would send" in plan
    assert service.stop() == 0
    assert "is by what homing remembers" not in service.call("plan").stdout


def test_with_a_running_service(homing, server):
    service = homing(f"listen=no\nusev4=ipv4, ipv4=9.9.9.9\nprotocol=dyndns2, server=127.0.0.1:{server.port}, ssl=no\n"
                     "login=me, password=pw\na.example.com\nb.example.com\n").start()
    eventually(lambda: len(",".join(server.hosts()).split(",")) == 2)
    eventually(lambda: service.call("status").returncode == RIGHT)
    assert json.loads(service.call("list", "--json").stdout)["total"] == 2
    one = json.loads(service.call("status", "--json", "b.example.com").stdout)
    assert one["state"] == "right" and one["records"][0]["published"] == ["9.9.9.9"]
    assert "newest first" in service.call("why", "a.example.com").stdout
    assert "9.9.9.9" in service.call("address").stdout
    assert "is 9.9.9.9" in service.call("log", "a.example.com").stdout
    assert service.call("once").returncode == RUNNING
    count = len(server.requests)
    assert service.call("update", "a.example.com", "--force").returncode == RIGHT
    eventually(lambda: len(server.requests) > count)
    assert server.hosts()[-1] == "a.example.com"
    # What a command writes is in use when the command has ended.
    for i in range(3):
        assert service.call("disable", "b.example.com").returncode == RIGHT
        assert json.loads(service.call("status", "--json", "b.example.com").stdout)["enabled"] == "no"
        assert json.loads(service.call("add", f"c{i}.example.com", "provider=duckdns", "password=pw", "--json").stdout)["in_use"]
        assert service.call("update", f"c{i}.example.com").returncode == RIGHT
        assert service.call("undo").returncode == RIGHT
        assert service.call("update", f"c{i}.example.com").returncode == FAILED
        assert service.call("enable", "b.example.com").returncode == RIGHT
    assert service.call("rename", "b.example.com", "d.example.com").returncode == RIGHT
    assert service.call("disable", "d.example.com").returncode == RIGHT
    assert service.call("status", "b.example.com").returncode == FAILED
    assert service.call("add", "notify:phone", "kind=ntfy", f"url=http://127.0.0.1:{server.port}", "topic=home").returncode == RIGHT
    assert "there is no" not in service.call("notify", "--test", "phone").stderr
    # What holds for all hostnames is what is written for all, whatever the hostnames have of their own.
    for name, address in (("a", "1.0.0.1"), ("d", "99.9.9.9")):
        assert service.call("set", "--only", f"{name}.example.com", "usev4=ipv4", f"ipv4={address}").returncode == RIGHT
    assert [s["addresses"] for s in service.get("/sources")["items"] if s["family"] == "IPv4" and s["default"]] == [["9.9.9.9"]]
    # With an error elsewhere it can not be used, and that is said.
    text = service.conf.read_text()
    service.write(text + "ttl=soon e.example.com\n")
    wrong = service.call("set", "d.example.com", "description=x")
    assert wrong.returncode == FAILED and "goes on with what it had" in wrong.stderr and "description=x" in service.conf.read_text()
    service.write(text)
    assert "in_use" in service.api("POST", "/reload", {})[1]
    service.conf.rename(service.folder / "away")
    assert service.api("POST", "/reload", {})[0] == 404
    (service.folder / "away").rename(service.conf)
    # Nor does anybody wait for a service that has another file.
    beside = service.folder / "other.conf"
    beside.write_text(text)
    beside.chmod(0o600)
    other = subprocess.run([service.program, "disable", "--config", beside, "--socket", service.socket, "--json", "a.example.com"], capture_output=True, text=True)
    assert other.returncode == RIGHT and json.loads(other.stdout)["in_use"] is None, other
    follow = subprocess.Popen(service.command("log", "-f"), stdout=subprocess.PIPE, text=True)
    try:
        service.call("update", "a.example.com", "--force")
        eventually(lambda: "a.example.com" in follow.stdout.readline())
    finally:
        follow.terminate()
        follow.wait(10)


def test_report_has_no_secret(commands):
    commands.write("usev4=cmdv4, cmdv4='curl -u me:hidden1 x'\nprotocol=dyndns2, login=me, password=hidden2 a.example.com\n"
                   "provider=porkbun, apikey=hidden3, secretapikey=hidden4 b.example.com\nprovider=cloudflare, pasword=hidden5 c.example.com\n"
                   "protocol=ns1, zone=example.com, login=hidden6 d.example.com\n")
    result = commands.run("report")
    assert result.returncode == RIGHT and "hidden" not in result.stdout + result.stderr
    assert "a.example.com@dyndns2/me" in result.stdout and "unknown-setting" not in result.stdout


def test_check_tells_what_a_provider_needs(program, tmp_path):
    conf = tmp_path / "homing.conf"
    conf.write_text("provider=duckdns a.duckdns.org, b.duckdns.org\nprovider=duckdns, password=x c.duckdns.org\n")
    conf.chmod(0o600)
    done = subprocess.run([program, "check", str(conf)], capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and said.count("duckdns needs password, and it is not set") == 1, said
    assert "homing.conf:1:18: warning" in said


@pytest.mark.parametrize("words", [["providers"], ["check"], ["check", "--json"], ["export"], ["list"], ["help"]])
def test_an_answer_that_is_cut_is_none(commands, words):
    """As "homing export > FILE" on a full disk."""
    commands.write_hosts()
    with open("/dev/full", "w") as full:
        done = commands.run(*words, stdout=full, capture_output=False, stderr=subprocess.PIPE)
    assert done.returncode == FAILED
    assert "could not be written: No space left on device" in done.stderr


def test_gnutls_makes_no_tables(commands, tmp_path):
    """It comes along with libcurl, and asks the program whether it is to begin at once."""
    commands.write_hosts()
    bindings = tmp_path / "bindings"
    done = commands.run("once", env={**os.environ, "LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(bindings)})
    assert done.returncode == RIGHT, done.stdout + done.stderr
    lines = [line for file in tmp_path.glob("bindings*") for line in file.read_text().splitlines() if "_gnutls_global_init_skip" in line]
    if not lines:
        pytest.skip("this system's libcurl brings no GnuTLS that asks")
    assert f" to {commands.program} " in lines[0]
