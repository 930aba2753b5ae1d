# SPDX-License-Identifier: ISC
"""Keeper and worker: two processes, one narrowed; the configuration as it changes; ends of every kind."""
import os
import pathlib
import shutil
import signal
import subprocess
import urllib.parse

import pytest

from lib.clock import Clock
from lib.dyndns import Dyndns
from processes import alive, eventually

GOOD = "listen=no\nprotocol=dyndns2\nserver=127.0.0.1:1\nlogin=a\npassword=b\nusev4=disabled\nhome.example.org\n"
TWO = GOOD + "office.example.org\n"
BAD = "listen=no\nprotocol=dyndns2, usev4=nonsuch\nhome.example.org\n"


def status_of(pid):
    with open(f"/proc/{pid}/status") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def test_two_processes_and_one_is_narrowed(homing):
    service = homing(GOOD).start()
    keeper, worker = service.keeper, service.worker()
    narrowed = status_of(worker)
    assert narrowed["NoNewPrivs"] == "1"
    assert narrowed["Seccomp"] == "2"
    with open(f"/proc/{worker}/limits") as f:
        core = next(line for line in f if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
    assert status_of(keeper)["Seccomp"] == "0"  # it starts commands
    assert os.getsid(worker) == worker  # a terminal's Ctrl-C is for the keeper
    assert service.stop() == 0
    assert not alive(worker)


def test_the_unit_is_narrow(program):
    """systemd's own judgement of what a service may do: 10 is everything, 2.0 our limit."""
    unit = pathlib.Path(program).parent / "dist" / "homing.service"
    if not unit.exists() or shutil.which("systemd-analyze") is None:
        pytest.skip("no unit was built, or no systemd-analyze is here")
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", unit],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout.splitlines()[-1])


def test_secrets_are_in_no_environment_and_no_arguments(homing):
    service = homing("listen=no\nprotocol=dyndns2\nlogin=a\npassword_env=TEST_SECRET\nusev4=disabled\nh.example.org\n",
                     env={"TEST_SECRET": "s3cret-in-the-environment"}).start()
    worker = service.worker()
    for name in "environ", "cmdline":
        with open(f"/proc/{worker}/{name}", "rb") as f:
            assert b"s3cret" not in f.read()
    assert "s3cret" not in service.text()
    assert service.stop() == 0
    for path in service.state.iterdir():
        assert b"s3cret" not in path.read_bytes(), path


def test_a_second_instance_is_refused(homing):
    service = homing(GOOD).start()
    second = service.call("run")
    assert second.returncode == 75
    assert f"process {service.keeper}" in second.stderr
    assert not service.process.ended()


def test_a_worker_that_dies_is_replaced(homing):
    service = homing(GOOD).start()
    service.wait_for("in use: 1 hostname")
    first = service.worker()
    os.kill(first, signal.SIGKILL)
    service.wait_for("worker was ended by signal 9")
    service.wait_for("in use: 1 hostname", count=2)
    second = service.worker()
    assert second != first
    assert service.stop() == 0
    assert not alive(second)


def test_without_keeper_the_worker_ends(homing):
    service = homing(GOOD).start()
    worker = service.worker()
    service.process.kill()
    eventually(lambda: not alive(worker), what="the worker's end")
    service.start()  # and nothing holds the state folder
    assert service.stop() == 0


LEAVING = ("listen=no, verify=no, allow-private=yes\nprotocol=dyndns2, server=127.0.0.1:{port}, ssl=no, login=a, password=b\n"
           "usev4=ipv4, ipv4=9.9.9.9, on-loss=192.0.2.80, on-stop=loss\nhome.example.org\n")


def test_an_orphan_waits_for_no_clock(homing, tmp_path):
    """A keeper's death is no wish to stop: no on-stop=loss, no logout, nothing that a clock that stands still could hold up."""
    clock = Clock(tmp_path / "offset")
    server = Dyndns(lambda host, addresses: None if "192.0.2.80" in addresses else "good " + addresses[0])
    try:
        service = homing(LEAVING.format(port=server.port), env=clock.env).start()
        service.wait_for("home.example.org: A: sending -> right")
        worker = service.worker()
        clock.stand_still()
        service.process.kill()
        eventually(lambda: not alive(worker), what="the worker's end")
        assert len(server.requests) == 1
        # What it had published is remembered, and nothing holds the folder.
        clock.set(0)
        service.start()
        eventually(lambda: service.get("/hostnames")["items"][0]["state"] == "right", what="the memory of before")
        assert len(server.requests) == 1
        # Killed while it leaves in good order: on-stop=loss hangs at the server.
        worker = service.worker()
        service.process.signal(signal.SIGTERM)
        eventually(lambda: len(server.requests) == 2, what="the request that on-stop=loss asks for")
        clock.stand_still()
        service.process.kill()
        eventually(lambda: not alive(worker), what="the worker's end")
    finally:
        server.stop()


def test_a_stop_while_the_worker_is_down(homing):
    service = homing(GOOD).start()
    os.kill(service.worker(), signal.SIGKILL)
    service.wait_for("started again")
    assert service.stop() == 0


def said_of_file(service):
    """The verdict's word on a file with errors, up to what the error is."""
    detail = service.get("/verdict")["detail"]
    return detail and detail["code"] == "conf_refused" and ": ".join(detail["text"].split(": ")[:1])


def test_changes_are_noticed_and_errors_refused(homing):
    service = homing(GOOD).start()
    service.wait_for("in use: 1 hostname")
    service.write(TWO)
    service.wait_for("in use: 2 hostname")
    service.write(BAD)
    service.wait_for("goes on with the configuration it has")
    eventually(lambda: said_of_file(service) == "homing.conf has an error on line 2", what="the page's word on the file")
    assert "homing.conf has an error on line 2" in service.call("status").stdout
    service.write(TWO)  # what runs already: taken back
    eventually(lambda: said_of_file(service) is None, what="no word on the file")
    service.write(BAD)
    service.wait_for("goes on with the configuration it has", count=2)
    service.write(GOOD + "# mended\n")
    service.wait_for("in use: 1 hostname", count=2)
    eventually(lambda: said_of_file(service) is None, what="no word on the file")
    # In place, too, and on a signal.
    service.conf.write_text(TWO)
    service.wait_for("in use: 2 hostname", count=2)
    service.process.signal(signal.SIGHUP)
    assert service.stop() == 0


def test_a_symbolic_link_is_followed(homing):
    service = homing(None)
    real = service.folder / "elsewhere" / "real.conf"
    real.parent.mkdir()
    real.write_text(GOOD)
    service.conf.symlink_to(real)
    service.start()
    real.write_text(TWO)
    service.wait_for("in use: 2 hostname")


def test_a_cold_start_with_errors_uses_the_last_good_copy(homing):
    service = homing(TWO).start()
    service.wait_for("in use: 2 hostname")
    assert service.stop() == 0
    service.write(BAD)
    service.start()
    service.wait_for("last good copy")
    service.wait_for("in use: 2 hostname")
    eventually(lambda: said_of_file(service) == "homing.conf has an error on line 2", what="the page's word on the file")
    # The copy is private and where the worker can not write.
    copy = service.folder / ".homing.conf.last-good"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert service.state not in copy.parents
    # Who edits the file hears that it is not in use yet.
    edited = service.call("set", "home.example.org", "description=x")
    assert edited.returncode == 1 and "goes on with what it had" in edited.stderr
    # Mended to exactly what was good: the copy is left.
    service.write(TWO)
    service.wait_for("in use: 2 hostname", count=2)
    eventually(lambda: said_of_file(service) is None, what="no word on the file")
    assert service.stop() == 0


def test_a_cold_start_with_errors_and_no_copy(homing):
    service = homing(GOOD + BAD).start()
    service.wait_for("rest until it is mended")
    assert service.stop() == 0


def test_without_configuration(homing):
    service = homing(None)
    missing = service.call("run")
    assert missing.returncode == 3 and f'{service.conf} is not there; "homing add" makes it' in missing.stderr
    service.conf.write_bytes(b"")
    service.start()
    assert service.stop() == 0


def test_the_state_folder_can_not_be_used(homing):
    service = homing(GOOD)
    service.state.write_text("a file")
    refused = service.call("run")
    assert refused.returncode == 1
    assert str(service.state) in refused.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_the_state_folder_is_not_ours(homing, tmp_path_factory):
    service = homing(GOOD)
    service.folder.chmod(0o755)
    service.conf.chmod(0o644)
    for parent in service.folder.parents:
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    service.state.mkdir(mode=0o700)
    # Where the checkout is, others may be kept out.
    service.program = shutil.copy(service.program, service.folder)
    refused = service.call("run", user=65534, group=65534)
    assert refused.returncode == 1
    assert "can not write in the folder" in refused.stderr and str(service.state) in refused.stderr


def test_the_worker_is_not_started_by_hand(program):
    for words in (["--worker"], ["--worker", "/tmp/homing-no", "no"]):
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=20)
        assert done.returncode in (1, 2)
        assert done.stderr


def test_it_takes_the_end_in_every_order(homing):
    """Signals of a service manager that reach all processes at once, and an impatient person's second one."""
    service = homing(GOOD).start()
    os.kill(service.worker(), signal.SIGTERM)
    service.process.signal(signal.SIGTERM)
    service.process.signal(signal.SIGINT)
    assert service.process.wait() == 0


def test_a_new_folder_to_read_gets_a_new_worker(homing):
    """A worker can read what the configuration named when it started; for more a new one takes over."""
    service = homing(GOOD).start()
    first = service.worker()
    place = service.folder / "addresses"
    place.mkdir()
    (place / "v4").write_text("192.0.2.1\n")
    service.write(f"listen=no\nprotocol=dyndns2\nserver=127.0.0.1:1\nlogin=a\npassword=b\nusev4=filev4, filev4={place}/v4\nhome.example.org\n")
    service.wait_for("begins again")
    service.wait_for("in use: 1 hostname", count=2)
    assert service.worker() != first
    with open(f"/proc/{service.worker()}/cmdline") as f:
        assert f"--read={place}" in f.read()
    assert "gone" not in service.text()
    assert service.stop() == 0


def test_edits_reach_the_file_and_nothing_else_does(homing):
    """The page's way: API, worker, keeper, file, and back as the configuration in use."""
    service = homing("# my own words\n" + GOOD).start()
    service.wait_for("in use: 1 hostname")
    new = {"hostname": "new.example.org", "settings": {"protocol": "dyndns2", "server": "127.0.0.1:1", "login": "a",
                                                       "password": "s3cret-typed", "usev4": "disabled"}}
    status, answer = service.api("POST", "/hostnames", new)
    assert status in (200, 201), answer
    text = service.conf.read_text()
    assert "new.example.org" in text and "# my own words" in text and "s3cret-typed" in text
    assert service.conf.stat().st_mode & 0o777 == 0o600
    service.wait_for("in use: 2 hostname")
    # Commands and files of the system are not the page's to set.
    for settings in ({"usev4": "cmdv4", "cmdv4": "id > /tmp/homing-owned"}, {"postscript": "id"}, {"ssl_ca_file": "/etc/shadow"}):
        status, answer = service.api("PATCH", "/hostnames/" + urllib.parse.quote("new.example.org@dyndns2/a", safe=""),
                                     {"settings": settings, "scope": "this"})
        assert status >= 400, answer
        assert service.conf.read_text() == text
    status, answer = service.api("POST", "/undo", {})
    assert status == 200, answer
    assert "new.example.org" not in service.conf.read_text()
    service.wait_for("in use: 1 hostname", count=2)
    assert "s3cret" not in service.text()
    assert service.stop() == 0


def test_a_pass_while_the_service_runs_is_refused(homing):
    service = homing(GOOD).start()
    for words in (["once"], ["run"]):
        done = service.call(*words)
        assert done.returncode == 75, (words, done)
        assert str(service.keeper) in done.stderr
    assert service.stop() == 0


def test_the_configuration_says_how_much_is_logged(homing):
    service = homing("log-level=warning\n" + GOOD).start(debug=False)
    service.write("log-level=info\n" + TWO)
    service.wait_for("in use: 2 hostname")
    assert "in use: 1 hostname" not in service.text() and "debug:" not in service.text()
    service.write("debug=yes\n" + TWO + "third.example.org\n")
    service.wait_for("in use: 3 hostname")
    service.wait_for("^debug:")
    assert service.stop() == 0


def test_the_configuration_says_where_the_state_is(homing):
    service = homing(GOOD)
    other = service.folder / "elsewhere"
    service.write(f"state-dir={other}\n" + GOOD)
    words = service.command("run")
    at = words.index("--state-dir")
    del words[at:at + 2]
    process = service.group.start([*words, "--verbose"], name="homing", env=service.env)
    process.wait_for("in use: 1 hostname")
    assert (other / "memory.db").exists() and not service.state.exists()
    assert process.stop() == 0


def test_a_signal_updates_now(homing):
    service = homing("listen=no\nprotocol=dyndns2\nserver=127.0.0.1:1\nssl=no\nverify=no\nlogin=a\npassword=b\nusev4=ipv4, ipv4=8.8.4.4\n"
                     "home.example.org\n").start()
    service.wait_for("tries again in")
    service.process.signal(signal.SIGUSR1)
    service.wait_for("Asked to update now")
    service.wait_for("answered after|refused", count=2)
    assert service.stop() == 0


def test_commands_get_nothing_of_ours(homing, tmp_path):
    """A command sees no secret, no socket of the service manager, and no open file of homing's."""
    seen = tmp_path / "seen"
    service = homing(f"listen=no\nprotocol=dyndns2, server=127.0.0.1:9, ssl=no, login=a, password_env=TEST_SECRET\n"
                     f"usev4=cmdv4, cmdv4='env > {seen}; ls -l /proc/self/fd >> {seen}; tr \"\\\\0\" \" \" < /proc/self/cmdline >> {seen};"
                     f" echo done >> {seen}; echo 9.9.9.9'\nh.example.org\n",
                     env={"TEST_SECRET": "s3cret-in-the-environment", "LD_PRELOAD_OF_SOMEBODY": "x"}).start()
    eventually(lambda: seen.exists() and "done" in seen.read_text(), 20, "the command")
    text = seen.read_text()
    for word in "s3cret", "TEST_SECRET", "NOTIFY_SOCKET", "LD_PRELOAD", "homing.conf", "memory.db":
        assert word not in text, text
    assert "PATH=" in text
    assert service.stop() == 0
