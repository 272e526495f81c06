"""Which comments are quoted: the fullest on topic, by different people, above a floor."""

from __future__ import annotations

from typing import Any

import pytest

from digest.composer.quotes.top_comments import Picks, pick_comments
from digest.composer.rules import Policy
from digest.models import Comment, CommentKind
from tests.support.composing import a_comment, a_post
from tests.support.timing import least_seconds, within
from tests.unit.test_composer_policy import POST

BUOYS = (
    "I kept the buoys in that channel for nineteen years, and the surveyor’s chart was right each"
    " time the ferry company asked; the brass pins tell you where to look when the sand has moved."
)
NOTES = (
    "The county archive holds the field notes. They say that the boundary is asked again when the"
    " deepest sounding moves by more than a cable, which has happened once since then."
)
DISSENT = (
    "I am not convinced that the ferry company should pay for two buoys on dry sand, and no"
    " surveyor would say so; the board alone decides where the fishing ground ends."
)


def comment(number: int, text: str, **changes: Any) -> Comment:
    return a_comment(text, **({"id": number, "author": f"Reader {number}"} | changes))


def pick(*comments: Comment, limit: int = 2, **changes: Any) -> Picks:
    post = a_post(title="The Line in the Channel", **changes)
    return pick_comments(post, POST, comments, policy=Policy(), limit=limit, language="en")


def quoted(picks: Picks) -> list[int]:
    return [quote.comment_id for quote in picks.quotes]


def reasons(picks: Picks) -> dict[int, str]:
    return {each.comment_id: each.reason.code for each in picks.not_quoted}


def test_a_full_comment_on_topic_comes_before_a_one_liner() -> None:
    one_liner = "Two of the seven buoys lie on dry sand, as I saw."
    picks = pick(comment(1, one_liner), comment(2, BUOYS))
    assert quoted(picks)[0] == 2


def test_no_comment_is_quoted_if_none_has_substance() -> None:
    picks = pick(comment(1, "The harbour is where I learned to swim."), comment(2, "Buoys. Sure."))
    assert quoted(picks) == []
    assert reasons(picks) == {1: "too-short", 2: "too-short"}


def test_a_remark_hardly_on_topic_is_below_the_floor() -> None:
    picks = pick(comment(1, "My uncle went to that harbour as a boy once."))
    assert reasons(picks) == {1: "says-little"}


def test_at_most_as_many_as_asked_are_quoted() -> None:
    picks = pick(comment(1, BUOYS), comment(2, NOTES), limit=1)
    assert len(picks.quotes) == 1
    assert set(reasons(picks).values()) == {"no-place"}


def test_with_a_limit_of_zero_no_comment_is_quoted() -> None:
    assert pick(comment(1, BUOYS), limit=0).quotes == ()


def test_one_person_is_quoted_once() -> None:
    picks = pick(comment(1, BUOYS, author="Ann"), comment(2, NOTES, author="ann "))
    assert len(picks.quotes) == 1
    assert set(reasons(picks).values()) == {"same-name"}


def test_near_duplicates_are_quoted_once() -> None:
    picks = pick(comment(1, BUOYS), comment(2, BUOYS.replace("nineteen", "twenty")))
    assert len(picks.quotes) == 1
    assert set(reasons(picks).values()) == {"near-duplicate"}


def test_a_dissent_is_preferred_for_the_second_place() -> None:
    picks = pick(comment(1, BUOYS), comment(2, NOTES), comment(3, DISSENT))
    assert quoted(picks)[1] == 3


def test_votes_and_answers_decide_between_equals() -> None:
    answer = comment(3, "So did my father, and he said so.", parent_id=2)
    assert quoted(pick(comment(1, NOTES), comment(2, NOTES), answer))[0] == 2
    assert quoted(pick(comment(1, NOTES), comment(2, NOTES, votes=9)))[0] == 2


def test_a_top_level_comment_is_preferred_to_a_reply() -> None:
    top = comment(9, "Where are the other pins, I wonder; does nobody keep a list of them now?")
    picks = pick(top, comment(1, NOTES, parent_id=9), comment(2, BUOYS))
    assert quoted(picks)[0] == 2


def test_word_endings_do_not_make_a_comment_off_topic() -> None:
    text = "Surveying was my trade; I moved pins, charted lines and settled the fishing of towns."
    assert quoted(pick(comment(1, text))) == [1]


def test_the_author_of_the_post_gives_way_to_a_reader() -> None:
    picks = pick(comment(1, NOTES, author="Odile Marsh"), comment(2, DISSENT))
    assert quoted(picks)[0] == 2


def test_a_reason_names_what_decided_in_plain_words() -> None:
    answer = comment(3, "So did my father, and he said so.", parent_id=2)
    (quote, *_) = pick(comment(2, BUOYS), answer).quotes
    assert quote.reason.text.startswith("on topic, ")
    assert " characters of substance, " in quote.reason.text
    assert quote.reason.text.endswith("answered once")


def test_every_comment_is_quoted_or_has_a_reason() -> None:
    comments = [
        comment(1, BUOYS),
        comment(2, "You are an idiot."),
        comment(3, ""),
        comment(4, NOTES),
    ]
    picks = pick(*comments)
    assert sorted([*quoted(picks), *reasons(picks)]) == [1, 2, 3, 4]
    given = [each.reason for each in picks.quotes] + [each.reason for each in picks.not_quoted]
    assert all(reason.text for reason in given)


def test_the_order_of_the_comments_does_not_matter() -> None:
    comments = [comment(1, BUOYS), comment(2, NOTES), comment(3, DISSENT)]
    assert pick(*comments) == pick(*reversed(comments))


def test_a_left_out_comment_is_shown_as_one_line() -> None:
    shown = pick(comment(1, "You are an idiot.\n\n" + "And so on. " * 50)).not_quoted[0].text
    assert "\n" not in shown
    assert len(shown) <= 120


# --- replies ------------------------------------------------------------------------------------


def test_a_reply_is_shown_with_the_comment_it_answers() -> None:
    question = comment(1, "Who pays for the two buoys? I never learned it from the board.")
    picks = pick(question, comment(2, NOTES, parent_id=1), limit=1)
    (quote,) = picks.quotes
    assert quote.answers is not None
    assert quote.answers.name == "Reader 1"
    assert quote.answers.text == question.text


def test_the_answered_comment_is_cut_after_a_sentence() -> None:
    asked = (
        "Who pays for the two buoys? Can you please tell me where I find the chart of the board?"
        " Does anyone know who sells the chart of the channel?"
    )
    picks = pick(comment(1, asked), comment(2, NOTES, parent_id=1))
    (answered,) = [quote.answers for quote in picks.quotes if quote.answers]
    assert asked.startswith(answered.text)
    assert answered.text.endswith("?")
    assert len(answered.text) <= 120 < len(asked)


def test_a_first_sentence_too_long_for_the_context_is_cut_short() -> None:
    asked = (
        "Can you please tell me, as you have asked the ferry company and the surveyor about it by"
        " now, who of them pays for the two buoys on dry sand and for all of the brass pins?"
    )
    picks = pick(comment(1, asked), comment(2, NOTES, parent_id=1))
    (answered,) = [quote.answers for quote in picks.quotes if quote.answers]
    assert len(answered.text) <= 120
    assert answered.text.endswith("…")


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Who pays for the buoys, you idiot? I never learned it from the board."},
        {"text": "Who pays for the buoys? Ask me at bob@a.example.org and I tell you."},
        {"author": "Cheap Loans Online"},
        {"is_held": True},
        {"kind": CommentKind.PINGBACK},
    ],
)
def test_an_unprintable_comment_is_not_shown_above_a_reply(changes: dict[str, Any]) -> None:
    parent = comment(1, **({"text": "Who pays for the buoys?"} | changes))
    picks = pick(parent, comment(2, NOTES, parent_id=1))
    assert quoted(picks) == [2]
    assert picks.quotes[0].answers is None


# --- substance ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "empty",
    [
        "Thank you so much for this wonderful piece about the harbour, I enjoyed every line of it.",
        "Congratulations on this column about the buoys, and all the best for you and the board.",
        "Can you please tell me where I find the chart of the harbour board? Thanks in advance.",
        "Does anyone know who sells the chart of the channel? Please let me know where to ask.",
    ],
)
def test_thanks_and_questions_to_the_author_are_not_worth_quoting(empty: str) -> None:
    assert quoted(pick(comment(1, empty))) == []


def test_thanks_around_a_remark_are_left_out() -> None:
    picks = pick(comment(1, f"Great column! {BUOYS} Best regards, Ann"))
    assert picks.quotes[0].text == BUOYS


def test_a_comment_in_another_language_than_the_post_is_not_quoted() -> None:
    german = (
        "Ich habe die Bojen in dieser Rinne neunzehn Jahre lang gewartet, und die Seekarte des"
        " Vermessers stimmt bis heute, fragen Sie die Fährgesellschaft (ferry company, harbour)."
    )
    assert reasons(pick(comment(1, german))) == {1: "other-language"}


def test_votes_alone_do_not_make_a_remark_worth_quoting() -> None:
    popular = comment(1, "The harbour board pays for the buoys, so there you are.", votes=5000)
    assert quoted(pick(popular, comment(2, BUOYS)))[0] == 2


def test_a_filler_is_not_quoted_beside_a_much_better_comment() -> None:
    filler = comment(2, "The harbour board pays for the buoys and the ferry company for the pins.")
    assert quoted(pick(filler)) == [2]
    best = comment(1, f"{BUOYS} {NOTES}\n\n" + f"{DISSENT} " * 8, votes=20)
    assert quoted(pick(best, filler)) == [1]


# --- endless threads ----------------------------------------------------------------------------


def test_a_sentence_that_is_longer_than_a_quote_is_not_quoted() -> None:
    endless = " and ".join([BUOYS.rstrip(".")] * 3)
    assert reasons(pick(comment(1, endless))) == {1: "no-sentence"}


def test_two_replies_to_one_comment_are_shown_with_it() -> None:
    parent = comment(1, "The two buoys lie on dry sand, as I saw there.")
    picks = pick(parent, comment(2, BUOYS, parent_id=1), comment(3, NOTES, parent_id=1))
    answered = {quote.comment_id: quote.answers for quote in picks.quotes}
    assert answered.keys() == {2, 3}
    assert [each.text for each in answered.values() if each] == [parent.text] * 2


@pytest.mark.slow
def test_an_endless_thread_takes_at_most_two_seconds() -> None:
    texts = [f"{BUOYS} {NOTES} {DISSENT}"[at % 90 :] for at in range(5000)]
    comments = [comment(at, text, parent_id=at - 1 or None) for at, text in enumerate(texts, 1)]
    picked: list[Picks] = []
    assert least_seconds(lambda: picked.append(pick(*comments)), under=2) < 2
    assert len(picked[-1].quotes) + len(picked[-1].not_quoted) == 5000


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["a. ", "a.b ", "no! ", "“a ", "a@b ", "1 2 ", "fuck-", "you are a ", "\n\na", "ä "]
)
def test_no_thread_of_hostile_comments_keeps_the_choice_busy(piece: str) -> None:
    hostile = [comment(at, piece * (20_000 // len(piece))) for at in range(1, 4)]
    with within(3):
        picked = pick(*hostile)
    assert len(picked.quotes) + len(picked.not_quoted) == 3
