"""The looks of a mail: dark screens, no pictures, no styles, larger text, zoom, direction."""

from __future__ import annotations

import re

from digest.letter.looks.colours import invert_colours
from digest.letter.looks.tags import (
    ANY_TAG,
    add_style_sheet,
    change_styles,
    change_tags,
    drop_style_sheets,
    read_attribute,
    set_attribute,
    tag_pattern,
)
from digest.models.looks import Look, Scheme, Styles

#: How much larger text becomes by the setting of a phone or a browser.
LARGER = 1.3
ZOOM = 1.5


def rewrite(html: str, look: Look) -> str:
    """Return a finished mail as it is shown with a look, on any screen of the editor."""
    html = _with_scheme(_with_screen(html, look), look.scheme)
    if not look.has_images:
        html = without_images(html)
    if look.is_larger:
        html = change_styles(html, _enlarge)
    if look.is_rtl:
        html = right_to_left(html)
    if look.styles is not Styles.KEPT:
        html = drop_style_sheets(html)
    if look.styles is Styles.NONE:
        html = without_styles(html)
    # The program's own styles are added last, because no mail can remove them.
    if look.scheme is Scheme.INVERTED:
        html = invert_colours(html)
    return add_style_sheet(html, f"html{{zoom:{ZOOM}}}") if look.is_zoomed else html


# A frame follows the colours of the editor's screen; only the mail itself can change that.
_DARK_QUERY = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_WIDTH_QUERY = re.compile(r"@media[^{};]*\(\s*max-width\s*:\s*(\d+)px\s*\)(?=\s*\{)", re.IGNORECASE)
_COLOUR_SCHEME = re.compile(r"color-scheme\s*:\s*light dark", re.IGNORECASE)


def _with_scheme(html: str, scheme: Scheme) -> str:
    is_dark = scheme is Scheme.DARK
    html = _DARK_QUERY.sub("@media all" if is_dark else "@media not all", html)
    return _COLOUR_SCHEME.sub(f"color-scheme:{'dark' if is_dark else 'light'}", html)


def _with_screen(html: str, look: Look) -> str:
    """Decide by the look which rules for narrow screens hold; a zoomed page has less room."""
    room = look.width / (ZOOM if look.is_zoomed else 1)

    def decide(found: re.Match[str]) -> str:
        return "@media all" if room <= int(found[1]) else "@media not all"

    return _WIDTH_QUERY.sub(decide, html)


_IMAGE = tag_pattern("img|image|input|source")
#: A picture that is never there, so that browsers show its words in its place.
_NO_IMAGE = "data:,"


def without_images(html: str) -> str:
    """Return the mail as shown before a subscriber allows its pictures."""

    def hide(tag: str) -> str:
        for name in ("src", "srcset"):
            if read_attribute(tag, name) is not None:
                tag = set_attribute(tag, name, _NO_IMAGE)
        return tag

    return change_tags(html, _IMAGE, hide)


def without_styles(html: str) -> str:
    """Return the mail without the styles in its tags; those that hide a part stay."""

    def strip(tag: str) -> str:
        style = read_attribute(tag, "style")
        if style is None:
            return tag
        kept = "display:none" if "display:none" in style.replace(" ", "") else ""
        return set_attribute(tag, "style", kept)

    return change_tags(html, ANY_TAG, strip)


_FONT = re.compile(r"((?<![\w-])font(?:-size)?\s*:[^;{}]*?)([\d.]+)px", re.IGNORECASE)


def _enlarge(css: str) -> str:
    return _FONT.sub(lambda found: f"{found[1]}{float(found[2]) * LARGER:g}px", css)


_OUTER = tag_pattern("html|body|div")


def right_to_left(html: str) -> str:
    """Return the mail with the direction of its page and its wrapper turned around."""

    def turn(tag: str) -> str:
        return tag if read_attribute(tag, "dir") != "ltr" else set_attribute(tag, "dir", "rtl")

    return change_tags(html, _OUTER, turn)
