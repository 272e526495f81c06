"""Excerpts: only the author's words, in whole sentences, with nothing left open."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.excerpts.excerpt import LEAD, SHORT, Excerpt, write_excerpt
from digest.composer.excerpts.prose import read_prose, read_text
from digest.text.measure import measure_for
from digest.text.sentences import ends_sentence, is_paired
from tests.support.figures import sample
from tests.support.timing import least_seconds

TITLE = "The Line in the Channel"


def numbered(words: int, *, start: str = "Word") -> str:
    """Return one sentence of this number of words."""
    return " ".join([start, *(f"word{number}" for number in range(2, words + 1))]) + "."


def excerpt_of(content: str = "", summary: str = "", language: str = "en") -> Excerpt:
    return write_excerpt(read_text(summary), read_text(content), TITLE, language)


def words_of(text: str) -> int:
    return len(text.split())


# --- source -------------------------------------------------------------------------------------


def test_a_whole_summary_of_20_words_is_preferred() -> None:
    excerpt = excerpt_of(f"<p>{numbered(40)}</p>", f"<p>{numbered(22, start='Summary')}</p>")
    assert excerpt.short.startswith("Summary")


@pytest.mark.parametrize("end", ["and […]", "and [...]", "and …", "and then..."])
def test_a_summary_cut_within_a_sentence_is_not_used(end: str) -> None:
    cut = f"<p>{numbered(30, start='Summary')} It went on {end}</p>"
    assert excerpt_of(f"<p>{numbered(40)}</p>", cut).short.startswith("Word")


def test_a_short_summary_is_used_only_without_content() -> None:
    summary = f"<p>{numbered(15, start='Summary')}</p>"
    assert excerpt_of(f"<p>{numbered(40)}</p>", summary).short.startswith("Word")
    assert excerpt_of("", summary).short.startswith("Summary")


def test_a_cut_summary_without_content_ends_with_its_last_whole_sentence() -> None:
    whole = numbered(32, start="Summary")
    assert excerpt_of("", f"<p>{whole} It went on and […]</p>").short == whole


# --- stripped words -----------------------------------------------------------------------------

BODY = "The board met on Tuesday, for the third time this month, and could not agree on the line."


@pytest.mark.parametrize(
    "added",
    [
        "<p>Continue reading →</p>",
        "<p>Read more about the harbour »</p>",
        "<p>Posted in Security, Harbour</p>",
        "<p>Filed under: Harbour</p>",
        "<p>Share this: by post, by pigeon.</p>",
        "<p>Sign up for our newsletter today.</p>",
        "<p>Please consider a donation to keep us afloat.</p>",
        "<p>By Odile Marsh</p>",
        "<p>November 22, 2026</p>",
        "<p>The Line in the Channel</p>",
        "<p>https://lantern.example/2026/the-line</p>",
        "<p>This post originally appeared on the Tidewrack Review.</p>",
        "<p>(This post is cross-posted from the Tidewrack Review.)</p>",
        "<p>A buoy at low tide. (Photo by Ann Pell/Getty Images)</p>",
        "<h2>Who pays for the buoys? A long heading it is, and not the text.</h2>",
        "<figure><img src='https://a.example/b.jpg'><figcaption>A ferry.</figcaption></figure>",
        "<table><tr><td>Depth in fathoms at low water in every year.</td></tr></table>",
        "<p>[slideshow_deploy]</p>",
        '<p>[caption id="x"]A ferry at dawn, seen from the quay.[/caption]</p>',
        "<p>]]&gt;</p>",
        "<p>The post <a href='https://a.example'>The Line in the Channel</a> appeared first on "
        "<a href='https://a.example'>The Lantern</a>.</p>",
        "<p>Der Beitrag Die Linie erschien zuerst auf Die Laterne.</p>",
        "<p>Читать далее</p>",
        "<p>続きを読む</p>",
    ],
)
def test_words_added_by_the_site_are_left_out_around_the_text(added: str) -> None:
    assert excerpt_of(f"{added}<p>{BODY}</p>").short == BODY
    assert excerpt_of(f"<p>{BODY}</p>{added}").short == BODY


@pytest.mark.parametrize(
    ("paragraph", "left"),
    [
        (f"{BODY} [slideshow_deploy]", BODY),
        (f"{BODY} […]", BODY),
        (f"{BODY} [&#8230;] Continue reading The Line →", BODY),
        (f"{BODY} The post The Line? Again! appeared first on The Lantern.", BODY),
        (f"{TITLE}: {BODY}", BODY),
        (f"TARNMOUTH (Lantern) — {BODY}", BODY),
        (f"{BODY} 🎉🎉🎉🎉", BODY),
        (f"{BODY}\u200b", BODY),
    ],
)
def test_words_added_by_the_site_inside_a_paragraph_are_cut(paragraph: str, left: str) -> None:
    assert excerpt_of(f"<p>{paragraph}</p>").short == left


def test_words_in_brackets_by_the_author_stay() -> None:
    text = "The board wrote that “their [sic] line” is where the water is [1] and so on, again."
    assert excerpt_of(f"<p>{text}</p>").short == text


def test_long_addresses_are_shown_as_their_host() -> None:
    address = "https://archive.example/county/tarnmouth/harbour/1911/field-notes"
    text = BODY.replace("the line", f"the line ({address})")
    assert "(archive.example/…)" in excerpt_of(f"<p>{text}</p>").short


def test_markup_that_was_escaped_twice_is_read_as_markup() -> None:
    assert excerpt_of(f"&lt;p&gt;{BODY}&lt;/p&gt;").short == BODY


def test_text_is_composed_unicode() -> None:
    assert "é" in excerpt_of(f"<p>{BODY} The cafe\u0301 is shut.</p>").short


# --- length and ends ----------------------------------------------------------------------------


def test_the_end_nearest_to_45_words_is_taken() -> None:
    content = f"<p>{numbered(32)} {numbered(11)} {numbered(15)}</p>"
    assert words_of(excerpt_of(content).short) == 43


def test_the_lead_goes_on_to_75_words_at_most() -> None:
    excerpt = excerpt_of(f"<p>{numbered(40)} {numbered(30)} {numbered(20)}</p>")
    assert (words_of(excerpt.short), words_of(excerpt.lead)) == (40, 70)


def test_without_a_sentence_end_45_words_and_an_ellipsis_are_printed() -> None:
    short = excerpt_of(f"<p>{numbered(90)}</p>").short
    assert words_of(short) == 45
    assert short.endswith("word45…")
    assert short.count("…") == 1


def test_a_cut_text_does_not_end_on_a_conjunction() -> None:
    words = [f"word{number}" for number in range(43)]
    text = " ".join([*words, "boats,", "and", *words])
    assert excerpt_of(f"<p>{text}.</p>").short.endswith("word42 boats…")


def test_an_excerpt_does_not_end_with_a_colon() -> None:
    content = f"<p>{numbered(30)} There are three ways:</p><ul><li>one</li><li>two</li></ul>"
    assert excerpt_of(content).short == numbered(30)


def test_the_end_is_not_after_an_abbreviation() -> None:
    text = f"{numbered(29)[:-1]} by Sgt. Miller and {numbered(14, start='many')}"
    assert not excerpt_of(f"<p>{text} {numbered(40)}</p>").short.endswith("Sgt.")


@pytest.mark.parametrize("end", ["the pilots, the ferry, ...", "archive.example/…", "and so on …"])
def test_dots_that_end_no_sentence_end_no_excerpt(end: str) -> None:
    content = f"<p>{numbered(32)} See {end}</p><p>{numbered(6)}</p>"
    assert excerpt_of(content).short == numbered(32)


def test_a_quotation_is_extended_to_its_end() -> None:
    quoted = f"{numbered(28, start='He')} “{numbered(8)} {numbered(8)}”"
    assert excerpt_of(f"<p>{quoted} {numbered(40)}</p>").short == quoted


def test_a_quotation_that_is_too_long_is_cut_before_it_opens() -> None:
    before = numbered(33)
    assert excerpt_of(f"<p>{before} “{numbered(50)} {numbered(40)}”</p>").short == before


def test_a_text_that_begins_with_a_long_quotation_starts_after_it() -> None:
    content = f"<p>“{numbered(50)} {numbered(50)}”</p><p>{numbered(40, start='After')}</p>"
    assert excerpt_of(content).short == numbered(40, start="After")


def test_a_post_under_12_words_is_printed_whole() -> None:
    text = "It moved again, and nobody asked."
    assert excerpt_of(f"<p>{text}</p>") == Excerpt(short=text, lead=text)


def test_japanese_is_counted_in_characters_and_keeps_its_brackets() -> None:
    sentence = "港の役員会は火曜日に三度目の会合を開き、「境界線は水のある所だ」と言った。"
    short = excerpt_of(f"<p>{sentence * 8}</p>", language="ja").short
    assert 90 <= len(short) <= 180
    assert short.endswith("。")
    assert " " not in short


def test_right_to_left_text_and_emoji_pass() -> None:
    text = "اجتمع مجلس الميناء يوم الثلاثاء للمرة الثالثة هذا الشهر ولم يتفق على خط الحدود 🚢."
    assert excerpt_of(f"<p>{text}</p>", language="ar").short == text


# --- any input ----------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    """the board met on Tuesday and “the line” (so they say) is where “water stands (deep) or ‘not’
    U.S. Mr. No. 3.5 it's boys’ [sic] [slideshow_deploy] [...] ends. asks? cries! because: while,
    … " ' ) ] ” « » https://lantern.example/2026/11/22/a-very-long-path-to-nowhere-at-all
    日本語です。 — and""".split()  # noqa: SIM905
)
_HTML = st.lists(st.lists(_WORDS, min_size=1, max_size=90).map(" ".join), max_size=5).map(
    lambda paragraphs: "".join(f"<p>{text}</p>" for text in paragraphs)
)


@given(content=_HTML, summary=_HTML)
def test_an_excerpt_is_whole_within_limits_and_closed(content: str, summary: str) -> None:
    excerpt = excerpt_of(content, summary)
    for text, limits in ((excerpt.short, SHORT), (excerpt.lead, LEAD)):
        measure = measure_for(text)
        assert measure.size(text) <= measure.scale(limits.most)
        assert is_paired(text)
        assert not text or ends_sentence(text)
        assert not re.search(r"slideshow_deploy", text)
    assert len(excerpt.lead) >= len(excerpt.short)


@pytest.mark.proof
@pytest.mark.parametrize(
    "piece",
    sample(
        [
            "“a ",
            "x. ",
            "<div>",
            "Mr. ",
            "[a_b ",
            "(",
            "a\n\n",
            "😀",
            "http://",
            "! ",
            "<table>",
            "<p>a.",
        ]
    ),
)
def test_a_megabyte_of_anything_takes_less_than_a_second(piece: str) -> None:
    html = piece * (1_000_000 // len(piece))
    assert least_seconds(lambda: excerpt_of(html), under=1) < 1


def test_paragraphs_keep_their_order() -> None:
    text = read_text(f"<p>{numbered(13)}</p><p>{numbered(14)}</p>")
    assert read_prose(text, TITLE) == (numbered(13), numbered(14))
