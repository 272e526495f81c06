"""Old posts that a feed brings late, posts dated ahead, moved sites, and gaps between two reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.alerts import Situation, find_alerts
from digest.models import CollectReport, FeedFacts, FeedSource
from digest.newsroom.observer import LogObserver
from digest.pipeline.collect import collect
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.store.engine import Database
from digest.store.feeds import feed_facts
from digest.store.posts import last_seq, posts_between
from digest.store.unmailed import kept_posts
from tests.support.parsed import NOW

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
WORDS = "On watch {0} the keeper saw {0} ships and wrote down {0} words about each of them."


def item(
    number: int, at: datetime | None, *, title: str = "", link: str = "", guid: str = ""
) -> str:
    date = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    return (
        f"<item><title>{title or f'Log book {number}'}</title>"
        f"<link>{link or f'https://paper.example/l/{number}'}</link>"
        f"<guid isPermaLink='false'>{guid or f'l{number}'}</guid>{date}"
        f"<description>{WORDS.format(number)}</description></item>"
    )


def rss(*items: str, more: str = "") -> bytes:
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'>"
        f"<channel><title>Paper</title>{more}{''.join(items)}</channel></rss>"
    ).encode()


def told(report: CollectReport) -> tuple[str, ...]:
    """Return the problems of the feed; the pages of its posts do not exist."""
    return tuple(line for line in report.feeds[0].problems if not line.startswith("page "))


class Paper:
    """A site with one feed, whose pages a test changes between two collections."""

    def __init__(self, server: HTTPServer, database: Database, pool: ParserPool) -> None:
        self.database = database
        self.pool = pool
        self.source = FeedSource(
            url=server.url_for("/feed"), categories=("Sea",), has_comments=False, full_text=False
        )
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        server.expect_request("/feed").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        address = request.query_string.decode()
        self.asked.append(address)
        page = self.pages.get(address)
        return Response(page, content_type="text/xml") if page else Response(status=404)

    async def collect(self, *items: str, now: datetime = NOW, more: str = "") -> CollectReport:
        if items:
            self.pages[""] = rss(*items, more=more)
        async with Fetcher(allow_private=True) as fetcher:
            return await collect(self.database, fetcher, self.pool, (self.source,), now=now)

    def titles(self) -> list[str]:
        """Return the titles of the posts that mails may have, in the order of their numbers."""
        with self.database.read() as connection:
            return [post.title for post in posts_between(connection, 0, last_seq(connection))]

    def kept(self) -> dict[str, str]:
        """Return the reason of each post that is kept without being mailed, by title."""
        with self.database.read() as connection:
            found = kept_posts(connection, ("Sea",), cut_seq=last_seq(connection))
        return {post.title: post.reason for post in found}

    def alerts(self) -> list[str]:
        with self.database.read() as connection:
            facts: tuple[FeedFacts, ...] = feed_facts(connection, (self.source.url,))
        situation = Situation(slots=(), feeds=facts, reviewed=frozenset(), late_after=DAY)
        return [alert.text for alert in find_alerts(situation, now=NOW)]


@pytest.fixture
def paper(httpserver: HTTPServer, database: Database, parsers: ParserPool) -> Paper:
    return Paper(httpserver, database, parsers)


# --- late posts ---------------------------------------------------------------------------------


def nine_days_apart(count: int) -> list[str]:
    return [item(number, NOW - DAY / 2 - 9 * number * DAY) for number in range(count)]


async def test_an_archive_that_a_site_begins_to_list_is_not_mailed(paper: Paper) -> None:
    await paper.collect(*nine_days_apart(10))
    report = await paper.collect(*nine_days_apart(100), now=NOW + DAY / 24)
    assert (report.new, report.feeds[0].archived) == (90, 90)
    assert "90 posts much older" in told(report)[0]
    assert paper.titles() == ["Log book 0"]
    assert list(paper.kept().values()).count("archive") == 90
    (alert,) = paper.alerts()
    assert "began to list its archive; 90 old posts kept" in alert


async def test_the_archive_is_one_alert_for_a_feed(paper: Paper) -> None:
    await paper.collect(*nine_days_apart(10))
    await paper.collect(*nine_days_apart(20), now=NOW + DAY)
    await paper.collect(*nine_days_apart(30), now=NOW + 2 * DAY)
    assert len(paper.alerts()) == 1


async def test_up_to_three_late_posts_are_mailed(paper: Paper) -> None:
    first = [item(1, NOW - DAY), item(2, NOW - 2 * DAY)]
    await paper.collect(*first)
    late = [item(number, NOW - 20 * DAY) for number in (3, 4, 5)]
    assert (await paper.collect(*first, *late, now=NOW + DAY)).feeds[0].archived == 0
    assert paper.titles()[2:] == ["Log book 5", "Log book 4", "Log book 3"]
    fourth = item(6, NOW - 21 * DAY)
    report = await paper.collect(*first, *late, fourth, now=NOW + 2 * DAY)
    assert report.feeds[0].archived == 1
    assert paper.kept() == {"Log book 6": "archive"}
    # A week later the count begins again.
    fifth = item(7, NOW - 21 * DAY)
    await paper.collect(*first, *late, fourth, fifth, now=NOW + 10 * DAY)
    assert paper.titles()[-1] == "Log book 7"


async def test_posts_of_the_time_when_nothing_was_read_are_not_late(paper: Paper) -> None:
    known = item(0, NOW - DAY)
    await paper.collect(known)
    missed = [item(number, NOW + number * DAY) for number in range(30, 0, -1)]
    report = await paper.collect(*missed, known, now=NOW + 31 * DAY)
    assert (report.new, report.feeds[0].archived) == (30, 0)
    assert len(paper.titles()) == 31


async def test_posts_older_than_the_limit_of_their_feed_are_kept_out(paper: Paper) -> None:
    paper.source = replace(paper.source, max_post_age=5 * DAY)
    await paper.collect(item(1, NOW - DAY), item(2, NOW - 6 * DAY), item(3, NOW - 40 * DAY))
    assert paper.titles() == ["Log book 1"]
    assert paper.kept() == {"Log book 2": "too old", "Log book 3": "too old"}
    report = await paper.collect(item(1, NOW - DAY), item(4, NOW - 5 * DAY), now=NOW + DAY)
    assert report.new == 1
    assert paper.kept()["Log book 4"] == "too old"


# --- dates in the future ------------------------------------------------------------------------


async def test_a_post_dated_ahead_gets_its_number_on_its_day(paper: Paper) -> None:
    await paper.collect(item(3, NOW + DAY), item(2, NOW + 10 * DAY), item(1, NOW - DAY))
    assert paper.titles() == ["Log book 1", "Log book 3"]
    assert paper.kept() == {"Log book 2": "dated ahead"}
    await paper.collect(item(4, NOW), item(2, NOW + 10 * DAY), now=NOW + 9 * DAY)
    assert "Log book 2" not in paper.titles()
    # The hour of the day does not count.
    await paper.collect(now=NOW + 10 * DAY - timedelta(hours=6))
    assert paper.titles()[-2:] == ["Log book 4", "Log book 2"]
    assert paper.kept() == {}


async def test_a_post_that_is_moved_to_another_day_waits_for_that_day(paper: Paper) -> None:
    await paper.collect(item(1, NOW - DAY), item(2, NOW + 10 * DAY))
    await paper.collect(item(1, NOW - DAY), item(2, NOW + 5 * DAY), now=NOW + DAY)
    await paper.collect(now=NOW + 5 * DAY)
    assert paper.titles() == ["Log book 1", "Log book 2"]


async def test_a_date_a_year_ahead_is_no_date(paper: Paper) -> None:
    await paper.collect(item(2, NOW + 400 * DAY), item(1, NOW - DAY))
    assert sorted(paper.titles()) == ["Log book 1", "Log book 2"]


# --- one post, several faces --------------------------------------------------------------------


async def test_a_site_on_another_system_mails_nothing_again(paper: Paper) -> None:
    dates = [NOW - DAY - 2 * number * DAY for number in range(4)]
    await paper.collect(*(item(number, at) for number, at in enumerate(dates)))
    before = paper.titles()
    moved = [
        item(number, at, link=f"https://new.example/{number}", guid=f"x{number}")
        for number, at in enumerate(dates)
    ]
    assert (await paper.collect(*moved, now=NOW + DAY)).new == 0
    assert paper.titles() == before


async def test_a_moved_site_with_other_hours_and_one_new_post_mails_that_post(
    paper: Paper,
) -> None:
    dates = [NOW - DAY - 2 * number * DAY for number in range(9)]
    await paper.collect(*(item(number, at) for number, at in enumerate(dates)))
    moved = [
        item(
            number,
            at + timedelta(hours=5),
            # Another system spells a title with other quotation marks.
            title=f"Log  book {number}",
            link=f"https://new.example/{number}",
            guid=f"x{number}",
        )
        for number, at in enumerate(dates)
    ]
    new = item(20, NOW, link="https://new.example/20", guid="x20")
    assert (await paper.collect(new, *moved, now=NOW + DAY)).new == 1
    assert paper.titles()[-1] == "Log book 20"
    assert (await paper.collect(new, *moved, now=NOW + 2 * DAY)).new == 0


async def test_a_post_with_changing_links_and_titles_is_stored_once(paper: Paper) -> None:
    day = NOW - DAY
    page = "https://paper.example/live"
    for number, (title, end) in enumerate(
        [
            ("Ships", "#a"),
            ("Ships", "?utm_source=x#b"),
            ("Ships!", "#c"),
            ("Two ships", "?utm_id=9"),
        ]
    ):
        faces = [
            item(1, day, title=title, link=f"{page}{end}", guid=f"{number}-{face}").replace(
                "</link>",
                f"{'&amp;' if '?' in end else '?'}utm_term={face}</link>"
                if "#" not in end
                else "</link>",
            )
            for face in "ab"
        ]
        await paper.collect(*faces, item(2, day), now=NOW + number * DAY)
    assert len(paper.titles()) == 2


# --- gaps ---------------------------------------------------------------------------------------


def hours_of(first: int, last: int) -> list[str]:
    """Return the posts of these numbers, one every eight hours, the newest first."""
    return [item(number, NOW + number * DAY / 3) for number in range(last, first - 1, -1)]


async def test_a_gap_is_reported_if_the_site_has_no_older_pages(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    await paper.collect(*hours_of(-10, 0))
    report = await paper.collect(*hours_of(15, 25), now=NOW + 9 * DAY)
    assert told(report) == (
        "its document does not reach back to a known post: posts may be missing",
    )
    (alert,) = paper.alerts()
    assert "posts may be missing" in alert
    assert (report.new, report.feeds[0].has_gap) == (11, True)
    LogObserver().collected(report)
    assert "posts may be missing since its last reading" in caplog.text
    again = await paper.collect(*hours_of(16, 26), now=NOW + 9 * DAY)
    assert told(again) == ()


GENERATOR = "<generator>https://wordpress.org/?v=6.7.1</generator>"
NEXT = "<atom:link rel='next' href='/feed?{}'/>"


@pytest.mark.parametrize(
    ("page", "more"),
    [
        ("paged={}", GENERATOR),
        ("p={}", NEXT),
        (
            "archive={}",
            "<atom:link rel='self' href='/feed'/>" + NEXT.replace("next", "prev-archive"),
        ),
    ],
)
async def test_the_posts_of_a_long_downtime_come_from_older_pages(
    paper: Paper, page: str, more: str
) -> None:
    await paper.collect(*hours_of(-10, 0))
    for number, (first, last) in enumerate([(15, 25), (5, 15), (-6, 4)], 1):
        name = page.format(number) if number > 1 else ""
        link = more.format(page.format(number + 1))
        paper.pages[name] = rss(*hours_of(first, last), more=link)
    report = await paper.collect(now=NOW + 9 * DAY)
    assert report.new == 25
    assert "2 older pages read: no post is missing" in told(report)[0]
    assert paper.titles()[-25:] == [f"Log book {number}" for number in range(1, 26)]
    assert paper.alerts() == []


async def test_older_pages_bring_nothing_from_before_the_feed_was_added(paper: Paper) -> None:
    await paper.collect(*hours_of(-3, 0))
    paper.pages[""] = rss(*hours_of(5, 9), more=GENERATOR)
    paper.pages["paged=2"] = rss(*hours_of(-8, 4), more=GENERATOR)
    assert (await paper.collect(now=NOW + 4 * DAY)).new == 9
    assert "Log book -8" not in paper.titles()
    assert paper.kept() == {}


async def test_at_most_ten_older_pages_are_read(paper: Paper) -> None:
    await paper.collect(*hours_of(-3, 0))
    for number in range(1, 20):
        name = f"p={number}" if number > 1 else ""
        first = 200 - 5 * number
        link = NEXT.format(f"p={number + 1}")
        paper.pages[name] = rss(*hours_of(first, first + 4), more=link)
    paper.asked.clear()
    report = await paper.collect(now=NOW + 70 * DAY)
    assert len(paper.asked) == 11
    assert report.new == 55
    assert "posts may be missing; 10 older pages read" in told(report)[0]


async def test_a_server_that_ignores_the_page_ends_the_reading(paper: Paper) -> None:
    await paper.collect(*hours_of(-3, 0))
    paper.pages["paged=2"] = paper.pages[""] = rss(*hours_of(20, 25), more=GENERATOR)
    report = await paper.collect(now=NOW + 9 * DAY)
    assert paper.asked[-2:] == ["", "paged=2"]
    assert "posts may be missing" in told(report)[0]


async def test_older_pages_of_another_server_are_not_read(paper: Paper) -> None:
    await paper.collect(*hours_of(-3, 0))
    more = "<atom:link rel='next' href='https://elsewhere.example/2'/>"
    report = await paper.collect(*hours_of(20, 25), now=NOW + 9 * DAY, more=more)
    assert "posts may be missing" in told(report)[0]


async def test_a_feed_that_still_lists_a_known_post_has_no_gap(paper: Paper) -> None:
    await paper.collect(*hours_of(-3, 0))
    report = await paper.collect(*hours_of(0, 10), now=NOW + 9 * DAY)
    assert told(report) == ()


async def test_a_feed_of_one_post_has_no_gap(paper: Paper) -> None:
    await paper.collect(item(1, NOW - DAY))
    assert told(await paper.collect(item(2, NOW), now=NOW + DAY)) == ()
