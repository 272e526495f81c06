"""One name for one comment, whichever source gives it.

WordPress names a comment by its number in its feeds, its REST API, its pages and its exports, each
time in another dress; here it is always `comment-12`. Other systems keep their own names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from digest.models import ParsedComment
from digest.readers.limits import take_identifier

_MARK = "#comment-"
_NUMBER = re.compile(r"[0-9]{1,20}")
# `wpd-comm-12_7` is wpDiscuz's 12th comment, an answer to the 7th.
_NAME = re.compile(
    r"(?:(?:li-|div-)?comment-(?P<core>[0-9]{1,20})|(?:wc|wpd)-comm-(?P<discuz>[0-9]{1,20})_[0-9]+)"
)


def name_comment(identifier: str, link: str = "") -> str:
    """Give the name under which a comment is stored; empty where nothing identifies it.

    Args:
        identifier: as the source writes it: a guid, an `id` of the markup, a number of its own.
        link: the comment's address; it names a WordPress comment where the identifier does not.
    """
    number = wordpress_number(identifier) or wordpress_number(link)
    return f"comment-{number}" if number else take_identifier(identifier)


def wordpress_number(written: str) -> str:
    """Give the number in what names a WordPress comment; empty where it names none."""
    written = written.strip()
    _, mark, number = written.rpartition(_MARK)
    if mark and _NUMBER.fullmatch(number):
        return number
    found = _NAME.fullmatch(written)
    return (found["core"] or found["discuz"]) if found else ""


def tidy(comments: Iterable[ParsedComment]) -> tuple[ParsedComment, ...]:
    """Give each comment once, without parents that are not among them or that answer themselves."""
    once: dict[str, ParsedComment] = {}
    for comment in comments:
        once.setdefault(comment.external_id, comment)
    parents = {name: found.parent_id for name, found in once.items() if found.parent_id in once}
    for name in _circling(parents):
        del parents[name]
    return tuple(
        replace(comment, parent_id=parents.get(name, "")) for name, comment in once.items()
    )


def _circling(parents: dict[str, str]) -> set[str]:
    """Give the names whose parents lead back to them; each is looked at once."""
    seen_from: dict[str, str] = {}
    circling: set[str] = set()
    for start in parents:
        name = start
        while name in parents and name not in seen_from:
            seen_from[name] = start
            name = parents[name]
        while seen_from.get(name) == start and name not in circling:
            circling.add(name)
            name = parents[name]
    return circling
