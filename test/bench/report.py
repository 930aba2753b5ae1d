# SPDX-License-Identifier: ISC
"""The short table at the end: each aim beside what this run gave. No figure is judged."""

LINES = []


def aim(what, wanted, got):
    """One line; "got" is None when the case could not run."""
    LINES.append((what, wanted, got if got is not None else "not measured"))


def ratio(table, row, of, to="homing"):
    """Median of one column divided by that of another, as text; None without both."""
    a, b = table.median(row, of), table.median(row, to)
    return f"{a / b:.1f} times" if a is not None and b else None


def show():
    if not LINES:
        return
    wide = max(len(what) for what, _, _ in LINES)
    print("\nIn short (medians of this run)")
    print(f"  {'':{wide}}  {'aim':>22}  {'here':>22}")
    for what, wanted, got in LINES:
        print(f"  {what:{wide}}  {wanted:>22}  {got:>22}")
