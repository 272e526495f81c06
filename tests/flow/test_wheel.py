"""The program as it is installed: one wheel, a clean environment, another folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_carries_every_template_and_the_example(wheel: Path) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    templates = {
        f"digest/_data/{path.relative_to(ROOT)}"
        for path in (ROOT / "templates").rglob("*")
        if path.is_file()
    }
    assert templates
    assert templates <= shipped
    assert {"digest/_data/config.example.toml", "digest/py.typed"} <= shipped
    assert not [name for name in shipped if name.startswith("tests/")]


def test_the_wheel_carries_the_tables_that_readers_load(wheel: Path) -> None:
    tables = {path.relative_to(ROOT).as_posix() for path in (ROOT / "digest").rglob("*.toml")}
    assert "digest/readers/data/comments.toml" in tables
    assert tables <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.timeout(400)
def test_a_clean_environment_runs_the_demo_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "clean"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin" / "pip"), "--quiet", "install"]
    locked = str(ROOT / "requirements.lock")
    subprocess.run([*pip, "--require-hashes", "-r", locked], check=True, timeout=300)
    # Every requirement is met by the lock, the extra's too, so nothing more may be fetched.
    subprocess.run([*pip, "--no-index", f"{wheel}[demo]"], check=True, timeout=60)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [str(environment / "bin" / "digest"), "demo"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((elsewhere / "demo-out" / "mailbox").rglob("*.eml"))) == 200
