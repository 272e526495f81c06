"""A choice that was not made is the newsletter's default; of two endings the stronger stays."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from subscribers.preferences import Preferences, State, Subscription, stronger_ending


def test_a_choice_that_was_not_made_is_empty() -> None:
    assert asdict(Preferences()) == {
        "categories": (),
        "cadence": "",
        "language": "",
        "text_size": "normal",
        "zone": "",
        "hour": None,
        "paused_until": None,
    }


def test_a_new_subscription_has_no_ending_and_no_consent() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    new = Subscription(newsletter="weekly", state=State.PENDING, joined_at=at)
    assert (new.is_joined_known, new.consent, new.seen_seq) == (True, None, None)
    assert (new.left_at, new.left_how, new.left_from, new.left_reason) == (None, "", None, "")


@pytest.mark.parametrize("one", State)
@pytest.mark.parametrize("other", [State.BOUNCED, State.LEFT, State.COMPLAINED])
def test_the_stronger_ending_stays(one: State, other: State) -> None:
    order = [State.PENDING, State.CONFIRMED, State.BOUNCED, State.LEFT, State.COMPLAINED]
    assert stronger_ending(one, other) is max(one, other, key=order.index)
