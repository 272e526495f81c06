"""The wheel and the source archive: the same bytes from each build, and everything they need."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
_NOT_PART = (".git", ".venv", "__pycache__", "dist", "demo-out", ".*_cache", ".hypothesis")
_SOURCE = "https://github.com/inbox-digest/inbox-digest"


@dataclass(frozen=True)
class Built:
    """The two files of one build."""

    wheel: Path
    archive: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the archive, and the wheel from the archive, as a release does."""
    return build(ROOT, tmp_path_factory.mktemp("first"))


def build(source: Path, out: Path, *what: str, umask: int = 0o022, **variables: str) -> Built:
    command = [sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", str(out)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1790000000"} | variables
    subprocess.run(
        command, cwd=source, check=True, capture_output=True, env=environment, umask=umask
    )
    return Built(wheel=next(out.glob("*.whl")), archive=next(out.glob("*.tar.gz")))


def sum_of(content: bytes) -> str:
    """Return the sum of a file: a report of two archives that differ would take minutes."""
    return hashlib.sha256(content).hexdigest()


def sums_of(archive: Path) -> dict[str, str]:
    """Return the sum of each file in an archive."""
    with tarfile.open(archive) as opened:
        files = [each for each in opened.getmembers() if each.isfile()]
        return {
            each.name: sum_of(found.read())
            for each in files
            if (found := opened.extractfile(each)) is not None
        }


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as opened:
        [name] = [each for each in opened.namelist() if each.endswith(".dist-info/METADATA")]
        return message_from_bytes(opened.read(name))


def test_two_builds_are_equal_byte_for_byte(built: Built, tmp_path: Path) -> None:
    # Another folder, other times of the files, other rights, another zone; the wheel is built from
    # the tree this time.
    copy = tmp_path / "copy"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(*_NOT_PART), copy_function=shutil.copyfile
    )
    out = tmp_path / "out"
    again = build(copy, out, "--sdist", "--wheel", umask=0o077, TZ="Pacific/Auckland")
    assert again.wheel.name == built.wheel.name
    assert sums_of(again.archive) == sums_of(built.archive)
    for one, other in ((again.wheel, built.wheel), (again.archive, built.archive)):
        assert sum_of(one.read_bytes()) == sum_of(other.read_bytes())


def test_the_wheel_has_every_file_of_both_packages_and_nothing_else(built: Built) -> None:
    shipped = set(zipfile.ZipFile(built.wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ("digest", "subscribers")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    data = {
        f"digest/_data/{path.relative_to(ROOT).as_posix()}"
        for path in (*(ROOT / "templates").rglob("*"), ROOT / "config.example.toml")
        if path.is_file()
    }
    assert {"digest/py.typed", "subscribers/py.typed"} <= wanted
    assert {name for name in shipped if ".dist-info/" not in name} == wanted | data


def test_each_vendored_file_is_shipped_with_its_licence(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as opened:
        names = opened.namelist()
    vendored = [name for name in names if "/vendor/" in name and name.endswith(".js")]
    assert vendored
    for name in vendored:
        library = name.rpartition("/")[2].partition(".")[0]
        assert name.rpartition("/")[0] + f"/{library}.LICENSE" in names
        assert any(each.endswith(f"{library}.LICENSE") and "/licenses/" in each for each in names)


def test_the_archive_can_be_built_tested_and_read(built: Built) -> None:
    with tarfile.open(built.archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    for needed in (
        *("LICENSE", "README.md", "CHANGELOG.md", "Makefile", "pyproject.toml"),
        *("requirements.lock", "requirements-dev.lock", "config.example.toml"),
        *("docs/operations.md", "tests/conftest.py", "templates/web/desk/vendor/htmx.LICENSE"),
    ):
        assert needed in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_metadata_names_the_project_its_pythons_and_its_types(built: Built) -> None:
    told = metadata(built.wheel)
    urls = dict(each.split(", ", 1) for each in told.get_all("Project-URL") or [])
    assert {"Homepage", "Documentation", "Source", "Changelog"} <= set(urls)
    assert all(url.startswith(_SOURCE) for url in urls.values())
    classifiers = told.get_all("Classifier") or []
    for version in ("3.11", "3.12", "3.13"):
        assert f"Programming Language :: Python :: {version}" in classifiers
    assert "Typing :: Typed" in classifiers
    assert told["Requires-Python"] == ">=3.11"


def test_a_checker_of_types_reads_both_packages(built: Built, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.wheel) as opened:
        opened.extractall(tmp_path / "site")  # noqa: S202 - our own wheel
    user = tmp_path / "user.py"
    user.write_text(
        "from digest.errors import ExitCode\nfrom subscribers.addresses import parse_address\n"
        "reveal_type(parse_address('a@b.org').address)\nreveal_type(int(ExitCode.USAGE))\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(user)]
    variables = os.environ | {"MYPYPATH": "", "PYTHONPATH": ""}
    done = subprocess.run(
        [*command, "--cache-dir", str(tmp_path / "cache")],
        cwd=tmp_path / "site",
        env=variables,
        capture_output=True,
        text=True,
    )
    assert 'Revealed type is "' in done.stdout
    assert "Any" not in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout
