"""The whole demo as installed: one wheel, a clean environment, another folder.

Reads feeds, composes an edition, sends 200 mails through a real server and reads them back.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from sysconfig import get_path
from typing import IO
from urllib.request import urlopen

import pytest
from packaging.requirements import Requirement

from digest.demo.issue import print_issue
from digest.demo.mailbox import ReceivedMail, list_mails, read_mail
from digest.demo.paper import load_paper
from digest.demo.people import COUNT, sample_subscribers
from digest.demo.verdict import judge
from tests.support.figures import IS_PROOF

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRun:
    """The result of one run."""

    code: int
    output: str
    folder: Path
    mails: tuple[ReceivedMail, ...]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new environment; with all locked packages, in the proof.

    Otherwise it is lent the packages of this one; not this program, which is installed here by a
    file that is read in the environment's own folder only.
    """
    environment = tmp_path_factory.mktemp("clean")
    if IS_PROOF:
        _install_everything(environment, wheel)
    else:
        _install_alone(environment, wheel)
    return environment / "bin" / "digest"


def _install_everything(environment: Path, wheel: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    # Modules that are never imported need not be compiled.
    pip = [str(environment / "bin" / "pip"), "--quiet", "install", "--no-compile"]
    locked = str(ROOT / "requirements.lock")
    subprocess.run([*pip, "--require-hashes", "-r", locked], check=True, timeout=900)
    # Every requirement is met by the lock, the extra's too, so nothing more may be fetched.
    subprocess.run([*pip, "--no-index", f"{wheel}[demo]"], check=True, timeout=300)


def _install_alone(environment: Path, wheel: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = str(environment / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "--quiet", "install", "--no-compile"]
    subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], check=True, timeout=300)
    [packages] = (environment / "lib").glob("python*/site-packages")
    lent = dict.fromkeys((get_path("purelib"), get_path("platlib")))
    (packages / "lent.pth").write_text("".join(f"{path}\n" for path in lent), "utf-8")


@pytest.fixture(scope="module")
def run(program: Path, tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [str(program), "demo"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    folder = elsewhere / "demo-out"
    mails = tuple(read_mail(file) for file in list_mails(folder / "mailbox"))
    return DemoRun(
        code=done.returncode, output=done.stdout + done.stderr, folder=folder, mails=mails
    )


def test_the_demo_ends_by_itself_with_success(run: DemoRun) -> None:
    assert run.code == 0, run.output
    assert "Traceback" not in run.output
    assert "✗" not in run.output


def test_every_subscriber_gets_one_mail_with_the_chosen_sections_only(run: DemoRun) -> None:
    config = (run.folder / "config.toml").read_text("utf-8")
    home = re.search(r'home_url = "(\S+)/"', config)
    assert home
    now = datetime.now(UTC)
    issue = print_issue(load_paper(), now=now, base_url=home[1])
    verdict = judge(run.mails, sample_subscribers(now=now), issue)
    assert verdict.is_good, verdict
    assert (verdict.mails, verdict.people) == (COUNT, COUNT)


def test_the_backlog_is_not_mailed(run: DemoRun) -> None:
    words = "".join(mail.text for mail in run.mails)
    assert "The night the harbour lost its clock" in words
    assert "Why the bridge inspector carries a hammer" not in words


def test_the_civil_reply_is_quoted_under_an_intact_title(run: DemoRun) -> None:
    (mail,) = [m for m in run.mails if m.recipient == "bastian.hollyoak@example.net"]
    assert "“It Was Your Grandson’s Voice”: A Scam, Minute by Minute" in mail.words
    assert "Marguerite Oyelaran" in mail.words
    assert "4 comments" in mail.words.replace("\N{NO-BREAK SPACE}", " ")


def test_the_summary_names_the_folder_of_the_mails(run: DemoRun) -> None:
    for name in ("mail.html", "mail.txt", "mail.eml"):
        file = run.folder / "letter" / name
        assert file.stat().st_size > 1000
        assert str(file) in run.output
    pictures = re.findall(
        r'src="([^"]+)"', (run.folder / "letter" / "mail.html").read_text("utf-8")
    )
    assert pictures
    assert all((run.folder / "letter" / picture).is_file() for picture in pictures)


def test_everything_stays_up_until_it_is_stopped(run: DemoRun) -> None:
    script = (
        "import sys; from pathlib import Path; from rich.console import Console\n"
        "from digest.demo.folder import DemoFolder; from digest.demo.settings import Ports\n"
        "from digest.demo.lookaround import keep_up\n"
        "ports = Ports(smtp=0, public=int(sys.argv[2]), admin=int(sys.argv[3]))\n"
        "keep_up(DemoFolder(root=Path(sys.argv[1])), ports, 'http://paper.example', Console())\n"
    )
    config = tomllib.loads((run.folder / "config.toml").read_text("utf-8"))
    ports = [config["web"][name].rpartition(":")[2] for name in ("public", "admin")]
    command = [sys.executable, "-c", script, str(run.folder), *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            lines = [line.split() for line in _until(process.stdout, "  The paper ")]
            inbox, desk = (
                next(words[-1] for words in lines if words[:2] == ["The", name])
                for name in ("inbox", "desk")
            )
            for url in (inbox, f"{inbox}mail/00001/", desk):
                with urlopen(url, timeout=10) as answer:  # noqa: S310 - addresses of our own
                    assert answer.status == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=120) == 0
        finally:
            process.kill()  # of one that does not end, the exit would wait for ever


def _until(said: IO[str], start: str) -> Iterator[str]:
    """Yield the lines of a process, the last one the first that begins so."""
    for line in said:
        yield line
        if line.startswith(start):
            return
    raise AssertionError(f"it ended before it said {start!r}")


# --- the wheel -----------------------------------------------------------------------------------


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


def test_the_lock_meets_every_requirement_of_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        [name] = [each for each in opened.namelist() if each.endswith(".dist-info/METADATA")]
        told = message_from_bytes(opened.read(name)).get_all("Requires-Dist") or []
    required = [
        each
        for each in map(Requirement, told)
        if each.marker is None or each.marker.evaluate({"extra": "demo"})
    ]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE))
    assert len(required) > 20
    assert [
        str(each)
        for each in required
        if not each.specifier.contains(locked.get(each.name.lower(), "0"))
    ] == []


def test_the_wheel_carries_the_tables_that_subscribers_load(wheel: Path) -> None:
    tables = {path.relative_to(ROOT).as_posix() for path in (ROOT / "digest").rglob("*.toml")}
    assert "digest/readers/data/comments.toml" in tables
    assert tables <= set(zipfile.ZipFile(wheel).namelist())
