"""Regular expressions mean the same on every Python that the program supports."""

from __future__ import annotations

import re

from tests.support.snippets import ROOT

#: The end of a possessive group, such as `)*+` or `){0,9}+`.
_POSSESSIVE = re.compile(r"(?<![\\(])\)(?:[*+]|\{\{?[\d,]+\}?\})\+")
_GUARD = "|(?!)"


def test_a_possessive_group_takes_its_last_try_back_on_every_python() -> None:
    # Before Python 3.11.5 a try that fails midway leaves the position where it failed
    # (python/cpython issue 106052); an alternative that fails at once puts it back.
    found = 0
    for room in ("digest", "subscribers"):
        for file in (ROOT / room).rglob("*.py"):
            text = file.read_text("utf-8")
            for end in _POSSESSIVE.finditer(text):
                found += 1
                assert text.endswith(_GUARD, 0, end.start()), f"{file}: {end[0]} without {_GUARD}"
    assert found > 10


def test_the_guard_puts_the_position_back() -> None:
    found = re.match(r"(?:[^/>]|/(?!>)|(?!))*+(/)?>", "<x/>")
    assert found
    assert found[1] == "/"
