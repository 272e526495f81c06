"""The style sheets of the pages: every block is closed, so that no section swallows the next."""

from __future__ import annotations

import re

import pytest

from digest.resources import templates_dir

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"\"[^\"]*\"")


@pytest.mark.parametrize("door", ["desk", "public"])
def test_every_block_is_closed_before_the_next_section(door: str) -> None:
    text = (templates_dir() / "web" / door / "style.css").read_text("utf-8")
    depth = 0
    for line in text.splitlines():
        assert depth == 0 or not line.startswith("/* ---"), line
        rules = _TEXT.sub("", _COMMENT.sub("", line))
        depth += rules.count("{") - rules.count("}")
        assert 0 <= depth <= 2, line
    assert depth == 0
