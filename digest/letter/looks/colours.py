"""Inverts the colours of a mail, as programs do that force dark mode on every mail."""

from __future__ import annotations

import colorsys
import re

from digest.letter.looks.tags import (
    ANY_TAG,
    add_style_sheet,
    change_styles,
    change_tags,
    read_attribute,
    set_attribute,
)

_HEX = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z_-])", re.IGNORECASE)
_NAMED = re.compile(r"(?<![\w#.-])(white|black)(?![\w-])", re.IGNORECASE)
_NAMES = {"white": "#ffffff", "black": "#000000"}
#: White becomes nearly black, and black nearly white, as in Gmail and Outlook.
_DARKEST, _BRIGHTEST = 0.1, 0.95
#: Colours where the mail sets none.
_BASE = "html{background-color:#1a1a1a;color:#f2f2f2}a{color:#8ab4f8}"


def invert_colours(html: str) -> str:
    """Return the mail with the lightness of every colour inverted; pictures stay."""
    html = change_styles(html, _invert_all)
    return add_style_sheet(change_tags(html, ANY_TAG, _invert_ground), _BASE)


def invert(colour: str) -> str:
    """Return a colour, as `#rgb` or `#rrggbb`, with the same hue and the opposite lightness."""
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    opposite = _DARKEST + (1 - lightness) * (_BRIGHTEST - _DARKEST)
    shown = colorsys.hls_to_rgb(hue, opposite, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in shown)


def _invert_all(css: str) -> str:
    named = _NAMED.sub(lambda found: _NAMES[found[1].lower()], css)
    return _HEX.sub(lambda found: invert(found[0]), named)


def _invert_ground(tag: str) -> str:
    ground = read_attribute(tag, "bgcolor")
    return tag if not ground else set_attribute(tag, "bgcolor", _invert_all(ground))
