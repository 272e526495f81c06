"""Pictures of posts, made ready for mails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PictureUse(StrEnum):
    """Where in a mail a picture stands, which says how large it is."""

    #: The promoted story's, over the whole width.
    LEAD = "lead"
    #: Beside a title.
    THUMB = "thumb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture cut and shrunk for one use, without what its camera wrote into it."""

    use: PictureUse
    #: `image/jpeg` or `image/png`.
    media_type: str
    #: In pixels.
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFiles:
    """Names of the files that were made of a post's picture; each is empty where there is none."""

    lead: str = ""
    thumb: str = ""
