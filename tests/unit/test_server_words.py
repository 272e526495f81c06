"""Replies that differ only in ids and addresses are one reply to people."""

from __future__ import annotations

import pytest

from digest.text.server_words import without_ids


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (
            "450 4.2.0 <a@example.org>: Greylisted for 300 seconds (ID 4F2A1C)",
            "450 4.2.0 <long.name@example.net>: Greylisted for 5 seconds (ID 9B77AA)",
            "450 4.2.0 <…>: Greylisted for … seconds (ID …)",
        ),
        (
            "421-4.7.28 [192.0.2.1] rate limited; see https://example.com/help?id=1 q5-20020a17.3",
            "421-4.7.28 [2001:db8::7] rate limited; see https://example.com/help?id=2 z9-777.18",
            "421-4.7.28 […] rate limited; see https://example.com/… …",
        ),
        (
            "550 5.7.1 blocked by list (S3140), [AMS1EUR.PROD.2 2026-11-30T07:58:04.1Z 08DE2]",
            "550 5.7.1 blocked by list (S3140), [DB3EUR.PROD.9 2026-11-30T09:01:59.7Z 08DE9]",
            "550 5.7.1 blocked by list (S3140), [… … …]",
        ),
    ],
)
def test_replies_of_one_reason_are_equal(one: str, other: str, shown: str) -> None:
    assert without_ids(one) == without_ids(other) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("550 5.1.1 no such user", "550 5.2.2 no such user"),
        ("450 busy", "451 busy"),
        ("550 blocked (S3140)", "550 blocked (S3150)"),
        ("554 RP-001 refused", "554 DY-001 refused"),
    ],
)
def test_codes_that_mean_something_stay_apart(one: str, other: str) -> None:
    assert without_ids(one) == one
    assert without_ids(other) == other
