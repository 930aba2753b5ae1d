# SPDX-License-Identifier: ISC
"""The page in a real Chromium, served by the real program. Screenshots go to $HOMING_SCREENSHOTS, else to build/screenshots."""
import os
import pathlib
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "test" / "system"), str(ROOT / "test" / "system" / "lib"), str(pathlib.Path(__file__).parent)]

from conftest_system import *  # noqa: E402,F401,F403
from browser import Browser  # noqa: E402


def pytest_collection_modifyitems(items):
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    try:
        import selenium  # noqa: F401
    except ImportError:
        missing.append("python3-selenium")
    if missing:
        # Ubuntu 24.04 has its browsers as snaps only, which cannot be driven from here.
        for item in items:
            if "browser" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason="there is no " + ", no ".join(missing) + " here"))


@pytest.fixture(scope="session")
def chromium():
    b = Browser(pathlib.Path(os.environ.get("HOMING_SCREENSHOTS", ROOT / "build" / "screenshots")))
    yield b
    b.quit()


@pytest.fixture
def browser(chromium):
    """A fresh page; in the end nothing may have been said on its console."""
    chromium.fresh()
    yield chromium
    said = chromium.console()
    chromium.leave()
    assert not said, said
