"""Reads the invented paper from its files: sections, articles and comments."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from digest.models import CommentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSection:
    """One section, which has its own feed."""

    name: str
    #: The name in addresses.
    slug: str
    #: `rss`, `atom` or `json`.
    format: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One comment below an article."""

    author: str
    #: The time from the article to the comment.
    after: timedelta
    #: Paragraphs, separated by empty lines.
    text: str
    kind: CommentKind
    #: Place of the comment it answers in the article's list, from 1; None at the top level.
    reply_to: int | None
    #: The page that links here, for a pingback; empty otherwise.
    url: str
    #: Rude, shouted or spam: must never be quoted.
    is_unfit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as written."""

    number: int
    slug: str
    title: str
    author: str
    #: Names of sections; the first is part of the address.
    sections: tuple[str, ...]
    #: How long before the current time the article was published.
    age: timedelta
    body_html: str
    #: File name of the picture; empty if there is none.
    image: str
    image_alt: str
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The whole paper."""

    name: str
    tagline: str
    language: str
    place: str
    #: The postal address.
    address: str
    editor: str
    mail: str
    intro: tuple[str, ...]
    sections: tuple[PaperSection, ...]
    #: By number, which is the order of planning, not of publication.
    articles: tuple[Article, ...]


def data_files() -> Traversable:
    """Return the folder of the demo's texts, pictures and templates."""
    return files("digest.demo") / "data"


def load_paper() -> Paper:
    """Read the paper that ships with the demo."""
    table = tomllib.loads((data_files() / "paper.toml").read_text("utf-8"))
    posts = sorted((data_files() / "posts").iterdir(), key=lambda file: file.name)
    return Paper(
        **{
            **table,
            "intro": _paragraphs(table["intro"]),
            "sections": tuple(PaperSection(**section) for section in table["sections"]),
            "articles": tuple(_article(file) for file in posts),
        }
    )


def _article(file: Traversable) -> Article:
    """Read `401-the-slug.toml`."""
    table = tomllib.loads(file.read_text("utf-8"))
    number, _, slug = file.name.removesuffix(".toml").partition("-")
    return Article(
        number=int(number),
        slug=slug,
        title=table["title"],
        author=table["author"],
        sections=tuple(table["sections"]),
        age=timedelta(**table["age"]),
        body_html=table["body"].strip(),
        image=table.get("image", ""),
        image_alt=table.get("image_alt", ""),
        remarks=tuple(_remark(remark) for remark in table.get("comments", ())),
    )


def _remark(table: dict[str, Any]) -> Remark:
    return Remark(
        author=table["author"],
        after=timedelta(hours=table["after_hours"]),
        text=table["text"].strip(),
        kind=CommentKind(table.get("kind", CommentKind.COMMENT)),
        reply_to=table.get("reply_to"),
        url=table.get("url", ""),
        is_unfit=table.get("is_unfit", False),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.strip().split("\n\n"))
