"""Docstrings are plain English, and names of tests are sentences without lost apostrophes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
#: Not checked, below `digest`: migrations, which never change.
EXCLUDED = ("store/migrations/versions",)
#: At most this share of the docstrings may break a rule.
MOST = 0.01
#: A first line is an imperative ("Return …") or a noun phrase, not one of these.
FIRST_WORDS = re.compile(r"(?:Gives?|Says?|Tells?|What|How|Where|Who|Whoever|Of) ")
BANNED = re.compile(
    r"\b(?:(?:be|are|is|was|were) had|let be|lest|anew|borne|affair|in mid-\w+|by hand"
    r"|whoever|nobody|somebody|stands? for|(?:is|are|be) told|tells|so (?:many|long|few)"
    r"|put off|in doubt)\b",
    re.IGNORECASE,
)
#: An `s`, `t` or `re` alone, as after an apostrophe: `editor_s`, `isn_t`.
LOST_APOSTROPHE = re.compile(r"_(?:s|t|d|ll|re|ve)(?:_|$)")


class Docstring(NamedTuple):
    """A docstring and its place."""

    place: str
    text: str

    @property
    def faults(self) -> list[str]:
        """The words that are not plain."""
        words = " ".join(self.text.split())
        first = FIRST_WORDS.match(words)
        return [*([first[0]] if first else []), *BANNED.findall(words)]


def docstrings() -> Iterator[Docstring]:
    for path in sorted([*ROOT.glob("digest/**/*.py"), *ROOT.glob("subscribers/**/*.py")]):
        name = path.relative_to(ROOT).as_posix()
        if any(f"digest/{folder}/" in name for folder in EXCLUDED):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield Docstring(f"{name}:{getattr(node, 'lineno', 1)}", text)


def names_of_tests() -> Iterator[str]:
    for path in sorted(ROOT.glob("tests/**/test_*.py")):
        for name in re.findall(r"def (test_\w+)", path.read_text("utf-8")):
            yield f"{path.name}: {name}"


def test_docstrings_are_plain_english() -> None:
    found = list(docstrings())
    worst = sorted((each for each in found if each.faults), key=lambda each: -len(each.faults))
    lines = [f"{each.place}: {each.text.splitlines()[0]} {each.faults}" for each in worst[:30]]
    summary = f"{len(worst)} of {len(found)} docstrings, at most {MOST:.0%} may"
    assert len(worst) <= MOST * len(found), "\n".join([summary, *lines])


def test_names_of_tests_have_no_lost_apostrophe() -> None:
    assert not [name for name in names_of_tests() if LOST_APOSTROPHE.search(name)]
