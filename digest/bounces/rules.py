"""The words and codes that bounces are judged by, from one data file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

_FILE = files("digest.bounces") / "data" / "bounces.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The patterns of the data file, compiled."""

    #: By class name, in the order in which they are tried.
    words: tuple[tuple[str, re.Pattern[str]], ...]
    #: By class name.
    codes: tuple[tuple[str, re.Pattern[str]], ...]
    #: By the name of the form.
    forms: dict[str, re.Pattern[str]]

    def class_by_words(self, text: str) -> str:
        """Return the name of the first class whose words occur in a text; else empty."""
        return next((name for name, pattern in self.words if pattern.search(text)), "")

    def class_by_code(self, status: str) -> str:
        """Return the name of the class of an enhanced status code; else empty."""
        return next((name for name, pattern in self.codes if pattern.fullmatch(status)), "")

    def says(self, form: str, text: str) -> bool:
        """Whether a text has the form of this name."""
        return self.forms[form].search(text) is not None

    def is_bounce(self, sender: str, subject: str, text: str, replies: str) -> bool:
        """Whether a mail is a report of a mail server: two of these four say so."""
        signs = (
            self.says("daemon", sender),
            self.says("failure", subject),
            self.says("failure", text) or bool(self.class_by_words(text)),
            bool(self.class_by_words(replies)),
        )
        return sum(signs) > 1


def _load() -> Rules:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Rules(
        words=tuple((each["class"], _any(each["words"])) for each in data["words"]),
        codes=tuple((name, _any(codes)) for name, codes in data["codes"].items()),
        forms={name: _any(patterns) for name, patterns in data["forms"].items()},
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in patterns), re.IGNORECASE | re.MULTILINE)


RULES = _load()
