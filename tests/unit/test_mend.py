"""Leaving out faulty parts: first the part, then the story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.composer.mend import Mend, mend
from digest.composer.snapshot import edition_from_json, edition_to_json
from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter
from digest.letter.writer import LetterWriter
from digest.models import AlsoAt, Edition, Finding, Reason, Story, Variant
from digest.pipeline.prepare import MendedEdition, general_mail, render_all
from tests.support.checking import SAID, WORDS
from tests.support.samples import (
    IMAGES,
    sample_edition,
    sample_facts,
    sample_identity,
    sample_quote,
    sample_renderer,
    sample_site,
    sample_story,
)

WHY = Reason(code="E00", text="for the test")
STORY = sample_story(
    1,
    excerpt=WORDS,
    lead_excerpt=WORDS,
    image_url=f"{IMAGES}a.jpg",
    image_alt="A harbour",
    lead_image_url=f"{IMAGES}b.jpg",
    quotes=(
        replace(sample_quote(7, "Ruth", SAID), url="https://lantern.example/7"),
        sample_quote(8, "Ann", SAID),
    ),
    also_at=(AlsoAt(post_id=5, name="The Lamp", url="https://lamp.example/5"),),
)


def edition_of(*stories: Story) -> Edition:
    return sample_edition(stories=stories)


def without(*parts: str, story: Story = STORY) -> tuple[Edition, tuple[Mend, ...]]:
    return mend(edition_of(story, sample_story(2)), {1: dict.fromkeys(parts, WHY)})


@pytest.mark.parametrize(
    ("part", "left"),
    [
        ("excerpt", {"excerpt": "", "lead_excerpt": ""}),
        ("image", {"image_url": "", "lead_image_url": None, "image_alt": ""}),
        ("alt", {"image_alt": ""}),
        ("author", {"author": ""}),
        ("also:5", {"also_at": ()}),
    ],
)
def test_a_part_is_dropped_and_its_reason_stays(part: str, left: dict[str, object]) -> None:
    edition, mends = without(part)
    assert edition.stories[0] == replace(STORY, mended=(WHY,), **left)  # type: ignore[arg-type]  # fields named by the case
    assert edition.omitted == ()
    assert [(each.part, each.reason) for each in mends] == [(part, WHY)]


def test_a_dropped_quote_is_listed_as_not_quoted() -> None:
    edition, _ = without("quote:7")
    story = edition.stories[0]
    assert [quote.comment_id for quote in story.quotes] == [8]
    assert [(each.comment_id, each.reason) for each in story.not_quoted] == [(7, WHY)]


def test_only_the_link_of_a_quote_is_dropped() -> None:
    edition, _ = without("link:7")
    assert [quote.url for quote in edition.stories[0].quotes] == ["", ""]
    assert edition.stories[0].mended == (WHY,)


def test_several_parts_are_dropped_at_once() -> None:
    edition, mends = without("excerpt", "image", "quote:7")
    assert (edition.stories[0].excerpt, edition.stories[0].image_url) == ("", "")
    assert len(edition.stories[0].mended) == 2
    assert len(mends) == 3


@pytest.mark.parametrize("parts", [("",), ("excerpt", "")])
def test_a_fault_of_the_story_drops_the_story(parts: tuple[str, ...]) -> None:
    edition, mends = without(*parts)
    assert [story.post_id for story in edition.stories] == [2]
    assert [(each.post_id, each.reason) for each in edition.omitted] == [(1, WHY)]
    assert [each.part for each in mends] == [""]


@pytest.mark.parametrize("part", ["excerpt", "quote:9", "a part that nobody knows"])
def test_a_fault_that_remains_without_its_part_drops_the_story(part: str) -> None:
    bare = replace(STORY, excerpt="", lead_excerpt="")
    edition, _ = without(part, story=bare)
    assert [story.post_id for story in edition.stories] == [2]


def test_nothing_changes_without_a_fault() -> None:
    before = edition_of(STORY)
    assert mend(before, {}) == (before, ())
    assert mend(before, {99: {"": WHY}}) == (before, ())


def test_mends_survive_the_snapshot() -> None:
    edition, _ = without("excerpt")
    assert edition_from_json(edition_to_json(edition)) == edition


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("", "Story number 1"),
        ("excerpt", "excerpt of Story number 1"),
        ("quote:7", "comment 7 of Story number 1"),
        ("link:7", "link of comment 7 of Story number 1"),
    ],
)
def test_a_mend_names_the_dropped_part(part: str, words: str) -> None:
    assert Mend(post_id=1, title=STORY.title, part=part, reason=WHY).words == words


# --- with real letters -----------------------------------------------------------------------


def letter_writer_of(kind: type[LetterWriter] = LetterWriter) -> LetterWriter:
    return kind(
        site=sample_site(),
        renderer=sample_renderer(),
        facts=sample_facts(),
        identity=sample_identity(),
    )


def settled(story: Story, *, gone: frozenset[int] = frozenset()) -> MendedEdition:
    other = sample_story(2, excerpt=WORDS)
    return render_all(
        edition_of(story, other), letter_writer_of(), Present(gone_comments=gone), general_mail
    )


def faults_left(outcome: MendedEdition) -> list[Finding]:
    return [
        finding
        for each in outcome.rendered.values()
        for finding in each.letter.findings
        if finding.is_error
    ]


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"excerpt": f"{WORDS} [slideshow_deploy]"}, ["excerpt"]),
        ({"image_url": f"{IMAGES}a.svg"}, ["image"]),
        ({"image_alt": "IMG_2031.JPG"}, ["alt"]),
        ({"author": "[author_box]"}, ["author"]),
        ({"quotes": (sample_quote(7, "ruth@lantern.example", SAID),)}, ["quote:7"]),
        ({"title": "[gallery ids=1]"}, [""]),
        ({"url": "javascript:alert(1)"}, [""]),
        ({"quotes": (sample_quote(7, "Ruth", "No."),), "image_alt": "a.png"}, ["alt", "quote:7"]),
    ],
)
def test_a_letter_is_written_again_without_the_part(
    changes: dict[str, object], parts: list[str]
) -> None:
    outcome = settled(replace(STORY, lead_image_url=None, **changes))  # type: ignore[arg-type]  # fields named by the case
    assert sorted(each.part for each in outcome.mends) == parts
    assert faults_left(outcome) == []


def test_a_comment_that_was_deleted_is_not_quoted() -> None:
    outcome = settled(STORY, gone=frozenset({7}))
    (letter,) = [each.letter for each in outcome.rendered.values()]
    assert "Ruth" not in letter.html + letter.text
    assert "Ann" in letter.html
    assert outcome.edition.stories[0].not_quoted[-1].reason.text.endswith("was deleted")


class StubbornWriter(LetterWriter):
    """Always finds a fault in a part of the first story, also after the part was removed."""

    def write(
        self,
        edition: Edition,
        variant: Variant,
        present: Present = Present(),  # noqa: B008 - frozen
    ) -> Letter:
        letter = super().write(edition, variant, present)
        fault = Finding(
            rule="E07", is_error=True, place="here", text="bad", post_id=1, part="image"
        )
        is_shown = any(story.post_id == 1 for story in edition.stories)
        return replace(letter, findings=(fault,) if is_shown else ())


def test_if_the_fault_remains_the_story_is_dropped() -> None:
    edition = edition_of(STORY, sample_story(2))
    outcome = render_all(edition, letter_writer_of(StubbornWriter), Present(), general_mail)
    assert [each.part for each in outcome.mends] == ["image", ""]
    assert [story.post_id for story in outcome.edition.stories] == [2]


def test_an_edition_may_lose_its_last_story() -> None:
    edition = edition_of(replace(STORY, url="nowhere"))
    outcome = render_all(edition, letter_writer_of(), Present(), general_mail)
    assert outcome.edition.stories == ()
    assert outcome.rendered == {}
