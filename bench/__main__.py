"""`python -m bench`: run all benchmarks and write `bench/results/bench.md`."""

from __future__ import annotations

from bench import collect, edition, freeze, house, judged, message, people, preview
from bench.report import write_results

figures = [
    message.measure(),
    freeze.measure(),
    *people.measure(),
    edition.measure(),
    preview.measure(),
    *collect.measure(),
    judged.measure(),
    *house.measure(),
]
path = write_results(figures)
print(path.read_text("utf-8"))
