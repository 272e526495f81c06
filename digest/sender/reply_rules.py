"""The rules that refusals are judged by, from one data file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from digest.sender.attempt import Fate, Fault

_FILE = files("digest.sender") / "replies.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One class of refusals; each pattern that is set must fit."""

    id: str
    fault: Fault
    #: How the attempt ends; None if the reply code alone decides.
    fate: Fate | None = None
    #: The whole reply code.
    code: re.Pattern[str] | None = None
    #: The whole enhanced status code, or an empty string.
    status: re.Pattern[str] | None = None
    #: The steps of the transaction; empty for any.
    phases: frozenset[str] = frozenset()
    #: Occurs in the words of the reply.
    says: re.Pattern[str] | None = None
    #: Occurs in the whole text of the reply.
    names: re.Pattern[str] | None = None

    def fits(self, phase: str, code: str, status: str, words: str, text: str) -> bool:
        """Whether a refusal belongs to this class.

        Args:
            phase: the step of the transaction.
            code: the reply code.
            status: the enhanced status code; empty if there is none.
            words: the text without addresses, links, host names and status codes.
            text: the whole text.
        """
        return (
            (not self.phases or phase in self.phases)
            and (self.code is None or self.code.fullmatch(code) is not None)
            and (self.status is None or self.status.fullmatch(status) is not None)
            and (self.says is None or self.says.search(words) is not None)
            and (self.names is None or self.names.search(text) is not None)
        )


@cache
def load_rules() -> tuple[Rule, ...]:
    """Return the rules in the order in which they are tried; the file is read once."""
    data = read_rules()
    words = {name: _any(patterns) for name, patterns in data["words"].items()}
    return tuple(
        Rule(
            id=each["id"],
            fault=Fault(each["fault"]),
            fate=Fate(each["fate"]) if "fate" in each else None,
            code=re.compile(each["code"]) if "code" in each else None,
            status=re.compile(each["status"]) if "status" in each else None,
            phases=frozenset(each.get("phase", ())),
            says=words[each["says"]] if "says" in each else None,
            names=words[each["names"]] if "names" in each else None,
        )
        for each in data["rule"]
    )


def read_rules() -> dict[str, Any]:
    """Return the data file as it is, with the examples of each rule."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in patterns), re.IGNORECASE)
