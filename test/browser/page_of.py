# SPDX-License-Identifier: ISC
"""A service with its page on a free port of loopback."""
from processes import free_ports


class Page:
    def __init__(self, homing, conf="", fake=None):
        self.port = free_ports(1)[0]
        self.homing = homing(f"listen=127.0.0.1:{self.port}\noutside=no\nverify=no\nusev4=ipv4, ipv4=203.0.113.9, usev6=disabled\n{conf}")
        if fake is not None:
            fake.replace_in(self.homing.folder)
        self.homing.start()
