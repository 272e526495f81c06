"""The filters that templates may use beside Jinja's own. See docs/template-variables.md."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from digest.letter.printing.local import NBSP, first_strong

#: Plain text is wrapped here (RFC 3676 section 4.2 advises 66 to 78).
TEXT_WIDTH = 72


def dir_attribute(text: str, direction: str) -> str:
    """Give ` dir="…"` for words that read the other way than the letter, else nothing."""
    own = first_strong(text)
    return Markup(' dir="{}"').format(own) if own and own != direction else ""


def unbroken(text: str) -> str:
    """Keep a short phrase on one line."""
    return text.replace(" ", NBSP)


def px(size: float, scale: float) -> str:
    """Give a type size in pixels, enlarged by the letter's scale."""
    return f"{round(size * scale)}px"


def wrap(text: str) -> str:
    """Break plain text into lines of at most 72 characters."""
    return textwrap.fill(text, TEXT_WIDTH, break_on_hyphens=False)


def quoted(text: str) -> str:
    """Break plain text into lines marked as a quotation."""
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent="  > ",
        subsequent_indent="  > ",
        break_on_hyphens=False,
    )


FILTERS: dict[str, Callable[..., Any]] = {
    "dir_attribute": dir_attribute,
    "px": px,
    "quoted": quoted,
    "unbroken": unbroken,
    "wrap": wrap,
}
