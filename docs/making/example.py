"""What `config.example.toml` says about each key, also about those that are commented out."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[2] / "config.example.toml"
_TABLE = re.compile(r"(?:# )?\[\[?([a-z_.]+)\]?\]")
_KEY = re.compile(r"(?:# )?([a-z_]+) += (?:\"[^\"]*\"|\[.*?\]|\{.*?\}|[^#]*?)\s*(?:# (.*))?$")
_MORE = re.compile(r"#? {10,}# ?(.*)")


@cache
def meanings() -> dict[tuple[str, str], str]:
    """Return the comment of each key, by its table's path and its name."""
    found: dict[tuple[str, str], str] = {}
    table, last = "", ("", "")
    above: list[str] = []
    for line in _FILE.read_text("utf-8").splitlines():
        if more := _MORE.fullmatch(line):
            found[last] = f"{found.get(last, '')} {more[1]}".strip()
        elif named := _TABLE.fullmatch(line):
            table, above = named[1], []
        elif key := _KEY.fullmatch(line):
            last = (table, key[1])
            found.setdefault(last, (key[2] or " ".join(above)).strip())
            above = []
        elif line.startswith("# "):
            above.append(line[2:])
        elif not line.strip():
            above = []
    return found
