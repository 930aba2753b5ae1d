# SPDX-License-Identifier: ISC
"""Configurations that say the same to homing, ddclient and inadyn, and the commands that run one pass."""
import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent


def program(name):
    """Path of a program, taken out of its package where it is not installed; None when it cannot be had."""
    out = subprocess.run([TOP / "scripts" / "program", name], capture_output=True, text=True)
    return out.stdout.strip() or None


class Provider:
    """Where the names are updated: host:port, TLS or not, and a CA file."""

    def __init__(self, server, tls=False, ca=None):
        self.server, self.tls, self.ca = server, tls, ca


def private(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


class Homing:
    name = "homing"

    def __init__(self, path):
        self.path = path

    def one_pass(self, folder, provider, names, one_account=False, address="198.51.100.7", again=False):
        """"again": with the memory of the pass before."""
        lines = [f"ssl={'yes' if provider.tls else 'no'}", f"usev4=ipv4, ipv4={address}, allow-private=yes", "verify=no", "min-interval=0"]
        if provider.ca:
            lines.append(f"ssl_ca_file={provider.ca}")
        for i in range(names):
            login = "user" if one_account else f"user{i}"
            lines.append(f"protocol=dyndns2, server={provider.server}, login={login}, password=secret host{i}.example.org")
        conf = private(folder / "homing.conf", "\n".join(lines) + "\n")
        state = folder / "homing-state"
        if not again:
            subprocess.run(["rm", "-rf", state], check=True)
        return [str(self.path), "once", "--config", str(conf), "--state-dir", str(state)]


class Ddclient:
    name = "ddclient"

    def __init__(self):
        self.path = program("ddclient")

    def one_pass(self, folder, provider, names, one_account=False):
        lines = [f"ssl={'yes' if provider.tls else 'no'}", "use=ip, ip=198.51.100.7"]
        if provider.ca:
            lines.append(f"ssl_ca_file={provider.ca}")
        for i in range(names):
            login = "user" if one_account else f"user{i}"
            lines.append(f"protocol=dyndns2, server={provider.server}, login={login}, password=secret host{i}.example.org")
        conf = private(folder / "ddclient.conf", "\n".join(lines) + "\n")
        cache = folder / "ddclient.cache"
        cache.unlink(missing_ok=True)
        return [self.path, "-file", str(conf), "-cache", str(cache), "-daemon=0", "-quiet"]


class Inadyn:
    name = "inadyn"

    def __init__(self):
        self.path = program("inadyn")

    def one_pass(self, folder, provider, names, one_account=False):
        # The cheapest it can do: the address of an interface instead of a command for every hostname, and a
        # cache that knows a former address, else it asks the DNS about each name first.
        lines = ["iterations = 1", "period = 300", "allow-ipv6 = false", "verify-address = false", "secure-ssl = true",
                 "forced-update = 2592000", 'iface = "lo"']
        if provider.ca:
            lines.append(f'ca-trust-file = "{provider.ca}"')
        for i in range(names):
            login = "user" if one_account else f"user{i}"
            lines.append(
                f'custom n{i} {{ username = "{login}"\n password = "secret"\n ssl = {"true" if provider.tls else "false"}\n'
                f' ddns-server = "{provider.server}"\n'
                f' ddns-path = "/nic/update?hostname=%h&myip=%i"\n hostname = "host{i}.example.org" }}')
        conf = private(folder / "inadyn.conf", "\n".join(lines) + "\n")
        cache = folder / "inadyn-cache"
        subprocess.run(["rm", "-rf", cache], check=True)
        cache.mkdir()
        for i in range(names):
            (cache / f"host{i}.example.org.cache").write_text("192.0.2.1")
        return [self.path, "-1", "-n", "-C", "-f", str(conf), "--cache-dir", str(cache), "-P", str(folder / "inadyn.pid"), "-l", "err"]


def peers():
    return [p for p in (Ddclient(), Inadyn()) if p.path]


def environment():
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    return {**keep, "LC_ALL": "C"}
