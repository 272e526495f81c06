"""The charts of the desk: whole, escaped, and told to those who do not see them."""

from __future__ import annotations

import re

import pytest
from defusedxml import ElementTree

from digest.web.desk.charts import Chart, Series, columns, lines, nice_top, short


def chart(*values: int | None, title: str = "Mails", labels: tuple[str, ...] = ()) -> Chart:
    return Chart(
        key="mails",
        title=title,
        summary="Sent by edition.",
        labels=labels or tuple(f"No. {n}" for n in range(len(values))),
        series=(Series(name="sent", tone="s1", values=values),),
    )


@pytest.mark.parametrize("draw", [columns, lines])
def test_a_chart_is_named_and_described(draw: object) -> None:
    assert callable(draw)
    drawing = ElementTree.fromstring(draw(chart(1, 5, 3)))
    assert drawing.get("role") == "img"
    names = (drawing.get("aria-labelledby") or "").split()
    texts = {each.get("id"): each.text for each in drawing if each.get("id")}
    assert [texts[name] for name in names] == ["Mails", "Sent by edition."]


def test_hostile_words_are_escaped() -> None:
    drawn = columns(chart(4, title="<script>x</script>", labels=('"><svg onload=x>',)))
    ElementTree.fromstring(drawn)
    assert "<script" not in drawn
    assert "<svg onload" not in drawn


def test_no_style_attribute_that_the_policy_would_refuse() -> None:
    assert " style=" not in columns(chart(1, 2)) + lines(chart(1, 2))


def test_columns_are_as_high_as_their_numbers() -> None:
    bars = re.findall(r'<rect [^>]*height="([\d.]+)"', columns(chart(50, 100, 0, 25)))
    full, half = max(map(float, bars)), float(bars[0])
    assert len(bars) == 3
    assert half == pytest.approx(full / 2, abs=0.2)


def test_a_place_without_a_number_leaves_a_gap() -> None:
    drawn = lines(chart(1, 2, None, 4, 5, None, 7))
    assert (drawn.count("<polyline"), drawn.count("<circle")) == (2, 1)


def test_an_empty_chart_is_still_a_chart() -> None:
    for draw in (columns, lines):
        for empty in (chart(), chart(0, 0)):
            assert ElementTree.fromstring(draw(empty)).get("role") == "img"


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (3, 4), (5, 8), (97, 100), (101, 200), (1_000_000, 1_000_000)]
)
def test_the_axis_ends_at_a_round_number_above_every_value(most: int, top: int) -> None:
    assert nice_top(most) == top
    assert top % 4 == 0


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (999, "999"), (1500, "1.5k"), (2_000_000, "2M")]
)
def test_numbers_at_the_edge_are_short(value: int, words: str) -> None:
    assert short(value) == words
