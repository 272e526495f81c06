"""Real feeds, against the values on which two independent parsers agree."""

from __future__ import annotations

import contextlib
import csv
import html
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import pytest

from digest.errors import FeedError
from digest.models import Document, ParsedFeed, ParsedPost
from digest.readers.feeds.feed import read_feed

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDERS = ("feeds", "feeds-feedparser", "feeds-http-responses")
INDEX = "feeds-index.csv"
EXPECTED = "expected-feeds.csv"
URL = "https://base.invalid/feed"
NOW = datetime(2026, 11, 23, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of feeds is not here")

#: The fields on which JSON Feed rows agree, by the corpus.
_JSON_FIELDS = {"entry_count", "first_title", "first_link", "first_published_utc"}
_DISPUTED = {
    "n": "entry_count",
    "title": "first_title",
    "link": "first_link",
    "date": "first_published_utc",
    "author": "first_author",
    "cats": "first_categories",
}
_ADDRESS = re.compile(r"[^\s()]+@[^\s()]+")
#: The text that one file has in place of an address.
_NO_ADDRESS = " (atom_0.3.feed.entry[0].author.email)"


def documents() -> Iterator[tuple[str, bytes, str]]:
    for folder in FOLDERS:
        for path in sorted((CORPUS / folder).rglob("*")):
            if path.is_file() and path.name != "README.md":
                yield (path.relative_to(CORPUS).as_posix(), *load(path))


def load(path: Path) -> tuple[bytes, str]:
    body = path.read_bytes()
    if "feeds-http-responses" not in path.parts:
        return body, ""
    head, _, body = body.replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    content_type = re.search(rb"(?im)^content-type:\s*(.+?)\s*$", head)
    return body, content_type[1].decode() if content_type else ""


class Reading(NamedTuple):
    """The result for one document; no feed if it was refused."""

    feed: ParsedFeed | None
    seconds: float


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    """Read every document once."""
    return {name: reading(body, content_type) for name, body, content_type in documents()}


def reading(body: bytes, content_type: str) -> Reading:
    started = time.monotonic()
    feed = None
    with contextlib.suppress(FeedError):
        feed = read_feed(Document(body=body, url=URL, content_type=content_type), NOW)
    return Reading(feed, time.monotonic() - started)


def test_every_document_is_read_or_refused_within_two_seconds(readings: dict[str, Reading]) -> None:
    assert len(readings) >= 800
    assert [name for name, reading in readings.items() if reading.seconds > 2] == []


def test_a_document_with_posts_for_another_parser_is_not_refused(
    readings: dict[str, Reading],
) -> None:
    found = {name: len(reading.feed.posts) for name, reading in readings.items() if reading.feed}
    expected = {row["file"]: int(row["entries_by_feedparser"] or 0) for row in rows(INDEX)}
    wrong = {
        name: (count, found.get(name))
        for name, count in expected.items()
        if count > 0 and found.get(name) != min(count, 200)
    }
    assert wrong == {}


#: Rows whose link is that of a service which counts readers: the feed itself names the site's own
#: link beside it, in `feedburner:origLink`, and the proof is read from the feed.
COUNTED = frozenset(
    {
        "feeds/feedjira/FeedBurnerXHTML.xml",
        "feeds/feedjira/PaulDixExplainsNothing.xml",
        "feeds/feedjira/TechCrunch.xml",
        "feeds/feedjira/TrotterCashionHome.xml",
        "feeds/feedjira/TypePadNews.xml",
        "feeds/rbren-rss-parser/encoding.rss",
        "feeds/rbren-rss-parser/feedburner.atom",
        "feeds/rome/issue137-rss.xml",
        "feeds/rome/xml__slashdot.xml",
        "feeds/rss2email/allthingsrss__feed.atom",
        "feeds/rubycocos/books__oreilly.feedburner.atom",
        "feeds/rubycocos/misc__learnenough.feedburner.atom",
        "feeds/rubycocos/misc__railstutorial.feedburner.atom",
        "feeds/rubycocos/misc__rubymine.feedburner.rss",
    }
)
#: The start of the entries; before it, Atom names the author of those without one.
_ENTRY = re.compile(rb"<(?:\w+:)?entry\b")
#: Rows whose link is an identifier that is no address.
NO_LINK = frozenset({"feeds/prof18-rss-parser/feed-test-audio.xml"})
_ORIGINAL = re.compile(rb"<feedburner:origLink>\s*([^<]+?)\s*</feedburner:origLink>")


def test_every_agreed_row_is_right_but_those_proved_wrong(readings: dict[str, Reading]) -> None:
    agreed = [row for row in rows(EXPECTED) if row["two_readers_agree"] == "yes"]
    wrong = wrong_rows([row for row in agreed if row["file"] not in COUNTED], readings)
    assert len(agreed) >= 160
    assert wrong == {}


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_row_proved_wrong_has_the_link_of_the_site(
    readings: dict[str, Reading], name: str
) -> None:
    (row,) = (row for row in rows(EXPECTED) if row["file"] == name)
    body, _ = load(CORPUS / name)
    named = _ORIGINAL.search(body)
    assert named
    link = html.unescape(named[1].decode()).rstrip("/")
    assert with_feed_author(row, readings[name].feed) == {
        "first_link": (row["first_link"].rstrip("/"), link)
    }


def with_feed_author(
    row: dict[str, str], feed: ParsedFeed | None
) -> dict[str, tuple[object, object]]:
    """Return the differences of a row; not its author if only the feed as a whole has one.

    RFC 4287 section 4.2.1: that is the author of each entry without one.
    """
    faults = faults_of(row, feed)
    written, found = faults.get("first_author", ("", ""))
    body, _ = load(CORPUS / row["file"])
    head = html.unescape(_ENTRY.split(body, maxsplit=1)[0].decode("utf-8", "replace"))
    _, _, after = head.partition("author")
    if written == "" and found and all(name in after for name in f"{found}".split(", ")):
        del faults["first_author"]
    return faults


@pytest.mark.parametrize(
    ("feature", "at_least"),
    [("arabic", 1), ("han", 5), ("double-escaped", 5), ("emoji", 3), ("relative-url-in-html", 10)],
)
def test_feeds_of_every_feature_are_among_them(
    readings: dict[str, Reading], feature: str, at_least: int
) -> None:
    named = [row["file"] for row in rows(INDEX) if feature in row["features"].split()]
    read = [name for name in named if readings[name].feed]
    assert len(read) >= at_least


_MARKUP = re.compile(r"&(?:[a-z]{2,8}|#x?[0-9a-f]{2,5});|</?[a-z][^<>]*>", re.IGNORECASE)
#: Feeds whose titles are about HTML elements, and the elements named.
_ABOUT_ELEMENTS = {
    "feeds/feeder-android/model__rss_diskuse.xml": {"<pre>", "<description>"},
    "feeds/kde-syndication/atom__atom10_relative_uris.xml": {"<content>"},
    "feeds/rome/data__atom_1.0_b.xml": {"<entry>", "<content>"},
}
_LINK = re.compile(r'<(?:a|img)\b[^<>]*? (?:href|src)="\s*([^"]*)"')
_SOUND = re.compile(r"\.(?:mp3|m4a|ogg|mp4|m4v)(?:\?|\Z)", re.IGNORECASE)


def posts_of(readings: dict[str, Reading]) -> list[tuple[str, ParsedPost]]:
    return [
        (name, post) for name, read in readings.items() if read.feed for post in read.feed.posts
    ]


def test_no_title_name_or_label_has_markup_left(readings: dict[str, Reading]) -> None:
    lines = [
        (name, line)
        for name, post in posts_of(readings)
        for line in (post.title, post.author, *post.feed_categories)
    ]
    assert len(lines) >= 10_000
    marked = [(name, set(_MARKUP.findall(line))) for name, line in lines if _MARKUP.search(line)]
    assert [each for each in marked if not each[1] <= _ABOUT_ELEMENTS.get(each[0], set())] == []
    assert {name for name, _ in marked} == _ABOUT_ELEMENTS.keys()
    assert [each for each in lines if "\n" in each[1]] == []


def test_no_link_is_relative(readings: dict[str, Reading]) -> None:
    links = [
        (name, link)
        for name, post in posts_of(readings)
        for html_ in (post.content_html, post.summary_html)
        for link in _LINK.findall(html_)
    ]
    assert len(links) >= 10_000
    wrong = {name for name, link in links if not link.startswith(("http", "mailto:"))}
    assert wrong == set()


def test_no_date_is_in_the_future_and_no_sound_a_picture(readings: dict[str, Reading]) -> None:
    posts = posts_of(readings)
    assert [name for name, post in posts if post.published_at and post.published_at > NOW] == []
    assert [name for name, post in posts if _SOUND.search(post.image_url)] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("eucjp", "ゲーム三昧な正月"),
        ("shiftjis", "記事投稿が反映されない"),
        ("euckr", "한글닉네임"),
        ("gb2312", "不归移民漫画系列"),
        ("koi8r", "Как пережить новогоднюю ночь"),
        ("tis620", "สำนักงานส่งเสริม"),
        ("windows1255", "האם תדפיס נייר"),
        ("big5", "我希望"),
    ],
)
def test_feeds_that_declare_no_encoding_are_read(name: str, words: str) -> None:
    body, _ = load(CORPUS / "feeds-feedparser" / "illformed" / f"chardet__{name}.xml")
    feed = read_feed(Document(body=body, url=URL), NOW)
    shown = feed.title + "".join(f"{post.title} {post.summary_html}" for post in feed.posts)
    assert words in shown


def test_the_undisputed_fields_of_the_other_rows_are_right(readings: dict[str, Reading]) -> None:
    other = [
        row
        for row in rows(EXPECTED)
        if row["two_readers_agree"] == "no" and row["file"] not in NO_LINK
    ]
    assert len(other) >= 30
    assert wrong_rows(other, readings) == {}


def rows(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def wrong_rows(
    expected: list[dict[str, str]], readings: dict[str, Reading]
) -> dict[str, dict[str, tuple[object, object]]]:
    """Return the differences of each row that has any, by the document's name."""
    found = {row["file"]: with_feed_author(row, readings[row["file"]].feed) for row in expected}
    return {name: faults for name, faults in found.items() if faults}


def faults_of(row: dict[str, str], feed: ParsedFeed | None) -> dict[str, tuple[object, object]]:
    """Return the fields that differ: expected and found."""
    if feed is None:
        return {"feed": ("a feed", "refused")}
    found = fields_of(feed)
    disputed = {_DISPUTED[word] for word in row["fields_in_dispute"].split()}
    compared = _JSON_FIELDS if row["format"].startswith("json") else set(found)
    expected = expected_of(row)
    return {
        name: (expected[name], found[name])
        for name in sorted(compared - disputed)
        if expected[name] != found[name]
    }


def fields_of(feed: ParsedFeed) -> dict[str, object]:
    post = feed.posts[0]
    date = post.published_at
    return {
        "entry_count": len(feed.posts),
        "first_title": post.title,
        "first_link": post.url.rstrip("/"),
        "first_published_utc": date.strftime("%Y-%m-%dT%H:%M:%SZ") if date else "",
        "first_author": post.author,
        "first_categories": set(post.feed_categories),
        "first_slash_comments": "" if post.comment_count is None else str(post.comment_count),
    }


def expected_of(row: dict[str, str]) -> dict[str, object]:
    """Return the values our rules expect: absolute links, no mail addresses or future dates."""
    link, date = row["first_link"], row["first_published_utc"]
    return {
        **row,
        "entry_count": int(row["entry_count"]),
        "first_link": urljoin(URL, link).rstrip("/") if link else "",
        "first_published_utc": "" if date > NOW.strftime("%Y-%m-%dT%H:%M:%SZ") else date,
        "first_author": without_address(row["first_author"].removesuffix(_NO_ADDRESS)),
        "first_categories": {name for name in row["first_categories"].split("|") if name},
    }


def without_address(author: str) -> str:
    return " ".join(_ADDRESS.sub(" ", author).split()).strip(" ()") if "@" in author else author
