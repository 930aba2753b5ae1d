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


def main():
    folder, output, depfile = (pathlib.Path(a) for a in sys.argv[1:4])
    sources = [(p, False) for p in sorted(folder.glob("*.json"))]
    sources += [(p, True) for p in sorted((folder / "ddclient").glob("*.json"))]
    skipped = {"provider.schema.json", "starter.json"}
    rows = []
    for path, compat in sources:
        if path.name in skipped:
            continue
        try:
            tree = json.loads(path.read_text())
            small = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
        except ValueError as error:
            sys.exit(f"{path}: {error}")
        rows.append((path.stem, compat, "alias" in tree, small))
    out = ["/* Made by providers/embed.py. */", '#include "publish/builtin.h"', "",
           '#pragma GCC diagnostic ignored "-Woverlength-strings"', "",
           "const struct builtin builtin_files[] = {"]
    for stem, compat, alias, small in rows:
        out.append("    {\"%s\", %s, %s,\n%s,\n     %d}," %
                   (stem, str(compat).lower(), str(alias).lower(), literal(small), len(small.encode())))
    if not rows:
        out.append("    {0},")
    out += ["};", f"const size_t builtin_count = {len(rows)};", ""]
    starter = folder / "starter.json"
    out += ["const char builtin_starter[] =", literal(starter.read_text() if starter.exists() else "") + ";", ""]
    output.write_text("\n".join(out))
    watched = [str(p) for p, _ in sources] + [str(folder), str(folder / "ddclient"), str(starter)]
    depfile.write_text(f"{output}: " + " ".join(w.replace(" ", "\\ ") for w in watched if pathlib.Path(w).exists()) + "\n")


main()
