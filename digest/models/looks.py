"""The ways in which mail programs show a mail, for a preview."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    """The colours of the screen, and what the mail program does about them."""

    LIGHT = "light"
    #: The program obeys the mail's own dark styles.
    DARK = "dark"
    #: The program ignores them and inverts every colour, as Gmail and Outlook do.
    INVERTED = "inverted"


class Styles(StrEnum):
    """The styles that a mail program leaves in a mail."""

    KEPT = "kept"
    #: Only the styles in the tags, as in several web mails.
    INLINE = "inline"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The way in which a mail program shows a mail."""

    #: In CSS pixels.
    width: int = 640
    scheme: Scheme = Scheme.LIGHT
    styles: Styles = Styles.KEPT
    has_images: bool = True
    is_larger: bool = False
    is_zoomed: bool = False
    is_rtl: bool = False
