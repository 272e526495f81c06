"""Follows `docs/getting-started.md` word by word, until a scheduled mail has arrived.

    python guide.py GUIDE [--find-links FOLDER]

It needs nothing but Python, so that it can run in a clean Debian. It runs each `sh` block of the
guide in one shell after another, in a new folder, and puts the `toml` block into `config.toml`. The
reader's own values are replaced: the relay by a server in this process that keeps mails, the feed
by one in this process, the schedule by an hour that comes in some minutes, the example domain by
another one. `digest run --serve` runs until the mail has arrived.
"""

from __future__ import annotations

import argparse
import http.server
import os
import platform
import re
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from pathlib import Path

_PEOPLE = ("anna@hill-paper.net", "ben@hill-paper.net", "cleo@hill-paper.net")
#: The schedule's hour comes this long after the configuration was written.
_UNTIL_SLOT = timedelta(minutes=4)
_WAIT_S = 480
#: Puts the guide's block into the configuration: tables of a list by their order.
_MERGE = """
import sys, tomlkit
path, block = "config.toml", tomlkit.parse(sys.stdin.read())
found = tomlkit.parse(open(path, encoding="utf-8").read())
for table, values in block.items():
    if isinstance(values, list):
        del found[table][len(values):]
        for old, new in zip(found[table], values):
            old.update(new)
    else:
        found[table].update(values)
open(path, "w", encoding="utf-8").write(tomlkit.dumps(found))
"""


class Relay(socketserver.StreamRequestHandler):
    """A mail server that accepts everything; `mails` has (recipient, content)."""

    mails: list[tuple[str, bytes]] = []  # noqa: RUF012 - of the only server

    def handle(self) -> None:
        """Answer one connection."""
        self._say("220 relay ESMTP")
        recipient = ""
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"DATA":
                self._say("354 go on")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.mails.append((recipient, content))
            self._say("221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Feed(http.server.BaseHTTPRequestHandler):
    """A feed with two posts of yesterday."""

    def do_GET(self) -> None:
        """Send the feed."""
        words = "The council met in the old hall and agreed to mend the bridge before winter."
        at = datetime.now(UTC) - timedelta(days=1)
        items = "".join(
            f"<item><title>{title}</title><link>https://www.hill-paper.net/{number}/</link>"
            f"<guid>{number}</guid><description>{words * 9}</description>"
            f"<pubDate>{format_datetime(at)}</pubDate></item>"
            for number, title in enumerate(("A bridge is mended", "A school is built"))
        )
        body = f"<rss version='2.0'><channel><title>Hill</title>{items}</channel></rss>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def serve(handler: type[socketserver.BaseRequestHandler]) -> int:
    """Serve on a free port of this machine until the process ends; return the port."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])


def say(line: str) -> None:
    """Print one line, before the output of the next command."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def own_values(block: str, relay: int, feed: int, slot: datetime) -> str:
    """Return the guide's configuration with the reader's own values."""
    replaced = {
        'host = "relay.example.com"': 'host = "127.0.0.1"',
        "port = 587": f"port = {relay}",
        'security = "starttls"': 'security = "none"',
        'username = "digest"': 'username = ""',
        'password = "the password of the relay"': 'password = ""',
        'url = "https://www.example.org/feed/"': (
            f'url = "http://127.0.0.1:{feed}/feed/"\nallow_private = true\nfull_text = "off"'
        ),
        'schedule = "Mon 07:00"': f'schedule = "{slot:%a %H:%M}"',
        'timezone = "Europe/Berlin"': 'timezone = "UTC"',
    }
    for old, new in replaced.items():
        if old not in block:
            sys.exit(f"guide: its configuration no longer has {old}")
        block = block.replace(old, new)
    return block.replace("example.org", "hill-paper.net")


def follow(guide: str, folder: Path, environment: dict[str, str]) -> list[tuple[str, bytes]]:
    """Follow the guide in a folder; return the mails that arrived after `digest run` began."""
    relay, feed = serve(Relay), serve(Feed)
    (folder / "digest").mkdir()
    people = "".join(f"{address}\n" for address in _PEOPLE)
    (folder / "digest" / "people.csv").write_text(f"email\n{people}")
    enter = ""
    for kind, block in re.findall(r"^```(sh|toml)\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL):
        if kind == "toml":
            slot = datetime.now(UTC) + _UNTIL_SLOT
            text = own_values(block, relay, feed, slot)
            say(f"--- config.toml ({slot:%a %H:%M} UTC)\n{text}")
            run(f"{enter}python -c '{_MERGE}'", folder, environment, text)
            continue
        for line in block.splitlines():
            command = line.replace("example.org", "hill-paper.net")
            say(f"$ {command}")
            if command.startswith("digest run"):
                return wait_for_mails(f"{enter}exec {command}", folder, environment)
            run(f"{enter}{command}", folder, environment)
            # Each line has a shell of its own, which first goes where the guide went.
            if command.startswith((". ", "cd ")):
                enter += f"{command}\n"
    sys.exit("guide: it has no `digest run`")


def run(script: str, folder: Path, environment: dict[str, str], given: str = "") -> None:
    """Run a script to its end, which must be a good one."""
    done = subprocess.run(
        ["/bin/sh", "-ec", script], cwd=folder, env=environment, input=given, text=True
    )
    if done.returncode != 0:
        sys.exit(f"guide: exit code {done.returncode}")


def wait_for_mails(
    script: str, folder: Path, environment: dict[str, str]
) -> list[tuple[str, bytes]]:
    """Run the service until each subscriber has a mail, and stop it."""
    before, since = len(Relay.mails), time.monotonic()
    service = subprocess.Popen(["/bin/sh", "-ec", script], cwd=folder, env=environment)
    while len(Relay.mails) < before + len(_PEOPLE) and time.monotonic() < since + _WAIT_S:
        if service.poll() is not None:
            sys.exit(f"guide: `digest run` ended with {service.returncode}")
        time.sleep(0.2)
    time.sleep(5)  # a second mail to anybody would come now
    service.send_signal(signal.SIGTERM)
    if service.wait(60) != 0:
        sys.exit(f"guide: `digest run` ended with {service.returncode} after SIGTERM")
    return Relay.mails[before:]


def main() -> None:
    """Follow the guide and judge the mails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("guide", type=Path)
    parser.add_argument("--find-links", default="")
    options = parser.parse_args()
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    if options.find_links:
        environment["PIP_FIND_LINKS"] = options.find_links
    say(f"{platform.platform()}, Python {platform.python_version()}")
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        mails = follow(options.guide.read_text("utf-8"), Path(folder), environment)
    if sorted(recipient for recipient, _ in mails) != sorted(_PEOPLE):
        sys.exit(f"guide: mails came to {[recipient for recipient, _ in mails]}")
    for recipient, content in mails:
        mail = message_from_bytes(content, policy=policy.default)
        body = mail.get_body(("html",))
        if body is None or "A bridge is mended" not in body.get_content():
            sys.exit("guide: the mail has not the posts of the feed")
        say(f"arrived: to {recipient}, {mail['Date']}, {mail['Subject']!r}")
        if "List-Unsubscribe-Post" not in mail:
            sys.exit("guide: the mail has no one-click unsubscribe")
    say(f"the guide works: {len(mails)} scheduled mails in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
