# SPDX-License-Identifier: ISC
"""Where secrets are while homing runs: in memory, and there only where they must be."""
import base64
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

from lib import dnsd, web
from lib.dyndns import Dyndns
from processes import alive, eventually, free_ports

TYPED, LATER, VARIABLE, FILE, TOKEN, BY_TLS, MAIL, HTTP2, CLAIMED, GUESSED, IMPORTED, CREATED = (
    f"cnry-{word}-7c1e94" for word in ("typed", "later", "variable", "file", "token", "tls", "mail", "http2", "claimed", "guessed", "imported",
                                       "created"))
KEY = base64.b64encode(b"cnry-key-7c1e94-of-thirty-two-bytes").decode()
CONF = """listen=no, verify=no, allow-private=yes, usev4=ipv4, ipv4=9.9.9.9
protocol=dyndns2, server=127.0.0.1:{port}, ssl=no, login=a, password={typed} a.example.org
protocol=dyndns2, server=127.0.0.1:{port}, ssl=no, login=b, password_env=TEST_SECRET b.example.org
protocol=dyndns2, server=127.0.0.1:{port}, ssl=no, login=c, password_file={file} c.example.org
define=notify:phone, kind=ntfy, url=http://127.0.0.1:{port}/, topic=x, token={token}
"""
# A dynamic linker that looks names up as they are called leaves vector registers on the stack at any moment.
AT_ONCE = {"LD_BIND_NOW": "1"}


def dresses(login, secret):
    """The secret, and what a request makes of it: HTTP's Basic, and SMTP's AUTH PLAIN (RFC 4616)."""
    yield secret.encode()
    for text in (f"{login}:{secret}", f"\0{login}\0{secret}"):
        yield base64.b64encode(text.encode()).rstrip(b"=")[4:-4]


def regions(pid):
    """The bytes that the process holds. Of the stack what it put there itself, below the arguments and the environment."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory, open(f"/proc/{pid}/stat") as stat:
        start_stack = int(stat.read().rpartition(")")[2].split()[25])  # proc(5): the 28th
        for line in maps:
            part = line.split(maxsplit=5)
            begin, end = (int(x, 16) for x in part[0].split("-"))
            if "r" not in part[1] or line.rstrip().endswith(("[vvar]", "[vvar_vclock]", "[vsyscall]")):
                continue
            try:
                memory.seek(begin)
                yield memory.read((start_stack if part[-1].strip() == "[stack]" else end) - begin)
            except (OSError, ValueError):
                pass


def settles(pid, wanted):
    """Until each stands there so often: what is under way is let go of in a moment."""
    words = {secret: login for secret, (login, _) in wanted.items()}
    counts = {secret: count for secret, (_, count) in wanted.items()}
    eventually(lambda: times(pid, words) == counts, 20, f"{counts} rather than {times(pid, words)}")


def times(pid, words):
    """How often each stands in the process's memory."""
    found = dict.fromkeys(words, 0)
    for data in regions(pid):
        for secret, login in words.items():
            found[secret] += sum(len(re.findall(re.escape(dress), data)) for dress in dresses(login, secret))
    return found


def refused(kind, query):
    """REFUSED, without a signature."""
    return [query[:2] + bytes([0xa8, 5]) + bytes(8)]


@contextlib.contextmanager
def providers(tmp_path):
    """A configuration with a secret of each kind, and servers for it: (conf, the one by HTTP, the one by TLS)."""
    (tmp_path / "secret").write_text(FILE + "\n")
    (tmp_path / "key").write_text(f'key "k" {{ algorithm hmac-sha256; secret "{KEY}"; }};\n')
    authority = web.Authority(tmp_path)
    server = Dyndns()
    try:
        with web.scripted(lambda request: web.reply("good 9.9.9.9\n"), tls=authority.certificate("127.0.0.1", "localhost")) as closed, \
                dnsd.scripted(refused) as named:
            conf = CONF.format(typed="{typed}", port=server.port, file=tmp_path / "secret", token=TOKEN) + (
                f"protocol=dyndns2, server=localhost:{closed.port}, ssl_ca_file={authority.file}, login=d, password={BY_TLS} d.example.org\n"
                f"protocol=nsupdate, server=127.0.0.1:{named.port}, zone=example.org, password={tmp_path}/key e.example.org\n")
            yield conf, server, closed
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads another process's memory")
def test_memory_holds_a_secret_where_it_must(homing, tmp_path):
    """Twice in each process: as it was given (the text of the file, the variable, the file that is named), and as the
    setting that it is. Nothing of the message between the processes, of the requests, of what a hash or the stack kept."""
    words = {TYPED: "a", VARIABLE: "b", FILE: "c", TOKEN: "", BY_TLS: "d", KEY: ""}
    nowhere = {base64.b64decode(KEY).decode(): ""}
    with providers(tmp_path) as (conf, server, closed):
        service = homing(conf.format(typed=TYPED), env={"TEST_SECRET": VARIABLE} | AT_ONCE).start()
        service.wait_for("sending -> right", 30, count=4)
        service.wait_for("e.example.org: IPv4 was not published", 30)
        assert len(server.requests) == 3 and len(closed.requests) == 1
        assert {authorization is not None for _, _, authorization in server.requests} == {True}
        wanted = {word: (login, 2) for word, login in words.items()}
        settles(service.worker(), wanted)
        settles(service.keeper, wanted)
        for pid in (service.worker(), service.keeper):
            assert times(pid, nowhere) == dict.fromkeys(nowhere, 0)
        # A password that is replaced is gone everywhere.
        service.write(conf.format(typed=LATER))
        service.wait_for("in use: 5 hostname", 30, count=2)
        service.process.signal(signal.SIGUSR1)
        eventually(lambda: service.get("/verdict") is not None, 30, "the service")
        wanted |= {LATER: ("a", 2), TYPED: ("a", 0)}
        settles(service.worker(), wanted)
        settles(service.keeper, wanted)
        assert service.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads another process's memory")
def test_mail_http2_and_the_page_leave_no_more(homing, tmp_path, started):
    """The same of what libraries handle in their own way: a mail's password, HTTP/2, what is typed on the page. A page's password is
    nowhere once it is hashed, nor what was only looked at to be imported."""
    certificate = web.Authority(tmp_path).certificate("127.0.0.1", "localhost")
    mail, port = free_ports(2)
    (tmp_path / "mail").mkdir()
    smtpd = started(["/usr/bin/python3", pathlib.Path(__file__).parent / "lib" / "smtpd.py", "127.0.0.1", str(mail), tmp_path / "mail", "m", MAIL,
                     *certificate], name="smtpd")
    smtpd.wait_for("serving", 20)
    with web.nginx(tmp_path, "server { listen 127.0.0.1:{p0} ssl http2; ssl_certificate %s; ssl_certificate_key %s; "
                   "location / { return 200 'good 9.9.9.9'; } }" % certificate) as (closed,):
        service = homing(f"""listen=127.0.0.1:{port}, outside=no, verify=no, allow-private=yes, usev4=ipv4, ipv4=9.9.9.9
define=notify:post, kind=mail, to=a@example.org, mail-server=localhost:{mail}, login=m, password={MAIL}, ssl_ca_file={tmp_path}/ca.pem
protocol=dyndns2, server=localhost:{closed}, ssl_ca_file={tmp_path}/ca.pem, login=d, password={HTTP2} d.example.org
""", env=AT_ONCE).start()
        service.wait_for("sending -> right", 30)
        assert 'HTTP/2.0" 200' in (tmp_path / "access.log").read_text()
        assert service.call("notify", "--test", "post").returncode == 0 and list((tmp_path / "mail").glob("*.mail"))
        link = service.api("POST", "/link", {})[1]["link"]
        assert service.api("POST", "/claim", {"link": link, "password": CLAIMED})[0] == 200
        assert service.api("POST", "/session", {"password": CLAIMED})[0] == 200
        assert service.api("POST", "/session", {"password": GUESSED})[0] == 403
        moved = f"protocol=dyndns2, server=127.0.0.1:9, login=i, password={IMPORTED} i.example.org\n"
        assert service.api("POST", "/import", {"text": moved})[1]["count"] == 1
        status, said = service.api("POST", "/hostnames", {"hostname": "n.example.org", "settings": {
            "protocol": "dyndns2", "server": "127.0.0.1:9", "login": "n", "password": CREATED, "enabled": "no"}})
        assert status in (200, 201), said
        wanted = {MAIL: ("m", 2), HTTP2: ("d", 2), CREATED: ("n", 2), CLAIMED: ("", 0), GUESSED: ("", 0), IMPORTED: ("i", 0),
                  base64.b64encode(MAIL.encode()).decode(): ("", 0)}  # AUTH LOGIN
        settles(service.worker(), wanted)
        settles(service.keeper, wanted)
        assert service.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_its_own_user_reads_no_memory(homing, program):
    """Another program of the same user: without dumps (prctl(2), PR_SET_DUMPABLE) it is a stranger, in both processes."""
    stranger = {"user": 65534, "group": 65534, "extra_groups": []}
    service = homing("listen=no, usev4=disabled\nprotocol=dyndns2, login=a, password=b h.example.org\n",
                     prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    service.program = shutil.copy(service.program, service.folder)  # where the checkout is, others may be kept out
    for folder in [service.folder, *service.folder.parents]:
        if str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    for path in (service.folder, service.conf):
        os.chown(path, 65534, 65534)
    service.start()
    plain = service.group.start(["sleep", "60"], **stranger)
    looks = {pid: subprocess.run(["cat", f"/proc/{pid}/environ"], capture_output=True, **stranger)
             for pid in (plain.pid, service.keeper, service.worker())}
    assert looks.pop(plain.pid).returncode == 0
    assert {look.returncode for look in looks.values()} == {1}
    assert all(b"Permission denied" in look.stderr for look in looks.values())
    for pid in looks:
        with open(f"/proc/{pid}/limits") as limits:
            assert next(line for line in limits if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]
    plain.stop()
    assert service.stop() == 0


@pytest.mark.parametrize("who", ["worker", "keeper"])
def test_a_crash_leaves_nothing(homing, who):
    server = Dyndns()
    try:
        service = homing(CONF.format(typed=TYPED, port=server.port, file="/dev/null", token=TOKEN), env={"TEST_SECRET": VARIABLE})
        service.options["cwd"] = service.folder  # where a core file would be
        service.start()
        service.wait_for("sending -> right", 30, count=2)
        worker = service.worker()
        os.kill(service.keeper if who == "keeper" else worker, signal.SIGSEGV)
        if who == "worker":
            service.wait_for("The worker was ended by signal 11", 20)
        else:
            eventually(lambda: not alive(worker), 20, "the worker's end")
        left = [path for path in service.folder.rglob("*") if path.is_file() and path != service.conf]
        assert not [path for path in left if path.name.startswith("core")]
        secrets = [dress for login, secret in (("a", TYPED), ("b", VARIABLE), ("", TOKEN)) for dress in dresses(login, secret)]
        # The last good copy is the configuration itself, closed to others.
        said = [service.text().encode(), *(path.read_bytes() for path in left if not path.name.endswith(".last-good"))]
        assert not [dress for dress in secrets for text in said if dress in text]
        if who == "worker":
            service.stop()
    finally:
        server.stop()


ODD = """outside=no, verify=no, updates=no
usev4=webv4, webv4=http://user:{1}@127.0.0.1:9/ip
provider=cloudflare, password={2} a.example.org
provider=cloudflare, password={2}, usev4=webv4, webv4=http://127.0.0.1:9/ip?key={3} b.example.org
protocol=dyndns2, server=127.0.0.1:9, login=x, password={2}, usev4=cmdv4, cmdv4='echo {4}' c.example.org
provider=cloudflare, password={2}, postscript='/bin/true {5}' d.example.org
protocol=dyndns2, login=x, passwrod={6} e.example.org
protocol=nosuch, login=x, apikey={7} f.example.org
define=notify:hook, kind=webhook, webhook=http://127.0.0.1:9/{8}
define=notify:mail, kind=mail, to=a@example.org, server=127.0.0.1:9, login=x, password={9}
define=account:other, provider=hetzner, password={10}
define=source:fw, kind=fw, fw=http://127.0.0.1:9/, fw-login=x, fw-password={11}
define=nonsense:x, token={12}
provider=cloudflare, password={2}, proxy=http://user:{0}@127.0.0.1:9/ g.example.org
"""


def test_secrets_in_odd_places_stay_there(homing):
    """Where a person may write one though no setting is made for it: addresses, commands, misspelt names, wrong statements."""
    words = [f"cnry{i:02d}-5be1" for i in range(13)]
    service = homing("listen=no\n" + ODD.format(*words)).start()
    said = [service.call(*command) for command in (["check"], ["check", "--json"], ["report"], ["list", "--json"], ["status"], ["log"],
                                                   ["sources"], ["why", "a.example.org"], ["plan", "a.example.org"])]
    texts = [done.stdout + done.stderr for done in said]
    texts += [json.dumps(service.get(path)) for path in ("/verdict", "/hostnames", "/addresses", "/sources", "/settings", "/notify",
                                                         "/about", "/log?level=debug&limit=1000")]
    texts.append(service.text())
    found = {word: i for i, text in enumerate(texts) for word in words if word in text}
    assert not found, [(word, texts[i][max(0, texts[i].find(word) - 200):][:300]) for word, i in found.items()]
    service.stop()
