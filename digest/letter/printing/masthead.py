"""The type size of the newsletter's name: as large as its length allows."""

from __future__ import annotations

import unicodedata

#: Pixels between the margins, on a desktop and on a phone 360 pixels wide.
WIDTH = 520
PHONE_WIDTH = 316
#: The type sizes in pixels, the largest first.
_SIZES = {WIDTH: (40, 36, 32, 29, 26), PHONE_WIDTH: (32, 30, 28, 26, 24)}
#: Mean width of a character of the bold serif, as a share of its size.
_LATIN = 0.56
_WIDE = 1.0


def name_size(name: str, width: int, scale: float) -> int:
    """Return the size in pixels, before scaling, at which a name looks best.

    It is the largest at which the name is in one line; if there is none, the largest at which no
    single word is alone in the last line; else the largest of all.

    Args:
        name: the newsletter's name, in one line.
        width: `WIDTH` or `PHONE_WIDTH`.
        scale: factor of the letter's type sizes.
    """
    sizes = _SIZES[width]
    lines = [_break(name, width / (size * scale)) for size in sizes]
    for is_good in (_is_one, _has_no_orphan):
        for size, broken in zip(sizes, lines, strict=True):
            if is_good(broken):
                return size
    return sizes[0]


def _is_one(lines: list[int]) -> bool:
    return len(lines) == 1


def _has_no_orphan(lines: list[int]) -> bool:
    return lines[-1] > 1


def _break(name: str, room: float) -> list[int]:
    """Return the number of words in each line; `room` is the width in multiples of the size."""
    lines, used = [0], 0.0
    for word in name.split():
        wide = _measure(word)
        if lines[-1] and used + _LATIN + wide > room:
            lines.append(0)
            used = 0.0
        used += wide + (_LATIN if lines[-1] else 0.0)
        lines[-1] += 1
    return lines


def _measure(word: str) -> float:
    return sum(_WIDE if unicodedata.east_asian_width(c) in "WF" else _LATIN for c in word)
