"""The wheel in a clean environment of each supported Python on this machine.

`make wheel` runs it: installs the locked packages and the wheel outside the repository, imports
every module, asks for help, goes from the address of a site to its first edition, and runs the demo
with and without `--serve`. A version that this machine does not have is named as not run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.circumstances import circumstances
from bench.first_edition import open_first_edition

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "wheels.json"
#: The versions named in `pyproject.toml`.
VERSIONS = ("3.11", "3.12", "3.13")
#: The addresses that `digest demo --serve` names: the inbox, the desk and the paper.
_PAGES = 3
#: Seconds, as a guard against hanging.
_PATIENCE_S = 60
#: Imports every module but the migrations, which Alembic runs. A module may need a package of an
#: extra that is not installed here; any other missing package is an error.
_IMPORT_ALL = """
import importlib, pkgutil
import digest, subscribers
optional = {"cryptography", "procrastinate", "prometheus_client", "psycopg", "trafilatura"}
count = 0
for package in (digest, subscribers):
    assert "site-packages" in package.__file__, package.__file__
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith("__main__") or ".migrations." in found.name:
            continue
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name not in optional:
                raise
        else:
            count += 1
print(count)
"""


def find_python(version: str) -> str:
    """Return the path of a Python of this version; empty if there is none."""
    pattern = f"versions/{version}.*/bin/python"
    managed = sorted((Path.home() / ".pyenv").glob(pattern), reverse=True)
    named = shutil.which(f"python{version}") or ""
    for place in (*map(str, managed), named):
        if place and _version_of(place) == version:
            return place
    return ""


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder and return its path."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def try_wheel(wheel: Path, python: str, folder: Path) -> dict[str, float | str]:
    """Install the wheel for one Python and use it; return what was seen.

    Raises:
        subprocess.CalledProcessError: a step failed.
    """
    started = time.monotonic()
    subprocess.run([python, "-m", "venv", str(folder / "env")], check=True)
    programs = folder / "env" / "bin"
    pip = [str(programs / "pip"), "--disable-pip-version-check", "--quiet", "install"]
    locked = str(ROOT / "requirements.lock")
    _run([*pip, "--require-hashes", "-r", locked])
    # Every requirement is met by the lock, so nothing more may be fetched.
    _run([*pip, "--no-index", f"{wheel}[demo]"])
    installing_s = time.monotonic() - started
    elsewhere = _new_folder(folder / "elsewhere")
    init_s = open_first_edition(str(programs / "digest"), _new_folder(folder / "first"))
    modules = _run([str(programs / "python"), "-W", "error", "-c", _IMPORT_ALL], elsewhere)
    digest = str(programs / "digest")
    assert "compose" in _run([digest, "--help"], elsewhere)
    assert "✗" not in _run([digest, "demo"], elsewhere)
    mails = len(list((elsewhere / "demo-out" / "mailbox").glob("*.eml")))
    assert mails, "the demo wrote no mail"
    pages = _serve_demo(digest, elsewhere)
    version = _run([str(programs / "python"), "-c", "import sys; print(sys.version.split()[0])"])
    return {
        "python": version.strip(),
        "modules": int(modules),
        "mails": mails,
        "pages": pages,
        # `python3 -m venv`, `pip install`, which also downloads, and `digest init`.
        "commands_to_first_edition": 3,
        "seconds_to_first_edition": round(installing_s + init_s, 1),
        "seconds_of_init": round(init_s, 1),
    }


def main() -> None:
    """Try the wheel on each version and write the results; a failure ends with its output."""
    results: dict[str, object] = {}
    wanted = sys.argv[1:] or VERSIONS
    with tempfile.TemporaryDirectory() as place:
        wheel = build_wheel(Path(place))
        for version in wanted:
            python = find_python(version)
            if not python:
                results[version] = "not run: not on this machine"
            else:
                folder = Path(place) / version
                folder.mkdir()
                try:
                    results[version] = try_wheel(wheel, python, folder)
                except subprocess.CalledProcessError as error:
                    sys.exit(f"Python {version}: {error}\n{error.stdout}\n{error.stderr}")
                shutil.rmtree(folder)
            print(f"{version}: {results[version]}", flush=True)
    told = {**circumstances(), "versions": results}
    RESULTS.write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def _new_folder(path: Path) -> Path:
    path.mkdir()
    return path


def _version_of(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _run(command: list[str], folder: Path | None = None) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=clean, check=True, capture_output=True, text=True, timeout=1800
    )
    return done.stdout


def _serve_demo(digest: str, folder: Path) -> int:
    """Run `digest demo --serve` until its pages are up, read them, and stop it."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [digest, "demo", "--serve", "--out", "served"]
    with subprocess.Popen(
        command, cwd=folder, env=clean, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        urls: list[str] = []
        try:
            # Before them are addresses in the output of the demo's steps.
            while "Look around" not in (line := process.stdout.readline()):
                assert line, "ended early"
            while len(urls) < _PAGES:
                line = process.stdout.readline()
                assert line, "ended early"
                # `digest serve` writes its own lines between these.
                if line.startswith("  "):
                    urls += [word for word in line.split() if word.startswith("http://127.0.0.1")]
            for url in urls:
                assert _status_of(url) == 200, url
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=300) == 0
    return len(urls)


def _status_of(url: str) -> int:
    """Return the status of a page; its server may still be starting."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urlopen(url, timeout=_PATIENCE_S) as answer:  # noqa: S310 - our own address
                return int(answer.status)
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > end:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main()
