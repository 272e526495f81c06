"""Ranking counts people's words; a person and a text are quoted once in an edition."""

from __future__ import annotations

from typing import Any

import pytest

from digest.composer.edition import compose
from digest.composer.lexicon.persons import person_of
from digest.composer.quotes.endings import without_endings
from digest.composer.quotes.people import count_people
from digest.composer.rules import Policy
from digest.models import Candidate, Choice, Comment, CommentKind, Edition
from tests.support.composing import a_candidate, a_comment, a_post, the_issue, the_rules

WORDS = (
    "I worked on that quay for eleven years, and the new crane is the first one which did not"
    " scare me when the wind came from the east."
)
MORE = (
    "The quay was closed for two winters because the old crane stood on it, and nobody in the"
    " harbour office told the crews when the wind would let them work again."
)
CONTENT = "<p>The harbour got a new crane on the quay, and the wind is strong in the east.</p>" * 9
REMOVED = (
    "[Comment removed by moderator for breaking our house rules on personal attacks]",
    "Your comment is awaiting moderation. It will be visible after it has been approved.",
    "This comment was minimized by the moderators on the site because it had many reports.",
    "Dieser Kommentar wurde von der Moderation entfernt.",
    "Ce commentaire a été supprimé par son auteur.",
)


def said(number: int, text: str = WORDS, author: str = "", **changes: Any) -> Comment:
    return a_comment(
        text, id=number, author=author or f"Anna {'abcdefghij'[number % 10]}", **changes
    )


def post_of(number: int, *comments: Comment, **changes: Any) -> Candidate:
    return a_candidate(*comments, id=number, content_html=CONTENT, **changes)


def edition_of(*candidates: Candidate, choices: dict[int, Choice] | None = None) -> Edition:
    edition = compose(the_rules(), candidates, the_issue(), choices or {})
    assert edition is not None
    return edition


# --- whose words count --------------------------------------------------------------------------


@pytest.mark.parametrize("text", REMOVED)
def test_what_stands_for_a_removed_comment_counts_for_nothing(text: str) -> None:
    comments = (said(1), said(2, text), said(3, text, "Deleted"))
    assert count_people(a_post(content_html=CONTENT), comments, "en") == 1


def test_spam_and_notices_count_for_nothing() -> None:
    comments = (
        said(1),
        said(2, "[…] as they write […]", kind=CommentKind.PINGBACK),
        said(3, "Visit our website for the best crane prices, 80% off this week only!"),
        said(4, "Great article, I really like your website! Keep up the good work."),
    )
    assert count_people(a_post(content_html=CONTENT), comments, "en") == 1


def test_a_name_alone_makes_nobody_a_seller() -> None:
    comments = (said(1, WORDS, "night shift nurse"), said(2, MORE, "the chemist’s daughter"))
    assert count_people(a_post(content_html=CONTENT), comments, "en") == 2


def test_what_our_own_policy_holds_back_counts() -> None:
    comments = (said(1), said(2, is_held=True), said(3, is_first_time=True))
    assert count_people(a_post(content_html=CONTENT), comments, "en") == 3


@pytest.mark.parametrize(("of_feed", "count"), [(40, 38), (1, 0), (0, 0)])
def test_where_only_a_number_is_known_it_counts(of_feed: int, count: int) -> None:
    post = a_post(content_html=CONTENT, has_all_comments=False, feed_comment_count=of_feed)
    comments = (said(1), said(2, REMOVED[0]), said(3, kind=CommentKind.PINGBACK))
    assert count_people(post, comments, "en") == count


def test_a_person_who_speaks_of_a_removed_comment_counts() -> None:
    text = f"{WORDS} {MORE} Why the other comment was removed by the moderators, I do not know."
    assert count_people(a_post(content_html=CONTENT), (said(1, text),), "en") == 1


def test_removed_comments_do_not_rank_a_post_but_the_sites_number_is_shown() -> None:
    removed = post_of(1, *(said(number, REMOVED[0]) for number in range(1, 6)))
    spoken = post_of(2, said(6), said(7, MORE))
    first, second = edition_of(removed, spoken).stories
    assert (first.post_id, first.reason.code, first.people_count) == (2, "most-discussed", None)
    assert (second.comment_count, second.discussed, second.reason.code) == (5, 0, "new")


# --- once in an edition -------------------------------------------------------------------------


def test_a_person_is_quoted_once_in_an_edition() -> None:
    edition = edition_of(
        post_of(1, said(1, WORDS, "Ben Fox"), said(3, MORE, "Cy Hill")),
        post_of(2, said(2, MORE.replace("two", "three"), "BEN FOX")),
    )
    quoted = [quote.name for story in edition.stories for quote in story.quotes]
    assert sorted(quoted).count("Ben Fox") + quoted.count("BEN FOX") == 1
    left = [each.reason.code for story in edition.stories for each in story.not_quoted]
    assert "same-name" in left


def test_a_text_is_quoted_once_in_an_edition() -> None:
    edition = edition_of(post_of(1, said(1, WORDS, "Ben")), post_of(2, said(2, WORDS, "Cy")))
    assert sum(len(story.quotes) for story in edition.stories) == 1


def test_another_cut_or_spelling_of_a_quoted_text_is_the_same_text() -> None:
    longer = f"{WORDS.upper().capitalize()} {MORE}"
    for copy in (longer, f"Hello everybody!\n\n{WORDS[:-1]}!", WORDS.replace("years,", "years")):
        edition = edition_of(post_of(1, said(1, WORDS, "Ben")), post_of(2, said(2, copy, "Cy")))
        assert sum(len(story.quotes) for story in edition.stories) == 1, copy


def test_a_text_is_quoted_once_below_one_story() -> None:
    copies = (said(1, WORDS, "Ben"), said(2, f"{WORDS} {MORE}", "Cy"))
    (story,) = edition_of(post_of(1, *copies)).stories
    assert len(story.quotes) == 1
    assert [each.reason.code for each in story.not_quoted] == ["near-duplicate"]


def test_what_a_quote_answers_is_not_repeated_above_it_where_it_is_quoted_itself() -> None:
    (story,) = edition_of(
        post_of(1, said(1, MORE, "Ben"), said(2, WORDS, "Cy", parent_id=1))
    ).stories
    assert {quote.name: quote.answers for quote in story.quotes} == {"Ben": None, "Cy": None}


def test_two_of_nobodys_names_are_not_printed_beside_each_other() -> None:
    (story,) = edition_of(
        post_of(1, said(1, WORDS, "Anonymous"), said(2, MORE, "anonymous"))
    ).stories
    assert len(story.quotes) == 1


def test_nobodys_names_are_never_the_same_person() -> None:
    edition = edition_of(
        post_of(1, said(1, WORDS, "Anonymous")), post_of(2, said(2, MORE, "anonymous"))
    )
    assert sum(len(story.quotes) for story in edition.stories) == 2


def test_an_editors_pick_stands_over_both() -> None:
    first, second = post_of(1, said(1, WORDS, "Ben Fox")), post_of(2, said(2, WORDS, "Ben Fox"))
    both = edition_of(first, second, choices={1: Choice(quotes=(1,)), 2: Choice(quotes=(2,))})
    assert sum(len(story.quotes) for story in both.stories) == 2
    one = edition_of(first, second, choices={2: Choice(quotes=(2,))})
    assert {story.post_id: len(story.quotes) for story in one.stories} == {1: 0, 2: 1}


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Anna  LEE", "anna lee"),
        ("1001", "1001"),
        ("", ""),
        ("???", ""),
        ("Guest 12", ""),
        ("Gast4711", ""),
        ("Anónimo", ""),
        ("Аноним", ""),
        ("匿名", ""),
        ("مجهول", ""),
        ("Readers of the quay", "readers of the quay"),
    ],
)
def test_a_person_is_a_name_that_is_somebodys(name: str, person: str) -> None:
    assert person_of(name) == person


# --- endings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending",
    [
        "\n\nEDIT: typo. Sorry!\n\nSent from my iPhone",
        "\n\nEdit 2 (11:30): one more thing.",
        "\n\n*Edited to add:* one more thing.",
        " EDIT: typo.",
        "\n\nNachtrag: das stimmt nicht mehr.",
        "\n\nÉdit : une faute corrigée.",
        "\nEditado: una errata.",
        "\n\nUPD: исправлено.",
        "\n\n追記：直しました。",
        "\n\nVon meinem iPhone gesendet",
        "\n\nEnvoyé de mon iPhone",
        "\n\nEnviado desde mi Samsung Galaxy",
        "\n\nInviato da iPad",
        "\n\nWysłane z iPhone'a",
        "\n\nОтправлено с iPhone",
        "\n\niPhone'umdan gönderildi",
        "\n\niPhoneから送信",
        "\n\nGet Outlook for Android",
        "\n\n-- \nAnna\nHarbour office",
    ],
)
def test_what_stands_after_a_comment_is_no_part_of_it(ending: str) -> None:
    assert without_endings(WORDS + ending) == WORDS


@pytest.mark.parametrize(
    "text",
    [
        "EDIT: this is all that was said, and it is a comment all the same.",
        f"{WORDS} My view of it. Update: no, it stays as it was, says the office.",
        f"{WORDS}\n\nI sent from my phone a picture of it to the office, and nobody answered me.",
        f"{WORDS}\n\nAddition is not what they teach there: it was 12 cranes, and not 11.",
    ],
)
def test_a_persons_own_words_stay(text: str) -> None:
    assert without_endings(text) == text


def test_a_quotation_ends_before_the_signature() -> None:
    text = f"{WORDS}\n\nEDIT: typo. Sorry!\n\nSent from my iPhone"
    (story,) = edition_of(post_of(1, said(1, text))).stories
    assert [quote.text for quote in story.quotes] == [WORDS]


def test_the_policy_of_a_newsletter_changes_no_count() -> None:
    rules = the_rules(policy=Policy(no_quote=("Anna b",)))
    edition = compose(rules, [post_of(1, said(1), said(2, MORE))], the_issue())
    assert edition is not None
    assert edition.stories[0].discussed == 2
