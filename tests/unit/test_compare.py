from __future__ import annotations

from digest.composer.compare import compare
from digest.models import AlsoAt, Reason, Story
from tests.support.samples import sample_edition, sample_quote, sample_story

ONE, TWO, THREE, FOUR = (sample_story(number) for number in (1, 2, 3, 4))


def places(before: tuple[Story, ...], after: tuple[Story, ...]) -> list[tuple[int, int, int]]:
    found = compare(sample_edition(stories=before), sample_edition(stories=after))
    return [(move.post_id, move.before, move.after) for move in found.moved]


def test_an_edition_is_the_same_as_itself() -> None:
    assert compare(sample_edition(), sample_edition()).is_same


def test_added_and_removed_stories_are_named_and_move_no_other() -> None:
    found = compare(sample_edition(stories=(ONE, TWO)), sample_edition(stories=(THREE, TWO)))
    assert (found.came, found.went, found.moved) == ((THREE,), (ONE,), ())
    assert not found.is_same


def test_a_story_moved_to_the_front_is_the_only_one_that_moved() -> None:
    assert places((ONE, TWO, THREE, FOUR), (FOUR, ONE, TWO, THREE)) == [(4, 4, 1)]


def test_places_count_only_the_stories_that_both_have() -> None:
    assert places((ONE, TWO, THREE), (FOUR, THREE, ONE)) == [(3, 2, 1)]


def test_changed_words_are_shown_before_and_after() -> None:
    quote = sample_quote(5, "Ruth", "Quite so.")
    new = sample_story(1, title="A better title", excerpt="Shorter.", quotes=(quote,))
    found = compare(sample_edition(stories=(ONE,)), sample_edition(stories=(new,)))
    assert [(change.what, change.before, change.after) for change in found.changed] == [
        ("title", ONE.title, "A better title"),
        ("excerpt", ONE.excerpt, "Shorter."),
        ("quotes", "", "Ruth: Quite so."),
    ]


def test_pins_other_places_and_alt_texts_are_shown() -> None:
    new = sample_story(
        1,
        reason=Reason(code="pinned", text="pinned by an editor"),
        also_at=(AlsoAt(post_id=9, name="Gazette", url="https://gazette.example/9"),),
        image_alt="A ferry",
    )
    found = compare(sample_edition(stories=(ONE,)), sample_edition(stories=(new,)))
    assert [(change.what, change.before, change.after) for change in found.changed] == [
        ("image alt", "", "A ferry"),
        ("pinned", "", "pinned by an editor"),
        ("also at", "", "Gazette"),
    ]
