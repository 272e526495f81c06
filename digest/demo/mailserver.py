"""A real SMTP server in a process of its own, which keeps every mail as a file.

`start_mail_server` runs this module as a program: the sending side meets a socket, another
process and its pace, as with any relay.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from digest.demo.pageserver import HOST
from digest.errors import UsageError

#: What the program says first: the port follows.
_READY = "listening on "


@contextmanager
def start_mail_server(folder: Path) -> Iterator[int]:
    """Run the server until the block is left; gives its port.

    Args:
        folder: exists; each mail becomes `00001.eml` and so on, in the order of arrival.

    Raises:
        UsageError: the extra `demo` is not installed, or the server does not start.
    """
    require_aiosmtpd()
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "digest.demo.mailserver", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _read_port(process)
    finally:
        # Closes its standard input, which ends it.
        process.communicate(timeout=10)


def require_aiosmtpd() -> None:
    """Make sure that the library of the mail server is there.

    Raises:
        UsageError: it is not.
    """
    if importlib.util.find_spec("aiosmtpd") is None:
        raise UsageError(
            "the demo's mail server needs aiosmtpd: run `pip install 'inbox-digest[demo]'`"
        )


def _read_port(process: subprocess.Popen[str]) -> int:
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith(_READY):
        raise UsageError(f"the demo's mail server did not start: {line.strip() or 'no output'}")
    return int(line.removeprefix(_READY))


class _Keeper:
    """Writes each mail as it came, under the envelope that a mailbox would note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        # The names are aiosmtpd's. RFC 5321 section 4.4 has the Return-Path.
        trace = [f"Return-Path: <{envelope.mail_from}>"]
        trace += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        number = next(self._numbers)
        content = "".join(f"{line}\r\n" for line in trace).encode() + envelope.original_content
        # Named last, so that whoever reads the folder never meets half a mail.
        part = self._folder / f"{number:05}.part"
        part.write_bytes(content)
        part.rename(part.with_suffix(".eml"))
        return f"250 2.0.0 kept as {number}"


async def _run(folder: Path) -> None:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    # The parent may be killed: its end of the pipe closes with it, so that nobody is left behind.
    loop.add_reader(sys.stdin.fileno(), stopped.set)
    # Ctrl-C reaches the whole group of processes; when to stop is the parent's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keeper = _Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="mail.marrowby.example", enable_SMTPUTF8=True), HOST, 0
    )
    sys.stdout.write(f"{_READY}{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await stopped.wait()
    server.close()


def main() -> None:
    """Keep mails in a folder until standard input ends."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(_run(parser.parse_args().folder))


if __name__ == "__main__":
    main()
