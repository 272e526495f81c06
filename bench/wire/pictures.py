"""The pictures for the documentation, drawn from the stored results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.wire.plots import FOLDER, Bar, draw_bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One measure of one part."""

    part: str
    measure: str
    title: str
    note: str
    #: How a value is printed.
    form: str


PICTURES = {
    "sending-rate.svg": Picture(
        part="speed",
        measure="mails_a_second",
        title="Mails a second",
        note="one server, 16 connections, 30 KB; only digest keeps a ledger of each mail",
        form="{:,.0f}",
    ),
    "sending-cost.svg": Picture(
        part="cpu",
        measure="cpu_s_per_1000",
        title="Processor seconds for 1,000 mails",
        note="16 connections, 30 KB; without the start of the program",
        form="{:.2f}",
    ),
    "sending-far.svg": Picture(
        part="distance",
        measure="mails_a_second",
        title="Mails a second, 20 ms to the server and back",
        note="16 connections, 30 KB",
        form="{:,.0f}",
    ),
    "sending-tls.svg": Picture(
        part="tls",
        measure="mails_a_second",
        title="Mails a second over TLS",
        note="one server, 16 connections, 30 KB",
        form="{:,.0f}",
    ),
}


def draw_pictures(results: Mapping[str, Any], folder: Path = FOLDER) -> list[Path]:
    """Draw the picture of each part that has results; return the files."""
    drawn = []
    for name, picture in PICTURES.items():
        values = results.get(picture.part, {}).get("values", {})
        if not values:
            continue
        bars = [
            Bar(
                name=sender,
                value=measures[picture.measure],
                text=picture.form.format(measures[picture.measure]),
                is_ours=sender.startswith("digest"),
            )
            for sender, measures in values.items()
        ]
        path = folder / name
        path.write_text(draw_bars(picture.title, picture.note, bars), "utf-8")
        drawn.append(path)
    return drawn
