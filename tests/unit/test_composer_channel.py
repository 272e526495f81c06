"""A typical post: a leftover shortcode and five responses, one of them worth printing."""

from __future__ import annotations

from digest.composer.edition import compose
from digest.models import Candidate, CommentKind, Story
from tests.support.composing import a_comment, a_post, read_data, the_issue, the_rules

TITLE = "“Ask Again”: The Line in Tarnmouth’s Channel"
ATTACK, CIVIL = 2, 3


def channel() -> Candidate:
    post = a_post(title=TITLE, content_html=read_data("channel.html"), feed_comment_count=5)
    comments = (
        a_comment(
            "[…] The surveyor of 1911 comes up again in this week’s reading list. […]",
            id=1,
            author="The Tidewrack Review",
            kind=CommentKind.PINGBACK,
        ),
        a_comment(read_data("attack.txt"), id=ATTACK, author="Salt of the Quay"),
        a_comment(read_data("civil.txt"), id=CIVIL, author="M. Okonjo"),
        a_comment("Seven buoys, two of them dry!", id=4, author="Pell"),
        a_comment("My grandfather was one of the two boys in the boat.", id=5, author="Ann"),
    )
    return Candidate(post=post, comments=comments)


def the_story() -> Story:
    edition = compose(the_rules(), [channel()], the_issue())
    assert edition is not None
    return edition.stories[0]


def test_the_title_keeps_its_curly_quotes() -> None:
    assert the_story().title == TITLE


def test_no_shortcode_is_left_in_the_excerpt() -> None:
    story = the_story()
    assert story.excerpt.startswith("In the spring of 1911 the harbour board")
    assert "[" not in story.excerpt + story.lead_excerpt


def test_pingbacks_are_not_counted() -> None:
    assert the_story().comment_count == 4


def test_the_civil_comment_is_quoted_first_and_within_280_characters() -> None:
    best = the_story().quotes[0]
    assert best.comment_id == CIVIL
    assert best.text.startswith("I kept the buoys in that channel for nineteen years, and I think")
    assert len(best.text) <= 280


def test_the_attack_and_the_pingback_are_left_out_with_their_reasons() -> None:
    reasons = {each.comment_id: each.reason.code for each in the_story().not_quoted}
    assert reasons[ATTACK] == "personal-attack"
    assert reasons[1] == "pingback"


def test_the_attack_is_in_no_printed_text() -> None:
    story = the_story()
    printed = " ".join([story.excerpt, *(f"{quote.name} {quote.text}" for quote in story.quotes)])
    assert "Venn" not in printed
    assert "Salt of the Quay" not in printed
