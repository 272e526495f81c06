from __future__ import annotations

import pytest

from digest.pipeline.collect.posts import follow_moves
from digest.store.feeds import Moves

URL = "http://a.example/feed"
NEW = "https://www.a.example/feed"
OTHER = "https://b.example/feed"


def after(*targets: str) -> tuple[Moves, list[str]]:
    """Return the stored state after these redirects, and the notes of each."""
    moves, told = Moves(), []
    for target in targets:
        moves, line = follow_moves(URL, moves, target)
        told.append(line)
    return moves, told


def test_a_move_within_the_site_is_followed_after_three_sightings() -> None:
    moves, told = after(NEW, NEW)
    assert (moves.settled, told) == ("", ["", ""])
    moves, told = after(NEW, NEW, NEW)
    assert moves == Moves(settled=NEW)
    assert NEW in told[2]
    assert "fetched from there" in told[2]


def test_a_move_to_another_site_is_reported_once_and_never_followed() -> None:
    moves, told = after(*[OTHER] * 9)
    assert moves.settled == ""
    assert [bool(line) for line in told] == [False, False, True, *[False] * 6]
    assert "another site" in told[2]


@pytest.mark.parametrize("between", ["", OTHER])
def test_only_consecutive_sightings_count(between: str) -> None:
    moves, told = after(NEW, NEW, between, NEW, NEW)
    assert (moves.settled, any(told)) == ("", False)


def test_a_moved_feed_stays_moved_until_it_moves_again() -> None:
    assert after(NEW, NEW, NEW, "")[0].settled == NEW
    further = "https://www.a.example/further"
    assert after(*[NEW] * 3, *[further] * 3)[0] == Moves(settled=further)
    assert after(*[NEW] * 3, *[OTHER] * 3)[0].settled == NEW
    assert after(*[NEW] * 3, URL)[0] == Moves()
