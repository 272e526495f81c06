"""Compares a click to a preview with the bare render of the same letter.

`python -m bench.preview` runs only this. A click is all that a browser then asks for: the page,
and the mail in its three frames, over HTTP, with no letter written before. The bare render is
what any preview must do: the template, the inlined style sheet and the text part of that letter,
unchecked and unencoded.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from bench.report import Figure
from digest.letter.printing.inline import inline_css
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.presentation import build_view
from digest.letter.printing.render import tidy_text
from digest.letter.writer import LetterWriter
from digest.models import Edition
from digest.newsroom.proof.people import stock_people
from digest.pipeline.audience import variant_for
from tests.support.desk_site import desk_of, fill
from tests.support.desk_work import Desk
from tests.support.samples import sample_edition
from tests.support.web_server import Site, serving

ROUNDS = 9
#: The most that a click may take, in bare renders.
TARGET = 5.0
#: What most subscribers get; one section, which needs the letter of most subscribers too.
_WHO = ("everyone", "only1")
_FRAME = re.compile(r'<iframe [^>]*src="([^"]+)"')


def measure(rounds: int = ROUNDS) -> Figure:
    """Return how many bare renders a click takes: the median of the rounds of the worst kind."""
    with TemporaryDirectory() as folder:
        work = Desk.open(Path(folder))
        work.add_post("A bridge is mended")
        work.compose()
        writer = work.app.newsletter_of().writer
        with serving(desk_of(work)) as site:
            # The first round compiles the templates of both sides.
            _round(work, site, writer, "warm", "everyone")
            kinds = [
                [_round(work, site, writer, f"{who} {number}", who) for number in range(rounds)]
                for who in _WHO
            ]
    found = max(kinds, key=lambda each: median(click / render for click, render in each))
    clicks, renders = zip(*found, strict=True)
    return Figure(
        name="a click to a new preview",
        peer="the bare render of that letter",
        ratio=median(click / render for click, render in found),
        unit="times its processor time",
        detail=f"at most {TARGET:g}; {median(clicks) * 1e3:.0f} ms against"
        f" {median(renders) * 1e3:.0f} ms; a page and its three frames",
    )


def _round(
    work: Desk, site: Site, writer: LetterWriter, name: str, who: str
) -> tuple[float, float]:
    """Return the processor time of a click to content that nobody saw before, and of its render."""
    given = sample_edition()
    intro = (*given.masthead.intro, f"Round {name}.")
    edition = fill(work, replace(given, masthead=replace(given.masthead, intro=intro)))
    started = process_time()
    _render(writer, replace(edition, issued_at=work.edition().due_at), who)
    rendered = process_time() - started
    started = process_time()
    _click(site, who)
    return process_time() - started, rendered


def _click(site: Site, who: str) -> None:
    page = site.ask(f"/editions/1/preview?who={who}")
    frames = _FRAME.findall(page.text)
    if page.status != 200 or len(frames) != 3:
        raise RuntimeError(f"no preview: {page.status}")
    for frame in frames:
        if site.ask(unescape(frame).partition("#")[0]).status != 200:
            raise RuntimeError(f"no mail in {frame}")


def _render(writer: LetterWriter, edition: Edition, who: str) -> None:
    people = {each.key: each for each in stock_people(edition, now=edition.due_at)}
    variant = variant_for(edition, people[who].rule)
    if variant is None:
        raise RuntimeError("the edition has no story")
    marks = PlaceMarks(seed="0" * 16)
    view = build_view(edition, variant, writer.site, marks)
    inline_css(writer.renderer.render_mail(view))
    tidy_text(writer.renderer.render_text(view))


if __name__ == "__main__":
    figure = measure()
    print(f"{figure.name}: {figure.ratio:.2f} {figure.unit} ({figure.detail})")
