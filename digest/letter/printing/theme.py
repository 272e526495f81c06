"""The look of a letter: colours by role, and the contrast that text needs on its background.

A newsletter may change any colour; the minimum contrast is that of WCAG 2.2, 1.4.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from digest.models import Theme

#: Minimum contrast of text on its background.
MIN_CONTRAST = 4.5
SERIF = "Georgia,serif"
SANS = "Helvetica,Arial,sans-serif"
#: Prefix of a role in the dark scheme.
DARK = "dark."


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme, `#rrggbb`."""

    #: The background around the paper.
    canvas: str
    #: The background of the letter.
    paper: str
    #: Titles.
    ink: str
    #: Excerpts.
    text: str
    #: Names, dates, small print.
    muted: str
    #: Lines, section names, links.
    accent: str
    #: A comment's text, and the bar next to it. `quote` is a background for your own templates.
    quoted: str
    quote: str
    bar: str
    hairline: str
    #: The poll: its box, question, the label above and the note below.
    panel: str
    panel_ink: str
    panel_label: str
    panel_note: str
    button: str
    button_label: str
    #: The background of a picture that is not loaded.
    blocked: str


LIGHT_COLOURS = Palette(
    canvas="#f3f0e9",
    paper="#ffffff",
    ink="#1d1b18",
    text="#33302b",
    muted="#625c52",
    accent="#8a2b17",
    quoted="#3a362f",
    quote="#f8f6f1",
    bar="#c9a27b",
    hairline="#e3ddd0",
    panel="#e9eef3",
    panel_ink="#1b2733",
    panel_label="#3d5166",
    panel_note="#4a5866",
    button="#1f3a57",
    button_label="#ffffff",
    blocked="#ece7dc",
)
DARK_COLOURS = Palette(
    canvas="#121110",
    paper="#1c1b19",
    ink="#f1ede4",
    text="#dcd6ca",
    muted="#b4ac9e",
    accent="#f0a287",
    quoted="#d3ccbf",
    quote="#26241f",
    bar="#8d6d4b",
    hairline="#35322d",
    panel="#222b35",
    panel_ink="#f1ede4",
    panel_label="#b3c0cd",
    panel_note="#b3c0cd",
    button="#c9dbee",
    button_label="#14202c",
    blocked="#35322d",
)
ROLES: tuple[str, ...] = tuple(Palette.__slots__)

#: Each text colour with a background on which it must be readable.
_READ_ON = (
    ("ink", "paper"),
    ("text", "paper"),
    ("text", "quote"),
    ("quoted", "paper"),
    ("muted", "paper"),
    ("muted", "canvas"),
    ("muted", "quote"),
    ("muted", "blocked"),
    ("accent", "paper"),
    ("panel_ink", "panel"),
    ("panel_label", "panel"),
    ("panel_note", "panel"),
    ("button_label", "button"),
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_STACK = re.compile(r"[A-Za-z][A-Za-z0-9 -]*(?:,\s?[A-Za-z][A-Za-z0-9 -]*)*,\s?(?:sans-)?serif")


def palettes_of(theme: Theme) -> tuple[Palette, Palette]:
    """Return the light and dark colours of a theme; roles it does not set have default colours."""
    named = dict(theme.colours)
    light = {role: named.get(role, getattr(LIGHT_COLOURS, role)) for role in ROLES}
    dark = {role: named.get(f"{DARK}{role}", getattr(DARK_COLOURS, role)) for role in ROLES}
    return Palette(**light), Palette(**dark)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def find_faults(theme: Theme) -> tuple[str, ...]:
    """Return a theme's faults: unknown roles, invalid colours or fonts, unreadable text."""
    faults = [*_misnamed(dict(theme.colours)), *_misset(theme)]
    if faults:
        return tuple(faults)
    light, dark = palettes_of(theme)
    return (*_unreadable(light, ""), *_unreadable(dark, DARK))


def _misnamed(colours: Mapping[str, str]) -> list[str]:
    faults = []
    for role, colour in colours.items():
        if role.removeprefix(DARK) not in ROLES:
            faults.append(f"{role}: unknown colour; use one of {', '.join(ROLES)}")
        elif not _COLOUR.fullmatch(colour):
            faults.append(f"{role}: {colour!r} must be a colour such as #8a2b17")
    return faults


def _misset(theme: Theme) -> list[str]:
    stacks = {"serif": theme.serif, "sans": theme.sans}
    faults = [
        f"{name}: {stack!r} must be a list of fonts that ends with serif or sans-serif"
        for name, stack in stacks.items()
        if stack and not _STACK.fullmatch(stack)
    ]
    if theme.masthead != "text" and not theme.logo_url:
        faults.append(f"masthead: {theme.masthead!r} requires a logo; set `logo`")
    return faults


def _unreadable(palette: Palette, prefix: str) -> list[str]:
    faults = []
    for text, ground in _READ_ON:
        ratio = contrast(getattr(palette, text), getattr(palette, ground))
        if ratio < MIN_CONTRAST:
            faults.append(
                f"{prefix}{text} on {prefix}{ground}: contrast {ratio:.1f} must be at least"
                f" {MIN_CONTRAST}"
            )
    return faults


@lru_cache(maxsize=1024)
def _luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.2, "relative luminance")."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
