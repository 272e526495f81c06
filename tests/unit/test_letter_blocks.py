"""The blocks of a letter besides posts, in HTML and in text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.letter.letter import Letter, render_web, write_letter
from digest.models import AlsoAt, Answered, CustomBlock, Edition, Poll, PollResults, Support
from tests.support.every_block import full_letter
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_facts,
    sample_letter,
    sample_quote,
    sample_renderer,
    sample_site,
    sample_story,
)

pytestmark = pytest.mark.slow

QUESTION = "Should the library stay open until midnight?"


def asking(*choices: str) -> Edition:
    return sample_edition(
        poll=Poll(question=QUESTION, choices=choices, note="One click asks again.")
    )


def letter(edition: Edition, **settings: bool) -> Letter:
    site = replace(sample_site(), **settings)  # type: ignore[arg-type]  # named by the test
    return write_letter(edition, plan_for_all(edition), site, sample_renderer(), sample_facts())


@pytest.mark.parametrize("choices", [("Yes", "No"), ("Yes", "No", "Fridays"), tuple("abcde")])
def test_a_poll_offers_each_answer_once_in_both_parts(choices: tuple[str, ...]) -> None:
    written = letter(asking(*choices))
    for part in (written.html, written.text):
        assert part.count("_poll_url_/") == len(choices)
        assert QUESTION in part
        assert "One click asks again." in part
    assert all(f">{label}</a>" in written.html for label in choices)


def test_the_web_page_shows_no_poll() -> None:
    edition = asking("Yes", "No")
    page = render_web(edition, plan_for_all(edition), sample_site(), sample_renderer())
    assert QUESTION not in page


def answered(*counts: int, choices: tuple[str, ...] = ("I agree", "I disagree")) -> PollResults:
    return PollResults(
        edition_id=7, question="Was it the gull?", choices=choices[: len(counts)], counts=counts
    )


def test_the_answers_to_the_last_poll_are_printed_before_the_new_one() -> None:
    edition = replace(asking("Yes", "No"), poll_results=answered(255, 157))
    written = letter(edition)
    assert written.findings == ()
    for part in (written.html, written.text):
        shown = part[part.lower().index("our last question") : part.index(QUESTION)]
        for words in ("Was it the gull?", "I agree", "62%", "I disagree", "38%", "412 answers"):
            assert words in shown
    assert "62%  I agree\n38%  I disagree\n\n412 answers\n" in written.text
    page = render_web(edition, plan_for_all(edition), sample_site(), sample_renderer())
    assert "412 answers" in page


@pytest.mark.parametrize(
    ("counts", "widths"), [((3, 0), ["100%"]), ((1, 2), ["33%", "67%", "67%", "33%"])]
)
def test_a_bar_is_as_long_as_its_share(counts: tuple[int, ...], widths: list[str]) -> None:
    html = letter(replace(sample_edition(), poll_results=answered(*counts))).html
    cells = LexborHTMLParser(html).css("td[height='8']")
    assert [cell.attributes["width"] for cell in cells][: len(widths)] == widths


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("62\u00a0%", "412 Antworten")),
        ("fr", ("62\u00a0%", "412 réponses")),
        ("es", ("62\u00a0%", "412 respuestas")),
        ("ar", ("62%", "412")),
    ],
)
def test_results_are_printed_in_the_language_of_the_mail(
    language: str, words: tuple[str, ...]
) -> None:
    edition = replace(sample_edition(language=language), poll_results=answered(255, 157))
    written = letter(edition)
    assert all(each in written.html for each in words)
    assert "last question" not in (written.html + written.text).lower()
    assert written.findings == ()


def test_an_edition_without_results_has_no_word_of_them() -> None:
    written = letter(asking("Yes", "No"))
    assert "last question" not in (written.html + written.text).lower()
    assert "rfill" not in written.html


def test_words_of_the_editor_and_the_support_line_follow_the_posts() -> None:
    edition = sample_edition(
        custom=(
            CustomBlock(
                title="From the archive", paragraphs=("The last ferry left.", "It rained.")
            ),
            CustomBlock(
                title="", paragraphs=("See also",), link="Ferries", url="https://a.example/"
            ),
        ),
        support=Support(
            text="Paid for by subscribers.", link="Support us", url="https://b.example/"
        ),
    )
    written = letter(edition)
    for part in (written.html, written.text):
        places = [part.index(words) for words in ("The last ferry", "It rained.", "Paid for by")]
        assert places == sorted(places)
        assert part.index("In praise of the parish newsletter") < places[0]
        assert "https://a.example/" in part
        assert "https://b.example/" in part
    assert "FROM THE ARCHIVE" in written.text


def test_a_quoted_reply_is_shown_with_the_comment_it_answers() -> None:
    asked = Answered(name="", text="Who pays for the second engine?")
    quote = replace(sample_quote(5, "Ruth", "The county does, and always did."), answers=asked)
    written = letter(sample_edition(stories=(sample_story(quotes=(quote,)),)))
    for part in (written.html, " ".join(written.text.split())):
        assert "In reply to A reader: “Who pays for the second engine?”" in part
        assert part.index("In reply to") < part.index("The county does")


def test_other_places_of_the_same_story_are_named() -> None:
    places = (
        AlsoAt(post_id=8, name="Harbour News", url="https://harbour.example/fire"),
        AlsoAt(post_id=9, name="", url="https://hill.example/fire"),
    )
    written = letter(sample_edition(stories=(sample_story(also_at=places),)))
    for part in (written.html, written.text):
        assert part.index("Also at") < part.index("https://harbour.example/fire")
        assert "Harbour News" in part
        assert "hill.example" in part


def test_titles_alone_are_printed_if_there_is_no_room() -> None:
    edition = sample_edition()
    variant = plan_for_all(edition)
    first = variant.sections[0]
    squeezed = replace(first, stories=first.stories[:1], titles=first.stories[1:])
    variant = replace(variant, sections=(squeezed, *variant.sections[1:]))
    written = write_letter(edition, variant, sample_site(), sample_renderer(), sample_facts())
    left = first.stories[1]
    for part in (written.html, written.text):
        assert left.url in part
        assert left.excerpt[:40] not in part


@pytest.mark.quick
@pytest.mark.parametrize(("is_known", "said"), [(True, 1), (False, 0)])
def test_without_a_comment_form_no_first_comment_is_invited(is_known: bool, said: int) -> None:
    written = letter(sample_edition(stories=(sample_story(is_count_known=is_known),)))
    assert written.html.count("Be the first to comment</a>") == said
    assert written.html.count("#respond") == said
    assert written.findings == ()


def test_only_titles_buttons_and_pictures_are_links_without_a_line() -> None:
    """One underline a row: the count beside a link, a quoted name and a contents line have none."""
    bare = "a[style*='text-decoration:none']"
    page = LexborHTMLParser(full_letter().html)
    parents = [node.parent for node in page.css(bare) if node.parent]
    assert {"h1", "h2", "h3", "td", "p", "span"} == {parent.tag for parent in parents}
    for parent in parents:
        if parent.tag == "p":
            beside = parent.css_first("a:not([style*='text-decoration:none'])")
            assert beside or parent.css_first("a span[style*='bold']")


def test_each_line_of_the_editor_has_its_own_direction() -> None:
    edition = sample_edition(
        language="ar",
        poll=Poll(question="?", choices=("Yes!", "No!"), note=""),
        custom=(
            CustomBlock(title="", paragraphs=("A",), link="More (2)", url="https://a.example/"),
        ),
        support=Support(text="\u0645", link="Support us!", url="https://b.example/"),
    )
    html, masthead = letter(edition).html, edition.masthead
    for words in ("Yes!", "No!", "More (2)", "Support us!", masthead.editor, masthead.title):
        assert re.search(rf'<[^>]* dir="ltr"[^>]*>(?:<a [^>]*>)?{re.escape(words)}<', html), words


def test_a_long_letter_lists_its_sections_and_links_them_to_the_web_page() -> None:
    mail = sample_letter()
    links = LexborHTMLParser(mail.html).css("a")
    [first] = [a for a in links if "#section-1" in (a.attributes["href"] or "")]
    assert first.text().split() == ["Security", *["Who", "guards", "the", "water", "meter?"]]
    assert "In this edition\n* Security: Who guards the water meter?\n" in mail.text
    edition = sample_edition()
    page = render_web(edition, plan_for_all(edition), sample_site(), sample_renderer())
    assert 'id="section-1"' in page
    assert 'href="#section-1"' in page


def test_a_short_letter_has_no_list_of_its_sections() -> None:
    few = sample_letter(sample_edition(stories=sample_edition().stories[:7]))
    assert "In this edition" not in few.html + few.text


def test_the_top_story_names_its_section() -> None:
    html = sample_letter().html
    assert re.search(r">Security</p>\s*<h2[^>]*><a[^>]*>The ferry towns", html)


@pytest.mark.parametrize("reads", [True, False])
def test_the_footer_asks_for_replies_if_somebody_reads_them(reads: bool) -> None:
    mail = letter(sample_edition(), reads_replies=reads)
    assert ("Reply to this mail: we read it." in mail.html) is reads
    assert ("Reply to this mail: we read it." in mail.text) is reads


def test_a_dot_between_two_things_never_starts_a_line() -> None:
    _, _, body = full_letter().html.partition('role="presentation"')
    assert body.count("\u00a0· ") > 15
    assert body.count("·") == body.count("\u00a0· ")


def test_whoever_was_forwarded_the_mail_finds_the_page_to_subscribe() -> None:
    mail = sample_letter()
    page = "https://mail.lantern-weekly.org/weekly"
    [link] = [a for a in LexborHTMLParser(mail.html).css("a") if a.attributes["href"] == page]
    assert link.text().replace("\u00a0", " ") == "Forwarded to you? Subscribe"
    assert f"\nForwarded to you? Subscribe\n{page}\n" in mail.text


@pytest.mark.parametrize("has_archive", [True, False])
def test_the_web_page_leads_home_and_to_past_editions_if_they_are_public(
    has_archive: bool,
) -> None:
    edition, site = sample_edition(), replace(sample_site(), has_archive=has_archive)
    page = LexborHTMLParser(render_web(edition, plan_for_all(edition), site, sample_renderer()))
    ways = {a.attributes["href"]: a.text() for a in page.css("header a")}
    home, archive = site.subscribe_url("weekly"), f"{site.base_url}/archive/weekly"
    assert ways.pop(home) == "The Lantern Weekly"
    assert ways == ({archive: "Past editions"} if has_archive else {})
    [ask] = [a for a in page.css("main a") if a.attributes["href"] == home]
    assert "Forwarded" in ask.text()
