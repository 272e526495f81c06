"""The findings of `digest doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The weight of a finding of `digest doctor`."""

    OK = "ok"
    #: Worth knowing; nothing to do.
    NOTE = "note"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """One finding."""

    #: What was looked at, such as `dns` or `relay`.
    area: str
    level: Level
    #: What was found, in one line.
    text: str
    #: What to do, in one line; empty if nothing.
    advice: str = ""


def ok(area: str, text: str) -> Checkup:
    """Return that all is well."""
    return Checkup(area=area, level=Level.OK, text=text)


def note(area: str, text: str, advice: str = "") -> Checkup:
    """Return what is worth knowing."""
    return Checkup(area=area, level=Level.NOTE, text=text, advice=advice)


def warning(area: str, text: str, advice: str) -> Checkup:
    """Return what should be mended."""
    return Checkup(area=area, level=Level.WARNING, text=text, advice=advice)


def fault(area: str, text: str, advice: str) -> Checkup:
    """Return what must be mended."""
    return Checkup(area=area, level=Level.FAULT, text=text, advice=advice)
