from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.bounces.classes import BounceClass, Effect
from digest.bounces.score import must_suppress
from digest.bounces.session import judge_refusal
from digest.models import BounceOutcome, Failure, Reply, SessionRefusal, StoredBounce

NOW = datetime(2026, 11, 23, tzinfo=UTC)
GONE = (BounceClass.HARD, Effect.SUPPRESS)
TO_CONFIRM = (BounceClass.HARD, Effect.CONFIRM)
FULL = (BounceClass.SOFT, Effect.SCORE)


def judged(said: str, reason: str, attempts: int = 1) -> tuple[BounceClass, Effect] | None:
    verdict = judge_refusal(
        SessionRefusal(
            delivery_id=1,
            person_id=1,
            reply=Reply(code=int(said[:3]), text=said[4:]),
            reason=reason,
            attempts=attempts,
            ended_at=NOW,
        )
    )
    return None if verdict is None else (verdict.bounce_class, verdict.effect)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("550 5.1.1 user unknown", GONE),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", GONE),
        ("511 sorry, no mailbox here by that name (#5.1.1)", GONE),
        ("550 5.2.1 mailbox disabled", TO_CONFIRM),
        ("550 5.1.2 unknown domain", TO_CONFIRM),
        ("553 5.1.3 bad address", TO_CONFIRM),
        ("550 5.1.6 moved", TO_CONFIRM),
        ("550 no such user", TO_CONFIRM),
        ("551 not our customer", TO_CONFIRM),
        ("552 5.2.2 over quota", FULL),
        ("552 mailbox is full", FULL),
        ("552 5.1.1 recipient rejected, quota violation", FULL),
        ("550 5.1.1 user unknown, your IP is listed at bl.example.org", None),
        ("550 5.1.1 user unknown, try again later", None),
        ("550 5.1.8 sender domain does not exist", None),
        ("554 5.7.1 spam", None),
        ("554 5.6.0 content rejected", None),
        ("552 5.3.4 message too big", None),
        ("550 5.4.5 daily sending quota exceeded", None),
        ("550 relay not permitted", None),
        ("550 5.7.17 mailbox owner has changed", None),
    ],
)
def test_only_what_the_server_says_of_the_recipient_counts(
    said: str, expected: tuple[BounceClass, Effect] | None
) -> None:
    assert judged(said, "refused") == expected


@pytest.mark.parametrize(
    ("said", "attempts", "expected"),
    [
        ("452 4.2.2 mailbox full", 6, FULL),
        ("452 mailbox full", 20, FULL),
        # The edition was given up, and not the mailbox.
        ("452 4.2.2 mailbox full", 5, None),
        # Not believed, because the relay accepted no mail.
        ("552 5.2.2 mailbox full", 20, None),
        ("550 5.1.1 user unknown", 20, None),
        ("452 4.3.1 insufficient system storage", 20, None),
        ("450 4.2.0 greylisted", 20, None),
    ],
)
def test_of_the_mails_that_expired_those_to_full_mailboxes_count(
    said: str, attempts: int, expected: tuple[BounceClass, Effect] | None
) -> None:
    assert judged(said, "expired", attempts) == expected


@pytest.mark.parametrize("reason", ["lost", "needs SMTPUTF8", "kept", ""])
def test_a_reply_of_an_earlier_try_does_not_count(reason: str) -> None:
    assert judged("550 5.1.1 user unknown", reason, 20) is None


@pytest.mark.parametrize(
    ("hours", "is_unconfirmed", "edition", "expected"),
    [
        (24 * 7, True, 1, True),
        (20, True, 1, True),
        (19, True, 1, False),
        (24 * 7, True, 2, False),
        (24 * 7, False, 1, False),
    ],
)
def test_a_missing_mailbox_is_confirmed_by_another_edition_and_another_day(
    hours: float, is_unconfirmed: bool, edition: int, expected: bool
) -> None:
    bounce = StoredBounce(
        person_id=1,
        edition_id=2,
        report="session e2",
        bounce_class=BounceClass.HARD,
        is_scored=True,
        is_unconfirmed=True,
        outcome=BounceOutcome.COUNTED,
        words="",
        at=NOW,
    )
    at = NOW - timedelta(hours=hours)
    earlier = Failure(edition_id=edition, at=at, is_unconfirmed=is_unconfirmed)
    assert must_suppress(bounce, (earlier,)) is expected
