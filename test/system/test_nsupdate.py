# SPDX-License-Identifier: ISC
"""RFC 2136 against real name servers: every HMAC, keys wherever they may stand, refusals, foreign values."""
import subprocess

import dns.exception
import dns.message
import dns.query
import pytest

from named import Named, program as server_program
from processes import Group, eventually, free_ports

ALGORITHMS = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha256-128",
              "hmac-sha512-256"]

if server_program("named") is None:
    pytest.skip("the program named cannot be had here", allow_module_level=True)


class Client:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, settings, hosts, four="192.0.2.10", six=None):
        conf = self.folder / "ddclient.conf"
        families = f"usev4=ipv4, ipv4={four}\n" + (f"usev6=ipv6, ipv6={six}\n" if six else "")
        conf.write_text(f"{families}{settings}\n{hosts}\n")
        conf.chmod(0o600)
        command = [self.program, "ddclient", "-verbose", "-force", "-file", conf, "-cache", self.folder / "cache"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)


@pytest.fixture
def group():
    with Group() as group:
        yield group


@pytest.fixture
def client(program, tmp_path):
    return Client(program, tmp_path)


def settings(server, key):
    return f"protocol=nsupdate, server=127.0.0.1:{server.port}, zone={server.zone}, ttl=77\n{key}"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_hash(client, group, tmp_path, algorithm):
    server = Named(group, tmp_path / "named", algorithm=algorithm)
    key = f"login={algorithm}:{server.key}, password='{server.secret}'"
    done = client.run(settings(server, key), "a.home.test,b.home.test", six="2001:db8::10")
    assert done.returncode == 0, done.stderr
    assert server.ask("a.home.test") == ["192.0.2.10"]
    assert server.ask("b.home.test", "AAAA") == ["2001:db8::10"]


def test_key_files_and_tcp(client, group, tmp_path):
    server = Named(group, tmp_path / "named")
    bind = tmp_path / "key.conf"
    bind.write_text(f'key "{server.key}" {{ algorithm {server.algorithm}; secret "{server.secret}"; }};\n')
    private = tmp_path / f"K{server.key}.+163+00001.private"
    private.write_text(f"Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\nKey: {server.secret}\n")
    for number, path in enumerate([bind, private]):
        path.chmod(0o600)
        done = client.run(settings(server, f"password='{path}', tcp=yes"), "a.home.test", four=f"192.0.2.{number + 1}")
        assert done.returncode == 0, done.stderr
        assert server.ask("a.home.test") == [f"192.0.2.{number + 1}"]


def test_refusals_say_what_is_wrong(client, group, tmp_path):
    server = Named(group, tmp_path / "named", records="alias CNAME ns\n")
    good = f"login={server.algorithm}:{server.key}, password='{server.secret}'"
    rows = [(f"login={server.algorithm}:{server.key}, password=b3RoZXI=", "a.home.test", "BADSIG"),
            (f"login={server.algorithm}:other, password='{server.secret}'", "a.home.test", "BADKEY"),
            ("", "a.home.test", "REFUSED"),
            (good, "alias.home.test", "CNAME"),
            (good, "a.elsewhere.test", "does not lie in the zone")]
    for key, host, word in rows:
        done = client.run(settings(server, key), host)
        assert done.returncode == 1
        assert word in done.stderr + done.stdout
        assert server.secret not in done.stderr + done.stdout
    assert server.ask("alias.home.test") == ["127.0.0.1"]  # of the name it points to


def test_one_refused_name_does_not_stop_the_others(client, group, tmp_path):
    server = Named(group, tmp_path / "named", records="alias CNAME ns\n")
    key = f"login={server.algorithm}:{server.key}, password='{server.secret}'"
    done = client.run(settings(server, key), "a.home.test,alias.home.test,z.home.test")
    assert done.returncode == 1
    assert server.ask("a.home.test") == server.ask("z.home.test") == ["192.0.2.10"]


def test_foreign_values_are_kept(client, group, tmp_path):
    server = Named(group, tmp_path / "named", records="two A 198.51.100.1\ntwo A 198.51.100.2\none A 198.51.100.1\n")
    key = f"login={server.algorithm}:{server.key}, password='{server.secret}', policy=keep"
    done = client.run(settings(server, key), "one.home.test,two.home.test,new.home.test")
    assert done.returncode == 0, done.stderr
    assert server.ask("two.home.test") == ["192.0.2.10", "198.51.100.1", "198.51.100.2"]
    assert server.ask("one.home.test") == server.ask("new.home.test") == ["192.0.2.10"]


def test_several_foreign_values_are_a_question(homing, group, tmp_path):
    """Until keep or replace is chosen nothing is written."""
    server = Named(group, tmp_path / "named", records="two A 198.51.100.1\ntwo A 198.51.100.2\n")
    service = homing(f"listen=no\nverify=no\nusev4=ipv4, ipv4=192.0.2.10\nprovider=nsupdate, server=127.0.0.1:{server.port}, "
                     f"zone={server.zone}, key-name={server.key}, key-algorithm={server.algorithm}, password='{server.secret}' "
                     "two.home.test\n")
    done = service.call("once", "--limit", "20")
    why = service.call("why", "two.home.test").stdout
    assert done.returncode != 0 and "198.51.100.1, 198.51.100.2" in why and "policy=keep" in why
    assert server.ask("two.home.test") == ["198.51.100.1", "198.51.100.2"]


def test_the_zone_is_found(client, group, tmp_path):
    server = Named(group, tmp_path / "named")
    key = f"login={server.algorithm}:{server.key}, password='{server.secret}'"
    done = client.run(f"protocol=nsupdate, server=127.0.0.1:{server.port}\n{key}", "deep.er.home.test")
    assert done.returncode == 0, done.stderr
    assert server.ask("deep.er.home.test") == ["192.0.2.10"]


ZONE = "$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n"
SECRET = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
KNOT = """
server:
    listen: 127.0.0.1@{port}
    rundir: "{folder}"
database:
    storage: "{folder}"
key:
  - id: k
    algorithm: hmac-sha384
    secret: {secret}
acl:
  - id: u
    key: k
    action: update
zone:
  - domain: home.test
    storage: "{folder}"
    file: zone
    acl: u
"""
NSD = """
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/pid"
  zonelistfile: "{folder}/list"
  xfrdfile: "{folder}/state"
  xfrdir: "{folder}"
  cookie-secret-file: ""
remote-control:
  control-enable: no
zone:
  name: home.test
  zonefile: zone
"""


def other_server(group, folder, name, template, command):
    path = server_program(name)
    if path is None:
        pytest.skip(f"the program {name} cannot be had here")
    folder.mkdir()
    port = free_ports(1)[0]
    (folder / "zone").write_text(ZONE)
    (folder / "conf").write_text(template.format(port=port, folder=folder, secret=SECRET))
    group.start([path, *command, str(folder / "conf")], name=name)

    def answers():
        try:
            return ask(port, "ns.home.test")
        except (OSError, dns.exception.DNSException):
            return None

    eventually(answers, 20, f"{name} answering")
    return port


def ask(port, name):
    answer = dns.query.udp(dns.message.make_query(name, "A"), "127.0.0.1", port=port, timeout=1)
    return [r.to_text() for rrset in answer.answer for r in rrset]


@pytest.mark.parametrize("policy", ["first", "keep"])
def test_knot(client, group, tmp_path, policy):
    port = other_server(group, tmp_path / "knot", "knotd", KNOT, ["-c"])
    done = client.run(f"protocol=nsupdate, server=127.0.0.1:{port}, zone=home.test, policy={policy}\n"
                      f"login=hmac-sha384:k, password='{SECRET}'", "a.home.test,b.home.test")
    assert done.returncode == 0, done.stderr
    assert ask(port, "a.home.test") == ask(port, "b.home.test") == ["192.0.2.10"]


def test_a_server_without_updates(client, group, tmp_path):
    port = other_server(group, tmp_path / "nsd", "nsd", NSD, ["-d", "-c"])
    done = client.run(f"protocol=nsupdate, server=127.0.0.1:{port}, zone=home.test", "a.home.test")
    assert done.returncode == 1
    assert "does not take dynamic updates (NOTIMP)" in done.stderr + done.stdout
