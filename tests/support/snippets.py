"""The blocks of code in the README and the documentation, and the commands in them."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SHELL = ("sh", "console", "bash", "shell")
_CRON = re.compile(r"^(?:[\d*/,-]+ ){4}[\d*/,-]+\s+(?:root )?")
TABLE = tomllib.loads((ROOT / "tests" / "data" / "snippets.toml").read_text("utf-8"))
NOT_RUN: dict[str, str] = TABLE["not_run"]


@dataclass(frozen=True)
class Block:
    """One block of code."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Return its place."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Command:
    """One command of a block, without comments and without its prompt."""

    block: Block
    text: str

    @property
    def words(self) -> list[str]:
        """Its words, as a shell reads them."""
        return shlex.split(self.text)

    @property
    def is_ours(self) -> bool:
        """Whether it is a command of this program."""
        return self.text.split(maxsplit=1)[0] == "digest"

    @property
    def reason(self) -> str:
        """Why it is not run; empty if it is."""
        fitting = [start for start in NOT_RUN if f"{self.text} ".startswith(start)]
        return NOT_RUN[max(fitting, key=len)] if fitting else ""


def pages() -> list[Path]:
    """Return the pages that people read, without those made from the code."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    made = ROOT / "docs" / "reference"
    kept = [page for page in found if made not in page.parents and page.name != "CHANGELOG.md"]
    return sorted(kept)


@cache
def blocks() -> tuple[Block, ...]:
    """Return each block of each page."""
    return tuple(_blocks())


def _blocks() -> Iterator[Block]:
    for page in pages():
        text = page.read_text("utf-8")
        for found in _BLOCK.finditer(text):
            lines = found[3].splitlines()
            inside = "\n".join(line.removeprefix(found[1]) for line in lines)
            line = text.count("\n", 0, found.start()) + 1
            yield Block(str(page.relative_to(ROOT)), line, found[2], inside)


def commands() -> list[Command]:
    """Return each command of the blocks for a shell."""
    shells = [block for block in blocks() if block.language in _SHELL]
    return [Command(block, text) for block in shells for text in _texts(block)]


def _texts(block: Block) -> Iterator[str]:
    for line in block.text.replace("\\\n", " ").splitlines():
        bare = _CRON.sub("", line.strip().removeprefix("$ "))
        if block.language == "console" and "$ " in block.text and not line.startswith("$ "):
            continue  # what a command prints
        for part in re.split(r"&&|\||;", _without_comment(bare)):
            if part.strip():
                yield part.strip()


def _without_comment(line: str) -> str:
    """Return a line without its comment; a `#` inside quotes is none."""
    lexer = shlex.shlex(line, posix=False, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        return " ".join(lexer)
    except ValueError:
        return line
