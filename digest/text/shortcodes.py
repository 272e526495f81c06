"""Removes shortcodes such as `[slideshow_deploy]` and `[caption width="3"]…[/caption]`.

A blog's plugins replace them on its pages; in its feed they remain. Brackets that people write
stay: `[sic]`, `[...]`, `[1]`, `[t]he`.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque

# Stops at the next bracket, so that a text full of open brackets is read only once.
_TAG = re.compile(r"\[(?P<slash>/?)(?P<name>[a-z][\w-]*)(?P<rest>(?:[\s=:/][^\[\]]*)?)\]", re.ASCII)
#: A name with an underscore is not an English word.
_PLUGIN_NAME = re.compile(r"[a-z][a-z0-9-]*_[a-z0-9_-]*[a-z0-9]")
_ATTRIBUTE = re.compile(r"\s[\w-]{1,40}=[\"'“”‘’″&\w]")
_EMPTY = re.compile(r"\[\s*\]")

#: Shortcodes that are removed with their content: a caption, an address, a note or code.
_ENCLOSING = frozenset(
    """audio caption code contact-form embed flickr footnote gallery googlemaps img instagram map
    mappress playlist poll pullquote ref slideshow soundcloud sourcecode spotify tweet twitter
    url video videopress vimeo wp_caption youtube""".split()  # noqa: SIM905
)
#: Shortcodes that are removed without their content, which is the author's text.
_WRAPPING = frozenset(
    """accordion blockquote blog_subscription_form button column columns contact-form-7
    contact-field csswrap dropcap formidable gravityform highlight jetpack-related-posts
    archives row section sharing sidebar spoiler tab tabs toc toggle wpforms quote""".split()  # noqa: SIM905
)


def strip_shortcodes(text: str) -> str:
    """Return `text` without shortcodes, and without the captions and addresses inside them.

    The time is linear in the length of the text.
    """
    tags = [found for found in _TAG.finditer(text) if _is_shortcode(found)]
    if not tags:
        return text
    kept, at = [], 0
    for start, end in _dropped_spans(tags):
        if start >= at:
            kept.append(text[at:start])
        at = max(at, end)
    kept.append(text[at:])
    return _EMPTY.sub("", "".join(kept))


def _is_shortcode(tag: re.Match[str]) -> bool:
    name, rest = tag["name"], tag["rest"]
    return (
        name in _ENCLOSING
        or name in _WRAPPING
        or _PLUGIN_NAME.fullmatch(name) is not None
        or _ATTRIBUTE.match(rest) is not None
    )


def _dropped_spans(tags: list[re.Match[str]]) -> list[tuple[int, int]]:
    """Return the spans to remove: each tag, or from an enclosing tag to its next closing tag."""
    closing: defaultdict[str, deque[re.Match[str]]] = defaultdict(deque)
    for tag in tags:
        if tag["slash"]:
            closing[tag["name"]].append(tag)
    spans = []
    for tag in tags:
        waiting = closing[tag["name"]]
        while waiting and waiting[0].start() <= tag.start():
            waiting.popleft()
        is_opener = not tag["slash"] and tag["name"] in _ENCLOSING and waiting
        spans.append((tag.start(), waiting[0].end() if is_opener else tag.end()))
    return spans
