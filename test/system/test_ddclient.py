# SPDX-License-Identifier: ISC
"""homing as ddclient: the command line that scripts, hooks and units use."""
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time

import pytest

from dyndns import Dyndns
from named import program as server_program
from processes import alive, eventually


@pytest.fixture
def server():
    with Dyndns() as server:
        yield server


class Ddclient:
    def __init__(self, program, folder, server):
        self.program, self.folder, self.server = program, folder, server
        self.conf, self.cache = folder / "ddclient.conf", folder / "ddclient.cache"

    def write(self, hosts="h.example.com", before="", address="192.0.2.1"):
        self.conf.write_text(f"{before}\nssl=no, usev4=ipv4, ipv4={address}\nprotocol=dyndns2, server=127.0.0.1:{self.server.port}\n"
                             f"login=me, password='se cret'\n{hosts}\n")
        self.conf.chmod(0o600)

    def command(self, *words):
        return [self.program, "ddclient", "-file", str(self.conf), "-cache", str(self.cache), *words]

    def run(self, *words, **options):
        return subprocess.run(self.command(*words), cwd=self.folder, capture_output=True, text=True, timeout=30, **options)

    def entry(self, host):
        """The cache's keys of the host."""
        for line in self.cache.read_text().splitlines():
            if not line.startswith("#") and line.endswith(" " + host):
                return dict(pair.split("=", 1) for pair in line.split(" ")[0].split(","))
        return None


@pytest.fixture
def ddclient(program, tmp_path, server):
    return Ddclient(program, tmp_path, server)


def test_sends_once_and_remembers(ddclient, server):
    ddclient.write("a.example.com,b.example.com")
    assert ddclient.run().returncode == 0
    assert ddclient.run().returncode == 0
    assert server.hosts() == ["a.example.com,b.example.com"]
    assert ddclient.entry("a.example.com")["status-ipv4"] == "good"
    assert ddclient.cache.stat().st_mode & 0o777 == 0o600


def test_other_hosts_are_not_forgotten(ddclient, server):
    ddclient.write("a.example.com,b.example.com")
    ddclient.run()
    before = ddclient.entry("b.example.com")
    assert ddclient.run("-host=a.example.com", "-force").returncode == 0
    assert ddclient.run("-host=nosuch.example.com").returncode == 1
    assert ddclient.entry("b.example.com") == before
    assert server.hosts() == ["a.example.com,b.example.com", "a.example.com"]


def test_a_cache_of_another_version_counts(ddclient, server):
    ddclient.write()
    now = int(time.time())
    ddclient.cache.write_text(f"## ddclient-3.11.2\n## last updated\natime={now},ip=192.0.2.1,mtime={now},status=good h.example.com\n"
                              f"ip=192.0.2.9,mtime={now} gone.example.com\n")
    assert ddclient.run().returncode == 0
    assert server.requests == []
    ddclient.write(address="192.0.2.2")
    assert ddclient.run("-force").returncode == 0
    text = ddclient.cache.read_text()
    assert text.startswith("## ddclient-3.11.2\n") and "gone.example.com" in text
    assert ddclient.entry("h.example.com")["ip"] == "192.0.2.2"


def test_debians_ddclient_goes_on_with_the_cache(ddclient, server):
    """As if it had written it: also for a hostname that it has not seen yet."""
    theirs = server_program("ddclient")
    if theirs is None:
        pytest.skip("the program ddclient cannot be had here")
    ddclient.write("a.example.com\nmx=mail.example.com,wildcard=yes b.example.com", before="use=ip, ip=192.0.2.1")
    ddclient.conf.write_text(ddclient.conf.read_text().replace("usev4=ipv4, ipv4=192.0.2.1", ""))
    ddclient.cache.write_text("## ddclient-3.10.0\n## last updated\n")
    ddclient.cache.chmod(0o600)
    assert ddclient.run().returncode == 0 and len(server.requests) == 2
    again = subprocess.run([theirs, "-daemon=0", "-verbose", "-file", ddclient.conf, "-cache", ddclient.cache], cwd=ddclient.folder,
                           capture_output=True, text=True, timeout=60)
    assert len(server.requests) == 2 and "a.example.com: skipped" in again.stdout + again.stderr, again.stdout + again.stderr
    assert "uninitialized" not in again.stderr


def test_use_wants_one_address_of_either_family(ddclient, server):
    ddclient.write("h.example.com", before="use=cmd, cmd='echo 192.0.2.7', usev4=disabled")
    ddclient.conf.write_text(ddclient.conf.read_text().replace("usev4=ipv4, ", ""))
    done = ddclient.run()
    assert done.returncode == 0 and done.stderr == "SUCCESS: [dyndns2][h.example.com]> IPv4 address set to 192.0.2.7\n"
    ddclient.conf.write_text(ddclient.conf.read_text().replace("echo 192.0.2.7", "false"))
    lines = ddclient.run().stderr.splitlines()
    assert len(lines) == 2 and "status 1" in lines[0] and lines[1].endswith("unable to determine IP address")


def test_a_skip_that_is_not_there_is_told(ddclient, server):
    ddclient.write("h.example.com", before=f"use=web, web=http://127.0.0.1:{server.port}/nic/update?hostname=x&myip=192.0.2.9, web-skip='no such words'")
    ddclient.conf.write_text(ddclient.conf.read_text().replace("usev4=ipv4, ", ""))
    assert "the skip pattern is not in the page of 127.0.0.1" in ddclient.run().stderr


def test_an_https_page_by_a_proxy(ddclient):
    """The proxy is spoken to in plain HTTP, whatever the page's scheme is."""
    first = []

    class Proxy(socketserver.StreamRequestHandler):
        def handle(self):
            first.append(self.rfile.readline())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        ddclient.write(before=f"use=web, web=https://page.example/ip, proxy=127.0.0.1:{proxy.server_address[1]}")
        ddclient.conf.write_text(ddclient.conf.read_text().replace("usev4=ipv4, ", ""))
        ddclient.run("-timeout=10")
        proxy.shutdown()
    assert first and first[0].startswith(b"CONNECT page.example:443 HTTP/1.")


# Starts its words with a /dev/log of their own, and prints what came there.
SYSLOG = """
import socket, subprocess, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
done = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL, timeout=60)
log.setblocking(False)
try:
    while True:
        print(log.recv(65536).decode())
except BlockingIOError:
    sys.exit(done.returncode)
"""


def test_system_log(ddclient, server, tmp_path):
    """As ddclient's: all that is told, each line, with the facility; warnings and failures at their own levels."""
    ddclient.write("good.example.com\nusev4=cmdv4, cmdv4=false lost.example.com", before="syslog=yes, facility=local3, priority=info, webv4=he\nnonsense=1")
    (tmp_path / "log.py").write_text(SYSLOG)
    own = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs tmpfs /dev && touch /dev/null && mount --bind "$0" /dev/null && exec "$@"', "/dev/null"]
    if subprocess.run([*own, "true"], capture_output=True).returncode != 0:
        pytest.skip("no mount namespace can be made here")
    done = subprocess.run([*own, "python3", tmp_path / "log.py", *ddclient.command()], capture_output=True, text=True, timeout=60, cwd=ddclient.folder)
    lines = [re.sub(r"^<(\d+)>.*?ddclient\[\d+\]: ", r"\1 ", line) for line in done.stdout.splitlines()]
    local3 = 19 << 3
    assert f"{local3 | 4} WARNING: [file {ddclient.conf}, line 2]> nonsense is no setting; it is ignored" in lines, done.stdout + done.stderr
    assert f"{local3 | 4} WARNING: [file {ddclient.conf}, line 1]  write webv4=he.net" in lines  # a message's second line
    assert f"{local3 | 4} WARNING: [lost.example.com]> unable to determine IP address" in lines
    assert f"{local3 | 6} SUCCESS: [dyndns2][good.example.com]> IPv4 address set to 192.0.2.1" in lines


def test_failures_are_told_and_tried_less_and_less(ddclient, server):
    server.answer = lambda host, addresses: "badauth"
    ddclient.write()
    first = ddclient.run()
    assert first.returncode == 1 and "FAILED:  [dyndns2][h.example.com]> badauth" in first.stderr
    assert "se cret" not in first.stderr
    text = ddclient.cache.read_text()
    # Six minutes later it may be tried again; after the fourth failure in a row it may not.
    for failures, tried in ((1, 2), (4, 2)):
        past = re.sub(r"atime=\d+", f"atime={int(time.time()) - 360}", text)
        past = re.sub(r"failures=\d+", f"failures={failures}", past)
        ddclient.cache.write_text(past)
        os.utime(ddclient.conf, (time.time() - 3600, time.time() - 3600))
        ddclient.run()
        assert len(server.requests) == tried
    # A person who edited the file is not made to wait.
    os.utime(ddclient.conf)
    ddclient.run()
    assert len(server.requests) == 3


def test_dry_run_changes_nothing(ddclient, server):
    ddclient.write(before=f"postscript={ddclient.folder}/ps\nmail=me")
    (ddclient.folder / "ps").write_text(f"#!/bin/sh\ntouch {ddclient.folder}/ran\n")
    (ddclient.folder / "ps").chmod(0o755)
    for option in ("-noexec", "-test"):
        result = ddclient.run(option)
        assert result.returncode == 0
        assert "would request: GET http://127.0.0.1" in result.stderr and "se cret" not in result.stderr
    assert server.requests == [] and not ddclient.cache.exists() and not (ddclient.folder / "ran").exists()


def test_a_list_that_is_too_long_is_halved(ddclient, server):
    server.answer = lambda host, addresses: "numhost" if server.hosts()[-1].count(",") > 2 else "good"
    ddclient.write(",".join(f"h{i}.example.com" for i in range(9)))
    assert ddclient.run().returncode == 0
    sizes = [hosts.count(",") + 1 for hosts in server.hosts()]
    assert sizes == [9, 4, 2, 2, 5, 2, 3]
    assert ddclient.entry("h8.example.com")["status-ipv4"] == "good"


def test_an_address_that_is_not_known_is_not_given_up(ddclient, server):
    """INWX takes what is left out for a wish to be rid of it: an A record always, an AAAA record where we made one."""
    unknown = "protocol=inwx, {}=cmd{}, cmd{}=true {} h.example.com"
    ddclient.write(unknown.format("usev4", "v4", "v4", "usev6=ipv6 ipv6=2001:db8::1"))
    run = ddclient.run()
    assert (run.returncode, server.requests) == (0, [])  # as ddclient: nothing failed, one address is being waited for
    assert "WARNING" in run.stderr and "FAILED" not in run.stderr and "IPv4 address is not known" in run.stderr
    ddclient.write(unknown.format("usev6", "v6", "v6", ""))
    assert ddclient.run("-force").returncode == 0
    assert [query for _, query, _ in server.requests] == [{"myip": "192.0.2.1"}]
    ddclient.write("protocol=inwx, usev6=ipv6 ipv6=2001:db8::1 h.example.com")
    assert ddclient.run("-force").returncode == 0
    ddclient.write(unknown.format("usev6", "v6", "v6", ""))
    assert ddclient.run("-force").returncode == 0
    assert len(server.requests) == 2


def test_only_what_is_sent_keeps_hosts_apart(ddclient, server):
    ddclient.write(f"""protocol=cloudns, dynurl=http://127.0.0.1:{server.port}/api/?q=x
login=one a.example.com
login=two b.example.com
proxy=127.0.0.1:{server.port} c.example.com""")
    assert ddclient.run().returncode == 0
    assert len(server.requests) == 2  # c goes another way


def test_usage_errors(ddclient, server):
    ddclient.write()
    for words in (["-nonsense"], ["-d"], ["-timeout=5m"], ["-exec=0"]):
        result = ddclient.run(*words)
        assert result.returncode == 2 and result.stdout == "" and len(result.stderr.splitlines()) == 2
    for word in ("-ipv4=999", "-options=nosuch=1", "-options=ttl=abc", "-options=ttl=300 zz", "-use=nosuch", "-protocol=nosuch", "-daemon=xx"):
        result = ddclient.run(word)
        assert result.returncode == 1 and "FATAL:   [command line]> " in result.stderr
    assert server.requests == []


def test_what_is_missing_is_named(ddclient, server):
    ddclient.write("protocol=cloudns h.example.com")
    done = ddclient.run()
    assert done.returncode == 1 and server.requests == []
    assert done.stderr == 'FAILED:  [cloudns][h.example.com]> nothing was sent: "dynurl" is needed and not set (DynURL)\n'


def test_a_host_of_the_command_line_alone(ddclient, server):
    ddclient.write(before="protocol=duckdns")
    ddclient.conf.write_text(ddclient.conf.read_text().replace("\nprotocol=dyndns2, server", "\nserver"))
    assert ddclient.run("-daemon=0", "-host=new.example.com", "-options=protocol=dyndns2,ipv4=192.0.2.9,login=other").returncode == 0
    assert server.requests == [("/nic/update", {"hostname": "new.example.com", "myip": "192.0.2.9"}, "Basic b3RoZXI6c2UgY3JldA==")]


def test_what_is_told(ddclient, server):
    ddclient.write()
    told = ddclient.run("-debug", "-verbose", "-retry", "stray").stderr
    assert "DEBUG:   > request: GET http://127.0.0.1" in told and "SUCCESS: [dyndns2][h.example.com]> IPv4 address set to 192.0.2.1" in told
    assert "'-retry' does nothing any more" in told and '"stray" is no option' in told
    for secret in ("se cret", "bWU6c2UgY3JldA", "se%20cret", "se+cret"):
        assert secret not in told
    assert ddclient.run("-quiet", "-force").stderr == ""
    assert len(server.requests) == 2


def test_changed_options_are_sent(ddclient, server):
    ddclient.write("wildcard=no h.example.com")
    assert ddclient.run().returncode == 0
    for sent, line in enumerate(("wildcard=yes h.example.com", "wildcard=yes, mx=mail.example.com h.example.com",
                                 "wildcard=yes h.example.com", "wildcard=yes, login=other h.example.com"), start=2):
        ddclient.write(line)
        for _ in range(2):
            assert ddclient.run().returncode == 0 and len(server.requests) == sent


def test_an_attempt_is_known_before_it_is_sent(ddclient, server, started):
    seen = []
    server.answer = lambda host, addresses: seen.append(ddclient.entry(host)) or "good"
    ddclient.write()
    assert ddclient.run().returncode == 0
    assert abs(int(seen[0]["atime"]) - time.time()) < 60 and "status-ipv4" not in seen[0]


def test_by_the_name_of_a_link(ddclient, server, program):
    link = ddclient.folder / "ddclient"
    link.symlink_to(program)
    short = subprocess.run([link, "-version=short"], capture_output=True, text=True, timeout=10)
    assert short.returncode == 0 and re.fullmatch(r"[0-9].*\n", short.stdout)
    ddclient.write()
    assert subprocess.run([link, *ddclient.command()[2:]], capture_output=True, timeout=30).returncode == 0
    assert server.hosts() == ["h.example.com"]


def test_postscript_and_hook(ddclient, server):
    folder = ddclient.folder
    for name in ("ps", "hook"):
        (folder / name).write_text(f"#!/bin/sh\n{{ echo \"$*\"; env | grep ^HOMING_ | sort; }} > {folder}/{name}.tmp\nmv {folder}/{name}.tmp {folder}/{name}.out\n")
        (folder / name).chmod(0o755)
    ddclient.write("a.example.com,b.example.com\nusev4=ipv4, ipv4=192.0.2.0 c.example.com", before=f"postscript=\"{folder}/ps one\"\nhook={folder}/hook\nusev6=ipv6, ipv6=2001:db8::1")
    assert ddclient.run().returncode == 0
    eventually((folder / "ps.out").exists)
    eventually((folder / "hook.out").exists)
    lines = (folder / "ps.out").read_text().splitlines()
    assert lines[0] == "one 192.0.2.0 192.0.2.1 2001:db8::1"
    assert "HOMING_HOSTS=a.example.com b.example.com c.example.com" in lines and "HOMING_STATUS=good" in lines
    lines = (folder / "hook.out").read_text().splitlines()
    assert "HOMING_OUTCOME=good" in lines and "HOMING_PROVIDER=dyndns2" in lines


def test_mail_of_failure_by_sendmail(ddclient, server):
    bin = ddclient.folder / "bin"
    bin.mkdir()
    (bin / "sendmail").write_text(f"#!/bin/sh\n{{ echo \"args: $*\"; cat; }} > {ddclient.folder}/mail\n")
    (bin / "sendmail").chmod(0o755)
    environment = dict(os.environ, PATH=f"{bin}:{os.environ['PATH']}")
    server.answer = lambda host, addresses: "nohost"
    ddclient.write(before="mail=all@example.com\nmail-failure='fail@example.com,two@example.com'\nmail-from=ddc@example.com")
    ddclient.run(env=environment)
    head, _, body = (ddclient.folder / "mail").read_text().partition("\n\n")
    lines = head.splitlines()
    assert lines[0] == "args: -oi fail@example.com,two@example.com" and "To: fail@example.com,two@example.com" in lines and "From: ddc@example.com" in lines
    assert any(line.startswith("Date: ") for line in lines) and "FAILED:  [dyndns2][h.example.com]> nohost" in body


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one mail needs."""

    def handle(self):
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    self.server.text += part
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.server.commands.append(line.decode().strip())
            self.wfile.write(b"250 good\r\n")


def test_mail_by_a_server(ddclient, server):
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads = True, True
        text, commands = b"", []

    with Server(("127.0.0.1", 0), Smtp) as smtp:
        threading.Thread(target=smtp.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        ddclient.write(before=f"mail='a@example.com b@example.com'\nmail-server=127.0.0.1:{smtp.server_address[1]}")
        result = ddclient.run()
        smtp.shutdown()
    assert "not sent" not in result.stderr
    assert [c for c in smtp.commands if c.startswith("RCPT")] == ["RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>"]
    assert b"\r\nSubject: status report from ddclient@" in smtp.text and b"SUCCESS" in smtp.text


def test_warns_once(ddclient):
    ddclient.write(before="daemon=soon")
    result = ddclient.run("-verbose")
    assert result.returncode == 0 and (result.stdout + result.stderr).count("daemon: this is not a length of time") == 1, result


@pytest.fixture
def daemon(ddclient):
    """Starts a daemon in the background; gives its process id."""
    pids = []
    file = ddclient.folder / "pid"

    def start(*words):
        result = ddclient.run("-daemon=300", f"-pid={file}", *words)
        assert result.returncode == 0, result.stderr
        pids.append(int(file.read_text()))
        return pids[-1]

    yield start
    for pid in pids:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_daemon(ddclient, daemon, server):
    ddclient.write()
    pid = daemon()
    eventually(lambda: len(server.requests) == 1)
    # The pid file was there before the parent ended, and a second daemon is refused.
    second = ddclient.run("-daemon=300", f"-pid={ddclient.folder}/pid")
    assert second.returncode == 75 and alive(pid)
    # HUP reads the file again and looks at once.
    ddclient.write("h.example.com,new.example.com")
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: "new.example.com" in server.hosts())
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not alive(pid))
    assert not (ddclient.folder / "pid").exists()


def test_daemon_survives_a_vanished_file(ddclient, daemon, server):
    ddclient.write()
    pid = daemon("-force")
    eventually(lambda: len(server.requests) == 1)
    ddclient.conf.unlink()
    os.kill(pid, signal.SIGHUP)
    time.sleep(0.3)
    assert alive(pid) and ddclient.entry("h.example.com")["status-ipv4"] == "good"
    # force holds for the first pass only
    assert len(server.requests) == 1
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not alive(pid))


def test_term_ends_a_pass_that_hangs(ddclient, daemon, server):
    server.answer = lambda host, addresses: None
    ddclient.write()
    pid = daemon()
    eventually(lambda: len(server.requests) == 1)
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not alive(pid), seconds=10)


def test_query_in_an_empty_network(ddclient):
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0:
        pytest.skip("no network namespaces here")
    ddclient.write(before="cmd='echo 192.0.2.77'\ncmdv6='echo 2001:db8::77'\nfw=127.0.0.1:9")
    command = ["unshare", "-rn", *ddclient.command("-query", "-timeout=5")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ddclient.folder)
    lines = result.stdout.splitlines()
    assert result.returncode == 0
    assert "use=cmd, cmd=echo 192.0.2.77 address is 192.0.2.77" in lines
    assert "usev6=cmdv6, cmdv6=echo 2001:db8::77 address is 2001:db8::77" in lines
    assert "use=web, web=dyndns address is NOT FOUND" in lines
    assert "use=linksys address is NOT FOUND" in lines and "use=fw, fw=127.0.0.1:9 address is NOT FOUND" in lines
    assert lines[-1].startswith("Configured IP detection: ")
    assert not ddclient.cache.exists()


def test_a_request_that_is_too_long_goes_in_halves(ddclient, server):
    """A service that takes two names at once: none is forgotten."""
    server.most = 2
    names = [f"{c}.example.com" for c in "abcde"]
    ddclient.write(",".join(names))
    assert ddclient.run().returncode == 0
    taken = [name for hosts in server.hosts() if hosts.count(",") < 2 for name in hosts.split(",")]
    assert sorted(taken) == names
    assert all(ddclient.entry(name)["status-ipv4"] == "good" for name in names)


def test_foreground_tells_the_service_manager(ddclient, server, started):
    with tempfile.TemporaryDirectory(prefix="hm", dir="/tmp") as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(place + "/n")
        manager.settimeout(10)
        ddclient.write()
        process = started(ddclient.command("-daemon=300", "-foreground"), env=dict(os.environ, NOTIFY_SOCKET=place + "/n"))
        assert b"READY=1" in manager.recv(4096)
        eventually(lambda: len(server.requests) == 1)
        assert process.stop() == 0
        assert b"STOPPING=1" in manager.recv(4096)
