"""Removes from HTML what its visitors do not read as the author's text.

These are hidden elements, forms, and other people's words: embedded posts and transcripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from digest.text.formulas import mathml_text

#: Elements that the cleaner removes with their content: controls, players, navigation, readings.
CONTROLS = frozenset(
    """audio button canvas datalist nav object option progress rp rt select template textarea
    video""".split()  # noqa: SIM905
)

_PREFIX = r"(?:(?!tag|category|not|no)[a-z0-9]+[-_]+){0,3}"
# Names that style sheets of frameworks and blog systems share.
_FOR_SCREEN_READERS = re.compile(
    rf"{_PREFIX}(?:sr-?only|visually-?hidden|screen-?readers?(?:-(?:text|only|message))?"
    r"|show-for-sr|element-invisible|assistive-text|off-?screen)",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    rf"{_PREFIX}(?:embed(?:ded)?|tweet|spoilers?|transcript|onebox|instagram-media"
    r"|text-post-media|fb-(?:post|video)|twitter-video)(?:[-_]+[a-z0-9]+)*",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE
)
_CANDIDATES = "aside, details, dialog, form, [hidden], [aria-hidden], [style], [class]"


def drop_unseen(html: str) -> str:
    """Return `html` without head, hidden elements, forms and embeds; MathML becomes text.

    Args:
        html: HTML of limited depth.
    """
    if "<" not in html:
        return html
    try:
        tree = LexborHTMLParser(html)
    except SelectolaxError:  # it needs more memory than a worker has; the cleaner may not
        return html
    head, body = tree.head, tree.body
    if body is None:
        return html
    size = len(body.text(deep=True))
    unseen = [node for node in body.css(_CANDIDATES) if _is_unseen(node, size)]
    has_head = head is not None and head.child is not None
    if not (has_head or unseen or body.css_first("math")):
        return html
    remove_nodes(unseen)
    for node in reversed(body.css("math")):
        node.replace_with(mathml_text(node))
    return body.inner_html or ""


def remove_nodes(nodes: Iterable[LexborNode]) -> None:
    """Remove elements with their content from their tree.

    Args:
        nodes: in the order of the document; an element may occur more than once.
    """
    # Removal frees the memory of everything inside: from the end, each inner element goes first.
    for node in reversed(list({node.mem_id: node for node in nodes}.values())):
        node.decompose(recursive=True)


def _is_unseen(node: LexborNode, size: int) -> bool:
    """Whether an element is removed from a text of `size` characters."""
    attributes = node.attributes
    if node.tag == "body":
        return False
    if node.tag in ("details", "dialog"):
        return "open" not in attributes
    if node.tag == "form":
        # Some sites put the whole page into one form.
        return len(node.text(deep=True)) * 2 <= size or node.css_first("p") is None
    if node.tag == "aside" or "hidden" in attributes:
        return True
    if attributes.get("aria-hidden") == "true":
        # A link around a post's picture is hidden from screen readers alone.
        is_picture = node.tag == "img" or node.css_first("img") is not None
        return not is_picture and not _is_part_of_word(node)
    if _HIDDEN_STYLE.search(attributes.get("style") or "") and node.tag != "img":
        return True
    names = (attributes.get("class") or "").split()
    if any(map(_FOR_SCREEN_READERS.fullmatch, names)):
        return not _says_what_is_hidden(node)
    return any(map(_OF_OTHERS.fullmatch, names))


def _is_part_of_word(node: LexborNode) -> bool:
    """Whether visible text goes on directly after a hidden letter: a large first letter."""
    after = node.next
    said = node.text(deep=True)
    is_glued = after is not None and after.tag == "-text" and after.text(deep=True)[:1].isalpha()
    return is_glued and said[-1:].isalpha()


def _says_what_is_hidden(node: LexborNode) -> bool:
    """Whether a text for screen readers replaces words that are hidden from them."""
    return any(
        other is not None
        and other.tag != "-text"
        and other.attributes.get("aria-hidden") == "true"
        and any(map(str.isalnum, other.text(deep=True)))
        for other in (node.prev, node.next)
    )
