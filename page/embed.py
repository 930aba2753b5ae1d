#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the page's files as a C table: each plain, compressed, with an ETag of its content.

usage: embed.py OUT.c FILE...
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def array(name, data):
    rows = (", ".join(str(b) for b in data[i : i + 20]) for i in range(0, len(data), 20))
    return f"static const unsigned char {name}[] = {{\n" + ",\n".join(rows) + "};\n"


def main():
    out, files = sys.argv[1], sorted(map(pathlib.Path, sys.argv[2:]), key=lambda p: p.name)
    parts = ['#include "web/files.h"\n\n']
    rows = []
    for i, path in enumerate(files):
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0)  # the same bytes for every build
        etag = hashlib.sha256(plain).hexdigest()[:20]
        parts.append(array(f"plain_{i}", plain))
        parts.append(array(f"packed_{i}", packed))
        rows.append(
            f'    {{"{path.name}", "{TYPES[path.suffix]}", "\\"{etag}\\"", plain_{i}, packed_{i}, '
            f"{len(plain)}, {len(packed)}}},\n"
        )
    parts.append("\nconst struct web_file web_files[] = {\n" + "".join(rows) + "    {0},\n};\n")
    pathlib.Path(out).write_text("".join(parts))


main()
