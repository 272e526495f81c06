"""A draft to compose in a browser: stories, unused posts for every reason, comments, a poll."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update
from starlette.types import ASGIApp

from digest.models import Actor
from digest.newsroom import Newsroom
from digest.store.engine import Connection
from digest.store.tables import comment_sources, comments, posts
from digest.web.desk.app import create_desk
from digest.web.desk.door import DeskDoor
from digest.web.routes import DESK
from tests.support.desk_work import NOW, Desk
from tests.support.web_doors import desk_pages

TITLES = (
    "The bridge at Low Ferry is mended",
    "A mill turns again after forty years",
    "The ferry is late, and nobody knows why",
    "Council votes on the old school",
    "Floods: what we know so far",
)
SAYINGS = (
    ("Ruth Adeyemi", "The bridge was closed for years. Nobody mended it. Now it stands again."),
    ("Odile Marsh", "I crossed the bridge today, and the new planks are good and straight work."),
    ("Tom Baker", "The council paid far too much for a bridge that thirty people use in a week."),
    ("Held Hand", "My first comment here: the bridge should have had a railing on both sides."),
)


def open_draft(folder: Path, *, review: str = "required") -> Desk:
    """Return a draft of ten stories in two sections, with comments and unused posts."""
    work = Desk.open(folder, review=review)
    work.add_posts(TITLES)
    work.add_posts((f"Match report {number}" for number in range(1, 6)), "Sport")
    work.add_post("A chess evening", "Chess")
    before = NOW - timedelta(days=400)
    work.add_posts((f"From the archive {number}" for number in range(12)), at=before)
    work.add_subscribers(3)
    with work.app.database.write() as connection:
        keep(connection, "From the archive%", "archive")
        add_comments(connection, TITLES[0], SAYINGS, held=("Held Hand",))
    work.compose()
    return work


def keep(connection: Connection, like: str, reason: str) -> None:
    """Keep posts out of the mail, as intake does."""
    connection.execute(
        update(posts).where(posts.c.title.like(like)).values(mailable=False, reason=reason)
    )


def add_comments(
    connection: Connection,
    title: str,
    said: tuple[tuple[str, str], ...],
    *,
    held: tuple[str, ...] = (),
) -> None:
    """Store comments below a post."""
    post_id = connection.scalar(select(posts.c.id).where(posts.c.title == title))
    source = connection.scalar(
        comment_sources.insert()
        .values(post_id=post_id, kind="feed", url=f"https://hill.example.org/{post_id}/comments")
        .returning(comment_sources.c.id)
    )
    for number, (author, text) in enumerate(said):
        connection.execute(
            comments.insert().values(
                post_id=post_id,
                source_id=source,
                external_id=f"{post_id}-{number}",
                parent_external_id="",
                author=author,
                posted_at=NOW,
                text=text,
                kind="comment",
                url=f"https://hill.example.org/{post_id}#c{number}",
                held=author in held,
                first_seen_at=NOW,
            )
        )


def desk_of(work: Desk, *, name: str = "anna") -> ASGIApp:
    """Return the desk over a real draft, on this machine without accounts."""
    return create_desk(
        DeskDoor(
            newsroom=Newsroom(work.app),
            pages=desk_pages(),
            key="a key that is long enough",
            operator=Actor(name=name),
        ),
        DESK,
    )
