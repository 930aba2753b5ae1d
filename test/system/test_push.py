# SPDX-License-Identifier: ISC
"""Devices push their addresses: as a FRITZ!Box does, with Debian's ddclient and inadyn, behind proxies, with wrong passwords."""
import base64
import concurrent.futures
import contextlib
import http.client
import json
import re
import subprocess
import threading

import pytest

from lib.dyndns import Dyndns
from lib.run import free_port
from lib.web import Authority, nginx
from named import Named
from named import program as server_program
from processes import eventually

FRITZ = "hostname=home.home.test&myip={v4}&myipv6={v6}&ip6lanprefix={prefix}"


class Device:
    """What it sends, over a connection of its own each time."""

    def __init__(self, port, name, password, address="127.0.0.1"):
        self.port, self.address = port, address
        self.header = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode() if name else None

    def request(self, query, path="/nic/update", headers=(), source=None, method="GET"):
        """(status, text, headers)"""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=20, source_address=source and (source, 0))
        try:
            known = {"Authorization": self.header} if self.header else {}
            connection.request(method, f"{path}?{query}" if query else path, headers={**known, **dict(headers)})
            reply = connection.getresponse()
            return reply.status, reply.read().decode(), dict(reply.getheaders())
        finally:
            connection.close()

    def push(self, query, **options):
        return self.request(query, **options)[1].strip()


class Place:
    """A service with a socket for pushes."""

    def __init__(self, homing, lines, **options):
        self.port = free_port()
        self.service = homing(f"listen=no\nlisten-push=127.0.0.1:{self.port}\n" + lines, **options).start()

    def add(self, name, *hosts):
        done = self.service.call("devices", "add", "--json", name, *hosts)
        assert done.returncode == 0, done.stderr
        return Device(self.port, name, json.loads(done.stdout)["password"])

    def told(self, name):
        (device,) = [d for d in self.service.get("/devices")["items"] if d["name"] == name]
        return {a["what"]: a for a in device["addresses"]}


@pytest.fixture
def named(started, tmp_path):
    class Group:
        start = staticmethod(started)
    return Named(Group, tmp_path / "named")


@pytest.fixture
def provider():
    with Dyndns() as server:
        yield server


def at(provider, *hosts, settings="usev4=pushed, pushed=fritz, usev6=disabled"):
    return (f"{settings}, min-interval=0, verify=no, ssl=no\n"
            + "".join(f"protocol=dyndns2, server=127.0.0.1:{provider.port}, login=me, password=secret {h}\n" for h in hosts))


def test_a_fritzbox_keeps_names_at_two_providers_and_its_prefix_a_machine(homing, named, provider, tmp_path):
    """Its URL as AVM's page has it, by curl; after "good" the name is looked up at once, as the box does."""
    place = Place(homing, f"settle=0\nmin-interval=0\nverify=no\nssl=no\n"
                          f"usev4=pushed, usev6=pushed, pushed=fritz, {named.settings()} home.home.test\n"
                          f"usev4=disabled, usev6=prefix, prefix=lan, suffix=::1:2:3:4, {named.settings()} nas.home.test\n"
                          f"define=prefix:lan, from=box\ndefine=source:box, kind=pushed, pushed=fritz\n"
                          f"usev4=box, usev6=disabled, protocol=dyndns2, server=127.0.0.1:{provider.port}, login=me, password=x office.example.org\n")
    fritz = place.add("fritz")
    config = tmp_path / "curlrc"  # not for the process list
    config.write_text(f'header = "Authorization: {fritz.header}"\n')

    def box(v4, v6, prefix):
        query = FRITZ.format(v4=v4, v6=v6, prefix=prefix)
        done = subprocess.run(["curl", "-sS", "-K", config, f"http://127.0.0.1:{place.port}/nic/update?{query}"],
                              capture_output=True, text=True, timeout=30)
        return done.stdout

    first = ("81.2.3.4", "2a02:3100:ffff::1", "2a02:3100:0:7::/64")
    assert box(*first) == "good 81.2.3.4,2a02:3100:ffff::1\n"
    assert named.ask("home.home.test", "A") == ["81.2.3.4"]
    assert named.ask("home.home.test", "AAAA") == ["2a02:3100:ffff::1"]
    named.wait_for("nas.home.test", "AAAA", ["2a02:3100:0:7:1:2:3:4"])
    eventually(lambda: provider.requests, 10, "the second provider's update")
    assert provider.requests[-1][1] == {"hostname": "office.example.org", "myip": "81.2.3.4"}
    assert box(*first) == "nochg 81.2.3.4,2a02:3100:ffff::1\n"
    # Behind DS-Lite there is no IPv4 address; what is known of it stays.
    assert box("", "2a02:3100:ffff::2", "2a02:3100:0:8::/64") == "good 2a02:3100:ffff::2\n"
    assert named.ask("home.home.test", "AAAA") == ["2a02:3100:ffff::2"]
    assert named.ask("home.home.test", "A") == ["81.2.3.4"]
    named.wait_for("nas.home.test", "AAAA", ["2a02:3100:0:8:1:2:3:4"])


def test_ddclient_pushes(homing, provider, tmp_path):
    ddclient = server_program("ddclient") or pytest.skip("the program ddclient cannot be had here")
    place = Place(homing, at(provider, "home.example.org", "www.example.org"))
    device = place.add("fritz")
    password = base64.b64decode(device.header[6:]).decode().split(":")[1]
    conf = tmp_path / "ddclient.conf"

    def run(address):
        conf.write_text(f"ssl=no\nuse=ip, ip={address}\nprotocol=dyndns2\nserver=127.0.0.1:{place.port}\nlogin=fritz\n"
                        f"password='{password}'\nhome.example.org,www.example.org\n")
        conf.chmod(0o600)
        (tmp_path / "cache").unlink(missing_ok=True)
        done = subprocess.run([ddclient, "-daemon=0", "-noquiet", "-file", conf, "-cache", tmp_path / "cache", "-verbose"], capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    said = run("81.2.3.4")
    print(said)
    assert said.count("SUCCESS") == 2 and "good" in said, said
    assert {host for q in provider.hosts() for host in q.split(",")} == {"home.example.org", "www.example.org"}
    said = run("81.2.3.4")
    assert "nochg" in said, said
    assert run("81.2.3.5").count("SUCCESS") == 2 and place.told("fritz")["v4"]["address"] == "81.2.3.5"


def test_inadyn_pushes(homing, provider, tmp_path):
    """As UniFi's gateways do."""
    inadyn = server_program("inadyn") or pytest.skip("the program inadyn cannot be had here")
    place = Place(homing, at(provider, "home.example.org"))
    password = base64.b64decode(place.add("fritz").header[6:]).decode().split(":")[1]
    conf = tmp_path / "inadyn.conf"
    (tmp_path / "cache").mkdir()
    conf.write_text(f'iterations = 1\nperiod = 300\nverify-address = false\ncustom homing {{\n username = "fritz"\n password = "{password}"\n'
                    f' ssl = false\n checkip-command = "/bin/echo 81.2.3.6"\n ddns-server = "127.0.0.1:{place.port}"\n'
                    f' ddns-path = "/nic/update?hostname=%h&myip=%i"\n hostname = "home.example.org"\n}}\n')
    conf.chmod(0o600)

    def run():
        done = subprocess.run([inadyn, "-1", "-n", "-C", "-f", conf, "--cache-dir", tmp_path / "cache", "-P", tmp_path / "pid", "-l", "debug"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "good 81.2.3.6" in run()
    assert provider.requests[-1][1]["myip"] == "81.2.3.6"
    (cache,) = [f for f in (tmp_path / "cache").iterdir() if f.is_file()]
    cache.unlink()
    assert "nochg 81.2.3.6" in run()


def test_answers(homing, provider):
    place = Place(homing, at(provider, "home.example.org", "\u00fcber.example.org"))
    fritz, other = place.add("fritz"), place.add("other", "only.example.org")
    cases = [
        (fritz, "hostname=home.example.org&myip=81.2.3.4", "good 81.2.3.4"),
        (fritz, "hostname=home.example.org&myip=81.2.3.4", "nochg 81.2.3.4"),
        (fritz, "hostname=HOME.example.org.&myip=81.2.3.4", "nochg 81.2.3.4"),
        (fritz, "hostname=xn--ber-goa.example.org,%C3%BCber.example.org&myip=81.2.3.4", "nochg 81.2.3.4\nnochg 81.2.3.4"),
        (fritz, "hostname=other.example.org,home,home.example.org&myip=81.2.3.4", "nohost\nnotfqdn\nnochg 81.2.3.4"),
        (fritz, "hostname=other.example.org&myip=81.2.3.5", "nohost"),
        (fritz, "myip=81.2.3.5", "notfqdn"),
        (fritz, "hostname=" + ",".join(f"h{i}.example.org" for i in range(21)) + "&myip=81.2.3.5", "numhost"),
        (fritz, "hostname=home.example.org&myip=%3Cipaddr%3E", "911"),
        (fritz, "hostname=home.example.org&myip=81.2.3.5,81.2.3.6", "911"),
        (fritz, "hostname=home.example.org&ip6lanprefix=2a02:1:2:3::/64", "good"),
        (fritz, "hostname=home.example.org&ip6lanprefix=2a02:1:2:3::/64&myip=10.0.0.1", "911"),  # the name has no address by that
        (fritz, "hostname=home.example.org&ip6lanprefix=fd00::/64", "911"),
        (fritz, "hostname=home.example.org", "911"),  # our own loopback is no address from outside
        (other, "hostname=only.example.org&myip=81.9.9.9", "good 81.9.9.9"),
        (other, "hostname=home.example.org&myip=81.9.9.8", "nohost"),
    ]
    for impossible in ("10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.7.7", "127.0.0.1", "169.254.1.1", "0.0.0.0", "224.0.0.1", "192.0.2.1",
                       "255.255.255.255", "192.0.0.2", "fe80::1", "fd00::1", "::1", "::", "2001:db8::1", "64:ff9b::1", "2002:5102:304::1",
                       "2001::1", "::ffff:81.2.3.4", "ff02::1"):
        cases.append((fritz, f"hostname=home.example.org&myip={impossible}", "911"))
    for device, query, wanted in cases:
        assert device.push(query) == wanted, query
    assert place.told("fritz")["v4"]["address"] == "81.2.3.4"
    assert "2001::1" not in str(provider.requests) and len({q["myip"] for _, q, _ in provider.requests}) == 1
    for path in ("/update", "/v3/update"):
        assert fritz.push("hostname=home.example.org&myip=81.2.3.4", path=path) == "nochg 81.2.3.4"
    # Nothing of the page is here.
    for path in ("/", "/api/v1/start", "/api/v1/devices", "/index.html", "/healthz", "/metrics", "/nic/update/", "/nic//update"):
        assert fritz.request("", path=path)[0] == 404
    assert fritz.request("hostname=home.example.org&myip=81.2.3.9", method="POST")[0] == 405


def test_any_hostname(homing, provider):
    place = Place(homing, "push-hosts=any\n" + at(provider, "home.example.org"))
    fritz = place.add("fritz")
    assert fritz.push("hostname=whatever&myip=81.2.3.4") == "good 81.2.3.4"
    (choice,) = [x for x in place.service.get("/sources")["items"] if x["name"] == "fritz"]
    assert (choice["family"], choice["addresses"], choice["settings"]) == ("IPv4", ["81.2.3.4"], {"usev4": "pushed", "pushed": "fritz"})
    assert provider.requests[-1][1] == {"hostname": "home.example.org", "myip": "81.2.3.4"}
    assert fritz.push("myip=81.2.3.4") == "nochg 81.2.3.4"


def test_what_was_told_survives(homing, provider):
    """A restart, with its ages; not a removal. A new password ends the former one."""
    place = Place(homing, at(provider, "home.example.org") + "push-stale=1s\n")
    fritz = place.add("fritz")
    assert fritz.push("hostname=home.example.org&myip=81.2.3.4&ip6lanprefix=2a02:1:2:3::/64") == "good 81.2.3.4"
    before = place.told("fritz")
    asked = len(provider.requests)
    place.service.stop()
    place.service.start()
    after = place.told("fritz")
    assert after == before and after["prefix"]["address"] == "2a02:1:2:3::/64"
    eventually(lambda: "ago and nothing since" in str(place.service.get("/addresses")["sources"]), 10, "the word that it is old")
    record = place.service.get("/hostnames")["items"][0]["records"][0]
    assert (record["wanted"], record["published"]) == (["81.2.3.4"], ["81.2.3.4"])
    assert fritz.push("hostname=home.example.org&myip=81.2.3.4") == "nochg 81.2.3.4"
    assert len(provider.requests) == asked
    done = place.service.call("devices", "password", "--json", "fritz")
    renewed = Device(place.port, "fritz", json.loads(done.stdout)["password"])
    assert fritz.push("hostname=home.example.org&myip=81.2.3.4") == "badauth"
    assert renewed.push("hostname=home.example.org&myip=81.2.3.4") == "nochg 81.2.3.4"
    assert place.service.call("devices", "remove", "fritz").returncode == 0
    assert renewed.push("hostname=home.example.org&myip=81.2.3.5") == "badauth"
    assert place.service.get("/devices")["items"] == []
    record = place.service.get("/hostnames")["items"][0]["records"][0]
    assert record["published"] == ["81.2.3.4"], "unknown is never none"
    place.service.kill()
    place.service.start()
    again = place.add("fritz")
    assert place.told("fritz") == {}, "what a removed device told is not the new one's"
    assert again.push("hostname=home.example.org&myip=81.2.3.4") in ("good 81.2.3.4",)


def test_without_a_service(homing):
    """The commands work on the file alone; what they made is the service's later."""
    service = homing("listen=no\nlisten-push=127.0.0.1:1\n")
    assert service.call("devices").returncode == 0 and not service.state.exists()
    password = json.loads(service.call("devices", "add", "fritz", "a.example.org", "--json").stdout)["password"]
    assert re.fullmatch("[a-km-np-z2-9]{24}", password) and service.state.stat().st_mode & 0o777 == 0o700
    assert service.call("devices", "add", "fritz").returncode == 1
    assert service.call("devices", "add", "no/good").returncode == 1
    assert service.call("devices", "add", "fine", "nowhole").returncode == 1
    assert "a.example.org" in service.call("devices").stdout
    assert password not in (service.state / "access").read_text()
    assert service.call("devices", "remove", "fritz").returncode == 0
    assert service.call("devices", "remove", "fritz").returncode == 1
    assert service.call("devices", "remove").returncode == 2
    assert service.call("devices", "frobnicate").returncode == 2


def test_over_tls(homing, provider, tmp_path):
    authority = Authority(tmp_path)
    cert, key = authority.certificate("127.0.0.1")
    place = Place(homing, f"push-cert={cert}\npush-key={key}\n" + at(provider, "home.example.org"))
    fritz = place.add("fritz")
    done = subprocess.run(["curl", "-sS", "--cacert", authority.file, "-H", f"Authorization: {fritz.header}",
                           f"https://127.0.0.1:{place.port}/nic/update?hostname=home.example.org&myip=81.2.3.4"],
                          capture_output=True, text=True, timeout=30)
    assert done.stdout == "good 81.2.3.4\n", done.stderr
    with pytest.raises((OSError, http.client.HTTPException)):
        fritz.push("hostname=home.example.org&myip=81.2.3.5")
    # Without its key it is not served in the open instead.
    other = Place(lambda conf: homing(conf + f"push-cert={cert}\n"), "")
    other.service.wait_for("push-cert= and push-key= go together")
    with pytest.raises(OSError):
        Device(other.port, "fritz", "x").push("myip=81.2.3.4")


def test_flapping(homing, provider):
    """50 changes in a burst: at most one update a settle time, and the last address wins."""
    place = Place(homing, "settle=1s\n" + at(provider, "home.example.org"))
    fritz = place.add("fritz")
    threads = [threading.Thread(target=fritz.push, args=(f"hostname=home.example.org&myip=81.2.3.{n}",)) for n in range(1, 50)]
    for thread in threads:
        thread.start()
        thread.join(0.05)  # about the time between two; its answer waits for the provider
    assert fritz.push("hostname=home.example.org&myip=81.2.3.200") == "good 81.2.3.200"
    for thread in threads:
        thread.join(20)
    addresses = [q["myip"] for _, q, _ in provider.requests]
    assert addresses[-1] == "81.2.3.200" and len(addresses) <= 5, addresses
    assert place.told("fritz")["v4"]["address"] == "81.2.3.200"


# ---- who may ----

def test_wrong_passwords(homing, provider):
    place = Place(homing, at(provider, "home.example.org"))
    fritz = place.add("fritz")
    wrong, nobody, unknown = Device(place.port, "fritz", "wrong"), Device(place.port, None, None), Device(place.port, "carl", "wrong")
    query = "hostname=home.example.org&myip=81.2.3.4"
    for device in (wrong, nobody, unknown):
        status, text, headers = device.request(query, source="127.0.0.9")
        assert (status, text) == (401, "badauth\n") and headers["WWW-Authenticate"].startswith("Basic ")
    assert fritz.push(query) == "good 81.2.3.4"
    # The answers to many wrong ones wait; the right one's does not.
    answers, lock = [], threading.Lock()

    def ask(device, address, source):
        reply = device.request(f"hostname=home.example.org&myip={address}", source=source)
        with lock:
            answers.append((device is fritz, *reply))

    threads = [threading.Thread(target=ask, args=(wrong, "6.6.6.6", f"127.0.1.{n}")) for n in range(1, 60)]
    for thread in threads:
        thread.start()
    eventually(lambda: place.service.text().count("wrong password for the device fritz") >= 3, 10, "the first of them")
    ask(fritz, "81.2.3.4", "127.0.0.1")
    for thread in threads:
        thread.join(20)
    statuses = [a[1] for a in answers if not a[0]]
    assert set(statuses) <= {401, 429} and statuses.count(429) > 40, statuses
    right = [a[0] for a in answers].index(True)
    assert any(a[1] == 401 for a in answers[right:]), "wrong ones that came before it were answered after it"
    assert answers[right][2] == "nochg 81.2.3.4\n"
    assert all(a[2] == "abuse\n" and int(a[3]["Retry-After"]) > 0 for a in answers if a[1] == 429)
    log = json.dumps(place.service.get("/log?level=debug&limit=5000")) + place.service.text()
    assert "carl" not in log, "a name that is not known may be a password in the wrong field"
    assert "6.6.6.6" not in str(provider.requests)


def test_waits_are_of_the_place(homing, provider, world):
    """One IPv4 address, one IPv6 /64; X-Forwarded-For counts from trusted proxies alone."""
    home, isp = world.space("home"), world.space("isp")
    world.join(home, "eth0", isp, "w0")
    home.ip("addr add 9.9.9.10/24 dev eth0")
    home.ip("addr add 2620:fe:1::10/48 dev eth0 nodad")
    for address in ("9.9.9.1/24", "9.9.9.2/24"):
        isp.ip(f"addr add {address} dev w0")
    for address in ("2620:fe:1::1/48", "2620:fe:1::2/48", "2620:fe:1:1::1/48"):
        isp.ip(f"addr add {address} dev w0 nodad")
    service = homing("listen=no\nlisten-push=*:8246\ntrusted-proxy=9.9.9.2\npush-hosts=any\n", prefix=home.enter()).start()
    password = json.loads(service.call("devices", "add", "fritz", "--json").stdout)["password"]

    def curl(source, *more, user=f"fritz:{password}", query="auto=1"):
        url = f"http://{'[2620:fe:1::10]' if ':' in source else '9.9.9.10'}:8246/nic/update?{query}"
        return isp.run("curl", "-sS", "-m", "20", "--interface", source, "-u", user, *more, url).stdout.strip()

    def forwarded(*addresses):
        return ("-H", "X-Forwarded-For: " + ", ".join(addresses))

    assert curl("9.9.9.1") == "good 9.9.9.1"
    assert curl("9.9.9.1", *forwarded("8.8.8.8")) == "nochg 9.9.9.1", "anybody's word is not believed"
    assert curl("9.9.9.2", *forwarded("8.8.8.8")) == "good 8.8.8.8"
    assert curl("9.9.9.2", *forwarded("6.6.6.6", "7.7.7.7")) == "good 7.7.7.7", "the proxy's own word is the last"
    assert curl("2620:fe:1::1") == "good 2620:fe:1::1"
    device = service.get("/devices")["items"][0]
    assert {a["what"]: a["address"] for a in device["addresses"]} == {"v4": "7.7.7.7", "v6": "2620:fe:1::1"}

    def together(sources, *words):
        """Twelve at once, with a name that is not known: only where they come from counts."""
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            return set(pool.map(lambda n: curl(sources[n % len(sources)], *[w.replace("{n}", str(n)) for w in words], user="carl:wrong"),
                                range(12)))

    assert together(["2620:fe:1::1", "2620:fe:1::2"]) == {"badauth", "abuse"}
    assert "from 2620:fe:1::/64" in service.text() and "2620:fe:1::2" not in service.text()
    assert curl("2620:fe:1:1::1", user="carl:wrong") == "badauth"
    assert curl("2620:fe:1::1") == "nochg 2620:fe:1::1", "the right password always passes"
    assert together(["9.9.9.1"], *forwarded("1.2.3.{n}")) == {"badauth", "abuse"}, "spoofed addresses are no more tries"
    assert together(["9.9.9.2"], *forwarded("1.2.3.{n}")) == {"badauth"}, "the trusted proxy's visitors are many"
    service.stop()


def test_behind_nginx(homing, provider, tmp_path):
    place = Place(homing, at(provider, "home.example.org"))
    fritz = place.add("fritz")
    servers = f"""server {{ listen 127.0.0.1:{{p0}}; location / {{ proxy_pass http://127.0.0.1:{place.port};
      proxy_set_header X-Forwarded-For "8.8.4.4"; }} }}"""
    with nginx(tmp_path, servers) as (port,):
        through = Device(port, None, None)
        through.header = fritz.header
        assert through.push("hostname=home.example.org") == "good 8.8.4.4"


def test_a_slow_or_loud_peer(homing, provider):
    """Half requests, huge ones and garbage hold nobody up."""
    import socket
    place = Place(homing, at(provider, "home.example.org"))
    fritz = place.add("fritz")
    with contextlib.ExitStack() as open_ones:
        for n in range(60):
            s = open_ones.enter_context(socket.create_connection(("127.0.0.1", place.port)))
            s.sendall([b"GET /nic/upd", b"\x16\x03\x01\x02\x00\x01\x00", b"GET /nic/update?" + b"a" * 2000][n % 3])
        assert fritz.push("hostname=home.example.org&myip=81.2.3.4") == "good 81.2.3.4"
    status, _, _ = fritz.request("hostname=" + "a" * 20000)
    assert status in (413, 414, 431)
    assert fritz.push("hostname=home.example.org&myip=81.2.3.4&x=" + "%41" * 1000) == "nochg 81.2.3.4"


def test_too_many_of_one_device(homing, provider):
    place = Place(homing, at(provider, "home.example.org"))
    fritz, other = place.add("fritz"), place.add("other", "other.example.org")
    query = "hostname=home.example.org&myip=81.2.3.4"
    answers = [fritz.request(query)[:2] for _ in range(140)]
    assert answers[1] == (200, "nochg 81.2.3.4\n") and (429, "abuse\n") in answers[100:]
    assert other.push("hostname=other.example.org&myip=81.2.3.5") == "good 81.2.3.5"


def test_the_password_is_nowhere(homing, provider):
    place = Place(homing, at(provider, "home.example.org"))
    password = json.loads(place.service.call("devices", "add", "--json", "fritz").stdout)["password"]
    fritz = Device(place.port, "fritz", password)
    fritz.push("hostname=home.example.org&myip=81.2.3.4")
    Device(place.port, password, "fritz").push("hostname=home.example.org&myip=81.2.3.4")  # the fields mixed up
    Device(place.port, "fritz", password + "x").push("hostname=home.example.org&myip=81.2.3.4")
    assert fritz.push("hostname=home.example.org&myip=81.2.3.4") == "nochg 81.2.3.4"
    # A router that knows no other way, and one that has a password wrong there.
    open_one = Device(place.port, None, None)
    assert open_one.push(f"hostname=home.example.org&myip=81.2.3.4&username=fritz&password={password}") == "nochg 81.2.3.4"
    assert fritz.push(f"hostname=home.example.org&myip={password}") == "911"  # in the wrong place
    shown = place.service.text() + "".join(json.dumps(place.service.get(p)) for p in
                                           ("/devices", "/log?level=debug&limit=5000", "/addresses", "/settings", "/hostnames", "/sources"))
    shown += place.service.call("report").stdout + place.service.call("devices").stdout
    place.service.stop()
    for word in (password, fritz.header[6:], base64.b64encode(password.encode()).decode()[:-4]):
        assert word not in shown
        for file in place.service.folder.rglob("*"):
            if file.is_file():
                assert word.encode() not in file.read_bytes(), file
