# SPDX-License-Identifier: ISC
"""Where secrets are while homing runs: in memory, and there only where they must be."""
import base64
import os
import re

import pytest

from lib.dyndns import Dyndns
from processes import eventually

TYPED, LATER, VARIABLE, FILE, TOKEN = (f"cnry-{word}-7c1e94" for word in ("typed", "later", "variable", "file", "token"))
CONF = """listen=no, verify=no, allow-private=yes, usev4=ipv4, ipv4=9.9.9.9
protocol=dyndns2, server=127.0.0.1:{port}, ssl=no, login=a, password={typed} a.example.org
protocol=dyndns2, server=127.0.0.1:{port}, ssl=no, login=b, password_env=TEST_SECRET b.example.org
protocol=dyndns2, server=127.0.0.1:{port}, ssl=no, login=c, password_file={file} c.example.org
define=notify:phone, kind=ntfy, url=http://127.0.0.1:{port}/, topic=x, token={token}
"""


def dresses(login, secret):
    """The secret, and what a request makes of it."""
    yield secret.encode()
    yield base64.b64encode(f"{login}:{secret}".encode()).rstrip(b"=")[4:-4]


def regions(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            part = line.split(maxsplit=5)
            begin, end = (int(x, 16) for x in part[0].split("-"))
            if "r" not in part[1] or line.rstrip().endswith(("[vvar]", "[vvar_vclock]", "[vsyscall]")):
                continue
            try:
                memory.seek(begin)
                yield part[5].strip() if len(part) > 5 else "", begin, memory.read(end - begin)
            except (OSError, ValueError):
                pass


def times(pid, words):
    """How often each stands in the process's memory."""
    found = dict.fromkeys(words, 0)
    for _, _, data in regions(pid):
        for secret, login in words.items():
            found[secret] += sum(len(re.findall(re.escape(dress), data)) for dress in dresses(login, secret))
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads another process's memory")
def test_memory_holds_a_secret_where_it_must(homing, tmp_path):
    """Twice in each process: as it was given (the text of the file, the variable, the file that is named), and as the
    setting that it is. Nothing of the message between the processes, of the requests, of what a hash or the stack kept."""
    (tmp_path / "secret").write_text(FILE + "\n")
    words = {TYPED: "a", VARIABLE: "b", FILE: "c", TOKEN: ""}
    server = Dyndns()
    try:
        fill = dict(port=server.port, file=tmp_path / "secret", token=TOKEN)
        service = homing(CONF.format(typed=TYPED, **fill), env={"TEST_SECRET": VARIABLE}).start()
        eventually(lambda: len(server.requests) >= 3, 30, "three updates")
        service.wait_for("sending -> right", 30, count=3)
        assert {authorization is not None for _, _, authorization in server.requests} == {True}
        assert times(service.worker(), words) == dict.fromkeys(words, 2)
        # The keeper's own environment is the system's to keep.
        assert times(service.keeper, words) == {**dict.fromkeys(words, 2), VARIABLE: 3}
        # A password that is replaced is gone everywhere.
        count = len(server.requests)
        service.write(CONF.format(typed=LATER, **fill))
        service.wait_for("in use: 3 hostname", 30, count=2)
        service.process.signal(10)  # SIGUSR1: asks and updates what is due
        eventually(lambda: service.get("/verdict") is not None, 30, "the service")
        words = {TYPED: "a", LATER: "a", VARIABLE: "b", FILE: "c", TOKEN: ""}
        assert times(service.worker(), words) == {**dict.fromkeys(words, 2), TYPED: 0}
        assert times(service.keeper, words) == {**dict.fromkeys(words, 2), TYPED: 0, VARIABLE: 3}
        assert len(server.requests) >= count
        assert service.stop() == 0
    finally:
        server.stop()
