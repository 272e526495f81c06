"""What `digest compose` reports about the posts that are not in the mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from digest.models import Change, NotMailed, PostUpdate, Validators
from digest.store import post_categories, posts
from digest.store.feeds import save_failure, save_feed
from tests.support.desk_work import NOW, Desk
from tests.support.feed_rows import open_feed
from tests.support.parsed import parsed_feed, parsed_post

FEED = "https://hill.example.org/feed"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    work = Desk.open(tmp_path)
    work.add_subscribers(1)
    return work


def keep(desk: Desk, title: str, reason: NotMailed, *, days: float = 400) -> None:
    """Store a post that intake kept without mailing it."""
    at = NOW - timedelta(days=days)
    url = f"https://hill.example.org/{title}/"
    parsed = parsed_post(guid=title, url=url, title=title, published_at=at)
    new = PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed,
        url_key=url,
        content_hash=title,
        is_mailable=False,
        reason=reason,
    )
    with desk.app.database.write() as connection:
        feed_id = open_feed(connection, f"{FEED}/News", now=NOW).id
        posts.save_posts(connection, feed_id, (new,), ("News",), now=NOW)


def test_nothing_to_send_says_in_which_categories_the_new_posts_are(desk: Desk) -> None:
    for number in range(20):
        desk.add_post(f"A match, part {number}", "Chess" if number % 4 else "Film")
    result = desk.run("compose")
    assert result.code == 3
    assert (
        "20 new posts are in categories that `weekly` does not list: Chess (15), Film (5)"
        in result.err
    )


def test_nothing_to_send_counts_what_rules_leave_out_and_what_is_kept(desk: Desk) -> None:
    desk.add_post("An advertisement")
    with desk.app.database.write() as connection:
        post_categories.file_posts(connection, 1, {1: ()})
    keep(desk, "old", NotMailed.BACKLOG)
    result = desk.run("compose")
    assert result.code == 3
    assert "1 new post is left out by the rules of their feeds" in result.err
    assert "1 new post is kept without being mailed: backlog" in result.err


def test_every_post_of_the_window_is_accounted_for(desk: Desk) -> None:
    desk.add_post("A bridge is mended")
    desk.add_post("A match", "Chess")
    for number in range(3):
        keep(desk, f"ship{number}", NotMailed.BACKLOG)
    keep(desk, "mill", NotMailed.ARCHIVE)
    keep(desk, "fair", NotMailed.AHEAD, days=-20)
    explained = desk.run("compose", "--explain").out
    assert "no section for its categories (Chess)" in explained
    assert f"waits for {NOW + timedelta(days=20):%Y-%m-%d}" in explained
    assert f"{FEED}/News: 3 posts, backlog" in explained
    assert f"{FEED}/News: 1 post, archive" in explained
    assert "ship0" not in explained
    everything = desk.run("compose", "--explain", "--all").out
    assert "ship0" in everything
    assert "--include 6" in everything
    data = desk.run("compose", "--json").data
    listed = {story["post_id"] for story in data["snapshot"]["stories"]}
    listed |= {each["post_id"] for each in data["left_out"]}
    listed |= {each["post_id"] for kept in data["kept"] for each in kept["posts"]}
    assert listed == set(range(1, 8))


def test_a_post_of_the_archive_can_be_included(desk: Desk) -> None:
    desk.add_post("A bridge is mended")
    keep(desk, "mill", NotMailed.ARCHIVE)
    assert desk.run("compose", "--include", "2").code == 0
    stories = desk.compose().edition.stories
    assert {(story.title, story.seq) for story in stories} == {
        ("A bridge is mended", 1),
        ("mill", 3),
    }
    again = desk.run("compose", "--include", "2")
    assert (again.code, "Post 2" in again.err or "post 2" in again.err) == (4, True)
    assert desk.run("compose", "--include", "99").code == 2


def test_a_refused_include_changes_nothing(desk: Desk) -> None:
    desk.add_post("A bridge is mended")
    keep(desk, "mill", NotMailed.ARCHIVE)
    assert desk.run("compose", "--include", "2", "--include", "1").code == 4
    assert [story.post_id for story in desk.compose().edition.stories] == [1]


def test_an_included_post_is_shown_after_an_edition_that_did_not_have_it(desk: Desk) -> None:
    desk.add_post("A bridge is mended")
    keep(desk, "mill", NotMailed.BACKLOG)
    desk.compose()
    assert desk.send().code == 0
    assert desk.run("compose").code == 3
    assert desk.run("compose", "--include", "2").code == 0


def test_no_feed_that_answers_is_not_reported_as_no_news(desk: Desk) -> None:
    with desk.app.database.write() as connection:
        feed_id = open_feed(connection, FEED, now=NOW).id
        save_feed(
            connection,
            feed_id,
            parsed_feed(),
            validators=Validators(),
            body_hash="x",
            rules_hash="",
            now=NOW,
        )
        save_failure(connection, feed_id, "HTTP 500", now=NOW)
    result = desk.run("compose")
    assert result.code == 1
    assert f"its feed could not be read since {NOW:%Y-%m-%d %H:%M} UTC" in result.err
    desk.add_post("A bridge is mended")
    assert "The newest posts may be missing" in desk.run("compose").out


def test_with_nothing_to_send_the_posts_are_explained_all_the_same(desk: Desk) -> None:
    desk.add_post("A match", "Chess")
    keep(desk, "mill", NotMailed.ARCHIVE)
    result = desk.run("compose", "--explain", "--all")
    assert result.code == 3
    assert "no section for its categories (Chess)" in result.out
    assert "`digest compose --include 2` mails it" in " ".join(result.out.split())
    desk.add_post("A bridge is mended")
    desk.project.change_config('review = "auto"', 'review = "auto"\nmin_posts = 2')
    assert "waits until there are at least 2 new posts" in desk.run("compose", "--explain").out
