# SPDX-License-Identifier: ISC
"""A real BIND in the foreground, with a zone that takes updates signed by a key; nothing outside its folder."""
import base64
import os
import pathlib
import subprocess

import dns.message
import dns.query
import dns.rdatatype

from processes import eventually, free_ports

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent


def program(name):
    """Path of a server program, taken out of its package when it is not installed; None when it can not be had."""
    done = subprocess.run([ROOT / "scripts" / "program", name], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


CONF = """
options {{ directory "{t}"; pid-file "{t}/pid"; session-keyfile "{t}/sk"; {listen} recursion no; dnssec-validation no;
  notify no; check-integrity no; }};
controls {{}};
key "{key}" {{ algorithm {algorithm}; secret "{secret}"; }};
zone "{zone}" {{ type primary; file "{t}/zone"; update-policy {{ grant {key} zonesub ANY; }}; }};
"""
ZONE = """$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A {address}
"""


class Named:
    def __init__(self, group, folder, zone="home.test", addresses=("127.0.0.1",), port=None, prefix=(), records="",
                 algorithm="hmac-sha256"):
        self.folder, self.zone, self.addresses, self.prefix = folder, zone, addresses, list(prefix)
        self.port = port or free_ports(1)[0]
        self.key, self.algorithm = "homing-key", algorithm
        self.secret = base64.b64encode(os.urandom(32)).decode()
        folder.mkdir(exist_ok=True)
        four = " ".join(f"{a};" for a in addresses if ":" not in a)
        six = " ".join(f"{a};" for a in addresses if ":" in a)
        listen = f"listen-on port {self.port} {{ {four or 'none;'} }}; listen-on-v6 port {self.port} {{ {six or 'none;'} }};"
        (folder / "named.conf").write_text(CONF.format(t=folder, listen=listen, zone=zone, key=self.key, algorithm=algorithm,
                                                       secret=self.secret))
        (folder / "zone").write_text(ZONE.format(address=addresses[0]) + records)
        self.group = group
        self.process = group.start([*self.prefix, program("named"), "-f", "-g", "-n", "1", "-c", str(folder / "named.conf")],
                                   name="named")
        self.process.wait_for("running$", 20)

    def settings(self):
        """What a configuration says to keep a hostname here."""
        return (f"protocol=nsupdate, server={self.addresses[0]}:{self.port}, zone={self.zone}, "
                f"login={self.algorithm}:{self.key}, password='{self.secret}'")

    def ask(self, name, kind="A"):
        """The addresses it has; asked from here, so only where it listens on an address of ours."""
        answer = dns.query.udp(dns.message.make_query(name, kind), self.addresses[0], port=self.port, timeout=3)
        return sorted(r.to_text() for rrset in answer.answer for r in rrset if rrset.rdtype == dns.rdatatype.from_text(kind))

    def wait_for(self, name, kind, wanted, seconds=10):
        wanted = sorted(wanted)
        eventually(lambda: self.ask(name, kind) == wanted, seconds, f"{name} {kind} being {wanted}")

    def serial(self):
        """The zone's serial number: every update adds to it."""
        answer = dns.query.udp(dns.message.make_query(self.zone, "SOA"), self.addresses[0], port=self.port, timeout=3)
        return answer.answer[0][0].serial
