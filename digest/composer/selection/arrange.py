"""Puts stories at the places in their sections that an editor gave them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from digest.composer.selection.rank import Pick
from digest.models import Choice


def arrange(ranked: Sequence[Pick]) -> tuple[Pick, ...]:
    """Return the picks with those that an editor placed at their places; the others keep theirs.

    A place counts within a section, below the top story: the first one that has no place. Each
    section keeps the places that it has among all stories.

    Args:
        ranked: the picks in rank order.
    """
    if not any(pick.place for pick in ranked):
        return tuple(ranked)
    ordered = _with_top_first(ranked)
    top = next((pick for pick in ordered if pick.is_new), None)
    sections: defaultdict[str, list[int]] = defaultdict(list)
    for at, pick in enumerate(ordered):
        if pick.is_new and pick is not top:
            sections[pick.home].append(at)
    for places in sections.values():
        here = _order_section([ordered[at] for at in places])
        for at, pick in zip(places, here, strict=True):
            ordered[at] = replace(pick, behind="") if pick.place else pick
    return tuple(ordered)


def _with_top_first(ranked: Sequence[Pick]) -> list[Pick]:
    """Move the first new story without a place before the new ones that have one."""
    ordered = list(ranked)
    new = [at for at, pick in enumerate(ordered) if pick.is_new]
    free = next((at for at in new if not ordered[at].place), None)
    if new and free is not None:
        ordered.insert(new[0], ordered.pop(free))
    return ordered


def _order_section(picks: list[Pick]) -> list[Pick]:
    order = order_placed([(pick.place, at) for at, pick in enumerate(picks)])
    return [picks[at] for at in order]


def order_placed(items: Iterable[tuple[int, int]]) -> list[int]:
    """Return the keys of items in order: each with a place is there, the others fill the rest.

    Args:
        items: pairs of a place from 1, or 0, and a key; those without a place in their order.
    """
    pairs = list(items)
    free = [key for place, key in pairs if not place]
    placed = sorted((pair for pair in pairs if pair[0]), key=lambda pair: pair[0])[::-1]
    order: list[int] = []
    while placed or free:
        if placed and (placed[-1][0] <= len(order) + 1 or not free):
            order.append(placed.pop()[1])
        else:
            order.append(free.pop(0))
    return order


def places_after(
    order: Sequence[int], choices: dict[int, Choice], post_id: int, place: int
) -> dict[int, int]:
    """Return the places of the placed posts of a section after a post was moved within it.

    Args:
        order: the post ids of the section below the top story, as shown; with the moved one if it
            is there.
        choices: the editor's choices, by post id.
        post_id: the moved post.
        place: its new place, from 1.
    """
    rest = [each for each in order if each != post_id]
    at = min(max(place, 1), len(rest) + 1) - 1
    after = [*rest[:at], post_id, *rest[at:]]
    return {
        each: number
        for number, each in enumerate(after, 1)
        if each == post_id or choices.get(each, Choice()).place
    }
