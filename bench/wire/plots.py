"""Draws bars as SVG, which follow the reader's light or dark theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"

_WIDTH, _LEFT, _RIGHT, _TOP = 640, 170, 90, 50
_ROW, _BAR = 30, 18
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .note { fill: #59636e; font-size: 12px }
.bar { fill: #afb8c1 } .ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .note { fill: #9198a1 } .bar { fill: #57606a } .ours { fill: #4493f8 }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: a name, a length and the text at its end."""

    name: str
    value: float
    text: str
    is_ours: bool = False


def draw_bars(title: str, note: str, bars: Sequence[Bar]) -> str:
    """Return an SVG image with a bar for each value, from 0 to the largest one."""
    largest = max(bar.value for bar in bars)
    height = _TOP + _ROW * len(bars) + 8
    rows = "".join(
        _row(bar, _TOP + _ROW * place, bar.value / largest) for place, bar in enumerate(bars)
    )
    named = "; ".join(f"{bar.name} {bar.text}" for bar in bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        f' role="img" aria-label="{escape(f"{title}: {named}", {chr(34): "&quot;"})}">\n'
        f"<style>{_STYLE}</style>\n"
        f'<text class="title" x="8" y="18">{escape(title)}</text>\n'
        f'<text class="note" x="8" y="35">{escape(note)}</text>\n{rows}</svg>\n'
    )


def _row(bar: Bar, top: int, share: float) -> str:
    length = max(1.0, share * (_WIDTH - _LEFT - _RIGHT))
    kind = "bar ours" if bar.is_ours else "bar"
    base = top + _BAR - 4
    return (
        f'<text x="{_LEFT - 8}" y="{base}" text-anchor="end">{escape(bar.name)}</text>'
        f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{length:.0f}" height="{_BAR}" rx="2"/>'
        f'<text x="{_LEFT + length + 6:.0f}" y="{base}">{escape(bar.text)}</text>\n'
    )
