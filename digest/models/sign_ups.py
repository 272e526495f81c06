"""Sign-ups, kept until they are confirmed or too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """One sign-up: first with its address, later with its person instead."""

    id: int = 0
    newsletter: str
    at: datetime
    #: As typed and checked; empty once the person is stored.
    address: str = ""
    #: None before that.
    person_id: int | None = None
    #: The choices, as `digest.newsroom.self_service.sign_ups` writes them.
    choices: str = ""
    #: The words that the form showed, with its kind, version and language.
    wording: str = ""
    #: The name that the operator gave to the form; empty if none.
    source: str = ""
    #: Whether this sign-up stored the person's subscription to the newsletter.
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpCounts:
    """The sign-ups of the last hour."""

    network: int
    everybody: int
