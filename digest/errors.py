"""The exceptions of this program, and the exit code of each.

    DigestError               1
    ├── ConfigError           2
    ├── UsageError            2
    │   └── Missing           2
    ├── FeedError             1
    │   ├── GoneError         1
    │   └── HeldError         1
    ├── TemplateError         2
    ├── NothingToDo           3
    │   └── FeedsDown         1
    ├── Refused               4
    │   ├── TooMany           4
    │   └── StaleDraft        4
    │       └── EditConflict  4
    ├── StoreError           75
    │   ├── SchemaError       2
    │   ├── DatabaseRefused   2
    │   ├── CorruptStoreError 4
    │   ├── ReplacedStoreError 4
    │   └── ConnectionLostError 75
    └── RelayError           75
        ├── RelayRefusal     75
        └── RelaySetupError   2

Expected outcomes (a feed unchanged, an address refused) are values, not exceptions.
A message is one line: what failed, on what, what to do.
"""

from __future__ import annotations

import errno
from datetime import timedelta
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `digest`; they are stable."""

    #: Done.
    DONE = 0
    #: Done, with problems: a feed that is down, bad rows, findings, deferred deliveries.
    PROBLEMS = 1
    #: A fault in the command line, the configuration or a template.
    USAGE = 2
    #: There was nothing to do: no new posts, no draft, nothing to send.
    NOTHING_TO_DO = 3
    #: Refused by a safety check, or because the database is damaged.
    REFUSED = 4
    #: Relay down, disk full, database locked or read-only (EX_TEMPFAIL in sysexits.h).
    TRY_LATER = 75


class DigestError(Exception):
    """The base class of all errors of this program."""

    exit_code = ExitCode.PROBLEMS


class ConfigError(DigestError):
    """The configuration cannot be used; `problems` lists every fault, one line each."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UsageError(DigestError):
    """The command line names something that does not exist."""

    exit_code = ExitCode.USAGE


class Missing(UsageError):
    """The edition or the newsletter that is named does not exist."""


class FeedError(DigestError):
    """A feed could not be fetched or read.

    Args:
        url: the feed's URL as configured.
        reason: the cause, for the operator.
        transient: True if another attempt may succeed.
        wait: the time to wait that the server asked for; None if it named none.
    """

    def __init__(
        self, url: str, reason: str, *, transient: bool, wait: timedelta | None = None
    ) -> None:
        super().__init__(f"feed {url}: {reason}")
        self.url = url
        self.reason = reason
        self.transient = transient
        self.wait = wait


class GoneError(FeedError):
    """A feed's server answered that the feed is permanently gone (HTTP 410)."""

    def __init__(self, url: str) -> None:
        reason = "HTTP 410: permanently gone; remove it from the configuration"
        super().__init__(url, reason, transient=False)


class HeldError(FeedError):
    """A feed was not fetched because its server asked for a pause a moment ago."""

    def __init__(self, url: str, wait: timedelta) -> None:
        reason = "not fetched: its server asked for a pause; it is tried again later"
        super().__init__(url, reason, transient=True, wait=wait)


class TemplateError(DigestError):
    """A template cannot be rendered; `line` is 0 if the engine does not report it."""

    exit_code = ExitCode.USAGE

    def __init__(self, template: str, line: int, reason: str) -> None:
        place = f"template {template}, line {line}" if line else f"template {template}"
        super().__init__(f"{place}: {reason}")
        self.template = template
        self.line = line


class NothingToDo(DigestError):
    """There is no work: no new posts, no draft, an edition already finished."""

    exit_code = ExitCode.NOTHING_TO_DO


class FeedsDown(NothingToDo):
    """There are no new posts, and no feed of the newsletter could be read."""

    exit_code = ExitCode.PROBLEMS


class Refused(DigestError):
    """A safety check refused the work; the message names what lifts the refusal."""

    exit_code = ExitCode.REFUSED


class TooMany(Refused):
    """It was asked for too often; the message says when it may be asked for again."""


class StaleDraft(Refused):
    """A change was made with an older version of a draft in view; nothing was stored."""

    def __init__(self, edition_id: int, version: int, since: str = "") -> None:
        super().__init__(
            f"edition {edition_id}: its draft was changed meanwhile{since}; nothing was stored"
        )
        self.edition_id = edition_id
        #: The present version.
        self.version = version


class EditConflict(StaleDraft):
    """A change that met another one of the same draft, with both texts.

    Args:
        edition_id: the edition.
        version: the present version of its draft.
        since: what was changed meanwhile and by whom, one line each.
        texts: for each text of the change: its name, the refused text, and the text there now.
    """

    def __init__(
        self,
        edition_id: int,
        version: int,
        *,
        since: tuple[str, ...],
        texts: tuple[tuple[str, str, str], ...],
    ) -> None:
        super().__init__(edition_id, version, f" ({'; '.join(since)})" if since else "")
        self.since = since
        self.texts = texts


class StoreError(DigestError):
    """The database cannot be used now: locked, read-only, full or unreachable."""

    exit_code = ExitCode.TRY_LATER


_DISK_ADVICE = {
    errno.ENOSPC: "the disk is full; make room and run this again",
    errno.EDQUOT: "the disk quota is used up; make room and run this again",
    errno.EROFS: "the disk is read-only; mount it for writing",
    errno.EACCES: "permission denied; give this user the right to it, or use another place",
    errno.EPERM: "permission denied; give this user the right to it, or use another place",
    errno.EIO: "the disk has an error; check it, then run this again",
    errno.EMFILE: "too many open files; raise the limit (`ulimit -n`) and run this again",
    errno.ENFILE: "too many open files on this machine; close others and run this again",
}


def disk_fault(name: str, error: OSError) -> StoreError:
    """Return the error of one line for a fault of the disk: what failed and what to do.

    Args:
        name: the file or folder, such as `state file /var/lib/digest/digest.db.state`.
        error: the operating system's error.
    """
    known = _DISK_ADVICE.get(error.errno or 0, error.strerror or str(error))
    return StoreError(f"{name}: {known}")


def is_disk_fault(error: OSError) -> bool:
    """Return whether the disk, its rights or a limit are the cause, not a wrong path."""
    return error.errno in _DISK_ADVICE


class ReplacedStoreError(StoreError):
    """The database was replaced by another one while this process was using it."""

    exit_code = ExitCode.REFUSED


class ConnectionLostError(StoreError):
    """The server of the database cannot be reached, or ended the connection."""


class SchemaError(StoreError):
    """The schema of the database does not match this program."""

    exit_code = ExitCode.USAGE


class DatabaseRefused(StoreError):
    """The configured database does not exist, or its server refused the login."""

    exit_code = ExitCode.USAGE


class CorruptStoreError(StoreError):
    """The database is damaged; nothing may be sent from it."""

    exit_code = ExitCode.REFUSED

    @classmethod
    def of_edition(cls, edition_id: int) -> CorruptStoreError:
        """Return the error of an edition whose stored text cannot be read."""
        return cls(
            f"edition {edition_id}: its stored text is damaged; restore a backup of the database"
        )


class RelayError(DigestError):
    """Every mail relay failed at the connection, the encryption or the login."""

    exit_code = ExitCode.TRY_LATER


class RelayRefusal(RelayError):
    """A relay refused mails for a reason that is not their recipients'.

    `is_stop` is False if only these mails were deferred and the run went on.
    """

    def __init__(self, message: str, *, is_stop: bool = True) -> None:
        super().__init__(message)
        self.is_stop = is_stop


class RelaySetupError(RelayError):
    """The configuration of every relay is wrong: its password, its certificate, its encryption."""

    exit_code = ExitCode.USAGE
