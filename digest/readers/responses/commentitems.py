"""Finds the comment elements of a page, and which comment answers which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.readers.limits import MAX_COMMENTS
from digest.readers.responses.commentids import wordpress_number
from digest.readers.responses.profiles import PROFILE, Family

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
    #: Whether it is beside the page's content, where lists of recent comments are.
    is_beside: bool = False


def find_items(tree: LexborHTMLParser, family: Family) -> tuple[Item, ...]:
    """Return the comments' elements in page order, at most one more than `MAX_COMMENTS`."""
    selector = f"{family.items}, {PROFILE.notices}" if family.is_numbered else family.items
    found = tree.css(selector)
    anchored = tuple(_numbered(found, family.items) if family.is_numbered else _plain(found))
    holders = {node.mem_id for node, _ in anchored}
    pings = {node.mem_id for node in tree.css(PROFILE.pings)}
    beside = {node.mem_id: 0 for node in tree.css(PROFILE.beside)}
    positions: dict[int, int] = {}
    items: list[Item] = []
    trail: list[int] = []
    for node, anchor in anchored:
        depth = _depth(node)
        held_in = _around(node, positions)
        # The depth of the theme is right even if an element around the comment was not closed.
        parent = _by_depth(depth, trail, held_in) if depth else held_in
        trail[max(depth, 1) - 1 :] = [len(items)]
        positions[node.mem_id] = len(items)
        ping = _ping(node) or ("pingback" if node.mem_id in pings else "")
        nodes = (node, *(each for each in _described(node) if each.mem_id not in holders))
        is_beside = bool(beside) and _around(node, beside) is not None
        items.append(
            Item(nodes=nodes, anchor=anchor, parent=parent, ping=ping, is_beside=is_beside)
        )
        if len(items) > MAX_COMMENTS:
            break
    return tuple(items)


def _numbered(found: list[LexborNode], items: str) -> Iterator[tuple[LexborNode, str]]:
    """Yield the outermost element of each number, because themes number several in a comment.

    Many themes print pingbacks in the list of comments without a number: these are yielded, too.
    """
    outer: dict[str, tuple[LexborNode, str]] = {}
    taken: dict[int, int] = {}
    for node in found:
        anchor = node.attributes.get("id") or ""
        number = wordpress_number(anchor)
        if number in outer and anchor == f"comment-{number}":
            # Links to comments use this anchor.
            outer[number] = outer[number][0], anchor
        if number in outer:
            continue
        if not number:
            is_notice = _ping(node) and node.mem_id not in taken and not node.css_first(items)
            if is_notice and _around(node, taken) is None:
                taken[node.mem_id] = len(outer)
                outer[f"notice {len(outer)}"] = node, ""
            continue
        holder = _holder(node)
        if holder.mem_id in taken:
            holder = node
        if holder.mem_id in taken:
            continue
        taken[holder.mem_id] = len(outer)
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
    while above is not None and above.mem_id not in positions:
        above = above.parent
    return None if above is None else positions[above.mem_id]


def _by_depth(depth: int, trail: list[int], held_in: int | None) -> int | None:
    """Return the last comment one level up; the one around it if the theme printed none there."""
    if depth == 1:
        return None
    return trail[depth - 2] if depth <= len(trail) + 1 else held_in


def _depth(node: LexborNode) -> int:
    """Return the depth in the classes, 1 for a comment that answers none; 0 if there is none."""
    found = _DEPTH.search(node.attributes.get("class") or "")
    return max(1, int(found[1])) if found else 0


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
