"""`python -m bench.scale [--write]`: compute what 1, 10 and 100 million subscribers need.

Everything is computed from the figures in `bench/results/wire.json` and the assumptions below;
`--write` puts the table into `docs/scale.md`.
"""

from __future__ import annotations

import json
import sys
from math import ceil
from pathlib import Path
from typing import Any

from bench.report import RESULTS
from bench.wire.postgres import ONE

DOCUMENT = Path(__file__).parents[1] / "docs" / "scale.md"
BEGIN, END = "<!-- computed by bench.scale -->", "<!-- end -->"
SIZES = (1_000_000, 10_000_000, 100_000_000)
#: Assumed: an edition a week, out within this number of hours, ...
EDITIONS, HOURS = 52, 4
#: ... over relays that each take so many mails a second.
RELAY_RATE = 100


def table(measured: dict[str, Any]) -> str:
    """Return the table, with the figures that it is computed from."""
    part = measured["postgres"]
    sizes, rate = part["values"]["database"], part["values"][ONE]["mails_a_second"]
    rows = [
        "| subscribers | mails per second | workers | relays | one worker alone | people |"
        " deliveries of a year |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for number in SIZES:
        wanted = number / (HOURS * 3600)
        people = number * sizes["bytes_a_subscriber"] / 1e9
        mails = number * EDITIONS * sizes["bytes_a_delivery"] / 1e9
        rows.append(
            f"| {number:,} | {wanted:,.0f} | {ceil(wanted / rate)} | {ceil(wanted / RELAY_RATE)}"
            f" | {number / rate / 3600:,.1f} h | {people:,.1f} GB | {mails:,.0f} GB |"
        )
    circumstances = (
        f"Computed from figures of {part['date']} ({part['processors']} processors, load"
        f" {part['load']}, {part['mails']:,} mails): one worker {rate:,.0f} mails a second;"
        f" {sizes['bytes_a_subscriber']:,.0f} bytes a subscriber,"
        f" {sizes['bytes_a_delivery']:,.0f} bytes a delivery, with indexes. Assumed: one edition a"
        f" week, out within {HOURS} hours, over relays that take {RELAY_RATE} mails a second each."
    )
    return "\n".join([circumstances, "", *rows])


def main() -> None:
    """Print the table, or put it into the document."""
    found = table(json.loads((RESULTS / "wire.json").read_text("utf-8")))
    if "--write" not in sys.argv:
        print(found)
        return
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{found}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
