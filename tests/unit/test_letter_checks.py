"""Each rule of `check`: what it accepts, and what it finds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from digest.letter.check import check_letter
from digest.letter.printing.message import PlaceMarks
from digest.models import AlsoAt, Finding, Story
from tests.support.checking import found, with_story
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_letter,
    sample_quote,
    sample_site,
    sample_story,
)

pytestmark = pytest.mark.slow


def test_the_sample_letter_is_clean() -> None:
    assert sample_letter().findings == ()


@pytest.mark.parametrize(("padding", "errors"), [(20_000, []), (50_000, [False]), (80_000, [True])])
def test_e01_counts_the_bytes_of_the_html(padding: int, errors: list[bool]) -> None:
    findings = found("E01", html=("</body>", "x" * padding + "</body>"))
    assert [finding.is_error for finding in findings] == errors


@pytest.mark.quick
@pytest.mark.parametrize(
    "leftover",
    [
        "{{ letter.nothing }}",
        "{% if %}",
        "PLACE_0123456789abcdef_leave_url_",
        "None",
        "undefined",
        "[slideshow_deploy]",
    ],
)
def test_e04_finds_leftovers_in_our_own_words(leftover: str) -> None:
    (finding,) = found("E04", html=("Most discussed<", f"{leftover}<"))
    assert finding.is_error
    assert finding.post_id == 0


@pytest.mark.quick
@pytest.mark.parametrize(
    "leftover", ["{{ letter.nothing }}", "{% if %}", "None", "PLACE_0123456789abcdef_joined_"]
)
def test_e04_reads_the_text_part_too(leftover: str) -> None:
    (finding,) = found("E04", text=("Nell Ferrars, editor", leftover))
    assert (finding.is_error, finding.place) == (True, "text part")


def test_e04_reads_the_lines_that_an_editor_typed() -> None:
    typed = sample_edition(subject="Dear {{ name }}, a week", typed_for=1)
    (finding,) = found("E04", edition=typed)
    assert finding.is_error
    assert found("E04", edition=replace(typed, subject="A week")) == []


@pytest.mark.quick
def test_e04_finds_an_open_place_in_a_link() -> None:
    stray = PlaceMarks(seed="f" * 16).mark("leave_url")
    (finding,) = found("E04", html=("https://lantern.example/comments-policy", stray))
    assert "not filled in" in finding.text


@pytest.mark.parametrize(
    "words", ["How {{ braces }} work", "None", "undefined", "It says [sic] here", "Use {% if %}"]
)
def test_e04_lets_posts_speak_of_anything(words: str) -> None:
    quotes = (sample_quote(1, words, words),)
    edition = with_story(title=words, author=words, excerpt=words, quotes=quotes)
    assert found("E04", edition=edition) == []


def test_e04_does_not_take_a_cut_title_for_a_template() -> None:
    assert found("E04", edition=with_story(title="{{ x }} " * 40)) == []
    assert found("E04", edition=with_story(title="{{x}}" * 40)) == []


def test_e04_names_the_story_with_a_shortcode() -> None:
    (finding,) = found("E04", edition=with_story(excerpt="A tale. [slideshow_deploy]"))
    assert finding.post_id == 1
    assert finding.is_error


@pytest.mark.quick
def test_e04_only_warns_of_placeholder_words() -> None:
    (own,) = found("E04", html=("Most discussed<", "Lorem ipsum dolor<"))
    assert not own.is_error
    (finding,) = found("E04", edition=with_story(excerpt="Lorem ipsum dolor sit amet."))
    assert not finding.is_error


@pytest.mark.quick
@pytest.mark.parametrize(
    ("base_url", "is_reachable"),
    [
        ("https://mail.lantern-weekly.org", True),
        ("https://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("https://10.0.0.7", False),
        ("https://mail.example.org", False),
        ("https://paper.test", False),
    ],
)
def test_e04_wants_a_site_that_subscribers_can_open(base_url: str, is_reachable: bool) -> None:
    site = replace(sample_site(), base_url=base_url)
    assert (found("E04", site=site) == []) == is_reachable
    assert found("E04", site=replace(site, is_development=True)) == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("href", "is_error"),
    [
        ("", True),
        ("#top", True),
        ("/page", True),
        ("//host.example/page", True),
        ("http://lantern.example/page", True),
        ("javascript:alert(1)", True),
        ("https://lantern.example/" + "a" * 120, False),
        ("https://lantern.example/page", None),
    ],
)
def test_e05_follows_our_own_links(href: str, is_error: bool | None) -> None:
    findings = found("E05", html=("https://lantern.example/comments-policy", href))
    assert [finding.is_error for finding in findings] == ([] if is_error is None else [is_error])
    assert all(finding.post_id == 0 for finding in findings)


def test_e05_allows_http_in_development() -> None:
    html = ("https://lantern.example/comments-policy", "http://127.0.0.1:8000/policy")
    site = replace(sample_site(), is_development=True)
    assert found("E05", html=html, site=site) == []
    assert found("E05", edition=with_story(url="http://127.0.0.1:8000/1"), site=site) == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("url", "is_error"),
    [
        ("http://lantern.example/1", False),
        ("javascript:alert(1)", True),
        ("/2026/post", True),
        ("https://a b.example/", True),
        ("https://[broken", True),
        ("", True),
    ],
)
def test_e05_names_the_story_with_a_bad_link(url: str, is_error: bool) -> None:
    findings = found("E05", edition=with_story(url=url))
    assert {(finding.post_id, finding.is_error) for finding in findings} == {(1, is_error)}


def test_e05_accepts_a_long_link_of_a_post() -> None:
    assert found("E05", edition=with_story(url="https://lantern.example/" + "a" * 300)) == []


def test_e05_knows_a_link_of_a_post_however_the_page_escapes_it() -> None:
    edition = with_story(url="http://bücher.example/straße?a=b c".replace(" ", "%20"))
    findings = found("E05", edition=edition)
    assert [(finding.post_id, finding.is_error) for finding in findings] == [(1, False)]


def test_e05_accepts_a_paper_that_has_two_of_the_stories() -> None:
    stories = (
        sample_story(
            n, also_at=(AlsoAt(post_id=n + 9, name="Gazette", url=f"https://g.example/{n}"),)
        )
        for n in (1, 2)
    )
    assert found("E05", edition=sample_edition(stories=tuple(stories))) == []


@pytest.mark.quick
def test_e05_warns_of_equal_words_with_two_targets() -> None:
    (finding,) = found("E05", html=("Comments policy", "Preferences"))
    assert not finding.is_error
    assert "different target" in finding.text


def test_e05_accepts_one_place_for_two_of_the_stories() -> None:
    stories = tuple(
        sample_story(n, also_at=(AlsoAt(post_id=90, name="Harbour", url=f"https://h.example/{n}"),))
        for n in (1, 2)
    )
    assert found("E05", edition=sample_edition(stories=stories)) == []


@pytest.mark.parametrize(
    "missing",
    [
        "_leave_url_",
        "_preferences_url_",
        "14 Wharf Lane",
        "_address_",
    ],
)
def test_e06_misses_each_part_of_the_footer(missing: str) -> None:
    in_html = found("E06", html=(missing, "x"))
    in_text = found("E06", text=(missing, "x"))
    assert [finding.place for finding in in_html] == ["HTML"]
    assert [finding.place for finding in in_text] == ["text part"]
    assert all(finding.is_error for finding in (*in_html, *in_text))


def test_e06_wants_a_way_out_that_is_seen() -> None:
    [way_out] = re.findall(r"<a [^>]*_leave_url_[^>]*>", sample_letter().html)
    hidden = way_out.replace("display:inline-block", "display:none")
    assert len(found("E06", html=(way_out, hidden))) == 1
    assert len(found("E06", html=(f"{way_out}Unsubscribe", way_out))) == 1


def test_e06_wants_a_postal_address() -> None:
    site = replace(sample_site(), postal_address="")
    assert len(found("E06", site=site)) == 2


@pytest.mark.quick
def test_e06_wants_the_pair_of_list_headers() -> None:
    edition = sample_edition()
    pieces = sample_letter(edition).pieces
    broken = replace(
        pieces,
        literals=tuple(
            literal.replace(b"List-Unsubscribe", b"X-Other") for literal in pieces.literals
        ),
    )
    findings = check_letter(edition, plan_for_all(edition), sample_site(), broken)
    assert [finding.place for finding in findings if finding.rule == "E06"] == ["headers"] * 2


@pytest.mark.quick
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("x" * 79, "79 characters"),
        ("<b>bold</b>", "markup"),
        ("<blockquote>said</blockquote>", "markup"),
        ("Rules &amp; manners", "markup"),
        ("Rules&#160;and manners", "markup"),
        ("no\u200bwidth", "zero-width"),
        ("https://mail.lantern-weekly.org/leave/other", "differs"),
    ],
)
def test_e11_reads_the_text_part(words: str, reason: str) -> None:
    findings = found("E11", text=("Comments policy", words))
    assert findings
    assert all(reason in finding.text and finding.is_error for finding in findings)


@pytest.mark.quick
def test_e11_wants_a_text_part_of_some_length() -> None:
    letter = sample_letter()
    assert found("E11", text=(letter.text, "\n"))[0].text.startswith("is missing")
    half = letter.text[: len(letter.text) // 3]
    assert any("words, but the HTML" in f.text for f in found("E11", text=(letter.text, half)))


def test_e11_lets_a_post_speak_of_markup() -> None:
    assert found("E11", edition=with_story(title="When to use <b> and <strong>")) == []
    assert found("E11", edition=with_story(title="When to use &amp; and when &")) == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("subject", "errors"),
    [
        ("Who guards the water meter?", []),
        ("", [True]),
        ("x" * 151, [True]),
        ("two\nlines", [True]),
        ("word " * 14, [False]),
        ("READ ALL ABOUT IT", [False]),
        ("NATO", []),
        ("Read this!!", [False]),
        ("RE: your order", [False]),
    ],
)
def test_e12_reads_the_subject(subject: str, errors: list[bool]) -> None:
    findings = found("E12", subject=subject)
    assert [finding.is_error for finding in findings] == errors


@pytest.mark.quick
def test_e12_finds_a_subject_that_repeats_the_last_one() -> None:
    edition = sample_edition(last_subject="Who guards the water meter?")
    findings = found("E12", edition=edition, subject="Who guards the water meter?")
    assert [(finding.is_error, "last edition" in finding.text) for finding in findings] == [
        (False, True)
    ]


@pytest.mark.quick
def test_e13_finds_a_preheader_that_repeats_the_last_one() -> None:
    line = "The mill turns again, and who pays for the bridge"
    first = sample_edition().stories[0].post_id
    edition = sample_edition(preheader=line, typed_for=first, last_preheader=line)
    findings = found("E13", edition=edition)
    assert [(finding.is_error, "last edition" in finding.text) for finding in findings] == [
        (False, True)
    ]


def test_leaving_out_the_story_resolves_its_findings() -> None:
    def errors(*stories: Story) -> tuple[Finding, ...]:
        return sample_letter(sample_edition(stories=stories)).findings

    bad = sample_story(1, url="javascript:alert(1)")
    good = sample_story(2)
    assert errors(bad, good)
    assert errors(good) == ()
