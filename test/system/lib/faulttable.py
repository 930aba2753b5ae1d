# SPDX-License-Identifier: ISC
"""The table of faults: what homing did in each, for a provider of each shape and each kind of source. The tests fill it
with what they saw, after they have judged it; pytest prints it at the end (conftest.py)."""

PROVIDERS = ("GET", "REST", "UPDATE")  # dyndns2 and its kin; an API that is read, then written; RFC 2136
SOURCES = ("web", "fw", "command", "file", "interface", "prefix", "fixed", "pushed", "dns", "stun", "upnp", "natpmp", "pcp", "router",
           "tr064", "auto")
SHAPES = PROVIDERS + SOURCES
WIDTH = 150  # of a line of the table: what does not fit goes below
# Each word of usev4=, usev6= and use= is one of these kinds (test_faults.py compares them with the program's own list).
KINDS = {"ip": "fixed", "ipv4": "fixed", "ipv6": "fixed", "if": "interface", "ifv4": "interface", "ifv6": "interface", "web": "web",
         "webv4": "web", "webv6": "web", "cmd": "command", "cmdv4": "command", "cmdv6": "command", "filev4": "file", "filev6": "file",
         "fw": "fw", "fwv4": "fw", "fwv6": "fw", "prefix": "prefix", "pushed": "pushed", "dns": "dns", "stun": "stun", "upnp": "upnp",
         "natpmp": "natpmp", "pcp": "pcp", "router": "router", "tr064": "tr064", "auto": "auto"}

_rows, _messages, _skipped = {}, {}, {}


def note(fault, shape, outcome, wait=None):
    """A cell; wait in seconds."""
    text = outcome if wait is None else f"{outcome}, {length(wait)}"
    cells = _rows.setdefault(fault, {})
    assert shape in SHAPES and cells.setdefault(shape, text) == text, (fault, shape, cells.get(shape), text)


def say(fault, message):
    """What homing says to people about it."""
    _messages.setdefault(fault, message)


def skipped(faults, why):
    for fault in faults:
        _skipped[fault] = why


def length(seconds):
    return f"{round(seconds)} s" if seconds < 90 else f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


def empty():
    """Cells of begun rows that nothing stands in."""
    return [f"{fault}: {shape}" for fault, cells in _rows.items() for shape in SHAPES if shape not in cells]


def blocks(first, widths):
    """The shapes, as many side by side as fit."""
    block, used = [], first
    for shape in SHAPES:
        if block and used + 2 + widths[shape] > WIDTH:
            yield block
            block, used = [], first
        block.append(shape)
        used += 2 + widths[shape]
    yield block


def lines():
    if not _rows:
        return
    first = max(len(fault) for fault in _rows)
    widths = {shape: max(len(shape), *(len(cells.get(shape, "")) for cells in _rows.values())) for shape in SHAPES}
    for block in blocks(first, widths):
        yield "  ".join(["fault".ljust(first)] + [shape.ljust(widths[shape]) for shape in block]).rstrip()
        for fault, cells in _rows.items():
            yield "  ".join([fault.ljust(first)] + [cells.get(shape, "").ljust(widths[shape]) for shape in block]).rstrip()
        yield ""
    for fault, message in _messages.items():
        yield f"{fault.ljust(first)}  {message}"
    for fault, why in _skipped.items():
        yield f"{fault.ljust(first)}  not tried here: {why}"
