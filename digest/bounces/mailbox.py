"""Reads mails from a mailbox: a Maildir, an mbox file, a pipe, or a server over IMAP or POP.

Each reader yields one mail at a time and marks it as read only when the next one is asked for, so
that a mail whose effects were not stored is read again. No reader deletes mail.
"""

from __future__ import annotations

import imaplib
import poplib
import re
import ssl
from binascii import b2a_base64
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from digest.bounces.mime import MAX_BYTES
from digest.errors import RelayError, RelaySetupError, UsageError

#: Seconds to wait for each answer of a server.
TIMEOUT_S = 60.0
#: Lines of a mail that a POP server is asked for; a report comes first.
_MAX_LINES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account on a mail server. The connection is encrypted and its certificate verified."""

    host: str
    port: int
    username: str
    password: str
    #: The folder; IMAP only.
    folder: str = "INBOX"
    #: File of certificates to trust in addition to the system's (PEM); empty for none.
    ca_file: str = ""


def read_pipe(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the one mail of a stream; none if it is empty."""
    raw = stream.read(MAX_BYTES)
    # A mail server reports an error if its pipe is closed before the end.
    while stream.read(MAX_BYTES):
        pass
    if raw.strip():
        yield raw


def read_maildir(path: Path) -> Iterator[bytes]:
    """Yield the mails of a Maildir that are not marked as seen, and mark each.

    Raises:
        UsageError: the folder is not a Maildir, or cannot be read.
    """
    new, cur = path / "new", path / "cur"
    if not new.is_dir() or not cur.is_dir():
        raise UsageError(f"{path}: not a Maildir, which has the folders `new` and `cur`")
    with _reading(path):
        files = sorted([*new.iterdir(), *cur.iterdir()])
    for file in files:
        base, _, flags = file.name.partition(":2,")
        if "S" in flags or file.name.startswith("."):
            continue
        with _reading(file), suppress(FileNotFoundError):  # another process has moved it
            with file.open("rb") as stream:
                raw = stream.read(MAX_BYTES)
            yield raw
            # Flags are in the order of the alphabet.
            file.rename(cur / f"{base}:2,{''.join(sorted({*flags, 'S'}))}")


def read_mbox(path: Path) -> Iterator[bytes]:
    """Yield the mails of an mbox file; it is not changed.

    Raises:
        UsageError: the file cannot be read.
    """
    lines: list[bytes] = []
    size, was_blank = 0, True
    with _reading(path), path.open("rb") as stream:
        while line := stream.readline(MAX_BYTES):
            if was_blank and line.startswith(b"From "):
                if lines:
                    yield b"".join(lines)
                lines, size = [], 0
            elif size < MAX_BYTES:
                lines.append(line[1:] if line.startswith(b">From ") else line)
                size += len(line)
            was_blank = not line.strip()
        if lines:
            yield b"".join(lines)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(f"{path}: does not exist") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error


def read_imap(account: Account) -> Iterator[bytes]:
    """Yield the unseen mails of an IMAP folder (RFC 3501), and mark each as seen.

    Raises:
        RelaySetupError: the server refuses the login, or has no such folder to mark mails in.
        RelayError: the server cannot be reached, or breaks off.
    """
    with _connected(account):
        server = imaplib.IMAP4_SSL(
            account.host, account.port, ssl_context=_tls(account), timeout=TIMEOUT_S
        )
        try:
            _log_in_imap(server, account)
            _select_folder(server, account)
            _, found = server.uid("SEARCH", "UNSEEN")
            for number in (found[0] or b"").split():
                uid = number.decode("ascii")
                _, parts = server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
                raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
                if raw is not None:
                    yield raw
                    server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
            # The library refuses to log out of a folder that is read-only.
            with suppress(OSError):
                server.shutdown()


def _log_in_imap(server: imaplib.IMAP4_SSL, account: Account) -> None:
    try:
        if account.username.isascii() and account.password.isascii():
            server.login(account.username, account.password)
        elif "AUTH=PLAIN" not in server.capabilities:
            raise RelaySetupError(
                f"bounces: {account.host} accepts only ASCII characters in username and password;"
                " choose others"
            )
        else:
            # LOGIN has no charset; SASL's PLAIN is in UTF-8 (RFC 4616).
            secret = f"\0{account.username}\0{account.password}".encode()
            server.authenticate("PLAIN", lambda _: secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise RelaySetupError(
            f"bounces: {account.host} refuses the login; check username and password"
        ) from error


def _select_folder(server: imaplib.IMAP4_SSL, account: Account) -> None:
    folder = account.folder
    # The second is for a name that is written as the server encodes it.
    for name in dict.fromkeys((_encode_folder(folder), folder if folder.isascii() else "")):
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        try:
            if name and server.select(quoted)[0] == "OK":
                return
        except imaplib.IMAP4.readonly as error:
            raise RelaySetupError(
                f"bounces: the folder {folder!r} on {account.host} is read-only for this account,"
                " so no mail can be marked as read; let it set flags"
            ) from error
    raise RelaySetupError(f"bounces: {account.host} has no folder {folder!r}")


def _encode_folder(name: str) -> str:
    """Return a folder's name in the UTF-7 of IMAP (RFC 3501 section 5.1.3)."""

    def encode(run: re.Match[str]) -> str:
        packed = b2a_base64(run[0].encode("utf-16-be"), newline=False).decode("ascii")
        return "&" + packed.rstrip("=").replace("/", ",") + "-"

    return re.sub(r"[^ -~]+", encode, name.replace("&", "&-"))


class ReadMarks(Protocol):
    """Remembers which mails of a mailbox were read."""

    def unread(self, names: Collection[str], /) -> Collection[str]:
        """Return those of all mails of the mailbox that have no mark; forget other marks."""

    def mark(self, name: str, /) -> None:
        """Store that a mail was read."""


def read_pop(account: Account, marks: ReadMarks) -> Iterator[bytes]:
    """Yield the mails of a POP account (RFC 1939) that have no mark, and mark each.

    A server that gives mails no unique-ids has every mail read each time.

    Raises:
        RelaySetupError: the server refuses the login.
        RelayError: the server cannot be reached, or breaks off.
    """
    with _connected(account):
        server = _Pop(account.host, account.port, context=_tls(account), timeout=TIMEOUT_S)
        try:
            _log_in_pop(server, account)
            count = server.stat()[0]
            names = _unique_ids(server)
            unread = marks.unread(names.values())
            for number in range(1, count + 1):
                name = names.get(number)
                if name is not None and name not in unread:
                    continue
                yield b"\r\n".join(server.top(number, _MAX_LINES)[1])
                if name is not None:
                    marks.mark(name)
        finally:
            with suppress(poplib.error_proto, OSError):
                server.quit()


def _unique_ids(server: poplib.POP3_SSL) -> dict[int, str]:
    """Return the unique-id of each mail by its number; none if the server has no such command."""
    try:
        lines = server.uidl()[1]
    except poplib.error_proto as error:
        if not (error.args and isinstance(error.args[0], bytes)):  # no answer of the server
            raise
        return {}
    pairs = (line.decode("latin-1").partition(" ") for line in lines)
    return {
        int(number): name
        for number, _, name in pairs
        if number.isascii() and number.isdecimal() and name
    }


class _Pop(poplib.POP3_SSL):
    """A client that accepts lines of any length; the library ends at 2,048 octets."""

    def _getline(self) -> tuple[bytes, int]:
        line: bytes = self.file.readline(MAX_BYTES)
        if not line:
            raise poplib.error_proto("the server closed the connection")
        return line.rstrip(b"\r\n"), len(line)


def _log_in_pop(server: poplib.POP3_SSL, account: Account) -> None:
    try:
        server.user(account.username)
        server.pass_(account.password)
    except poplib.error_proto as error:
        raise RelaySetupError(
            f"bounces: {account.host} refuses the login; check username and password"
        ) from error


def _tls(account: Account) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if account.ca_file:
        context.load_verify_locations(cafile=account.ca_file)
    return context


@contextmanager
def _connected(account: Account) -> Iterator[None]:
    try:
        yield
    except (OSError, imaplib.IMAP4.error, poplib.error_proto) as error:
        place = f"{account.host}:{account.port}"
        raise RelayError(f"bounces: cannot read mail from {place} ({error})") from error
