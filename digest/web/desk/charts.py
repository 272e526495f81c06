"""Draws charts as SVG, for pages without script. Pure.

Each has a title and a description for those who do not see it; the page has its numbers in a table
too. Colours and sizes of type are classes of the style sheet, so that a chart fits both themes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

#: The drawing's own units; the page scales it to its width.
_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 32, 16, 38
_STEPS = 4
#: Labels below the columns that fit beside one another.
_MOST_LABELS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One kind of number, at each place of the axis."""

    name: str
    #: The class of its colour, `s1` to `s5`.
    tone: str
    #: None: not known there.
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart over an axis of names."""

    #: Unique on its page: letters, digits and hyphens.
    key: str
    title: str
    #: What it shows, in one sentence.
    summary: str
    labels: Sequence[str]
    series: Sequence[Series]


def columns(chart: Chart) -> Markup:
    """Return a chart of columns, one stack for each place of the axis."""
    totals = [sum(each.values[i] or 0 for each in chart.series) for i in range(len(chart.labels))]
    top = nice_top(max(totals, default=0))
    step = _inner_width() / max(len(chart.labels), 1)
    width = max(1.0, min(step * 0.72, 48))
    shapes = []
    for place in range(len(chart.labels)):
        x = _LEFT + step * place + (step - width) / 2
        base = 0
        for each in chart.series:
            value = each.values[place] or 0
            if value:
                y, height = _y(base + value, top), _y(base, top) - _y(base + value, top)
                shapes.append(_bar(x, y, width, height, each, chart.labels[place], value))
                base += value
    return _frame(chart, top, Markup("").join(shapes))


def lines(chart: Chart) -> Markup:
    """Return a chart of lines; a place without a number leaves a gap."""
    known = [value for each in chart.series for value in each.values if value is not None]
    top = nice_top(max(known, default=0))
    step = _inner_width() / max(len(chart.labels), 1)
    shapes = []
    for each in chart.series:
        for run in _runs(each.values):
            points = " ".join(
                f"{_LEFT + step * (place + 0.5):.1f},{_y(value, top):.1f}" for place, value in run
            )
            if len(run) == 1:
                x, y = points.split(",")
                shapes.append(
                    Markup('<circle class="{}" cx="{}" cy="{}" r="3"/>').format(each.tone, x, y)
                )
            else:
                shapes.append(
                    Markup('<polyline class="curve {}" points="{}"/>').format(each.tone, points)
                )
    return _frame(chart, top, Markup("").join(shapes))


def nice_top(most: int) -> int:
    """Return the end of an axis: the next number that divides well into steps."""
    if most <= _STEPS:
        return _STEPS
    scale = int(10 ** floor(log10(most / _STEPS)))
    step = next(
        ceil(scale * factor) for factor in (1, 2, 2.5, 5, 10) if scale * factor * _STEPS >= most
    )
    return step * _STEPS


def _runs(values: Sequence[int | None]) -> list[list[tuple[int, int]]]:
    """Return the places with numbers, cut where one is not known."""
    runs: list[list[tuple[int, int]]] = [[]]
    for place, value in enumerate(values):
        if value is not None:
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _inner_width() -> int:
    return _WIDTH - _LEFT - _RIGHT


def _y(value: float, top: int) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top)


def _bar(
    x: float, y: float, width: float, height: float, series: Series, label: str, value: int
) -> Markup:
    return Markup(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {} {}</title></rect>'
    ).format(
        series.tone,
        f"{x:.1f}",
        f"{y:.1f}",
        f"{width:.1f}",
        f"{max(height, 1):.1f}",
        label,
        f"{value:,}",
        series.name,
    )


def _frame(chart: Chart, top: int, shapes: Markup) -> Markup:
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{key}-title {key}-desc"'
        ' viewBox="0 0 {width} {height}" preserveAspectRatio="xMidYMid meet">'
        '<title id="{key}-title">{title}</title><desc id="{key}-desc">{summary}</desc>'
        "{grid}{shapes}{labels}</svg>"
    ).format(
        key=chart.key,
        width=_WIDTH,
        height=_HEIGHT,
        title=chart.title,
        summary=chart.summary,
        grid=_grid(top),
        shapes=shapes,
        labels=_labels(chart.labels),
    )


def _grid(top: int) -> Markup:
    return Markup("").join(
        Markup(
            '<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>'
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
        ).format(
            _LEFT,
            f"{_y(value, top):.1f}",
            _WIDTH - _RIGHT,
            f"{_y(value, top):.1f}",
            _LEFT - 8,
            f"{_y(value, top) + 4:.1f}",
            short(value),
        )
        for value in (top * step // _STEPS for step in range(_STEPS + 1))
    )


def _labels(labels: Sequence[str]) -> Markup:
    """Return the names below the axis; a small screen shows every second of them."""
    every = max(1, ceil(len(labels) / _MOST_LABELS))
    step = _inner_width() / max(len(labels), 1)
    return Markup("").join(
        Markup('<text class="tick{}" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            " minor" if place // every % 2 else "",
            f"{_LEFT + step * (place + 0.5):.1f}",
            _HEIGHT - 12,
            label,
        )
        for place, label in enumerate(labels)
        if place % every == 0
    )


def short(value: int) -> str:
    """Return a number for the edge of a chart: `1.2k`, `3M`."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value}"
