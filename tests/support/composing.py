"""Posts, comments, rules and issues for the composer's tests; a test sets the fields it needs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.composer.rules import Issue, Rules
from digest.models import Candidate, Comment, CommentKind, Masthead, Post
from tests.support.mastheads import split_masthead

THE_MASTHEAD = Masthead(
    title="The Lantern Weekly",
    tagline="Public life, read closely",
    home_url="https://lantern.example/",
)
DATA = Path(__file__).parents[1] / "data" / "composer"
DUE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_post(**changes: Any) -> Post:
    """Return a post of the day before the edition, in the section Security."""
    number = changes.get("id", 1)
    known: dict[str, Any] = {
        "id": number,
        "seq": changes.get("seq", number),
        "feed_url": "https://lantern.example/feed",
        "feed_title": "The Lantern",
        "url": f"https://lantern.example/{number}",
        "title": f"Post number {number}",
        "author": "Odile Marsh",
        "categories": ("Security",),
        "published_at": datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        "first_seen_at": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        "summary_html": "",
        "content_html": "",
        "image_url": "",
        "image_alt": "",
        "feed_comment_count": None,
        "has_all_comments": True,
    }
    return Post(**(known | changes))


def a_comment(text: str = "", **changes: Any) -> Comment:
    """Return a top-level comment."""
    known: dict[str, Any] = {
        "id": 1,
        "parent_id": None,
        "author": "Ruth Adeyemi",
        "posted_at": datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
        "text": text,
        "kind": CommentKind.COMMENT,
        "url": "https://lantern.example/1#comment-1",
    }
    return Comment(**(known | changes))


def a_candidate(*comments: Comment, **changes: Any) -> Candidate:
    """Return a post with its comments."""
    return Candidate(post=a_post(**changes), comments=comments)


def the_rules(**changes: Any) -> Rules:
    """Return a newsletter of two sections."""
    known: dict[str, Any] = {
        "newsletter": "weekly",
        "cadence": "weekly",
        "timezone": "Europe/London",
        "language": "en",
        "categories": ("Security", "Economy"),
    }
    masthead, changes = split_masthead(THE_MASTHEAD, changes)
    return Rules(masthead=masthead, **(known | changes))


def the_issue(**changes: Any) -> Issue:
    """Return an issue whose window holds every `seq` up to 1000."""
    known: dict[str, Any] = {
        "slot": "2026-11-23T12:00",
        "due_at": DUE,
        "number": 7,
        "since_seq": 0,
        "last_cut_seq": 0,
        "cut_seq": 1000,
    }
    return Issue(**(known | changes))


def read_data(name: str) -> str:
    """Return a text of `tests/data/composer`."""
    return (DATA / name).read_text(encoding="utf-8")
