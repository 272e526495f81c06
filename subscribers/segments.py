"""A part of a newsletter's subscribers, and the names of where they came from. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from subscribers.errors import SubscriberError

#: Longest name of a source.
MAX_SOURCE = 64
_SOURCE = re.compile(r"[\w.+:-]+(?: [\w.+:-]+)*")


class SourceError(SubscriberError):
    """A text that cannot be the name of a source."""


def read_source(written: str) -> str:
    """Return the name of a source as it is stored: lower case, single spaces; empty if blank.

    Raises:
        SourceError: the text is too long, or has other characters than letters, digits, spaces and
            `.`, `-`, `_`, `+`, `:`.
    """
    name = " ".join(unicodedata.normalize("NFC", written).casefold().split())
    if len(name) > MAX_SOURCE:
        raise SourceError(f"has {len(name)} characters; shorten it to at most {MAX_SOURCE}")
    if name and not _SOURCE.fullmatch(name):
        raise SourceError("may have only letters, digits, spaces and . - _ + :")
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The conditions on a newsletter's subscribers; all must hold, and an empty one does."""

    #: Languages as BCP 47 tags in lower case; `pt` includes `pt-br`. A subscriber who chose none,
    #: or one that is not spoken, has the newsletter's.
    languages: tuple[str, ...] = ()
    #: Whether the newsletter's language is one of them.
    has_default_language: bool = False
    #: IANA names. A subscriber who chose none has the newsletter's.
    zones: tuple[str, ...] = ()
    #: Whether the newsletter's zone is one of them.
    has_default_zone: bool = False
    #: Names as `read_source` returns them.
    sources: tuple[str, ...] = ()
    #: The day of sign-up is known and not before this time; aware.
    joined_after: datetime | None = None
    #: The subscriber was stored or signed up before this time; aware.
    joined_before: datetime | None = None
    #: The accepted values of fields, by the field's name; normalised.
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_everybody(self) -> bool:
        """Whether it has no condition."""
        return self == EVERYBODY


EVERYBODY = Segment()
