"""Pictures of posts, prepared for mails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PictureUse(StrEnum):
    """The place of a picture in a mail, which determines its size."""

    #: The lead story's picture, over the full width.
    LEAD = "lead"
    #: A small picture next to a title.
    THUMB = "thumb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture cut and scaled for one use, without the camera's metadata."""

    use: PictureUse
    #: `image/jpeg` or `image/png`.
    media_type: str
    #: In pixels.
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFiles:
    """Names of the files made from a post's picture; each is empty if there is no such file."""

    lead: str = ""
    thumb: str = ""
