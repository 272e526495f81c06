"""Any sequence of fetches stores each post once; the generator knows the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Change, KnownPost, ParsedPost
from digest.readers.posts.entries import entries_of
from digest.readers.posts.identity import KnownPosts
from digest.readers.posts.intake import decide
from tests.support.figures import examples
from tests.support.parsed import NOW, parsed_post

pytestmark = pytest.mark.slow

STYLES = ("stable", "renaming", "linkless", "bare", "front", "page", "one-guid")
SITE = "https://harbour.example"
SPELLINGS = (
    "https://harbour.example/{}",
    "http://www.harbour.example/{}/",
    "https://harbour.example:443/{}?utm_source=rss&utm_medium=feed",
    "https://HARBOUR.example/{}/index.html#more",
    "https://harbour.example/{}?fbclid=abc",
)
TITLES = ("Open thread", "The ship", "Notes", "")


@dataclass(kw_only=True)
class Truth:
    """A post as its author knows it."""

    number: int
    title: str
    published_at: datetime | None
    edits: int = 0
    moves: int = 0

    @property
    def words(self) -> str:
        own = " ".join(f"word{self.number}{letter}" for letter in "abcdefghijkl")
        return f"<p>Of harbours and ships: {own}, edit {self.edits}.</p>"


@dataclass(kw_only=True)
class Stored:
    """A post in this test's own store."""

    post: ParsedPost
    content_hash: str
    owner: int
    sources: dict[int, tuple[str, str]] = field(default_factory=dict)
    truths: set[int] = field(default_factory=set)


class Library:
    """Stores the decisions of `decide`, as the database does."""

    def __init__(self) -> None:
        self.stored: list[Stored] = []

    def fetch(self, feed: int, posts: list[tuple[int, ParsedPost]]) -> None:
        updates = decide(
            entries_of(post for _, post in posts),
            KnownPosts(self.known(feed)),
            is_first_read=False,
            now=NOW,
        )
        # The words of a post identify it, whatever else was changed.
        truth_of = {post.content_html: number for number, post in posts}
        for update in updates:
            if update.post_id is None:
                self.stored.append(
                    Stored(post=update.parsed, content_hash=update.content_hash, owner=feed)
                )
            stored = self.stored[-1 if update.post_id is None else update.post_id]
            if update.change is Change.CHANGED:
                stored.post, stored.content_hash = update.parsed, update.content_hash
            stored.sources[feed] = (update.parsed.guid, update.url_key)
            stored.truths.add(truth_of[update.parsed.content_html])

    def known(self, feed: int) -> list[KnownPost]:
        return [
            KnownPost(
                post_id=post_id,
                guid=guid,
                url_key=key,
                content_hash=stored.content_hash,
                is_of_feed=source == feed,
                is_owner=stored.owner == feed,
                url=stored.post.url,
                title=stored.post.title,
                html=stored.post.content_html,
                published_at=stored.post.published_at,
            )
            for post_id, stored in reversed(list(enumerate(self.stored)))
            for source, (guid, key) in stored.sources.items()
        ]


def shown(truth: Truth, style: str, fetch: int, spelling: int) -> ParsedPost:
    slug = f"post-{truth.number}" + (f"-{truth.moves}" if style == "stable" else "")
    own_link = SPELLINGS[spelling % len(SPELLINGS)].format(slug)
    links: dict[str, str] = {
        "linkless": "",
        "bare": "",
        "front": f"{SITE}/",
        "page": f"{SITE}/threads",
    }
    guids: dict[str, str] = {
        "renaming": f"guid-{truth.number}-{fetch}",
        "bare": "",
        "one-guid": "feed",
    }
    return parsed_post(
        guid=guids.get(style, f"guid-{truth.number}"),
        url=links.get(style, own_link),
        title=truth.title or "Untitled",
        content_html=truth.words,
        published_at=truth.published_at,
    )


@st.composite
def truths(draw: st.DrawFn) -> list[Truth]:
    days = draw(st.lists(st.integers(0, 3), min_size=2, max_size=8))
    dated, timed = draw(st.booleans()), draw(st.booleans())
    start = NOW.replace(hour=0) - timedelta(days=20)
    return [
        Truth(
            number=number,
            title=draw(st.sampled_from(TITLES)),
            published_at=start + timedelta(days=sum(days[: number + 1]), minutes=number * timed)
            if dated
            else None,
        )
        for number in range(len(days))
    ]


@pytest.mark.parametrize("style", STYLES)
@examples(100)
@given(data=st.data(), posts=truths())
def test_each_post_is_stored_once_and_no_two_are_one(
    style: str, data: st.DataObject, posts: list[Truth]
) -> None:
    library = Library()
    newest = 0
    for fetch in range(data.draw(st.integers(1, 10), "fetches")):
        newest = min(len(posts), newest + data.draw(st.integers(1, 3), "new posts"))
        # The others cannot be told from a new post any more once they are edited.
        if style != "bare":
            edited = posts[data.draw(st.integers(0, newest - 1), "edited")]
            edited.edits += data.draw(st.integers(0, 1), "edit")
            edited.moves += data.draw(st.integers(0, 1), "move")
        # If all posts share one identifier, a document of one entry cannot show it.
        few = 2 if style == "one-guid" else 1
        window = max(few, data.draw(st.integers(1, 4), "window"))
        document = posts[max(0, newest - window) : max(newest, few)][::-1]
        spelling = data.draw(st.integers(0, 9), "spelling")
        entries = [
            (post.number, shown(post, style, fetch, spelling + post.number)) for post in document
        ]
        library.fetch(0, entries)
    _assert_true(library)


@examples(150)
@given(st.data(), truths())
def test_six_feeds_with_six_spellings_bring_each_post_once(
    data: st.DataObject, posts: list[Truth]
) -> None:
    library = Library()
    for feed in data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=12), "feeds"):
        some = data.draw(st.sets(st.sampled_from([post.number for post in posts]), min_size=1))
        document = [
            (
                number,
                replace(
                    shown(posts[number], "renaming", feed, feed), guid=f"feed {feed}: {number}"
                ),
            )
            for number in sorted(some, reverse=True)
        ]
        library.fetch(feed, document)
    _assert_true(library)


def _assert_true(library: Library) -> None:
    assert all(len(stored.truths) == 1 for stored in library.stored)
    counts = Counter(number for stored in library.stored for number in stored.truths)
    assert set(counts.values()) <= {1}
