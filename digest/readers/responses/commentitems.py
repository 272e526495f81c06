"""Finds the comment elements of a page, and which comment answers which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.readers.limits import MAX_COMMENTS
from digest.readers.responses.comments import wordpress_number
from digest.readers.responses.profiles import PROFILE, Family

#: Steps up from an element; `read_page` limits the nesting to less.
_MAX_STEPS = 120
_DEPTH = re.compile(r"(?:^|[\s_-])(?:depth|comment_level|comment-level)-(\d{1,2})(?:\s|$)")
_NAMES_PING = re.compile(r"(?:^|[\s-])(pingback|trackback)(?:\s|$)")
_LIKES_COMMENT = re.compile(r"comment|reply|article", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One comment's markup."""

    #: The elements of the comment: usually one; in a definition list the term and its descriptions.
    nodes: tuple[LexborNode, ...]
    #: Its `id` in the page; empty if it has none.
    anchor: str
    #: Position of the parent comment; None at the top level.
    parent: int | None
    #: `pingback` or `trackback`, from its class or its list; else empty.
    ping: str


def find_items(tree: LexborHTMLParser, family: Family) -> tuple[Item, ...]:
    """Return the comments' elements in page order, at most one more than `MAX_COMMENTS`."""
    found = tree.css(family.items)
    anchored = tuple(_numbered(found) if family.is_numbered else _plain(found))
    holders = {node.mem_id for node, _ in anchored}
    pings = {node.mem_id for node in tree.css(PROFILE.pings)}
    positions: dict[int, int] = {}
    items: list[Item] = []
    trail: list[int] = []
    for node, anchor in anchored:
        held_in = _around(node, positions)
        parent = held_in if held_in is not None else _by_depth(node, trail)
        trail[_depth(node) - 1 :] = [len(items)]
        positions[node.mem_id] = len(items)
        ping = _ping(node) or ("pingback" if node.mem_id in pings else "")
        nodes = (node, *(each for each in _described(node) if each.mem_id not in holders))
        items.append(Item(nodes=nodes, anchor=anchor, parent=parent, ping=ping))
        if len(items) > MAX_COMMENTS:
            break
    return tuple(items)


def _numbered(found: list[LexborNode]) -> Iterator[tuple[LexborNode, str]]:
    """Yield the outermost element of each number, because themes number several in a comment."""
    outer: dict[str, tuple[LexborNode, str]] = {}
    taken: set[int] = set()
    for node in found:
        anchor = node.attributes.get("id") or ""
        number = wordpress_number(anchor)
        if number in outer and anchor == f"comment-{number}":
            # Links to comments use this anchor.
            outer[number] = outer[number][0], anchor
        if not number or number in outer:
            continue
        holder = _holder(node)
        if holder.mem_id in taken:
            holder = node
        if holder.mem_id in taken:
            continue
        taken.add(holder.mem_id)
        outer[number] = holder, anchor
        if len(outer) > MAX_COMMENTS:
            break
    yield from outer.values()


def _plain(found: list[LexborNode]) -> Iterator[tuple[LexborNode, str]]:
    """Yield the elements that are one comment, not the whole list."""
    for node in {each.mem_id: each for each in found}.values():
        anchor = node.attributes.get("id") or ""
        if anchor != "comments" and not node.css_first("#respond, #commentform"):
            yield node, anchor


def _holder(node: LexborNode) -> LexborNode:
    """Return the element with the whole comment and its answers: the list item around it."""
    around = node.parent
    if node.tag == "a" and not node.text(strip=True):
        beside = _element_beside(node, "next")
        if beside is not None and _LIKES_COMMENT.search(beside.attributes.get("class") or ""):
            return beside
    is_first = _element_beside(node, "prev") is None
    is_in_list = around is not None and around.tag == "li" and node.tag != "li"
    return around if around is not None and is_in_list and is_first else node


def _around(node: LexborNode, positions: dict[int, int]) -> int | None:
    """Return the position of the comment that contains `node`; None if there is none."""
    above = node.parent
    for _ in range(_MAX_STEPS):
        if above is None:
            break
        if above.mem_id in positions:
            return positions[above.mem_id]
        above = above.parent
    return None


def _by_depth(node: LexborNode, trail: list[int]) -> int | None:
    """Return the last comment one level up, for themes with a flat list and depth classes."""
    depth = _depth(node)
    return trail[depth - 2] if 2 <= depth <= len(trail) + 1 else None


def _depth(node: LexborNode) -> int:
    found = _DEPTH.search(node.attributes.get("class") or "")
    return max(1, int(found[1])) if found else 1


def _ping(node: LexborNode) -> str:
    found = _NAMES_PING.search(node.attributes.get("class") or "")
    return found[1] if found else ""


def _described(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the descriptions after the term of a definition list."""
    beside = _element_beside(node, "next") if node.tag == "dt" else None
    while beside is not None and beside.tag == "dd":
        yield beside
        beside = _element_beside(beside, "next")


def _element_beside(node: LexborNode, side: Literal["next", "prev"]) -> LexborNode | None:
    """Return the next or previous element, skipping text and comment nodes."""
    beside: LexborNode | None = getattr(node, side)
    while beside is not None and (beside.tag or "").startswith("-"):
        beside = getattr(beside, side)
    return beside
