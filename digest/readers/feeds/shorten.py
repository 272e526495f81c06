"""Limits the tags of a feed document before it is parsed."""

from __future__ import annotations

import re

from digest.readers.limits import MAX_POSTS

#: Tags of one document, one and a half seconds of parsing; honest feeds have 6,000.
MAX_TAGS = 60_000

# Text that looks like markup is skipped.
_MARKUP = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    rb"|</(?:[\w.-]+:)?(?:item|entry)\s*>(?P<end>)"
    rb"|<(?P<post>(?:[\w.-]+:)?(?:item|entry)(?=[\s/>]))?(?P<tag>)",
    re.DOTALL | re.IGNORECASE,
)


def shorten(root: bytes) -> bytes:
    """Return a feed's root element without the posts after the limits; empty if none is left.

    One post more than `MAX_POSTS` stays, so that the reader reports it. What follows the last post
    stays too, so that the document is as well formed as it was.
    """
    if root.count(b"<") <= MAX_TAGS:
        return root
    tags = posts = cut = rest = last = 0
    for found in _MARKUP.finditer(root):
        if found["end"] is not None:
            rest = found.end()
        elif found["tag"] is not None:
            tags += 1
            posts += found["post"] is not None
            last = found.start() if found["post"] else last
            if not cut and (tags > MAX_TAGS or posts > MAX_POSTS + 1):
                if posts < 2:
                    return b""
                cut = last
    return root[:cut] + root[max(cut, rest) :] if cut else root
