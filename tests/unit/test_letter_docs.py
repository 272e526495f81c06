"""The page on template variables names every one of them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from digest.letter.printing.local import FILTERS
from digest.letter.printing.view import (
    AnswerView,
    BrandView,
    ChoiceView,
    CustomView,
    LetterView,
    NoticeView,
    PlaceView,
    PollView,
    QuoteView,
    ResultsView,
    SectionView,
    StoryView,
    SupportView,
    ThemeView,
    UrlsView,
)
from digest.resources import templates_dir

PAGE = Path(__file__).parents[2] / "docs" / "template-variables.md"


@pytest.mark.parametrize(
    ("prefix", "view"),
    [
        ("letter", LetterView),
        ("letter.brand", BrandView),
        ("letter.urls", UrlsView),
        ("section", SectionView),
        ("story", StoryView),
        ("quote", QuoteView),
        ("place", PlaceView),
        ("letter.poll", PollView),
        ("choice", ChoiceView),
        ("letter.poll_results", ResultsView),
        ("answer", AnswerView),
        ("block", CustomView),
        ("letter.support", SupportView),
        ("letter.theme", ThemeView),
        ("notice", NoticeView),
    ],
)
def test_every_variable_is_documented(prefix: str, view: type) -> None:
    page = PAGE.read_text(encoding="utf-8")
    # Templates get `subscriber` by its own name.
    names = [field.name for field in fields(view) if field.name != "subscriber"]
    assert [name for name in names if f"| `{prefix}.{name}` |" not in page] == []


def test_every_filter_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in FILTERS if f"\\| {name}" not in page] == []


def test_every_template_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    folder = templates_dir() / "email"
    names = [path.name for kind in ("digest.*", "notice.*") for path in folder.glob(kind)]
    parts = [path.name.partition(".")[0] for path in (folder / "parts").iterdir()]
    assert [name for name in (*names, *parts) if f"{name}`" not in page] == []
