"""The senders that are compared; each sends a number of mails in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bench.wire.edition import LONG, Newspaper, Relay
from bench.wire.nodemailer import Missing, installed_nodemailer
from bench.wire.processes import run_to_end
from bench.wire.servers import tool

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One run of a sender."""

    mails: int
    #: From the first mail to the last answer; of ours, from the first claim to the last commit.
    seconds: float
    #: Of the whole process, with its start.
    cpu_s: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.mails / self.seconds


#: Sends a number of mails to a relay.
Sender = Callable[[int, Relay], Sent]


def cpu_per_1000(few: Sent, many: Sent) -> float:
    """Return the processor seconds of a thousand mails, without those of the start."""
    return (many.cpu_s - few.cpu_s) / (many.mails - few.mails) * 1000


@dataclass(frozen=True, slots=True)
class Ours:
    """`digest send` of a frozen edition in a SQLite file."""

    newspaper: Newspaper
    #: Further lines of `[[smtp]]`, and further tables of the configuration.
    lines: str = ""
    tables: str = ""
    posts: int = LONG

    def __call__(self, mails: int, relay: Relay) -> Sent:
        """Send the edition.

        Raises:
            RuntimeError: not every mail was sent.
        """
        relay = replace(relay, lines=f"{relay.lines}\n{self.lines}", tables=self.tables)
        project = self.newspaper.copy(mails, relay, posts=self.posts)
        ended = run_to_end(
            project.command("send", "--json"),
            folder=project.folder,
            env={"PYTHONPATH": str(ROOT)},
        )
        run = json.loads(ended.out)["run"]
        if run["sent"] != mails:
            raise RuntimeError(f"digest send: {run['sent']} of {mails} mails were sent")
        shutil.rmtree(project.folder)
        return Sent(mails=mails, seconds=run["seconds"], cpu_s=ended.cpu_s, peak_mb=ended.peak_mb)


@dataclass(frozen=True, slots=True)
class SmtpSource:
    """Postfix's `smtp-source`: C, no ledger, four trips a mail, one content for all."""

    mail: Path

    def __call__(self, mails: int, relay: Relay) -> Sent:
        """Send mails of the same size.

        Raises:
            Missing: postfix is not installed.
        """
        program = tool("smtp-source")
        if program is None:
            raise Missing("postfix's smtp-source is not installed")
        command = [program, "-d", "-s", str(relay.connections), "-m", str(mails)]
        command += ["-l", str(self.mail.stat().st_size)]
        command += ["-f", "digest@hill.example.org", "-t", "subscriber@mail.example.org"]
        ended = run_to_end([*command, f"127.0.0.1:{relay.port}"])
        return Sent(mails=mails, seconds=ended.wall_s, cpu_s=ended.cpu_s, peak_mb=ended.peak_mb)


@dataclass(frozen=True, slots=True)
class Nodemailer:
    """Nodemailer's pool; the mail is already built, and nothing is recorded."""

    mail: Path

    def __call__(self, mails: int, relay: Relay) -> Sent:
        """Send the mail.

        Raises:
            Missing: node or the network is missing.
        """
        modules = installed_nodemailer()
        script = Path(__file__).with_name("nodemailer_pool.js")
        command = ["node", str(script), str(relay.port), str(mails)]
        command += [str(self.mail), str(relay.connections)]
        ended = run_to_end(command, env={"NODE_PATH": str(modules)})
        return Sent(
            mails=mails,
            seconds=json.loads(ended.out)["seconds"],
            cpu_s=ended.cpu_s,
            peak_mb=ended.peak_mb,
        )


@dataclass(frozen=True, slots=True)
class Aiosmtplib:
    """A pool of aiosmtplib's `sendmail`; the mail is already built, and nothing is recorded."""

    mail: Path
    loop: str = "asyncio"
    #: The certificate to trust; encrypts from the first byte. None: no TLS.
    trusted: Path | None = None

    def __call__(self, mails: int, relay: Relay) -> Sent:
        """Send the mail."""
        command = [sys.executable, "-m", "bench.wire.aiosmtplib_pool", str(relay.port), str(mails)]
        command += [str(self.mail), str(relay.connections), self.loop]
        command += [str(self.trusted)] if self.trusted else []
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        ended = run_to_end(command, env={"PYTHONPATH": path})
        return Sent(
            mails=mails,
            seconds=json.loads(ended.out)["seconds"],
            cpu_s=ended.cpu_s,
            peak_mb=ended.peak_mb,
        )
