from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import Change, KnownPost, ParsedPost, PostUpdate
from digest.readers.posts.identity import Entry, KnownPosts, entries_of
from digest.readers.posts.intake import decide, link_to_site, problems_of
from tests.support.parsed import NOW, parsed_feed, parsed_post

NOTHING = KnownPosts(())


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def dated(guid: str, published_at: datetime | None) -> ParsedPost:
    return parsed_post(guid=guid, published_at=published_at)


def first_read(*posts: ParsedPost) -> tuple[PostUpdate, ...]:
    return decide(entries_of((*posts,)), NOTHING, is_first_read=True, now=NOW)


def mailable(*posts: ParsedPost) -> list[str]:
    return [update.parsed.guid for update in first_read(*posts) if update.is_mailable]


def known(post: ParsedPost, *, is_owner: bool = True) -> KnownPosts:
    return KnownPosts(
        (
            KnownPost(
                post_id=1,
                guid=post.guid,
                url_key="",
                content_hash=Entry(post=post, key="").content_hash,
                is_of_feed=True,
                is_owner=is_owner,
            ),
        )
    )


def change_of(post: ParsedPost, stored: KnownPosts) -> Change:
    return decide(entries_of((post,)), stored, is_first_read=False, now=NOW)[0].change


def test_posts_are_new_changed_or_known() -> None:
    post = dated("1", None)
    assert change_of(post, NOTHING) is Change.NEW
    assert change_of(post, known(post)) is Change.KNOWN
    assert change_of(replace(post, title="Other"), known(post)) is Change.CHANGED


def test_only_the_feed_that_brought_a_post_changes_it() -> None:
    post = dated("1", None)
    other = replace(post, content_html="<p>Shortened.</p>")
    assert change_of(other, known(post, is_owner=False)) is Change.KNOWN


def test_posts_come_oldest_first_if_the_feed_lists_the_newest_first() -> None:
    updates = first_read(dated("new", days_ago(1)), dated("old", days_ago(2)))
    assert [update.parsed.guid for update in updates] == ["old", "new"]


def test_the_backlog_of_a_new_feed_is_known_and_not_mailed() -> None:
    updates = first_read(dated("6 days", days_ago(6)), dated("8 days", days_ago(8)))
    assert [(update.is_mailable, update.reason) for update in updates] == [
        (False, "backlog"),
        (True, ""),
    ]


def test_a_post_without_date_above_a_recent_one_is_recent() -> None:
    posts = (dated("top", None), dated("recent", days_ago(1)), dated("below", None))
    assert mailable(*posts) == ["recent", "top"]


def test_in_an_unordered_feed_posts_without_date_are_backlog() -> None:
    posts = (dated("top", None), dated("old", days_ago(9)), dated("recent", days_ago(1)))
    assert mailable(*posts) == ["recent"]


def test_a_new_feed_without_dates_floods_no_subscriber() -> None:
    assert mailable(*(dated(str(number), None) for number in range(200))) == []


def test_later_reads_mark_nothing_as_backlog() -> None:
    feed = parsed_feed(dated("old", days_ago(400)), dated("none", None))
    updates = decide(entries_of(feed.posts), NOTHING, is_first_read=False, now=NOW)
    assert all(update.is_mailable for update in updates)


def test_posts_with_neither_link_title_nor_text_are_skipped_and_counted() -> None:
    empty = replace(parsed_post(guid="2", title=""), content_html="", summary_html="")
    feed = parsed_feed(dated("1", None), empty)
    assert len(decide(entries_of(feed.posts), NOTHING, is_first_read=False, now=NOW)) == 1
    assert problems_of(feed) == ("1 of 2 posts have neither link, title nor text; skipped",)


def test_posts_of_text_alone_are_kept_apart_and_linked_to_the_front_page() -> None:
    words = [
        replace(parsed_post(guid="", title=""), url="", content_html=f"<p>{text}</p>")
        for text in ("The ferry came late today.", "And again.")
    ]
    feed = link_to_site(replace(parsed_feed(*words), site_url="https://blog.example/notes/"))
    updates = decide(entries_of(feed.posts), NOTHING, is_first_read=False, now=NOW)
    assert [(each.parsed.url, each.url_key) for each in updates] == [
        ("https://blog.example/", "")
    ] * 2
    assert problems_of(feed) == ()
