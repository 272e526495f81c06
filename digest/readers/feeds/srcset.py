"""Finds the file that an `<img>` shows if lazy loading or a choice of sizes hides it from `src`."""

from __future__ import annotations

import html as entities
import re
from collections import deque
from collections.abc import Iterator, Mapping

#: Width that a mail shows at double density, in pixels; more only makes the file larger.
WANTED_WIDTH = 1200
#: Characters of a `srcset`; the rest is not read.
_MAX_CHARS = 20_000

# Attributes in which lazy-loading scripts keep the address, the most reliable first.
_LATE = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "data-hi-res-src")
_LATE_SETS = ("srcset", "data-srcset", "data-lazy-srcset")

_IMAGE = re.compile(r"<img\b(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![\w-])([a-zA-Z][\w-]*+)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"
)
_SIZE = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)([wx])")
#: A placeholder in `src` until the script loads the picture.
_STAND_IN = re.compile(
    r"data:|about:|[^?]*/(?:blank|spacer|placeholder|transparent|pixel|loading|lazy|1x1|grey|gray)"
    r"[^/]*\Z",
    re.IGNORECASE,
)


def show_late_images(html: str) -> str:
    """Return `html` with the real picture of each `<img>` in its `src`; the rest is unchanged.

    Call it before cleaning, which drops the attributes with the address.
    """
    return _IMAGE.sub(_with_source, html)


def source_of(attributes: Mapping[str, str | None]) -> str:
    """Return the address of the file to show for an `<img>`, as written; empty if it has none.

    The `srcset` counts if it offers a file that is large enough, or if `src` is a placeholder.
    """
    plain = attributes.get("src") or ""
    has_plain = bool(plain.strip()) and not _STAND_IN.match(plain.strip())
    sets = [value for name in _LATE_SETS if (value := attributes.get(name))]
    url, width = best_candidate(sets[0]) if sets else ("", 0)
    if url and (width >= WANTED_WIDTH or not has_plain):
        return url
    late = (value.strip() for name in _LATE if (value := attributes.get(name)))
    return plain if has_plain else next((v for v in late if not _STAND_IN.match(v)), "")


def best_candidate(srcset: str) -> tuple[str, int]:
    """Return the address and the width of the best file in a `srcset`.

    The smallest of at least `WANTED_WIDTH`, else the largest; empty and 0 if there is none.
    """
    found = [each for each in _candidates(srcset) if not _STAND_IN.match(each[0])]
    large = [each for each in found if each[1] >= WANTED_WIDTH]
    if large:
        return min(large, key=lambda each: each[1])
    return max(found, key=lambda each: each[1], default=("", 0))


def _candidates(srcset: str) -> Iterator[tuple[str, int]]:
    """Yield address and width of each file (HTML Standard, "parse a srcset attribute")."""
    words = deque(srcset[:_MAX_CHARS].split())
    while words:
        url = words.popleft().lstrip(",")
        size = ""
        if not url.endswith(",") and words:
            # Without a space after the comma, the next address is part of the same word.
            size, _, following = words.popleft().partition(",")
            words.extendleft([following] if following else ())
        if url.strip(","):
            yield url.rstrip(","), _width_of(size)


def _width_of(size: str) -> int:
    """Return the width in pixels; for a density, a number with the same order."""
    found = _SIZE.fullmatch(size)
    if not found:
        return 100
    return int(float(found[1]) * (1 if found[2] == "w" else 100))


def _with_source(found: re.Match[str]) -> str:
    attributes = {
        name.lower(): entities.unescape(a or b or c)
        for name, a, b, c in _ATTRIBUTE.findall(found["attributes"])
    }
    if attributes.keys().isdisjoint((*_LATE, *_LATE_SETS)):
        return found[0]
    attributes["src"] = source_of(attributes)
    kept = ((name, attributes.get(name)) for name in ("src", "alt", "width", "height"))
    written = (f'{name}="{entities.escape(value)}"' for name, value in kept if value)
    return f"<img {' '.join(written)}>"
