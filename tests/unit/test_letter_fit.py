"""Keeping a letter within its size: the parts that are cut, their order, and the parts kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.letter.checks.reading import MAX_BYTES
from digest.letter.fit import Fitted, Scale, fit_variant, forecast_cuts, measure
from digest.letter.letter import write_letter
from digest.letter.planning.shortening import SHORT_WORDS, shorten_excerpt
from digest.letter.planning.subject import shown_title
from digest.letter.planning.trimming import shorten_excerpts
from digest.letter.printing.inline import inline_css
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.presentation import build_view
from digest.models import Edition, Poll, Story, Variant
from digest.text.sentences import is_paired
from tests.support.checking import SAID, WORDS
from tests.support.mastheads import change_edition
from tests.support.samples import (
    IMAGES,
    plan_for_all,
    sample_edition,
    sample_facts,
    sample_quote,
    sample_renderer,
    sample_site,
    sample_story,
)

pytestmark = pytest.mark.slow

MARKS = PlaceMarks(seed="0" * 16)
SECTIONS = ("Security", "Economy", "Culture")
FOOTER = ("_leave_url_", "_preferences_url_", "_address_", "14 Wharf Lane")
POLL = Poll(question="Should towns share a brigade?", choices=("Yes, they should", "No, never"))
#: As heavy as the design allows: 330 characters of excerpt, two quotes of 280.
LONG_WORDS = " ".join([WORDS] * 4)[:330].rpartition(" ")[0] + "."
LONG_SAID = " ".join([SAID] * 3)
_RENDERER = sample_renderer()


class Inliner:
    """Inlines as letters do, and counts the calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, page: str) -> str:
        self.calls += 1
        return inline_css(page)


def heavy_story(number: int, *, quotes: int = 2, words: str = LONG_WORDS) -> Story:
    said = tuple(
        sample_quote(number * 10 + place, f"Person {place}", LONG_SAID) for place in range(quotes)
    )
    return sample_story(
        number,
        title=f"Story number {number} of a long week on the estuary",
        categories=(SECTIONS[number % 3],),
        excerpt=words,
        lead_excerpt=words,
        image_url=f"{IMAGES}{number}.jpg",
        image_alt="Rooftops of a town in the evening",
        comment_count=number,
        quotes=said,
    )


def heavy(count: int, **story: int) -> Edition:
    stories = tuple(heavy_story(number, **story) for number in range(1, count + 1))  # type: ignore[arg-type]  # fields named by the test
    return sample_edition(stories=stories, max_posts_per_category=count, cut_seq=9999, poll=POLL)


def draw(edition: Edition, variant: Variant) -> str:
    site = sample_site()
    return _RENDERER.render_mail(build_view(edition, variant, site, MARKS))


def fit(edition: Edition, inline: Inliner | None = None, *, max_bytes: int = MAX_BYTES) -> Fitted:
    variant = plan_for_all(edition)
    return fit_variant(
        variant,
        lambda each: draw(edition, each),
        inline or Inliner(),
        language=edition.language,
        max_bytes=max_bytes,
    )


def full(variant: Variant) -> list[Story]:
    lead = [variant.lead] if variant.lead else []
    return lead + [story for section in variant.sections for story in section.stories]


def titles(variant: Variant) -> list[Story]:
    return [story for section in variant.sections for story in section.titles]


def more(variant: Variant) -> list[Story]:
    return [story for section in variant.sections for story in section.more]


def sample_of(count: int) -> Edition:
    """Return an edition of this number of stories like those of the sample."""
    base = sample_edition().stories
    stories = tuple(
        replace(base[at % 8], post_id=at + 1, seq=101 + at, url=f"{base[at % 8].url}{at}")
        for at in range(count)
    )
    return sample_edition(stories=stories, max_posts_per_category=count, cut_seq=9999)


@pytest.mark.parametrize(
    ("count", "most"), [(1, 20_000), (8, 35_000), (15, 60_000), (25, 90_000), (40, 90_000)]
)
def test_editions_of_every_size_fit(count: int, most: int) -> None:
    fitted = fit(sample_of(count))
    assert measure(fitted.html) <= most
    assert bool(fitted.variant.trims) == (count > 25)


def test_a_letter_that_fits_is_unchanged_and_inlined_once() -> None:
    edition, inline = heavy(8), Inliner()
    fitted = fit(edition, inline)
    assert fitted.variant == plan_for_all(edition)
    assert inline.calls == 1


#: The parts left after each step, by the size allowed.
STEPS = [
    "second quotes left out",
    "quotes left out, but for those of the post at the top",
    f"excerpts cut to {SHORT_WORDS} words",
    "posts with the title alone",
    'posts behind "and N more"',
]


@pytest.mark.parametrize(("room", "steps"), [(99, 1), (75, 2), (62, 3), (44, 4), (32, 5), (1, 5)])
def test_the_steps_come_in_the_order_in_which_they_hurt(room: int, steps: int) -> None:
    variant = fit(heavy(30), max_bytes=room * 1000).variant
    assert [trim.partition(" ")[2] for trim in variant.trims] == STEPS[:steps]


@pytest.mark.parametrize("room", [99, 52, 1])
def test_the_footer_and_the_poll_are_never_cut(room: int) -> None:
    html = fit(heavy(30), max_bytes=room * 1000).html
    for words in (*FOOTER, POLL.question, *POLL.choices):
        assert words in html


def test_second_quotes_are_dropped_and_first_ones_stay() -> None:
    variant = fit(heavy(30), max_bytes=99_000).variant
    assert {len(story.quotes) for story in full(variant)} == {1}


@pytest.mark.quick
def test_the_post_at_the_top_keeps_its_comment_and_picture() -> None:
    variant = fit(heavy(30), max_bytes=60_000).variant
    assert variant.lead is not None
    assert [len(story.quotes) for story in full(variant)] == [1] + [0] * 29
    assert variant.lead.image_url
    pictures = [[bool(s.image_url) for s in section.stories] for section in variant.sections]
    assert all(shown == [True] + [False] * (len(shown) - 1) for shown in pictures)


def test_stories_without_room_are_counted_under_and_n_more() -> None:
    variant = fit(heavy(30), max_bytes=32_000).variant
    assert all(len(section.stories) <= 3 for section in variant.sections)
    assert more(variant)
    assert variant.count == len(full(variant)) + len(titles(variant)) == 30 - len(more(variant))
    assert sorted(s.post_id for s in (*full(variant), *titles(variant), *more(variant))) == list(
        range(1, 31)
    )


@pytest.mark.quick
def test_hardly_more_posts_than_necessary_are_under_and_n_more() -> None:
    # A line with a title alone is in no page before, so its size is guessed, and rather too large.
    edition = heavy(30)
    cut = fit(edition, max_bytes=32_000)
    section = next(each for each in cut.variant.sections if each.more)
    longer = replace(section, titles=(*section.titles, section.more[0]), more=section.more[1:])
    sections = tuple(longer if each is section else each for each in cut.variant.sections)
    back = inline_css(draw(edition, replace(cut.variant, sections=sections)))
    assert measure(cut.html) <= 32_000 < measure(back) + 1_500


def test_the_key_distinguishes_a_cut_variant_from_a_whole_one() -> None:
    edition = heavy(30)
    keys = {fit(edition, max_bytes=room * 1000).variant.key for room in (400, 99, 60, 36, 32)}
    assert len(keys) == 5


def test_the_size_after_inlining_is_predicted() -> None:
    edition = heavy(30)
    page = draw(edition, plan_for_all(edition))
    cut = draw(edition, fit(edition, max_bytes=60_000).variant)
    estimated = Scale.of(page, inline_css(page)).estimate(cut)
    assert abs(estimated - measure(inline_css(cut))) < 50


@pytest.mark.quick
def test_a_page_that_cannot_fit_is_blocked_by_the_check() -> None:
    intro = ("A long word from the editor. " * 4000,)
    edition = change_edition(heavy(3), intro=intro)
    letter = write_letter(
        edition, plan_for_all(edition), sample_site(), sample_renderer(), sample_facts()
    )
    (finding,) = [each for each in letter.findings if each.rule == "E01"]
    assert finding.is_error
    assert "cut to fit" in finding.text


@pytest.mark.quick
def test_at_most_three_pages_are_inlined_if_each_is_too_large() -> None:
    inline = Inliner()

    def grow(page: str) -> str:
        return inline(page) + "x" * 6000 * inline.calls

    edition = heavy(12)
    fit_variant(
        plan_for_all(edition),
        lambda each: draw(edition, each),
        grow,
        language="en",
        max_bytes=50_000,
    )
    assert inline.calls == 3


@pytest.mark.quick
def test_the_next_cuts_are_forecast_with_the_size_after_each() -> None:
    edition = sample_edition()
    variant = plan_for_all(edition)
    html = inline_css(draw(edition, variant))
    cuts = forecast_cuts(variant, lambda each: draw(edition, each), html, "en")
    assert cuts
    sizes = [measure(html), *(cut.size for cut in cuts)]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.quick
def test_the_size_of_a_page_that_inlining_repairs_is_predicted() -> None:
    page, inlined = "<p>a<p>b", '<div><p style="margin:0">a</p><p>b</p></div>'
    assert Scale.of(page, inlined).estimate(page) == measure(inlined)


@pytest.mark.quick
def test_a_post_without_a_title_keeps_its_excerpt() -> None:
    # Its first words are printed as the title.
    stories = (heavy_story(1), replace(heavy_story(2), title=""))
    lesser, said = shorten_excerpts(plan_for_all(sample_edition(stories=stories)), "en")
    kept = [story.excerpt for story in full(lesser) if not story.title]
    assert kept == [LONG_WORDS]
    assert said == "1 excerpt cut to 30 words"


def test_a_letter_reports_cuts_in_both_parts_alike() -> None:
    edition = heavy(30)
    letter = write_letter(
        edition, plan_for_all(edition), sample_site(), sample_renderer(), sample_facts()
    )
    assert letter.variant.trims
    assert letter.text.count("Person 1") == 0
    assert letter.html.count("Person 1") == 0
    (finding,) = [each for each in letter.findings if each.rule == "E01"]
    assert not finding.is_error
    assert letter.variant.trims[0] in finding.text


@settings(max_examples=12, deadline=None)
@given(
    counts=st.lists(st.integers(0, 2), min_size=1, max_size=70),
    words=st.text(st.sampled_from("abcdé <&\"'“”(.。字 "), max_size=400),
    room=st.sampled_from([MAX_BYTES, 45_000]),
)
def test_any_edition_fits_or_is_blocked(counts: list[int], words: str, room: int) -> None:
    stories = tuple(
        heavy_story(number, quotes=quotes, words=f"{words}{LONG_WORDS}")
        for number, quotes in enumerate(counts, 1)
    )
    edition = sample_edition(stories=stories, max_posts_per_category=99, cut_seq=9999, poll=POLL)
    inline = Inliner()
    fitted = fit(edition, inline, max_bytes=room)
    assert inline.calls <= 3
    assert measure(fitted.html) <= room
    shown = [*full(fitted.variant), *titles(fitted.variant)]
    assert len(shown) + len(more(fitted.variant)) == len(counts)
    assert all(f">{shown_title(story)}<" in fitted.html for story in shown)
    assert all(part in fitted.html for part in FOOTER)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("text", "short"),
    [
        (WORDS, WORDS),
        (f"{WORDS} {WORDS} {WORDS}", WORDS),
        ("word " * 40 + "end.", " ".join(["word"] * 30) + "…"),
        ("word " * 20 + "“and " + "word " * 20 + "end.”", " ".join(["word"] * 20) + "…"),
        ("“" + "word " * 40 + "end.”", ""),
        ("字" * 200 + "。", "字" * 90 + "…"),
        ("", ""),
    ],
)
def test_an_excerpt_is_cut_at_a_permitted_end(text: str, short: str) -> None:
    assert shorten_excerpt(text, "en") == short


@given(st.text(st.sampled_from("abc d “”\"'().!?…,字。"), max_size=600))
def test_a_cut_excerpt_leaves_nothing_open(text: str) -> None:
    short = shorten_excerpt(text, "en")
    assert len(short) <= len(text) + 1
    assert short == text or not short or is_paired(short.removesuffix("…"))
