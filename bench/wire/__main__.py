"""`python -m bench.wire [PART…]`: compare senders, store the figures, draw the pictures.

Ends with 1 if a figure misses its limit.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.circumstances import circumstances
from bench.report import RESULTS
from bench.wire.edition import Newspaper
from bench.wire.limits import Check, table_of
from bench.wire.parts import PARTS, Amounts
from bench.wire.pictures import draw_pictures
from bench.wire.rounds import say

#: It takes minutes and a gigabyte, so it runs only if it is named.
_ONLY_IF_NAMED = frozenset({"million", "postgres-million"})


def main() -> int:
    """Run the named parts; return the exit code."""
    arguments = _arguments()
    amounts = Amounts(mails=arguments.mails, rounds=arguments.rounds)
    names = arguments.part or [name for name in PARTS if name not in _ONLY_IF_NAMED]
    stored = _read(arguments.results)
    checks: list[Check] = []
    for name in names:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            result = PARTS[name](Newspaper(Path(folder)), amounts)
        checks += result.checks
        for line in result.missing:
            say(f"{name}: not measured: {line}")
        stored[name] = {**_circumstances(amounts), **result.as_data()}
        arguments.results.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")
    print(table_of(checks))
    if arguments.results == _RESULTS:
        draw_pictures(stored)
    return 0 if all(each.is_met for each in checks) else 1


_RESULTS = RESULTS / "wire.json"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.wire",
        description="Compare senders of mail. Default: every part but million.",
    )
    # Without a part the value is an empty list, which argparse also looks up.
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument("--mails", type=int, default=Amounts().mails, help="of a sender and round")
    parser.add_argument("--rounds", type=int, default=Amounts().rounds)
    parser.add_argument("--folder", help="where databases are made; it needs a real disk")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="the file for the figures")
    return parser.parse_args()


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def _circumstances(amounts: Amounts) -> dict[str, object]:
    """Return under what a part was measured; the load tells how busy the machine was."""
    return {
        **circumstances(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "mails": amounts.mails,
        "rounds": amounts.rounds,
    }


if __name__ == "__main__":
    sys.exit(main())
