# SPDX-License-Identifier: ISC
"""No setting is there for show: each row of the table is read by the program or by a provider file."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
# The table itself, and lists that sort settings without a look at their value.
LISTS = {"conf/settings_table.c", "command/forms.c", "engine/fingerprint.c"}


def test_each_setting_is_read_by_somebody():
    names = re.findall(r'\{\.name = "([^"]+)"', (TOP / "src" / "conf" / "settings_table.c").read_text())
    assert len(names) > 100
    program = "\n".join(f.read_text() for f in (TOP / "src").glob("**/*.[ch]") if str(f.relative_to(TOP / "src")) not in LISTS)
    providers = "\n".join(f.read_text() for f in (TOP / "providers").glob("**/*.json"))
    unread = [n for n in names if f'"{n}"' not in program and not re.search(rf'[{{"]{re.escape(n)}[}}"]', providers)]
    assert not unread, f"settings that nothing reads: {unread}"
