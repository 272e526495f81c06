"""`python -m bench [NAME…]`: run benchmarks, write `bench/results/bench.json`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from bench import collect, edition, freeze, house, judged, message, people, preview
from bench.report import Figure, write_results

MEASURES: dict[str, Callable[[], Sequence[Figure]]] = {
    "message": lambda: [message.measure()],
    "freeze": lambda: [freeze.measure()],
    "people": people.measure,
    "edition": lambda: [edition.measure()],
    "preview": lambda: [preview.measure()],
    "collect": collect.measure,
    "judged": lambda: [judged.measure()],
    "house": house.measure,
}


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", nargs="*", choices=[*MEASURES, []], help=", ".join(MEASURES))
    for name in parser.parse_args().name or MEASURES:
        figures = MEASURES[name]()
        write_results(name, figures)
        for each in figures:
            print(f"{each.name}, against {each.peer}: {each.ratio:.3g} {each.unit}; {each.detail}")


if __name__ == "__main__":
    main()
