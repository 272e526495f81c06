"""Runs senders in turn, round after round, so that other work slows each of them alike."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from bench.wire.edition import Relay
from bench.wire.limits import median_ratio
from bench.wire.nodemailer import Missing
from bench.wire.senders import Sender, Sent, cpu_per_1000


@dataclass(slots=True)
class Rounds:
    """The runs of each sender, by name, and why others did not run."""

    runs: dict[str, list[Sent]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Return whether all of these senders ran."""
        return all(name in self.runs for name in names)

    def rate_ratio(self, name: str, peer: str) -> float:
        """Return a sender's rate relative to that of its peer."""
        return median_ratio(
            [each.rate for each in self.runs[name]], [each.rate for each in self.runs[peer]]
        )

    def rate(self, name: str) -> float:
        """Return a sender's mails a second."""
        return median(each.rate for each in self.runs[name])

    def against(self, name: str, peer: str) -> str:
        """Return both rates in words."""
        return f"{self.rate(name):,.0f} a second against {self.rate(peer):,.0f}"

    def reasons(self) -> tuple[str, ...]:
        """Return a line for each sender that did not run."""
        return tuple(f"{name}: {reason}" for name, reason in self.missing.items())


def run_rounds(
    senders: Mapping[str, tuple[Sender, Relay]], mails: int, rounds: int, *, label: str
) -> Rounds:
    """Let every sender send the same number of mails in each round."""
    found = Rounds()
    for number in range(rounds):
        for name, (send, relay) in senders.items():
            if name in found.missing:
                continue
            try:
                sent = send(mails, relay)
            except Missing as error:
                found.missing[name] = str(error)
                continue
            found.runs.setdefault(name, []).append(sent)
            say(f"{label}, round {number + 1}: {name} {sent.rate:,.0f} a second")
    return found


@dataclass(slots=True)
class Slopes:
    """The processor seconds of a thousand mails in each round, by sender."""

    costs: dict[str, list[float]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Return whether all of these senders ran."""
        return all(name in self.costs for name in names)

    def ratio(self, name: str, peer: str) -> float:
        """Return a sender's cost relative to that of its peer."""
        return median_ratio(self.costs[name], self.costs[peer])

    def cost(self, name: str) -> float:
        """Return a sender's processor seconds for a thousand mails."""
        return median(self.costs[name])

    def against(self, name: str, peer: str) -> str:
        """Return both costs in words."""
        return f"{self.cost(name):.3f} s a thousand against {self.cost(peer):.3f} s"

    def reasons(self) -> tuple[str, ...]:
        """Return a line for each sender that did not run."""
        return tuple(f"{name}: {reason}" for name, reason in self.missing.items())


def run_slopes(
    senders: Mapping[str, tuple[Sender, Relay, tuple[int, int]]], rounds: int, *, label: str
) -> Slopes:
    """Let every sender send few and many mails in each round; the slope leaves out the start."""
    found = Slopes()
    for number in range(rounds):
        for name, (send, relay, (few, many)) in senders.items():
            if name in found.missing:
                continue
            try:
                cost = cpu_per_1000(send(few, relay), send(many, relay))
            except Missing as error:
                found.missing[name] = str(error)
                continue
            found.costs.setdefault(name, []).append(cost)
            say(f"{label}, round {number + 1}: {name} {cost:.3f} s a thousand")
    return found


def say(line: str) -> None:
    """Print a line of progress, apart from the results."""
    print(line, file=sys.stderr, flush=True)
