"""One post with several faces in one document, and several posts with one link."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import KnownPost, ParsedPost
from digest.readers.posts.entries import distinct, entries_of
from digest.readers.posts.identity import KnownPosts
from tests.support.parsed import NOW, parsed_post

PAGE = "https://paper.example/news"
TEXT = "<p>The ship left the harbour at dawn, with forty sailors and one cat aboard.</p>"
DAY = NOW - timedelta(days=1)

FIRST = parsed_post(guid="1", url=f"{PAGE}#a", title="Ships", content_html=TEXT, published_at=DAY)


class Feed:
    """Stores what a feed brings, as the database does."""

    def __init__(self) -> None:
        self.known: list[KnownPost] = []

    def read(self, *posts: ParsedPost) -> list[int]:
        """Return the number of the stored post of each entry."""
        entries = entries_of(posts)
        numbers = []
        for entry, old in zip(entries, KnownPosts(self.known[::-1]).find(entries), strict=True):
            number = old.post_id if old else len(self.known)
            new = KnownPost(
                post_id=number,
                guid=entry.post.guid,
                url_key=entry.key,
                content_hash=entry.content_hash,
                is_of_feed=True,
                is_owner=True,
                url=entry.post.url,
                title=entry.post.title,
                html=entry.post.content_html,
                published_at=entry.post.published_at,
            )
            self.known[number : number + 1] = [new]
            numbers.append(number)
        return numbers


@pytest.mark.parametrize("end", ["#b", "?utm_source=x", "?utm_source=x#b", ""])
def test_entries_with_equal_link_title_and_text_are_one(end: str) -> None:
    other = replace(FIRST, guid="2", url=PAGE + end)
    assert distinct((FIRST, other)) == (FIRST,)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Nets"},
        {"content_html": "<p>Nobody on the quay believed that the lighthouse would be lit.</p>"},
        {"url": "https://paper.example/other"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_entries_that_differ_in_one_of_them_are_two(fields: dict[str, str]) -> None:
    other = replace(FIRST, guid="2", **fields)  # type: ignore[arg-type]  # fields of the case
    assert len(distinct((FIRST, other))) == 2


def test_short_notes_of_one_page_are_two_unless_all_is_equal() -> None:
    note = replace(FIRST, content_html="<p>Closed.</p>")
    assert len(distinct((note, replace(note, guid="2", url=f"{PAGE}#b")))) == 2
    assert len(distinct((note, replace(note, guid="2", published_at=NOW)))) == 2
    assert len(distinct((note, replace(note, guid="2")))) == 1


def test_two_obituaries_of_one_day_stay_two() -> None:
    midnight = DAY.replace(hour=0)
    first = replace(
        FIRST, title="In memoriam", url="https://paper.example/1", published_at=midnight
    )
    second = replace(
        first, guid="2", url="https://paper.example/2", content_html="<p>Another person.</p>"
    )
    feed = Feed()
    assert feed.read(first) == [0]
    assert feed.read(second) == [1]
    assert feed.read(first, second) == [0, 1]


def test_an_edited_post_of_a_page_that_others_link_to_is_known_without_its_identifier() -> None:
    other = replace(
        FIRST,
        guid="2",
        url=f"{PAGE}?utm_id=2",
        title="Nets",
        content_html="<p>The nets were mended by the men of the old quay, for nothing.</p>",
        published_at=DAY - timedelta(hours=3),
    )
    feed = Feed()
    assert feed.read(replace(FIRST, url=PAGE), other) == [0, 1]
    edited = replace(FIRST, guid="3", url=f"{PAGE}?utm_id=3", title="Two ships")
    assert feed.read(replace(other, guid="4"), edited) == [1, 0]


def test_a_link_keeps_its_fragment_when_its_page_is_shared_later() -> None:
    other = replace(FIRST, guid="2", url=f"{PAGE}#b", title="Nets", content_html="<p>Nets.</p>")
    feed = Feed()
    assert feed.read(FIRST) == [0]
    assert feed.read(other, replace(FIRST, guid="3", title="Two ships")) == [1, 0]
    assert feed.read(replace(other, guid="4", title="Two nets")) == [1]


def test_an_identifier_that_a_feed_gives_to_its_next_post_is_two_posts() -> None:
    feed = Feed()
    quote = replace(FIRST, guid="quote", url="https://paper.example/quote")
    words = ["of ships and of the men aboard them at night", "about nets that nobody ever mended"]
    for number in range(6):
        own = " ".join(f"{word}{number}" for word in words[number % 2].split())
        post = replace(
            quote,
            title=f"Quote {number}",
            content_html=f"<p>{own}</p>",
            published_at=DAY + timedelta(days=number),
        )
        assert feed.read(post) == [number]
        assert feed.read(post) == [number]


@given(
    ends=st.lists(st.sampled_from(["", "#a", "#b", "?utm_source=x", "?fbclid=1#c"]), min_size=2),
    twice=st.booleans(),
    titles=st.lists(st.sampled_from(["Ships", "Two ships", "Ships!"]), min_size=1),
)
def test_a_post_whose_identifier_link_and_title_change_is_one(
    ends: list[str], titles: list[str], *, twice: bool
) -> None:
    feed = Feed()
    neighbour = parsed_post(
        guid="n",
        url="https://paper.example/nets",
        title="Nets",
        content_html="<p>The nets were mended by the men of the old quay, for nothing.</p>",
        published_at=DAY,
    )
    for number, end in enumerate(ends):
        face = replace(FIRST, guid=f"g{number}", url=PAGE + end, title=titles[number % len(titles)])
        faces = (face, replace(face, guid=f"h{number}")) if twice else (face,)
        feed.read(*faces, neighbour)
    assert len(feed.known) == 2
