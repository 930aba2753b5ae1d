# SPDX-License-Identifier: ISC
"""Running a command and what it cost, as the operating system accounts for it; tables of medians."""
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Cost:
    wall: float
    cpu: float
    peak_kib: int
    status: int


def run(command, env=None, cwd=None, output=None):
    """Runs to the end; CPU includes the children that the command waited for.

    Peak memory is asked of GNU time, as a child begins with the peak of the process it was forked from."""
    if os.access("/usr/bin/time", os.X_OK):
        with tempfile.NamedTemporaryFile("r") as peak:
            cost = run_plain(["/usr/bin/time", "-q", "-f", "%M", "-o", peak.name, *command], env, cwd, output)
            cost.peak_kib = int(peak.read().split()[-1])
            return cost
    return run_plain(command, env, cwd, output)


def run_plain(command, env, cwd, output):
    sink = open(output, "wb") if output else subprocess.DEVNULL
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT if output else sink,
                               env=env, cwd=cwd)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    if output:
        sink.close()
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, process.returncode)


class Table:
    """Rows of named figures; each cell keeps all its runs."""

    def __init__(self, title, unit, note=""):
        self.title, self.unit, self.note, self.rows = title, unit, note, {}

    def add(self, row, column, value):
        self.rows.setdefault(row, {}).setdefault(column, []).append(value)

    def median(self, row, column):
        values = self.rows.get(row, {}).get(column)
        return statistics.median(values) if values else None

    def show(self):
        columns = []
        for cells in self.rows.values():
            columns += [c for c in cells if c not in columns]
        print(f"\n{self.title} ({self.unit}; median, least to most)")
        print(f"  {'':24}" + "".join(f"{c:>30}" for c in columns))
        for row, cells in self.rows.items():
            line = f"  {row:24}"
            for c in columns:
                v = cells.get(c)
                text = f"{statistics.median(v):.4g} ({min(v):.3g} to {max(v):.3g})" if v else "-"
                line += f"{text:>30}"
            print(line)
        if "homing" in columns:
            for row in self.rows:
                mine = self.median(row, "homing")
                ratios = [f"{c} / homing = {self.median(row, c) / mine:.2f}" for c in columns
                          if c != "homing" and mine and self.median(row, c) is not None]
                if ratios:
                    print(f"  {row}: " + ", ".join(ratios))
        if self.note:
            print(f"  {self.note}")


    def show_plain(self):
        """Medians alone, a column each: for many columns of different units."""
        columns = []
        for cells in self.rows.values():
            columns += [c for c in cells if c not in columns]
        print(f"\n{self.title} ({self.unit}; medians)")
        print(f"  {'':16}" + "".join(f"{c:>15}" for c in columns))
        for row in self.rows:
            values = [self.median(row, c) for c in columns]
            print(f"  {row:16}" + "".join(f"{'-' if v is None else format(v, '.3g' if v < 100 else '.0f'):>15}" for v in values))


def cpu_ms(pid):
    """Processor time of a process so far."""
    with open(f"/proc/{pid}/schedstat") as f:
        main = int(f.read().split()[0])
    others = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        if int(task) != pid:
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                others += int(f.read().split()[0])
    return (main + others) / 1e6


def private_kib(pid):
    """Dirty private memory of a process, in KiB."""
    total = 0
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith("Private_Dirty:"):
                total += int(line.split()[1])
    return total


def switches(pid):
    """Voluntary context switches of all threads: how often it woke up."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status") as f:
            for line in f:
                if line.startswith("voluntary_ctxt_switches:"):
                    total += int(line.split()[1])
    return total


def family(pid):
    """The process and all its descendants."""
    found = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as f:
                for child in f.read().split():
                    found += family(int(child))
    except FileNotFoundError:
        pass
    return found
