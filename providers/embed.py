#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Turns the provider files into one C source: embed.py FOLDER OUTPUT DEPFILE."""
import json
import pathlib
import sys


def literal(text):
    """A C string literal in lines of bounded length."""
    lines = []
    data = text.encode()
    for at in range(0, len(data), 100):
        line = ""
        for byte in data[at:at + 100]:
            c = chr(byte)
            if c in '"\\':
                line += "\\" + c
            elif c == "?":
                line += "\\?"
            elif 32 <= byte < 127:
                line += c
            else:
                line += "\\%03o" % byte
        lines.append('    "%s"' % line)
    return "\n".join(lines) or '    ""'


# How it is carried out: not needed to list the providers and to read a configuration.
CARRIED_OUT = ("base", "common", "errors", "message", "ok", "session", "sign", "slots")


def halves(tree):
    """The two objects of builtin.h as texts. What the slots say about deleting and reading goes to the head, too."""
    head = {k: v for k, v in tree.items() if k not in CARRIED_OUT}
    rest = {k: v for k, v in tree.items() if k in CARRIED_OUT}
    slots = rest.get("slots", {})
    if slots:
        first = slots.get("set", {})
        first = first[0] if isinstance(first, list) else first
        can = ["read"] if "records" in slots else []
        can += ["delete"] if "delete" in slots or "remove" in slots or first.get("empty") else []
        head["can"] = head.get("can", []) + can
    return [json.dumps(h, separators=(",", ":"), ensure_ascii=False) if h else "" for h in (head, rest)]


def main():
    folder, output, depfile = (pathlib.Path(a) for a in sys.argv[1:4])
    sorts = [(folder, "BUILTIN_PROVIDER"), (folder / "ddclient", "BUILTIN_WORD"), (folder / "notify", "BUILTIN_NOTIFY")]
    sources = [(p, sort) for where, sort in sorts for p in sorted(where.glob("*.json"))]
    skipped = {"provider.schema.json", "starter.json"}
    rows = []
    for path, sort in sources:
        if path.name in skipped:
            continue
        try:
            tree = json.loads(path.read_text())
        except ValueError as error:
            sys.exit(f"{path}: {error}")
        rows.append((path.stem, sort, "alias" in tree, *halves(tree)))
    out = ["/* Made by providers/embed.py. */", '#include "publish/builtin.h"', "",
           '#pragma GCC diagnostic ignored "-Woverlength-strings"', "",
           "const struct builtin builtin_files[] = {"]
    for stem, sort, alias, head, rest in rows:
        out.append("    {\"%s\", %s, %s,\n%s,\n%s,\n     %d, %d}," %
                   (stem, sort, str(alias).lower(), literal(head), literal(rest), len(head.encode()),
                    len(rest.encode())))
    if not rows:
        out.append("    {0},")
    out += ["};", f"const size_t builtin_count = {len(rows)};", ""]
    starter = folder / "starter.json"
    out += ["const char builtin_starter[] =", literal(starter.read_text() if starter.exists() else "") + ";", ""]
    output.write_text("\n".join(out))
    watched = [str(p) for p, _ in sources] + [str(where) for where, _ in sorts] + [str(starter)]
    depfile.write_text(f"{output}: " + " ".join(w.replace(" ", "\\ ") for w in watched if pathlib.Path(w).exists()) + "\n")


main()
