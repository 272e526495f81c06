"""What an edition may be made of: posts with their comments and the pictures made for them."""

from __future__ import annotations

from collections.abc import Sequence

from digest.composer.rules import Rules
from digest.models import Candidate, PictureFiles, Post
from digest.store.comments import comments_of
from digest.store.engine import Connection
from digest.store.pictures import files_of


def read_candidates(
    connection: Connection, posts: Sequence[Post], rules: Rules
) -> tuple[Candidate, ...]:
    """Give the posts with their comments, and with our own pictures where they are shown."""
    comments = comments_of(connection, [post.id for post in posts])
    urls = [post.image_url for post in posts]
    files = files_of(connection, urls) if rules.images.is_own else {}
    return tuple(
        Candidate(
            post=post,
            comments=comments.get(post.id, ()),
            pictures=files.get(post.image_url, PictureFiles()),
        )
        for post in posts
    )
