"""What the shared types say about themselves."""

from __future__ import annotations

import pytest

from digest.models import Accounting
from tests.support.samples import sample_story


def test_deliveries_are_counted_by_the_states_that_people_see() -> None:
    shown = dict(Accounting(frozen=7, sent=3, deferred=2, pending=2).shown)
    assert sum(shown.values()) == 7
    assert shown["sent"] == 3
    assert all(shown.values())


@pytest.mark.parametrize(
    ("moved_to", "sections", "home"),
    [
        ("", ("Economy", "Security"), "Security"),
        ("Economy", ("Security", "Economy"), "Economy"),
        # A subscriber without that section gets it in another one of its own.
        ("Economy", ("Security",), "Security"),
        ("", ("Culture",), None),
    ],
)
def test_a_story_is_printed_in_one_section(
    moved_to: str, sections: tuple[str, ...], home: str | None
) -> None:
    story = sample_story(1, categories=("Security", "Defence"), section=moved_to)
    assert story.home_in(sections) == home
