"""Places that an editor gave, shortened quotes, and results that are remembered."""

from __future__ import annotations

from random import Random

import pytest

from digest.composer.memo import remembered
from digest.composer.quotes.trim import strange_words
from digest.composer.selection.arrange import order_placed, places_after
from digest.models import Choice, How, Picking
from tests.support.composing import a_candidate
from tests.unit.test_composer_select import chosen, order

SAID = "I do not like it. “Mills turn,” they say… but not here! 日本の橋は古い。"


@pytest.mark.parametrize(
    ("items", "order"),
    [
        ([(0, 1), (0, 2), (0, 3)], [1, 2, 3]),
        ([(0, 1), (0, 2), (1, 3)], [3, 1, 2]),
        ([(9, 1), (0, 2)], [2, 1]),
        ([(2, 1), (2, 2), (0, 3)], [3, 1, 2]),
        ([], []),
    ],
)
def test_placed_items_are_at_their_places_and_the_rest_fills_up(
    items: list[tuple[int, int]], order: list[int]
) -> None:
    assert order_placed(items) == order


def test_any_series_of_moves_gives_exactly_the_order_that_was_asked_for() -> None:
    random = Random(7)
    choices: dict[int, Choice] = {}
    shown = list(range(1, 13))
    for _ in range(300):
        moved, place = random.choice(shown), random.randint(1, 12)
        rest = [each for each in shown if each != moved]
        wanted = [*rest[: place - 1], moved, *rest[place - 1 :]]
        for post_id, at in places_after(shown, choices, moved, place).items():
            choices[post_id] = Choice(place=at)
        ranked = [(choices.get(each, Choice()).place, each) for each in range(1, 13)]
        shown = order_placed(ranked)
        assert shown == wanted


@pytest.mark.parametrize(
    ("trim", "strange"),
    [
        ("I do not like it.", ""),
        ("i do … like it", ""),
        ("I do [...] not here!", ""),
        ("they say but not here", ""),
        ("日本の橋", "日本の橋"),
        ("not here … I do", "I do"),
        ("o not like", "o not like"),
        ("I like it", "I like it"),
        ("", ""),
    ],
)
def test_a_shortened_quote_has_only_words_of_its_comment(trim: str, strange: str) -> None:
    assert strange_words(trim, SAID) == strange


def test_a_text_without_spaces_is_cut_anywhere() -> None:
    assert strange_words("橋は古い", "日本の橋は古い。本当に古い橋です。") == ""


@pytest.mark.parametrize(
    ("how", "comment_id", "expected"),
    [
        (How.ADD, 9, (1, 2, 9)),
        (How.ADD, 1, (2, 1)),
        (How.REMOVE, 1, (2,)),
        (How.UP, 2, (2, 1)),
        (How.UP, 1, (1, 2)),
        (How.SWAP, 9, (9, 2)),
        (How.RESET, 1, None),
    ],
)
def test_comments_are_picked(how: How, comment_id: int, expected: tuple[int, ...] | None) -> None:
    picking = Picking(post_id=1, comment_id=comment_id, how=how, instead_of=1)
    assert picking.apply((1, 2)) == expected


def test_a_remembered_function_runs_once_for_equal_values() -> None:
    runs: list[object] = []

    @remembered
    def slow(text: str, *, times: int = 1) -> str:
        runs.append(text)
        return text * times

    assert [slow("a"), slow("a"), slow("b"), slow("a", times=2)] == ["a", "a", "b", "aa"]
    assert len(runs) == 3


# --- in an edition ----------------------------------------------------------------------------


def placed(choices: dict[int, Choice]) -> tuple[list[int], dict[int, str]]:
    """Return the order of four posts with these choices, and the reason of each."""
    selection = chosen(*(a_candidate(id=number) for number in range(1, 5)), choices=choices)
    return order(selection), {
        each.pick.candidate.post.id: each.reason.text for each in selection.picks
    }


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({4: 1}, [1, 4, 2, 3]),
        # The first post without a place is the top story.
        ({1: 1}, [2, 1, 3, 4]),
        ({1: 4, 2: 3, 3: 2, 4: 1}, [1, 4, 3, 2]),
    ],
)
def test_an_editor_places_stories_below_the_top_one(
    places: dict[int, int], expected: list[int]
) -> None:
    choices = {number: Choice(place=place) for number, place in places.items()}
    assert placed(choices)[0] == expected


def test_reasons_name_what_an_editor_changed() -> None:
    choices = {1: Choice(section="Economy"), 2: Choice(title="New"), 4: Choice(place=1)}
    _, reasons = placed(choices)
    assert reasons[1].endswith("; moved to Economy by an editor")
    assert reasons[2].endswith("; words changed by an editor")
    assert reasons[3] == "new in Security, of today"
    assert reasons[4].startswith("put at place 1 of Security by an editor; ")


def test_a_place_counts_in_a_section_moved_to() -> None:
    """Each section keeps the places that it has among all stories."""
    choices = {3: Choice(section="Economy"), 4: Choice(section="Economy", place=1)}
    assert placed(choices)[0] == [1, 2, 4, 3]
