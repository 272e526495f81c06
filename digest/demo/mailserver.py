"""A real SMTP server in its own process, which keeps every mail as a file.

`start_mail_server` runs this module as a program, so that the sender talks to a socket and to
another process with its own speed, as with any relay.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from digest.demo.pageserver import HOST
from digest.errors import UsageError

#: The start of the program's first line; the port follows.
_READY = "listening on "


@contextmanager
def start_mail_server(folder: Path) -> Iterator[int]:
    """Run the server until the block ends; yield its port.

    Args:
        folder: an existing folder; the mails become `00001.eml` and so on, in order of arrival.

    Raises:
        UsageError: the extra `demo` is not installed, or the server does not start.
    """
    require_aiosmtpd()
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "digest.demo.mailserver", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C reaches the whole session of a terminal, but this process decides when to stop.
        start_new_session=True,
    )
    try:
        yield _read_port(process)
    finally:
        # Closes the standard input of the process, which ends it.
        process.communicate(timeout=10)


def require_aiosmtpd() -> None:
    """Check that the library of the mail server is installed.

    Raises:
        UsageError: the library is not installed.
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
    """Writes each mail as it came, after the envelope headers that a mailbox would add."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        # The names are aiosmtpd's. RFC 5321 section 4.4 has the Return-Path.
        trace = [f"Return-Path: <{envelope.mail_from}>"]
        trace += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        number = next(self._numbers)
        content = "".join(f"{line}\r\n" for line in trace).encode() + envelope.original_content
        # Renamed last, so that a reader of the folder never finds half a mail.
        part = self._folder / f"{number:05}.part"
        part.write_bytes(content)
        part.rename(part.with_suffix(".eml"))
        return f"250 2.0.0 kept as {number}"


async def _run(folder: Path) -> None:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    # If the parent is killed, its end of the pipe closes, and this process ends too.
    loop.add_reader(sys.stdin.fileno(), stopped.set)
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
