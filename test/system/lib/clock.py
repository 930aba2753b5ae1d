# SPDX-License-Identifier: ISC
"""Clocks of the service's own."""
import struct

from lib.run import tool


class Clock:
    """A wall clock of the service's own (test/tool/wallclock.c); the machine's is never touched. libfaketime would move the
    kernel's timers on CLOCK_BOOTTIME, too, and to nowhere."""

    def __init__(self, file):
        self.file, self.ahead = file, 0
        self.set(0)
        self.env = {"LD_PRELOAD": tool("libwallclock.so"), "WALLCLOCK": str(file)}

    def set(self, seconds, still=False):
        with open(self.file, "r+b" if self.file.exists() else "wb") as f:
            f.write(struct.pack("=qq", int(seconds * 1000), still))
        self.ahead = seconds

    def stand_still(self):
        """All its clocks, from now on."""
        self.set(self.ahead, still=True)
