"""Modules that are loaded when they are first used."""

from __future__ import annotations

import subprocess
import sys

_CODE = """
import sys
from digest.loading import stand_in_for
with stand_in_for("wave"):
    import wave as stand_in
print("wave" in sys.modules)
print(stand_in.Error.__name__, "wave" in sys.modules)
with stand_in_for("wave"):
    import wave
print(wave is sys.modules["wave"], wave is stand_in)
"""


def test_a_stand_in_imports_its_module_when_it_is_first_used() -> None:
    run = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["False", "Error True", "True False"]
