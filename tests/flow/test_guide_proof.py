"""The guide to the first mail, followed word by word in a clean Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.figures import IS_PROOF, record

_SCRIPT = Path(__file__).parent.parent / "proof" / "guide.sh"


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_the_guide_ends_with_a_scheduled_mail_in_a_clean_debian(tmp_path: Path) -> None:
    if not IS_PROOF:
        pytest.skip("takes six minutes: only under `make proof`")
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("needs root and debootstrap")
    # An existing Debian saves a minute; the guide itself works in a new folder of it.
    debian = os.environ.get("PROOF_DEBIAN", str(tmp_path / "debian"))
    result = tmp_path / "guide.txt"
    subprocess.run(
        ["bash", str(_SCRIPT), debian, str(result)],
        env=os.environ | {"PYTHON": sys.executable},
        check=True,
    )
    lines = result.read_text("utf-8").splitlines()
    assert lines[-1].startswith("the guide works: 3 scheduled mails in ")
    record("guide", commit=lines[1], machine=lines[2], result=lines[-1])
