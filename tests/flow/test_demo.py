"""The whole demo: feeds, an edition, two hundred mails through a real server, read back."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from digest.demo.issue import print_issue
from digest.demo.mailbox import ReceivedMail, list_mails, read_mail
from digest.demo.paper import load_paper
from digest.demo.people import COUNT, sample_readers
from digest.demo.verdict import judge

pytestmark = pytest.mark.long


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRun:
    """What one run left behind."""

    code: int
    output: str
    folder: Path
    mails: tuple[ReceivedMail, ...]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    folder = tmp_path_factory.mktemp("demo") / "out"
    done = subprocess.run(
        [sys.executable, "-m", "digest", "demo", "--out", str(folder)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    mails = tuple(read_mail(file) for file in list_mails(folder / "mailbox"))
    return DemoRun(
        code=done.returncode, output=done.stdout + done.stderr, folder=folder, mails=mails
    )


def test_it_ends_by_itself_and_well(run: DemoRun) -> None:
    assert run.code == 0, run.output
    assert "Traceback" not in run.output
    assert "✗" not in run.output


def test_everybody_gets_one_mail_with_what_they_chose_and_nothing_unfit(run: DemoRun) -> None:
    config = (run.folder / "config.toml").read_text("utf-8")
    home = re.search(r'home_url = "(\S+)/"', config)
    assert home
    now = datetime.now(UTC)
    issue = print_issue(load_paper(), now=now, base_url=home[1])
    verdict = judge(run.mails, sample_readers(now=now), issue)
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


def test_the_summary_says_where_the_mail_lies(run: DemoRun) -> None:
    for name in ("mail.html", "mail.txt", "mail.eml"):
        file = run.folder / "letter" / name
        assert file.stat().st_size > 1000
        assert str(file) in run.output
    pictures = re.findall(
        r'src="([^"]+)"', (run.folder / "letter" / "mail.html").read_text("utf-8")
    )
    assert pictures
    assert all((run.folder / "letter" / picture).is_file() for picture in pictures)


def test_everything_stays_up_until_it_is_told_to_end(run: DemoRun) -> None:
    script = (
        "import sys; from pathlib import Path; from rich.console import Console\n"
        "from digest.demo.folder import DemoFolder; from digest.demo.settings import Ports\n"
        "from digest.demo.lookaround import keep_up\n"
        "ports = Ports(smtp=0, public=0, admin=0)\n"
        "keep_up(DemoFolder(root=Path(sys.argv[1])), ports, 'http://paper.example', Console())\n"
    )
    command = [sys.executable, "-c", script, str(run.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines: list[str] = []
        while not (lines and lines[-1].startswith("Preview:")):
            lines.append(process.stdout.readline())
            assert lines[-1], "ended early"
        inbox = next(line.split()[-1] for line in lines if "The inbox" in line)
        preview = lines[-1].split()[-1]
        for url in (inbox, f"{inbox}mail/00001/", preview):
            with urlopen(url, timeout=10) as answer:  # noqa: S310 - addresses of our own
                assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
