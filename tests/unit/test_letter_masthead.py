"""The type size of the newsletter's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.letter.printing.masthead import PHONE_WIDTH, WIDTH, name_size


@pytest.mark.parametrize(
    ("name", "desktop", "phone"),
    [
        ("Heritage", 40, 32),
        ("The Lantern Weekly", 40, 30),
        ("The Marrowby Courant", 40, 28),
        ("The Marrowby and Ostle Courant", 29, 32),
        ("港の町の週刊だより", 40, 32),
    ],
)
def test_a_longer_name_is_smaller(name: str, desktop: int, phone: int) -> None:
    assert name_size(name, WIDTH, 1.0) == desktop
    assert name_size(name, PHONE_WIDTH, 1.0) == phone


def test_no_single_word_is_alone_in_the_last_line_if_a_smaller_size_prevents_it() -> None:
    # At 40 pixels "Supplementary" would be alone in the third line.
    assert name_size("Harbour Weekly Reporter International Supplementary", WIDTH, 1.0) == 32


def test_larger_text_leaves_less_room() -> None:
    assert name_size("The Marrowby Courant", WIDTH, 1.25) < 40


@given(st.text(max_size=200), st.sampled_from([WIDTH, PHONE_WIDTH]), st.sampled_from([1.0, 1.25]))
def test_every_name_has_a_size_that_can_be_read(name: str, width: int, scale: float) -> None:
    assert 24 <= name_size(name, width, scale) <= 40
