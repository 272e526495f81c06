"""Names comments: the same comment has the same name in feeds, pages and the REST interface."""

from __future__ import annotations

import re

from digest.readers.limits import take_identifier

_MARK = "#comment-"
_NUMBER = re.compile(r"[0-9]{1,20}")
# `wpd-comm-12_7` is wpDiscuz's 12th comment, an answer to the 7th.
_NAME = re.compile(
    r"(?:(?:li-|div-)?comment-(?P<core>[0-9]{1,20})|(?:wc|wpd)-comm-(?P<discuz>[0-9]{1,20})_[0-9]+)"
)


def name_comment(identifier: str, link: str = "") -> str:
    """Return the name under which a comment is stored; empty if nothing identifies it.

    Args:
        identifier: the source's identifier: a guid, an `id` in the markup, a number.
        link: the comment's address, used if only it contains a WordPress comment number.
    """
    number = wordpress_number(identifier) or wordpress_number(link)
    return f"comment-{number}" if number else take_identifier(identifier)


def wordpress_number(written: str) -> str:
    """Return the WordPress comment number in an identifier or link; empty if it has none."""
    written = written.strip()
    _, mark, number = written.rpartition(_MARK)
    if mark and _NUMBER.fullmatch(number):
        return number
    found = _NAME.fullmatch(written)
    return (found["core"] or found["discuz"]) if found else ""
