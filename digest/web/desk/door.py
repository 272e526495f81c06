"""The parts of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import Actor
from digest.newsroom import Newsroom
from digest.web.desk.pages import DeskPages


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDoor:
    """The parts of the desk."""

    newsroom: Newsroom
    pages: DeskPages
    #: Signs the tokens of forms, and the lines that a page shows once.
    key: str
    #: The actor of a request from this machine while there is no account.
    operator: Actor
