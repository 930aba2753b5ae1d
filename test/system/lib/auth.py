# SPDX-License-Identifier: ISC
"""An authoritative DNS server for every name, which says what scripted providers took; for verify-server=."""
import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Auth:
    """find(name, type) gives the addresses that stand there; None for no such name."""

    def __init__(self, find, address="127.0.0.1"):
        self.find, self.queries, self.ttl = find, [], 60
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.where = f"{address}:{self.socket.getsockname()[1]}"
        self.ended = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            data, peer = self.socket.recvfrom(4096)
            if self.ended:
                return
            try:
                query = dns.message.from_wire(data)
            except Exception:
                continue
            question = query.question[0]
            name = question.name.to_text().rstrip(".").lower()
            kind = dns.rdatatype.to_text(question.rdtype)
            self.queries.append((name, kind))
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.AA
            found = self.find(name, kind) if kind in ("A", "AAAA") else []
            if found is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            if found:
                answer.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", kind, *found))
            else:
                answer.authority.append(dns.rrset.from_text(question.name.parent() if len(question.name) > 1 else question.name, 60,
                                                            "IN", "SOA", "ns. hostmaster. 1 3600 600 86400 60"))
            self.socket.sendto(answer.to_wire(), peer)

    def close(self):
        self.ended = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"x", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
