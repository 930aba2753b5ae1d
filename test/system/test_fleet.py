# SPDX-License-Identifier: ISC
"""Many hostnames at several providers: trouble with one never delays another, a wrong password costs one request."""
import socket
import time

import pytest

from auth import Auth
from lib.run import program as server_program
from processes import eventually, free_ports
from scripted import Scripted

NGINX = """
worker_processes 1; daemon off; pid {t}/pid; error_log stderr;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {t}/t1; proxy_temp_path {t}/t2; fastcgi_temp_path {t}/t3; uwsgi_temp_path {t}/t4;
 scgi_temp_path {t}/t5; default_type text/plain; proxy_read_timeout 3600s;
 log_format who '$remote_user $arg_hostname'; keepalive_requests 100000;
 server {{ listen 127.0.0.1:{works}; access_log {t}/works who; location / {{ proxy_pass http://{behind}; }} }}
 server {{ listen 127.0.0.1:{fails}; access_log {t}/fails who; location / {{ return 500; }} }}
 server {{ listen 127.0.0.1:{hangs}; access_log {t}/hangs who; location / {{ proxy_pass http://127.0.0.1:{hole}; }} }} }}
"""


@pytest.fixture
def providers(started, tmp_path):
    """nginx three times: works, fails, hangs. Behind it a scripted server and a hole that never answers."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    ports = dict(zip(("works", "fails", "hangs"), free_ports(3)))
    def find(name, kind):
        address = behind.published(name) if kind == "A" else None
        return [address] if address else None

    with Scripted() as behind, Auth(find) as auth, socket.create_server(("127.0.0.1", 0), backlog=512) as hole:
        (folder / "nginx.conf").write_text(NGINX.format(t=folder, behind=behind.host, hole=hole.getsockname()[1], **ports))
        nginx = started([server_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")], name="nginx")

        def listening():
            assert not nginx.ended(), nginx.text()
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", ports["hangs"])) == 0
        eventually(listening, what="nginx")
        behind.ports, behind.folder, behind.auth = ports, folder, auth
        yield behind


def conf_of(ports, names, **more):
    """Statements of one hostname each, in turn at each of the servers."""
    text = "listen=no\nprotocol=dyndns2, ssl=no, password=right, usev4=cmdv4, cmdv4='cat {}', verify-server={}\n".format(
        more["address"], more["auth"].where)
    for name in names:
        for kind, port in ports.items():
            text += f"server=127.0.0.1:{port}, login={kind}, password=right {name}.{kind}.example.org\n"
    return text


def test_300_hostnames_at_three_providers(homing, providers, tmp_path):
    address = tmp_path / "address"
    address.write_text("8.8.4.4\n")
    names = [f"h{i}" for i in range(100)]
    service = homing(conf_of(providers.ports, names, address=address, auth=providers.auth)).start()
    began = time.monotonic()
    all_right = eventually(lambda: all(providers.published(f"{n}.works.example.org") == "8.8.4.4" for n in names), 30,
                           "every hostname of the working provider")
    took = max(r.at for r in providers.taken()) - began
    print(f"100 of 300 hostnames were published {took * 1000:.0f} ms after the start")
    assert all_right
    # Each name once; and the provider that hangs still hangs.
    for name in names:
        assert len(providers.taken(f"{name}.works.example.org")) == 1
    assert "timed out" not in service.text()
    # The one that fails was asked a few times at most, not a hundred times.
    assert len((providers.folder / "fails").read_text().splitlines()) <= 4
    assert service.stop() == 0


def test_one_wrong_password_costs_one_request(homing, providers, tmp_path):
    address = tmp_path / "address"
    address.write_text("8.8.4.4\n")
    providers.answer = lambda r: "badauth" if r.login == "wrong" else "\n".join(f"good {r.address}" for _ in r.hostnames)
    port = providers.ports["works"]
    text = f"listen=no\nprotocol=dyndns2, ssl=no, server=127.0.0.1:{port}, usev4=cmdv4, cmdv4='cat {address}', min-interval=1\nverify-server={providers.auth.where}\n"
    for i in range(100):
        text += f"login=wrong, password=s3cret-wrong w{i}.example.org\nlogin=right, password=right r{i}.example.org\n"
    service = homing(text).start()
    eventually(lambda: all(providers.published(f"r{i}.example.org") for i in range(100)), 30, "the account with the right password")
    service.wait_for("auth")
    assert len([r for r in providers.taken() if r.login == "wrong"]) == 1
    # It stays so when the address changes, and over a restart.
    address.write_text("8.8.8.8\n")
    assert service.stop() == 0
    service.start()
    eventually(lambda: all(providers.published(f"r{i}.example.org") == "8.8.8.8" for i in range(100)), 60, "the new address")
    assert len([r for r in providers.taken() if r.login == "wrong"]) == 1
    # A new password is tried with one hostname first; it is wrong too, so it is one more request.
    service.write(text.replace("s3cret-wrong", "s3cret-other"))
    service.wait_for("auth", count=2)
    eventually(lambda: len([r for r in providers.taken() if r.login == "wrong"]) == 2, 20, "the trial of the new password")
    assert len([r for r in providers.taken() if r.login == "wrong"][1].hostnames) == 1
    assert service.stop() == 0
    assert "s3cret" not in service.text()
