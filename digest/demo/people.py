"""Two hundred invented subscribers with their own choices, and their CSV file."""

from __future__ import annotations

import csv
import io
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digest.demo.paper import data_files

COUNT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSubscriber:
    """One subscriber of the paper."""

    address: str
    name: str
    #: The chosen sections; empty: all.
    categories: tuple[str, ...]
    joined_on: date


def sample_subscribers(*, now: datetime) -> tuple[SampleSubscriber, ...]:
    """Return the subscribers; the same for the same day."""
    table = tomllib.loads((data_files() / "people.toml").read_text("utf-8"))
    return tuple(_subscriber(place, table, now) for place in range(COUNT))


def subscribers_csv(subscribers: tuple[SampleSubscriber, ...]) -> str:
    """Write the list as a spreadsheet program would export it."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(("email", "name", "categories", "joined at"))
    rows.writerows(
        (r.address, r.name, ";".join(r.categories), r.joined_on.isoformat()) for r in subscribers
    )
    return text.getvalue()


def _subscriber(place: int, table: dict[str, list[str]], now: datetime) -> SampleSubscriber:
    first, last, domains = table["first"], table["last"], table["domains"]
    given = first[place % len(first)]
    # Seven and the number of names have no common factor, so neighbours never share a name.
    family = last[(place * 7 + place // len(first)) % len(last)]
    return SampleSubscriber(
        address=f"{_ascii(given)}.{_ascii(family)}@{domains[place % len(domains)]}",
        name=f"{given} {family}",
        categories=tuple(table["choices"][place % len(table["choices"])]),
        joined_on=(now - timedelta(days=30 + 4 * place)).date(),
    )


def _ascii(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return decomposed.encode("ascii", "ignore").decode().lower()
