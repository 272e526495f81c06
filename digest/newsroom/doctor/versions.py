"""Examines the installed versions: what this program needs, and known faults."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

import digest
from digest.models.checkups import Checkup, fault, ok, warning
from digest.store.engine import SQLITE_VERSION

AREA = "versions"
_DISTRIBUTION = "inbox-digest"
#: SQLite needs RETURNING and upserts as this program writes them.
_OLDEST_SQLITE = "3.35"


class KnownFault(NamedTuple):
    """A fault of a library's versions below one."""

    name: str
    below: str
    text: str


@cache
def known_faults() -> tuple[KnownFault, ...]:
    """Return the known faults."""
    text = (files("digest.newsroom.doctor") / "known_faults.toml").read_text("utf-8")
    return tuple(KnownFault(**each) for each in tomllib.loads(text)["fault"])


def installed(name: str) -> str:
    """Return the installed version of a library; empty if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def examine_versions(
    find: Callable[[str], str] = installed, sqlite: str = SQLITE_VERSION
) -> Iterator[Checkup]:
    """Yield the findings.

    Args:
        find: returns the version of a library; empty if it is not installed.
        sqlite: the version of SQLite.
    """
    faults = [each for each in known_faults() if is_below(find(each.name), each.below)]
    for each in faults:
        yield fault(
            AREA,
            f"{each.name} {find(each.name)}: {each.text}",
            f"upgrade: pip install '{each.name}>={each.below}'",
        )
    wrong = [need for need in needs() if not _is_met(need, find(need.name))]
    for need in wrong:
        found = find(need.name) or "nothing"
        yield warning(
            AREA,
            f"{need.name}: {found} is installed, this version of digest is made for"
            f" {need.specifier}",
            f"run: pip install --upgrade {_DISTRIBUTION}",
        )
    is_old = Version(sqlite) < Version(_OLDEST_SQLITE)
    if is_old:
        yield fault(
            AREA,
            f"SQLite {sqlite} is too old",
            "use a Python with SQLite 3.35 or newer",
        )
    if not faults and not wrong and not is_old:
        yield ok(AREA, f"digest {digest.__version__}, SQLite {sqlite}: no known faults")


def needs() -> tuple[Requirement, ...]:
    """Return what this program needs without extras, on this machine."""
    try:
        texts = requires(_DISTRIBUTION) or []
        found = [Requirement(text) for text in texts]
    except (PackageNotFoundError, InvalidRequirement):
        return ()
    return tuple(
        each for each in found if each.marker is None or each.marker.evaluate({"extra": ""})
    )


def is_below(found: str, limit: str) -> bool:
    """Return whether a version is installed and lower than the limit."""
    return bool(found) and Version(found) < Version(limit)


def _is_met(need: Requirement, found: str) -> bool:
    return bool(found) and need.specifier.contains(found, prereleases=True)
