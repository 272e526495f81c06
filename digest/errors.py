"""What this program cannot carry on after, each kind with the exit code it leads to.

Expected outcomes (a feed unchanged, an address refused) are values, not exceptions.
A message is one line: what failed, on what, what to do.
"""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum


class ExitCode(IntEnum):
    """What `digest` promises to the shell."""

    DONE = 0
    #: Done, with problems: a feed down, bad rows, findings, rows deferred.
    PROBLEMS = 1
    #: Wrong use, configuration or template.
    USAGE = 2
    NOTHING_TO_DO = 3
    #: Refused by a guard; a corrupt database too.
    REFUSED = 4
    #: Relay down, disk full, database locked or read-only (EX_TEMPFAIL of sysexits.h).
    TRY_LATER = 75


class DigestError(Exception):
    """The root of this tree."""

    exit_code = ExitCode.PROBLEMS


class ConfigError(DigestError):
    """The configuration cannot be used; `problems` lists every fault, one line each."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UsageError(DigestError):
    """A command was asked for something that does not exist."""

    exit_code = ExitCode.USAGE


class FeedError(DigestError):
    """A feed could not be fetched or read.

    Args:
        url: the feed's address as configured.
        reason: what went wrong, for the operator.
        transient: worth trying again later.
        wait: how long its server asks to be left alone; None where it does not say.
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
    """A feed's server says that it is gone for good (410)."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "HTTP 410: gone for good; take it out", transient=False)


class HeldError(FeedError):
    """A feed was not asked, for its server just asked to be left alone."""

    def __init__(self, url: str, wait: timedelta) -> None:
        reason = "not asked: its server wants to be left alone for a while"
        super().__init__(url, reason, transient=True, wait=wait)


class TemplateError(DigestError):
    """A template cannot be rendered; `line` is 0 where the engine does not say."""

    exit_code = ExitCode.USAGE

    def __init__(self, template: str, line: int, reason: str) -> None:
        place = f"template {template}, line {line}" if line else f"template {template}"
        super().__init__(f"{place}: {reason}")
        self.template = template
        self.line = line


class NothingToDo(DigestError):
    """There is no work: no new posts, no draft, an edition already finished."""

    exit_code = ExitCode.NOTHING_TO_DO


class Refused(DigestError):
    """A guard holds the work back; the message says what lifts it."""

    exit_code = ExitCode.REFUSED


class StoreError(DigestError):
    """The database cannot serve now: locked, read-only, full or unreachable."""

    exit_code = ExitCode.TRY_LATER


class SchemaError(StoreError):
    """The database has another schema than this program."""

    exit_code = ExitCode.USAGE


class DatabaseRefused(StoreError):
    """The database of the configuration does not exist, or its server does not let us in."""

    exit_code = ExitCode.USAGE


class CorruptStoreError(StoreError):
    """The database is damaged; nothing may be sent from it."""

    exit_code = ExitCode.REFUSED


class RelayError(DigestError):
    """No mail relay could be reached, secured or logged in to."""

    exit_code = ExitCode.TRY_LATER
