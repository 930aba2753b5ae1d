# SPDX-License-Identifier: ISC
"""The service under test: its configuration, its two processes, its API."""
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile

from processes import alive, children, eventually


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Homing:
    def __init__(self, program, folder, conf, group, prefix=(), env=None, **options):
        self.program, self.folder, self.group, self.prefix = program, folder, group, list(prefix)
        self.conf, self.state, self.socket = folder / "homing.conf", folder / "state", folder / "run" / "homing.sock"
        self.env = {**os.environ, **(env or {})}
        self.options = options
        self.process = None
        if conf is not None:
            self.write(conf)

    def write(self, text):
        """Replaces the configuration as editors do: beside, then renamed."""
        beside = self.folder / "homing.conf.editing"
        beside.write_text(text)
        beside.chmod(0o600)
        beside.rename(self.conf)

    def command(self, *words):
        return [*self.prefix, self.program, words[0], "--config", str(self.conf), "--state-dir", str(self.state),
                "--socket", str(self.socket), *words[1:]]

    def call(self, *words, **options):
        """One command of the program, to its end."""
        return subprocess.run(self.command(*words), env=self.env, capture_output=True, text=True, timeout=60, **options)

    def start(self, *words, ready=True, debug=True):
        """Starts the service; with "ready" waits for what a service manager would wait for."""
        # A file: a name without one would be another in another network namespace. Short, for sun_path.
        with tempfile.TemporaryDirectory(prefix="hm", dir="/tmp") as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            os.chmod(place, 0o755)
            listener.bind(place + "/n")
            os.chmod(place + "/n", 0o777)
            listener.settimeout(0.05)
            env = {**self.env, "NOTIFY_SOCKET": place + "/n"}
            self.process = self.group.start(self.command("run", *(["--debug"] if debug else []), *words), name="homing", env=env, **self.options)

            def told():
                if self.process.ended():
                    raise AssertionError(f"homing ended ({self.process.popen.returncode}):\n{self.process.text()[-3000:]}")
                try:
                    return b"READY=1" in listener.recv(4096)
                except socket.timeout:
                    return False
            if ready:
                eventually(told, 30, "the service's word that it is ready")
        return self

    @property
    def keeper(self):
        """Process id of the keeper (behind what stands in front of the program, such as ip netns exec)."""
        return self.process.pid

    def worker(self):
        return eventually(lambda: self.workers(), 10, "a worker")[0]

    def workers(self):
        found = []
        for pid in children(self.keeper):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    if b"--worker" in f.read().split(b"\0"):
                        found.append(pid)
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found

    def stop(self):
        return self.process.stop()

    def kill(self):
        """Both at once, as a power cut or the kernel would."""
        self.process.signal(signal.SIGSTOP)  # it starts no other worker now
        pids = children(self.keeper)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.kill()
        for pid in pids:
            eventually(lambda: not alive(pid), 10, "the worker's end")

    def text(self):
        return self.process.text()

    def wait_for(self, pattern, seconds=10, count=1):
        return self.process.wait_for(pattern, seconds, count)

    def api(self, method, path, body=None):
        connection = UnixConnection(str(self.socket))
        try:
            connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None,
                               {"Content-Type": "application/json"} if body is not None else {})
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if data else None
        finally:
            connection.close()

    def get(self, path):
        status, document = self.api("GET", path)
        assert status == 200, (status, document)
        return document
