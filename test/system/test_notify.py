# SPDX-License-Identifier: ISC
"""Who is told what: the real service with BIND as the provider, nginx and a real SMTP server as receivers, over a line that can be down."""
import base64
import email
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import pytest

from lib.run import program as server_program
from processes import eventually

pytest.importorskip("aiosmtpd")
HERE = pathlib.Path(__file__).resolve().parent
KEY = base64.b64encode(os.urandom(32)).decode()
TOKEN, PASSWORD, PUSH = (f"cnry{i}{os.urandom(8).hex()}" for i in range(3))
ZONE = """$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 9.9.9.1
"""
NAMED = """
options {{ directory "{t}"; pid-file "{t}/pid"; session-keyfile "{t}/sk"; listen-on {{ 9.9.9.1; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; notify no; }};
controls {{}};
key "home-key" {{ algorithm hmac-sha512; secret "{key}"; }};
zone "home.test" {{ type primary; file "{t}/zone"; update-policy {{ grant home-key zonesub ANY; }}; }};
"""
# nginx reads the body of what it passes on, so it can write it down.
NGINX = """daemon off; worker_processes 1; error_log stderr; pid {t}/pid;
events {{}}
http {{
  access_log off; client_body_temp_path {t}/body; proxy_temp_path {t}/proxy; fastcgi_temp_path {t}/f; uwsgi_temp_path {t}/u; scgi_temp_path {t}/s;
  log_format told escape=json '{{"uri":"$request_uri","method":"$request_method","authorization":"$http_authorization","body":"$request_body"}}';
  server {{ listen 9.9.9.2:8000; access_log {t}/told told; client_body_buffer_size 64k; location / {{ proxy_pass http://127.0.0.1:8001; }} }}
  server {{ listen 127.0.0.1:8001; default_type application/json; return 200 '{{"ok":true}}'; }}
}}
"""


@pytest.fixture
def place(world, started, tmp_path):
    """At the provider's end BIND on one address, nginx and the SMTP server on another; at home an interface."""
    isp, home = world.space("isp"), world.space("home")
    world.join(isp, "w0", home, "eth0")
    for address in ("9.9.9.1/24", "9.9.9.2/24"):
        isp.ip(f"addr add {address} dev w0")
    home.ip("addr add 9.9.9.10/24 dev eth0")
    home.ip("route add default via 9.9.9.1")
    home.isp, home.folder = isp, tmp_path
    for name in ("named", "nginx", "mail"):
        (tmp_path / name).mkdir()
    (tmp_path / "named" / "named.conf").write_text(NAMED.format(t=tmp_path / "named", key=KEY))
    (tmp_path / "named" / "zone").write_text(ZONE)
    (tmp_path / "nginx" / "nginx.conf").write_text(NGINX.format(t=tmp_path / "nginx"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=9.9.9.2",
                    "-addext", "subjectAltName=IP:9.9.9.2", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"], check=True, capture_output=True)
    named = started(isp.enter(server_program("named"), "-g", "-n", "1", "-c", tmp_path / "named" / "named.conf"), name="named")
    nginx = started(isp.enter(server_program("nginx"), "-p", tmp_path / "nginx", "-c", tmp_path / "nginx" / "nginx.conf"), name="nginx")
    smtpd = started(isp.enter("/usr/bin/python3", HERE / "lib" / "smtpd.py", "9.9.9.2", 2525, tmp_path / "mail", "arthur", PASSWORD,
                              tmp_path / "cert", tmp_path / "key"), name="smtpd")
    named.wait_for("running$", 20)
    smtpd.wait_for("serving", 20)
    eventually(lambda: isp.run("ss", "-Hltn").stdout.count("9.9.9.2:8000"), 10, "nginx")
    assert not nginx.ended()
    return home


def conf(place, secret=KEY, more=""):
    return f"""listen=no
daemon=60, settle=0
define=notify:hook, kind=webhook, url=http://9.9.9.2:8000/in, token={TOKEN}, gather=1, after=2
define=notify:post, kind=mail, to="admin@example.org, other@example.org", mail-server=9.9.9.2:2525, login=arthur, ssl_ca_file={place.folder}/cert, gather=1, after=2, password={PASSWORD}
define=notify:kuma, kind=uptimekuma, url=http://9.9.9.2:8000, token={PUSH}, every=30, after=2
define=notify:pipe, kind=command, command="cat >>{place.folder}/piped", on=blocked, gather=1
{more}
provider=nsupdate, server=9.9.9.1, zone=home.test, ttl=60, key-name=home-key, key-algorithm=hmac-sha512, password='{secret}'
min-interval=0, min-error-interval=1, usev4=ifv4, ifv4=eth0, verify=no
home.home.test
office.home.test
"""


def told(place, path="/in"):
    """What nginx was told, oldest first."""
    try:
        lines = (place.folder / "nginx" / "told").read_text().splitlines()
    except FileNotFoundError:
        return []
    found = [json.loads(line) for line in lines]
    return [{**f, "body": json.loads(f["body"]) if f["body"] else None} for f in found if f["uri"].startswith(path)]


def messages(place, event):
    return [t["body"] for t in told(place) if t["body"]["event"] == event]


def mails(place):
    files = sorted((place.folder / "mail").glob("*.mail"), key=lambda p: int(p.stem))
    return [email.message_from_bytes(f.read_bytes()) for f in files]


def address(place, old, new):
    place.ip(f"addr del {old}/24 dev eth0")
    place.ip(f"addr add {new}/24 dev eth0")
    place.ip("route replace default via 9.9.9.1")


def waiting(service):
    return {i["name"]: i["waiting"] for i in service.get("/notify")["items"]}


def later(service, names, seconds):
    """When the first of these receivers is tried again, if all of them wait at least so long."""
    at = [i["next_at"] or 0 for i in service.get("/notify")["items"] if i["name"] in names]
    return min(at) > 1000 * (time.time() + seconds) and min(at)


def published(service, address):
    items = service.get("/hostnames")["items"]
    return len(items) == 2 and all(r["published"] == [address] for h in items for r in h["records"] if r["family"] == "IPv4")


def test_changes_trouble_and_its_end(place, homing):
    service = homing(conf(place), prefix=place.enter()).start()
    eventually(lambda: published(service, "9.9.9.10"), 15, "the first address")
    # The first publication is no change. A change of both hostnames is one message, by each way.
    address(place, "9.9.9.10", "9.9.9.20")
    one = eventually(lambda: messages(place, "changed"), 15, "the webhook's message")
    assert len(one) == 1 and one[0]["title"] == "2 hostnames are now 9.9.9.20"
    assert {(h["hostname"], h["old"], h["new"]) for h in one[0]["hostnames"]} == \
        {(f"{n}.home.test", "9.9.9.10", "9.9.9.20") for n in ("home", "office")}
    assert all(t["authorization"] == f"Bearer {TOKEN}" for t in told(place))
    mail = eventually(lambda: mails(place), 15, "a mail")[0]
    assert mail["Subject"] == "2 hostnames are now 9.9.9.20" and mail["X-TLS"] == "True"
    assert mail["X-To"] == "admin@example.org,other@example.org" and mail["Message-ID"] and mail["Date"]
    assert "home.home.test (" in mail.get_payload() and "9.9.9.20, was 9.9.9.10" in mail.get_payload()
    # The provider refuses the key: told once for both, urgent; no sign of life comes while that is so.
    service.write(conf(place, secret=base64.b64encode(b"another key that BIND does not know").decode()))
    service.wait_for("configuration is in use", 10, 2)
    address(place, "9.9.9.20", "9.9.9.30")
    blocked = eventually(lambda: messages(place, "blocked"), 20, "the message that a person is needed")
    assert blocked[0]["title"] == "2 hostnames need you" and blocked[0]["level"] == "urgent"
    assert "refuses the login or the password" in blocked[0]["text"]
    piped = place.folder / "piped"
    eventually(lambda: piped.exists() and piped.read_text().startswith("2 hostnames need you\n\n"), 10, "the command's message")
    service.write(conf(place))
    eventually(lambda: messages(place, "recovered"), 20, "the message that all is well again")
    assert len(messages(place, "blocked")) == 1
    eventually(lambda: len(messages(place, "changed")) == 2, 10, "the change that was held up")
    # A sign of life while all is well.
    eventually(lambda: told(place, f"/api/push/{PUSH}"), 35, "a sign of life")
    # Who reads can see what became of it; no secret is anywhere.
    by_name = {i["name"]: i for i in service.get("/notify")["items"]}
    assert by_name["hook"]["last"]["good"] and by_name["post"]["last"]["event"] in ("recovered", "changed")
    eventually(lambda: {i["name"]: i for i in service.get("/notify")["items"]}["kuma"]["last"], 5)
    listed = service.call("notify")
    assert listed.returncode == 0 and listed.stdout.count("2 hostnames") == 3
    seen = [service.text(), listed.stdout, service.call("report").stdout, *(json.dumps(service.get(d)) for d in ("/notify", "/settings", "/log?level=debug"))]
    seen += [f.read_bytes().decode("latin-1") for f in service.state.rglob("*") if f.is_file()]
    seen += [pathlib.Path(f"/proc/{p}/cmdline").read_text() for p in (service.keeper, service.worker())]
    for text in seen:
        assert not re.search("cnry[0-2][0-9a-f]{16}", text), text[:2000]
    assert service.stop() == 0


def test_what_waits_for_the_line_outlives_a_restart(place, homing):
    service = homing(conf(place), prefix=place.enter()).start()
    eventually(lambda: published(service, "9.9.9.10"), 15, "the first address")
    # No way to the receivers, while the provider is there.
    place.ip("route add unreachable 9.9.9.2/32")
    address(place, "9.9.9.10", "9.9.9.20")
    eventually(lambda: published(service, "9.9.9.20"), 15, "publishing, which waits for nobody's messages")
    eventually(lambda: waiting(service) == {"hook": 1, "post": 1, "kuma": 0, "pipe": 0}, 15, "messages that wait")
    assert service.stop() == 0
    offline = {i["name"]: i for i in json.loads(service.call("notify", "--json").stdout)["items"]}
    assert offline["hook"]["waiting"] == 1 and offline["hook"]["oldest"] and not offline["hook"]["last"]["good"]
    # Ended without a word, too.
    service.start()
    assert waiting(service)["hook"] == 1
    service.kill()
    service.start()
    assert waiting(service)["hook"] == 1 and not told(place) and not mails(place)
    address(place, "9.9.9.20", "9.9.9.30")  # the line is another one now
    eventually(lambda: published(service, "9.9.9.30"), 15, "publishing")
    # Nothing else happens any more that would be a reason to try: by itself it would in half a minute.
    planned = eventually(lambda: later(service, ("hook", "post"), 15), 10, "messages that wait for a way")
    # Only then: what leaves by an address that goes may have arrived, and is told again.
    place.ip("route del unreachable 9.9.9.2/32")
    eventually(lambda: len(messages(place, "changed")) == 2 and len(mails(place)) == 2, 40, "all of it, in order")
    assert all(i["last"]["at"] < planned for i in service.get("/notify")["items"] if i["last"]), "the route's return was not noticed"
    assert [m["hostnames"][0]["new"] for m in messages(place, "changed")] == ["9.9.9.20", "9.9.9.30"]
    eventually(lambda: waiting(service) == {"hook": 0, "post": 0, "kuma": 0, "pipe": 0}, 10)
    assert service.stop() == 0


def test_what_is_under_way_when_its_address_goes(place, homing):
    """No answer can come: mail and web hook leave again by the new address, and do not sit out their minute."""
    service = homing(conf(place), prefix=place.enter()).start()
    eventually(lambda: published(service, "9.9.9.10"), 15, "the first address")
    # What leaves for the receivers is lost on the way, while the provider hears.
    place.ip("neigh add 9.9.9.99 lladdr 02:00:00:00:00:99 dev eth0 nud permanent")
    address(place, "9.9.9.10", "9.9.9.20")
    place.ip("route add 9.9.9.2/32 via 9.9.9.99")

    def under_way():
        peers = {line.split()[-1] for line in place.run("ss", "-Htn", "state", "syn-sent", "src", "9.9.9.20").stdout.splitlines()}
        return {"9.9.9.2:8000", "9.9.9.2:2525"} <= peers
    eventually(under_way, 20, "mail and web hook under way")
    address(place, "9.9.9.20", "9.9.9.30")  # that route goes with it
    eventually(lambda: len(messages(place, "changed")) == 2 and len(mails(place)) == 2, 30, "both changes by both ways")
    assert service.stop() == 0


def test_a_route_to_the_provider_returns(place, homing):
    """Of that host alone: the default route and the address stay as they are."""
    service = homing(conf(place), prefix=place.enter()).start()
    eventually(lambda: published(service, "9.9.9.10"), 15, "the first address")
    place.ip("route add unreachable 9.9.9.1/32")
    address(place, "9.9.9.10", "9.9.9.20")
    eventually(lambda: all((h["next"] or {}).get("code") == "next_event" for h in service.get("/hostnames")["items"]), 10, "waiting for a way")
    place.ip("route del unreachable 9.9.9.1/32")
    eventually(lambda: published(service, "9.9.9.20"), 20, "publishing before half a minute is over")
    assert service.stop() == 0


def test_each_kind_by_hand(place, homing, program):
    """homing notify --test: of the running service, and without one. What a receiver refuses is said."""
    wrong = conf(place, more="define=notify:wrong, kind=mail, to=a@example.org, mail-server=9.9.9.2:2525, login=arthur, "
                             f"ssl_ca_file={place.folder}/cert, password=nonsense\n"
                             f"define=notify:strange, kind=ntfy, topic=x, url=http://9.9.9.2:9\n"
                             f"define=notify:untrusted, kind=mail, to=a@example.org, mail-server=9.9.9.2:2525, login=arthur, password={PASSWORD}")
    service = homing(wrong, prefix=place.enter())
    for running in (False, True):
        if running:
            service.start()
        for name, good, says in (("hook", True, ""), ("post", True, ""), ("pipe", True, ""), ("kuma", True, ""),
                                 ("wrong", False, "not sent"), ("strange", False, "9.9.9.2:9"), ("untrusted", False, "certificate"),
                                 ("nobody", False, "no notify object nobody")):
            done = service.call("notify", "--test", name)
            assert (done.returncode == 0) == good, (name, done)
            assert good or says in done.stderr, (name, done)
            assert not re.search("cnry|nonsense", done.stdout + done.stderr)
    assert len(messages(place, "test")) == 2 and len(mails(place)) == 2
    assert service.stop() == 0
    assert not re.search("cnry|nonsense", service.text())


def test_only_the_file_names_programs(place, homing):
    """Neither the page nor a worker gone bad can name a command or a file of a notify object."""
    service = homing(conf(place), prefix=place.enter()).start()
    for name in ("command", "sendmail", "ssl_ca_file", "kind", "webhook"):
        status, answer = service.api("PATCH", "/settings", {"settings": {name: "/bin/true"}})
        assert status in (403, 422, 400, 404), (name, status, answer)
    assert service.stop() == 0


def test_a_pass_tells(place, homing):
    """By cron: each pass tells what it saw, with what a former one could not deliver; a failure when it has lasted, over passes."""
    def text(after="2", secret=KEY):
        return conf(place, secret).replace("after=2", f"after={after}")
    service = homing(text(), prefix=place.enter())
    assert service.call("once").returncode == 0
    assert not told(place) and len(told(place, f"/api/push/{PUSH}")) == 1
    address(place, "9.9.9.10", "9.9.9.20")
    place.ip("route add unreachable 9.9.9.2/32")
    assert service.call("once").returncode == 0 and not told(place)
    place.ip("route del unreachable 9.9.9.2/32")
    assert service.call("once").returncode == 0
    assert [m["title"] for m in messages(place, "changed")] == ["2 hostnames are now 9.9.9.20"] and len(mails(place)) == 1
    beats = len(told(place, f"/api/push/{PUSH}"))
    # The provider is away: not yet told in the first pass, told once it has lasted, and once; then the sign of life stays out.
    place.ip("route add unreachable 9.9.9.1/32")
    address(place, "9.9.9.20", "9.9.9.30")
    service.write(text("1h"))
    assert service.call("once").returncode == 1 and not messages(place, "failing")
    assert len(told(place, f"/api/push/{PUSH}")) == beats + 1
    service.write(text("0"))
    for _ in range(2):
        assert service.call("once").returncode == 1
    assert [m["title"][:32] for m in messages(place, "failing")] == ["2 hostnames can not be updated, "]
    assert len(told(place, f"/api/push/{PUSH}")) == beats + 1
    place.ip("route del unreachable 9.9.9.1/32")
    assert service.call("once", "--force").returncode == 0
    assert len(messages(place, "recovered")) == 1 and messages(place, "changed")[-1]["title"] == "2 hostnames are now 9.9.9.30"
    assert len(told(place, f"/api/push/{PUSH}")) == beats + 2
