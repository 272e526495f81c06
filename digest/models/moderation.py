"""Verdicts about comments: the gate's refusals, editors' decisions, other judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class RefusalKind(StrEnum):
    """The part of the gate that refused a comment."""

    #: No person's words, held, or of a person who is not quoted.
    STANDING = "standing"
    #: Length, capitals, links, contact data.
    FORM = "form"
    #: Advertisements and machine text.
    SPAM = "spam"
    #: Profanity, slurs, insults, threats.
    CIVILITY = "civility"
    #: One mild word, and nothing else against it.
    MILD = "mild"

    @property
    def is_borderline(self) -> bool:
        """Whether an editor is asked: such comments are often worth quoting all the same."""
        return self in {RefusalKind.FORM, RefusalKind.MILD}


#: The codes of the gate's reasons, by the part that gives them.
_CODES: Mapping[RefusalKind, tuple[str, ...]] = {
    RefusalKind.STANDING: (
        "pingback",
        "trackback",
        "removed",
        "no-reader",
        "held",
        "refused",
        "judge",
        "not-judged",
        "no-quote",
    ),
    RefusalKind.FORM: (
        "too-short",
        "too-long",
        "shouting",
        "links",
        "broken",
        "contact",
        "no-name",
        "name-is-address",
    ),
    RefusalKind.SPAM: ("spam", "machine", "commercial-name", "off-matter"),
    RefusalKind.CIVILITY: (
        "profanity",
        "slur",
        "personal-attack",
        "threat",
        "accusation",
        "rude-name",
        "blocked-word",
    ),
    RefusalKind.MILD: ("mild-word",),
}
_KINDS = {code: kind for kind, codes in _CODES.items() for code in codes}

#: The code of a comment that waits for an editor.
HELD = "held"
#: The code of a comment that the newsletter's own judge has not judged.
NOT_JUDGED = "not-judged"


def refusal_kind(code: str) -> RefusalKind | None:
    """Return the part of the gate that gives a reason with this code; None for other reasons."""
    return _KINDS.get(code)


class Civility(StrEnum):
    """The strictness with which a newsletter judges the tone of comments."""

    STRICT = "strict"
    NORMAL = "normal"
    LENIENT = "lenient"


class Decision(StrEnum):
    """An editor's decision about a comment; it is kept with the comment."""

    RELEASED = "released"
    REFUSED = "refused"
    #: Released, but its name or text changed since: an editor must look at it again.
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoQuote:
    """A person who is never quoted, as decided by an editor or the configuration."""

    #: The name as the site shows it.
    name: str
    #: Empty: in no newsletter.
    newsletter: str
    #: None if the configuration has the name, in `policy.no_quote`.
    added_at: datetime | None = None
    #: `Actor.name`; empty if the configuration has the name.
    added_by: str = ""


# --- other judges -------------------------------------------------------------------------------


class VerdictKind(StrEnum):
    """A judge's answer about one comment."""

    PRINT = "print"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A judge's answer about one comment, and why."""

    kind: VerdictKind
    #: For editors, in a few words.
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedComment:
    """A comment as a judge sees it."""

    #: As shown on the page; may be empty.
    author: str
    #: Paragraphs separated by an empty line.
    text: str
    #: BCP 47 tag, of the newsletter.
    language: str
    post_title: str
    post_url: str


class CommentJudge(Protocol):
    """A judge of comments; an entry point of the group `digest.comment_judge`."""

    def __call__(self, comments: Sequence[JudgedComment], /) -> Sequence[Verdict]:
        """Return one verdict for each comment, in the same order."""
        ...
