"""The rules of `check` that read the stories: twice, cut badly, quoted badly, from the future."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.letter.checks.lint_context import Present
from digest.models import PICKED, Answered, Edition, Finding, Reason, Section
from tests.support.checking import SAID, WORDS, found, with_story
from tests.support.samples import plan_for_all, sample_edition, sample_quote, sample_story

pytestmark = pytest.mark.slow


def parts(findings: list[Finding]) -> list[tuple[int, str]]:
    return [(finding.post_id, finding.part) for finding in findings]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("preheader", "is_error"),
    [("", True), ("Who guards the water meter?", True)],
)
def test_e13_reads_the_line_after_the_subject(preheader: str, *, is_error: bool) -> None:
    subject = "Who guards the water meter?"
    own = plan_for_all(sample_edition()).preheader
    findings = found("E13", preheader=preheader, subject=subject, html=(own, preheader or own))
    assert [finding.is_error for finding in findings] == [is_error]


@pytest.mark.quick
def test_e13_misses_a_line_that_the_template_drops() -> None:
    own = plan_for_all(sample_edition()).preheader
    (finding,) = found("E13", html=(own, ""))
    assert "not hidden in the page" in finding.text


@pytest.mark.quick
@pytest.mark.parametrize(("length", "errors"), [(39, [False]), (40, []), (110, []), (111, [False])])
def test_e13_warns_of_a_length_that_is_not_shown(length: int, errors: list[bool]) -> None:
    own, words = plan_for_all(sample_edition()).preheader, "x" * length
    findings = found("E13", preheader=words, html=(own, words))
    assert [finding.is_error for finding in findings] == errors


@pytest.mark.quick
@pytest.mark.parametrize(
    "url",
    [
        "http://LANTERN.example/2026/11/story-2",
        "https://lantern.example/2026/11/story-2/?utm_source=feed",
    ],
)
def test_e15_names_the_second_of_two_that_are_one(url: str) -> None:
    findings = found("E15", edition=with_story(url=url))
    assert [(finding.post_id, finding.is_error) for finding in findings] == [(2, True)]


def test_e15_takes_places_on_one_page_for_two_posts() -> None:
    url = "https://lantern.example/2026/11/story-2/#second"
    assert found("E15", edition=with_story(url=url)) == []


@pytest.mark.parametrize(("since_seq", "posts"), [(0, []), (100, []), (101, [1]), (102, [1, 2])])
def test_e15_wants_nothing_from_before_the_window(since_seq: int, posts: list[int]) -> None:
    findings = found("E15", edition=with_story(), since_seq=since_seq)
    assert [finding.post_id for finding in findings] == posts


@pytest.mark.quick
def test_e15_wants_nothing_from_after_the_cut() -> None:
    findings = found("E15", edition=with_story(seq=121))
    assert [finding.post_id for finding in findings] == [1]


@pytest.mark.quick
def test_e15_holds_a_mail_that_shows_one_post_twice() -> None:
    story = sample_story(1, excerpt=WORDS)
    sections = (
        Section(name="Security", stories=(story,)),
        Section(name="Economy", stories=(story,)),
    )
    findings = found("E15", edition=with_story(), sections=sections)
    assert [(finding.post_id, finding.is_error) for finding in findings] == [(0, True)]


@pytest.mark.parametrize(
    ("excerpt", "reason"),
    [
        ("", "missing"),
        ("It was cut too soon…", "the minimum is 12"),
        (f"{WORDS} “And then they left", "unclosed"),
        (f"{WORDS} And then they", "middle of a sentence"),
        (f"{WORDS} These are the sums:", "sentence|colon"),
        (" ".join([WORDS] * 5), "the maximum is 60"),
    ],
)
def test_e16_warns_of_an_excerpt_that_is_cut_badly(excerpt: str, reason: str) -> None:
    findings = found("E16", edition=with_story(excerpt=excerpt))
    assert parts(findings[:1]) == [(1, "excerpt")]
    assert any(words in finding.text for finding in findings for words in reason.split("|"))
    assert not any(finding.is_error for finding in findings)


def test_e16_lets_the_post_at_the_top_say_more() -> None:
    first = sample_edition().stories[0]
    longer = " ".join([WORDS] * 4)
    edition = sample_edition(
        stories=(replace(first, lead_excerpt=longer), *sample_edition().stories[1:])
    )
    assert found("E16", edition=edition) == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("Ruth", "Well said.", "10 characters"),
        ("Ruth", f"{SAID} " * 4, "40 to 280"),
        ("Ruth", f"{SAID[:-1]},", "middle of a sentence"),
        ("Ruth", f"{SAID[:-1]} …", "middle of a sentence"),
        ("Ruth", f"{SAID} “But then.", "not closed"),
        ("R" * 41, SAID, "41 characters"),
        ("ruth@lantern.example", SAID, "e-mail address"),
        ("ruth (at) lantern.example", SAID, "e-mail address"),
        ("Pingback: The Weekly Lamp", SAID, "pingback"),
        ("The Weekly Lamp", f"[…] {SAID} […]", "pingback"),
        ("The Weekly Lamp", f"[...] {SAID} [...]", "pingback"),
    ],
)
def test_e17_reads_each_quote(name: str, text: str, reason: str) -> None:
    edition = with_story(quotes=(sample_quote(7, name, text),))
    findings = found("E17", edition=edition)
    assert parts(findings) == [(1, "quote:7")] * len(findings)
    assert any(reason in finding.text and finding.is_error for finding in findings)


@pytest.mark.parametrize(
    "text", [SAID, f"{SAID} …", SAID[:-1], f"“{SAID}” That is what they said to us."]
)
def test_e17_accepts_ordinary_comments(text: str) -> None:
    assert found("E17", edition=with_story(quotes=(sample_quote(7, "", text),))) == []


@pytest.mark.quick
def test_e17_wants_two_of_a_post_at_most() -> None:
    picked = Reason(code=PICKED, text="picked by an editor")
    quotes = tuple(
        replace(sample_quote(number, f"Subscriber {number}", SAID), reason=picked)
        for number in (1, 2, 3)
    )
    (finding,) = found("E17", edition=with_story(quotes=quotes))
    assert finding.part == "quote:3"


@pytest.mark.quick
def test_e17_wants_two_people() -> None:
    quotes = (sample_quote(1, "Ruth", SAID), sample_quote(2, "RUTH", SAID))
    (finding,) = found("E17", edition=with_story(quotes=quotes))
    assert finding.part == "quote:2"


def test_e17_lets_an_editor_pick_two_comments_of_one_person() -> None:
    picked = Reason(code=PICKED, text="picked by an editor")
    quotes = tuple(replace(sample_quote(number, "Ruth", SAID), reason=picked) for number in (1, 2))
    assert found("E17", edition=with_story(quotes=quotes)) == []


def test_e17_counts_two_nameless_commenters_as_two() -> None:
    quotes = (sample_quote(1, "", SAID), sample_quote(2, "", SAID))
    assert found("E17", edition=with_story(quotes=quotes)) == []


@pytest.mark.quick
def test_e17_misses_a_comment_that_was_deleted() -> None:
    edition = with_story(quotes=(sample_quote(7, "Ruth", SAID), sample_quote(8, "Ann", SAID)))
    (finding,) = found("E17", edition=edition, present=Present(gone_comments=frozenset({7})))
    assert (finding.part, finding.text) == ("quote:7", "the comment was deleted")


@pytest.mark.quick
def test_e17_misses_a_comment_that_an_editor_refused() -> None:
    edition = with_story(quotes=(sample_quote(7, "Ruth", SAID), sample_quote(8, "Ann", SAID)))
    (finding,) = found("E17", edition=edition, present=Present(refused_comments=frozenset({7})))
    assert (finding.part, finding.text) == ("quote:7", "an editor refused the comment")


@pytest.mark.quick
def test_e18_finds_a_heading_without_posts() -> None:
    sections = (*plan_for_all(sample_edition()).sections, Section(name="Sport", stories=()))
    (finding,) = found("E18", sections=sections)
    assert "Sport" in finding.place
    assert finding.post_id == 0


@pytest.mark.quick
def test_e18_finds_a_letter_without_posts() -> None:
    (finding,) = found("E18", sections=(), lead=None)
    assert "no posts" in finding.text


@pytest.mark.quick
def test_e20_counts_the_post_at_the_top_in_its_section() -> None:
    assert [finding.place for finding in found("E20", edition=_security(5, economy=3))] == [
        "section 'Security'"
    ]
    assert found("E20", edition=_security(4, economy=3)) == []


def _security(count: int, *, economy: int) -> Edition:
    names = ["Security"] * count + ["Economy"] * economy
    return sample_edition(
        stories=tuple(
            sample_story(number, categories=(name,), excerpt=WORDS)
            for number, name in enumerate(names, 1)
        )
    )


def test_e20_ignores_a_subscriber_who_chose_one_section() -> None:
    assert found("E20", edition=with_story()) == []


@pytest.mark.quick
@pytest.mark.parametrize(("count", "faults"), [(25, 0), (26, 1)])
def test_e20_warns_of_too_many_posts(count: int, faults: int) -> None:
    assert len(found("E20", count=count)) == faults


def test_a_link_of_a_comment_is_a_separate_part() -> None:
    bad = replace(sample_quote(7, "Ruth", SAID), url="javascript:alert(1)")
    findings = found("E05", edition=with_story(quotes=(bad,)))
    assert parts(findings) == [(1, "link:7")]


def test_words_that_a_comment_answers_are_not_mistaken_for_ours() -> None:
    answers = Answered(name="Ann", text="What does {{ this }} mean?")
    quote = replace(sample_quote(7, "Ruth", SAID), answers=answers)
    assert found("E04", edition=with_story(quotes=(quote,))) == []
