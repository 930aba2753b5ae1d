# SPDX-License-Identifier: ISC
"""The fixtures of the system tests, under a name of their own: both folders have a conftest.py."""
import importlib.util
import pathlib

_path = pathlib.Path(__file__).resolve().parent.parent / "system" / "conftest.py"
_spec = importlib.util.spec_from_file_location("homing_system_conftest", _path)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
program, homing, started, world = _module.program, _module.homing, _module.started, _module.world
pytest_runtest_makereport = _module.pytest_runtest_makereport
