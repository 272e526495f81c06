"""The rules of identity, case by case: one stored post, one document, the match."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from digest.models import KnownPost, ParsedPost
from digest.readers.posts.entries import distinct, entries_of
from digest.readers.posts.identity import KnownPosts
from digest.text.links import url_key
from tests.support.parsed import NOW, parsed_post
from tests.support.timing import least_seconds

SITE = "https://harbour.example"
SHIP = f"{SITE}/2026/ship"
LONG = "<p>The ship left the harbour at dawn, with forty sailors and one cat aboard.</p>"
OTHER = "<p>Nobody on the quay believed that the lighthouse would ever be lit again.</p>"
DAY = NOW - timedelta(days=2)
NEXT = DAY + timedelta(days=2)
#: A day without a time of day.
MIDNIGHT = DAY.replace(hour=0)

STORED = parsed_post(guid="7", url=SHIP, title="The ship", content_html=LONG, published_at=DAY)


def stored(post: ParsedPost, *, is_of_feed: bool = True, post_id: int = 1) -> KnownPost:
    return KnownPost(
        post_id=post_id,
        guid=post.guid,
        url_key=url_key(post.url),
        content_hash="x",
        is_of_feed=is_of_feed,
        is_owner=is_of_feed,
        url=post.url,
        title=post.title,
        html=post.content_html,
        published_at=post.published_at,
    )


def found(known: tuple[KnownPost, ...], *posts: ParsedPost) -> list[int | None]:
    each_found = KnownPosts(known).find(entries_of(posts))
    return [each.post_id if each else None for each in each_found]


class Case(NamedTuple):
    """A stored post (of this feed or another one), a new entry, and whether they are the same."""

    name: str
    known: dict[str, object]
    comes: dict[str, object]
    is_one: bool
    is_of_feed: bool = True


NO_LINK: dict[str, object] = {"url": ""}
BARE: dict[str, object] = {"guid": "", "url": ""}
FRONT: dict[str, object] = {"url": f"{SITE}/"}
ELSE: dict[str, object] = {"title": "The light", "content_html": OTHER}
UNTIMED: dict[str, object] = {"published_at": MIDNIGHT}
AWAY: dict[str, object] = {"guid": "9", "url": f"{SITE}/2026/other"}


def guid(value: str) -> dict[str, object]:
    return {"guid": value}


def url(value: str) -> dict[str, object]:
    return {"url": value}


CASES = [
    Case("as it was", {}, {}, True),
    Case("other title", {}, {"title": "The ship sails"}, True),
    Case("other text", {}, {"content_html": OTHER}, True),
    Case("other link, same identifier", {}, url(f"{SITE}/2026/the-ship"), True),
    Case("moved and rewritten", {}, {**ELSE, **url(f"{SITE}/new")}, True),
    Case("moved and dated anew", {}, {**url(f"{SITE}/new"), "published_at": NEXT}, True),
    Case("one identifier for ever", {}, {**ELSE, **url(f"{SITE}/n"), "published_at": NEXT}, False),
    Case("one identifier, one link for ever", {}, {**ELSE, "published_at": NEXT}, False),
    Case("one identifier, the next morning", {},
         {**ELSE, "published_at": DAY + timedelta(hours=23)}, False),
    Case("one identifier, one title, other text", {},
         {"content_html": OTHER, "published_at": NEXT}, True),
    Case("one identifier, edited title", {}, {"title": "The ship!", "published_at": NEXT}, True),
    Case("rewritten the same day", {}, ELSE, True),
    Case("rewritten, no date", {}, {**ELSE, "published_at": None}, True),
    Case("one identifier, two links, no dates", {"published_at": None},
         {**ELSE, **url(f"{SITE}/n"), "published_at": None}, False),
    Case("one identifier, two links, one text, no dates", {"published_at": None},
         {"title": "Ships", **url(f"{SITE}/n"), "published_at": None}, True),
    Case("one identifier, one link, no words", {"content_html": ""},
         {"title": "The light", "content_html": "", "published_at": NEXT}, False),
    Case("one link for ever", guid(""), {**guid(""), **ELSE, "published_at": NEXT}, False),
    Case("one link, rewritten the same day", guid(""), {**guid(""), **ELSE}, True),
    Case("one link, edited", guid(""), {**guid(""), "title": "Ships", "published_at": NEXT}, True),
    Case("page for telephones of another feed", url(f"{SHIP}/amp/"), {**guid("8"), **ELSE}, False,
         is_of_feed=False),
    Case("no link any more", {}, NO_LINK, True),
    Case("no identifier any more", {}, guid(""), True),
    Case("other identifier, same link", {}, guid("8"), True),
    Case("other identifier and title", {}, {**guid("8"), "title": "The ship sails"}, True),
    Case("other identifier and text", {}, {**guid("8"), "content_html": OTHER}, True),
    Case("other identifier, edited", {}, {**guid("8"), "content_html": f"{LONG}<p>!</p>"}, True),
    Case("other identifier, other words, same time", {}, {**guid("8"), **ELSE}, True),
    Case("other identifier, other words, no date", {"published_at": None},
         {**guid("8"), **ELSE, "published_at": None}, False),
    Case("link with tracking", {}, {**guid("8"), **url(f"{SHIP}/?utm_source=rss#x")}, True),
    Case("link with www and http", {}, {**guid("8"), **url(f"{SHIP}/".replace("s://", "://www."))},
         True),
    Case("link with index.html", {}, {**guid("8"), **url(f"{SHIP}/index.html")}, True),
    Case("link for telephones", {}, {**guid("8"), **url(f"{SHIP}/amp/")}, True),
    Case("a slug of that name", {}, {**guid("8"), **url(f"{SHIP}/amp"), **ELSE}, False),
    Case("page of several posts", {}, {**guid("8"), **ELSE, "published_at": NEXT}, False),
    Case("thread at one page", {}, {**guid("8"), "content_html": OTHER, "published_at": NEXT},
         False),
    Case("other page of the link", {}, {**AWAY, **ELSE, **url(f"{SHIP}?page=2")}, False),
    Case("all other", {}, {**AWAY, **ELSE}, False),
    Case("site moved", {}, {"guid": "https://new.example/7", "url": "https://new.example/s"}, True),
    Case("moved, other day", {}, {**AWAY, "published_at": NEXT}, False),
    Case("moved, no date", {}, {**AWAY, "published_at": None}, False),
    Case("moved, few words", {**UNTIMED, "content_html": "<p>Hi</p>"},
         {**AWAY, **UNTIMED, "content_html": "<p>Hi</p>"}, False),
    Case("one title, one day", UNTIMED, {**AWAY, **UNTIMED, "content_html": OTHER}, False),
    Case("one title, one instant", {}, {**AWAY, "content_html": OTHER}, True),
    Case("no title, one instant", {"title": ""}, {**AWAY, "title": "", "content_html": OTHER},
         False),
    Case("one title, midnight there", {"published_at": MIDNIGHT - timedelta(hours=1)},
         {**AWAY, "content_html": OTHER, "published_at": MIDNIGHT - timedelta(hours=1),
          "published_raw": f"{MIDNIGHT:%a, %d %b %Y} 00:00:00 +0100"}, False),
    Case("one title, one instant there", {},
         {**AWAY, "content_html": OTHER, "published_raw": f"{DAY:%Y-%m-%d}T08:00:00+01:00"}, True),
    Case("one title, one instant, another feed", {}, {**AWAY, "content_html": OTHER}, False,
         False),
    Case("title alone, as it was", {**BARE, "content_html": ""}, {**BARE, "content_html": ""},
         True),
    Case("title alone, no date", {**BARE, "published_at": None}, {**BARE, "published_at": None},
         True),
    Case("title alone, other day", BARE, {**BARE, "published_at": NEXT}, False),
    Case("title alone, other text", {**BARE, **UNTIMED},
         {**BARE, **UNTIMED, "content_html": OTHER}, False),
    Case("front page, same identifier", FRONT, {**FRONT, "title": "The ship sails"}, True),
    Case("front page, other identifier", FRONT, {**FRONT, **guid("8"), **ELSE}, False),
    Case("identifier is the front page", guid(f"{SITE}/"), {**AWAY, **ELSE, **guid(f"{SITE}/")},
         False),
    Case("another feed, same link", {}, {**guid("x"), **url(f"{SHIP}/?fbclid=1")}, True, False),
    Case("another feed, link, other day", {}, {**guid("x"), **ELSE, "published_at": NEXT}, True,
         False),
    Case("another feed, short identifier", {}, {**ELSE, **url(f"{SITE}/x")}, False, False),
    Case("another feed, permanent link", guid(f"{SITE}/?p=7"),
         {**guid(f"{SITE}/?p=7"), **url("https://feeds.example/1")}, True, False),
    Case("another feed, same text", {}, AWAY, False, False),
    Case("hash bangs", url(f"{SITE}/app#!/1"), {**AWAY, **ELSE, **url(f"{SITE}/app#!/2")}, False),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_post_is_the_stored_one_or_another(case: Case) -> None:
    known = stored(replace(STORED, **case.known), is_of_feed=case.is_of_feed)  # type: ignore[arg-type]  # fields of the case
    comes = replace(STORED, **case.comes)  # type: ignore[arg-type]  # fields of the case
    assert found((known,), comes) == [1 if case.is_one else None]


def test_the_table_is_long() -> None:
    assert len({case.name for case in CASES}) >= 30


def thread(guid: str, link: str = "", day: datetime = MIDNIGHT, words: str = "") -> ParsedPost:
    html = f"<p>{words}</p>"
    return parsed_post(
        guid=guid, url=link, title="Open thread", content_html=html, published_at=day
    )


def test_two_threads_of_one_day_stay_two() -> None:
    known = (stored(thread("1", f"{SITE}/1", words="one")),)
    both = thread("2", f"{SITE}/2", words="two"), thread("1", f"{SITE}/1", words="one")
    assert found(known, *both) == [None, 1]
    assert found(known, both[0]) == [None]


def test_two_threads_with_one_text_stay_two_in_one_document() -> None:
    known = (
        stored(thread("1", f"{SITE}/1", words=LONG)),
        stored(thread("2", f"{SITE}/2", words=LONG), post_id=2),
    )
    again = thread("8", f"{SITE}/1", words=LONG), thread("9", f"{SITE}/2", words=LONG)
    assert found(known, *again) == [1, 2]


def test_title_and_day_identify_a_post_if_the_feed_changes_identifiers() -> None:
    known = (stored(STORED), stored(thread("2"), post_id=2))
    renamed = replace(STORED, guid="new")
    assert found(known, renamed, thread("other", words="edited")) == [1, 2]
    assert found(known, STORED, thread("other", words="edited")) == [1, None]


def test_title_and_day_never_identify_posts_with_their_own_links() -> None:
    known = (stored(STORED), stored(thread("2", f"{SITE}/2"), post_id=2))
    renamed = replace(STORED, guid="new")
    assert found(known, renamed, thread("other", f"{SITE}/3", words="new")) == [1, None]


def test_a_page_to_which_all_entries_link_has_several_posts() -> None:
    first = replace(STORED, guid="")
    news = [
        replace(first, title=f"News {number}", published_at=DAY + timedelta(days=number))
        for number in range(1, 4)
    ]
    assert distinct((first, first, *news)) == (first, *news)
    known = tuple(
        replace(stored(each, post_id=number), url_key="")
        for number, each in enumerate((first, *news[:2]), 1)
    )
    assert found(known, *reversed(news), first) == [None, 3, 2, 1]


def test_an_identifier_shared_by_several_links_is_ignored() -> None:
    posts = tuple(parsed_post(guid="feed", url=f"{SITE}/{n}") for n in range(3))
    assert [post.guid for post in distinct(posts)] == ["", "", ""]
    spelled = tuple(parsed_post(guid="1", url=f"{SHIP}{end}") for end in ("", "/?utm_source=x"))
    assert [post.guid for post in distinct(spelled)] == ["1"]


def test_of_two_posts_with_one_identifier_the_link_decides() -> None:
    older = stored(STORED)
    newer = stored(replace(STORED, url=f"{SITE}/new", title="New"), post_id=2)
    assert found((newer, older), STORED) == [1]
    assert found((newer, older), replace(STORED, url=f"{SITE}/new", title="New")) == [2]


def test_a_hostile_feed_of_one_title_takes_at_most_two_seconds() -> None:
    words = "<p>" + "word " * 20_000
    post = parsed_post(title="x" * 4000, content_html=words, published_at=DAY)
    known = tuple(stored(replace(post, guid=str(n), url=SHIP), post_id=n) for n in range(500))
    asked = tuple(replace(post, guid=f"new {n}", url=f"{SITE}/{n % 100}") for n in range(200))
    assert least_seconds(lambda: KnownPosts(known).find(entries_of(asked)), under=2) < 2
