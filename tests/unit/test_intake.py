from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import Change, FeedHistory, KnownPost, ParsedPost, PostUpdate
from digest.readers.posts.entries import entries_of
from digest.readers.posts.entry import Entry
from digest.readers.posts.identity import KnownPosts
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


def test_a_feed_of_which_nothing_is_known_has_no_late_posts() -> None:
    feed = parsed_feed(dated("old", days_ago(400)), dated("none", None))
    updates = decide(entries_of(feed.posts), NOTHING, is_first_read=False, now=NOW)
    assert all(update.is_mailable for update in updates)


def test_posts_with_neither_link_title_nor_text_are_skipped_and_counted() -> None:
    empty = replace(parsed_post(guid="2", title=""), content_html="", summary_html="")
    feed = parsed_feed(dated("1", None), empty)
    assert len(decide(entries_of(feed.posts), NOTHING, is_first_read=False, now=NOW)) == 1
    assert problems_of(feed) == ("1 of 2 posts has neither link, title nor text; skipped",)


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


# --- late posts, old posts, posts dated ahead -----------------------------------------------------

READ = FeedHistory(read_at=days_ago(1), newest_at=days_ago(2))


def later_read(
    *posts: ParsedPost,
    stored: tuple[KnownPost, ...] = (),
    history: FeedHistory = READ,
    max_age: timedelta | None = None,
) -> dict[str, str]:
    """Return the reason of each new post by its identifier."""
    updates = decide(
        entries_of(posts),
        KnownPosts(stored),
        is_first_read=False,
        now=NOW,
        history=history,
        max_age=max_age,
    )
    return {each.parsed.guid: each.reason for each in updates if each.post_id is None}


def stored_post(guid: str, published_at: datetime | None, **fields: object) -> KnownPost:
    post = KnownPost(
        post_id=1,
        guid=guid,
        url_key="",
        content_hash=Entry(post=dated(guid, published_at), key="").content_hash,
        is_of_feed=True,
        is_owner=True,
        published_at=published_at,
    )
    return replace(post, **fields)  # type: ignore[arg-type]  # fields of the case


def numbered(count: int, published_at: datetime | None) -> tuple[ParsedPost, ...]:
    return tuple(dated(str(number), published_at) for number in range(count))


def test_a_post_is_late_a_week_before_the_earlier_of_last_read_and_newest_post() -> None:
    assert later_read(dated("a", days_ago(8.9)), dated("b", days_ago(9.1))) == {
        "a": "",
        "b": "late",
    }
    long_ago = replace(READ, read_at=days_ago(40))
    assert later_read(dated("a", days_ago(40)), history=long_ago) == {"a": ""}
    quiet = replace(READ, newest_at=days_ago(300))
    assert later_read(dated("a", days_ago(290)), history=quiet) == {"a": ""}


def test_three_late_posts_are_mailed_and_the_fourth_makes_an_archive() -> None:
    three = numbered(3, days_ago(60))
    assert set(later_read(*three).values()) == {"late"}
    assert set(later_read(*numbered(4, days_ago(60))).values()) == {"archive"}
    assert set(later_read(*three, history=replace(READ, late=1)).values()) == {"archive"}


def test_late_posts_are_mailed_and_the_archive_is_not() -> None:
    for count, is_mailable in ((3, True), (4, False)):
        updates = decide(
            entries_of(numbered(count, days_ago(60))),
            NOTHING,
            is_first_read=False,
            now=NOW,
            history=READ,
        )
        assert {update.is_mailable for update in updates} == {is_mailable}


def test_new_posts_beside_an_archive_are_mailed() -> None:
    reasons = later_read(dated("new", days_ago(0.1)), *numbered(4, days_ago(60)))
    assert reasons["new"] == ""
    assert reasons["3"] == "archive"


def test_a_post_without_date_is_late_below_a_late_or_an_older_known_post() -> None:
    top, below = dated("top", None), dated("below", None)
    assert later_read(top, dated("late", days_ago(60)), below) == {
        "top": "",
        "late": "late",
        "below": "late",
    }
    old = stored_post("old", days_ago(30))
    assert later_read(top, dated("old", days_ago(30)), below, stored=(old,)) == {
        "top": "",
        "below": "late",
    }
    recent = stored_post("recent", days_ago(2))
    assert later_read(top, dated("recent", days_ago(2)), below, stored=(recent,)) == {
        "top": "",
        "below": "",
    }


def test_in_a_feed_with_the_oldest_first_no_post_without_date_is_late() -> None:
    posts = (dated("late", days_ago(60)), dated("none", None), dated("new", days_ago(1)))
    assert later_read(*posts) == {"late": "late", "none": "", "new": ""}


def test_an_archive_without_any_date_is_known_by_the_backlog_above_it() -> None:
    backlog = stored_post("known", None, is_mailable=False, first_seen_at=days_ago(1))
    posts = (dated("new", None), dated("known", None), *numbered(50, None))
    reasons = later_read(*posts, stored=(backlog,))
    assert reasons.pop("new") == ""
    assert set(reasons.values()) == {"archive"}


def test_a_feed_without_dates_that_adds_at_its_end_loses_nothing() -> None:
    seen = [days_ago(20), days_ago(10)]
    stored = tuple(
        stored_post(f"k{number}", None, first_seen_at=at, post_id=number)
        for number, at in enumerate(seen)
    )
    posts = (dated("k0", None), dated("k1", None), *numbered(6, None))
    assert set(later_read(*posts, stored=stored).values()) == {""}


def test_posts_beyond_the_age_limit_are_kept_out_and_no_archive() -> None:
    reasons = later_read(
        *numbered(4, days_ago(60)), dated("late", days_ago(20)), max_age=timedelta(days=30)
    )
    assert reasons.pop("late") == "late"
    assert set(reasons.values()) == {"too old"}
    first = decide(
        entries_of((dated("new", days_ago(1)), dated("old", days_ago(5)), dated("none", None))),
        NOTHING,
        is_first_read=True,
        now=NOW,
        max_age=timedelta(days=3),
    )
    assert [each.reason for each in first] == ["backlog", "too old", ""]


def test_a_known_post_is_never_late_or_too_old() -> None:
    post = dated("1", days_ago(60))
    updates = decide(
        entries_of((post,)),
        known(post),
        is_first_read=False,
        now=NOW,
        history=READ,
        max_age=timedelta(days=1),
    )
    assert [(each.change, each.reason) for each in updates] == [(Change.KNOWN, "")]


def test_a_post_dated_ahead_waits_at_every_read() -> None:
    ahead = dated("ahead", NOW + timedelta(days=20))
    assert [each.reason for each in first_read(ahead)] == ["dated ahead"]
    assert later_read(ahead) == {"ahead": "dated ahead"}


def test_another_day_of_a_waiting_post_is_a_change() -> None:
    post = dated("1", NOW + timedelta(days=20))
    waiting = stored_post("1", NOW + timedelta(days=20))
    for day, change in ((20, Change.KNOWN), (25, Change.CHANGED), (-1, Change.CHANGED)):
        moved = replace(post, published_at=NOW + timedelta(days=day))
        assert change_of(moved, KnownPosts((waiting,))) is change
