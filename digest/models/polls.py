"""The answers to a poll, counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResults:
    """The number of answers to the poll of one edition."""

    #: The edition that asked.
    edition_id: int
    question: str
    #: The labels of the answers.
    choices: tuple[str, ...]
    #: The number of people who chose each of `choices`.
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Number of people who answered."""
        return sum(self.counts)

    @property
    def percents(self) -> tuple[int, ...]:
        """Whole percentages of `choices` that add up to 100; all 0 without an answer.

        Each is rounded down first; what is missing goes to those with the largest remainders.
        """
        total = self.total
        if not total:
            return tuple(0 for _ in self.counts)
        whole = [count * 100 // total for count in self.counts]
        by_remainder = sorted(
            range(len(whole)), key=lambda place: (-(self.counts[place] * 100 % total), place)
        )
        for place in by_remainder[: 100 - sum(whole)]:
            whole[place] += 1
        return tuple(whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPoll:
    """The last poll that the mails of a cadence had."""

    results: PollResults
    #: Whether no later edition of the cadence is frozen, so that the next one has the results.
    is_newest: bool
