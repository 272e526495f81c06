"""Stamps say when a form was shown, and cannot be made without a key."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from subscribers.stamps import make_stamp, read_stamp

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
KEYS = ("new-key", "old-key")


def test_a_stamp_has_the_time_of_its_form() -> None:
    assert read_stamp(KEYS, "weekly", make_stamp("new-key", "weekly", NOW)) == NOW
    assert read_stamp(KEYS, "weekly", make_stamp("old-key", "weekly", NOW)) == NOW


def test_a_stamp_of_another_form_or_key_does_not_count() -> None:
    assert read_stamp(KEYS, "daily", make_stamp("new-key", "weekly", NOW)) is None
    assert read_stamp(KEYS, "weekly", make_stamp("other", "weekly", NOW)) is None


@given(st.integers(min_value=0, max_value=42), st.characters())
def test_a_changed_stamp_does_not_count(place: int, character: str) -> None:
    stamp = make_stamp("new-key", "weekly", NOW)
    changed = stamp[:place] + character + stamp[place + 1 :]
    assert read_stamp(KEYS, "weekly", changed) is None or changed == stamp
