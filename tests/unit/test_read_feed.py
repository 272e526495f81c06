from __future__ import annotations

import contextlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FeedError
from digest.models import Document, ParsedFeed
from digest.readers.feeds.feed import read_feed
from digest.readers.feeds.shorten import MAX_TAGS, shorten
from digest.readers.limits import MAX_POSTS
from tests.support.figures import examples

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://harbour.example/feed/"
DATA = Path(__file__).parent.parent / "data" / "feeds"


def read(body: bytes, content_type: str = "") -> ParsedFeed:
    return read_feed(Document(body=body, url=URL, content_type=content_type), NOW)


def rss(item: str, root: str = "") -> bytes:
    return f"<rss version='2.0' {root}><channel><item>{item}</item></channel></rss>".encode()


def test_a_wordpress_post_is_read_whole() -> None:
    feed = read((DATA / "harbour.xml").read_bytes())
    assert (feed.title, feed.site_url, feed.language, feed.format) == (
        "Harbour & News",
        "https://harbour.example",
        "en-US",
        "rss20",
    )
    assert asdict(feed.posts[0]) == {
        "guid": "https://harbour.example/?p=12",
        "url": "https://harbour.example/2026/ship/",
        "title": "The ship’s “last” voyage",
        "author": "Anna Berg",
        "feed_categories": ("Security", "Ships & Sea"),
        "published_raw": "Fri, 20 Nov 2026 14:03:00 CET",
        "published_at": datetime(2026, 11, 20, 13, 3, tzinfo=UTC),
        "summary_html": '<p>A short one. <img src="https://harbour.example/wp-includes/images'
        '/smilies/smile.gif" alt=":)"></p>',
        "content_html": '<p>All of it.</p>\n      <img src="https://harbour.example/a/ship.jpg"'
        ' alt="A ship">',
        "image_url": "https://harbour.example/a/ship.jpg",
        "image_alt": "A ship",
        "image_bytes": None,
        "comment_count": 5,
        "comment_feed_url": "https://harbour.example/2026/ship/feed/",
    }


def test_a_poor_post_gives_its_certain_fields() -> None:
    post = read((DATA / "harbour.xml").read_bytes()).posts[1]
    assert (post.url, post.title, post.author) == ("", "", "Bob")
    assert (post.published_raw, post.published_at) == ("soon", None)
    assert post.summary_html == "Plain words, 1 &lt; 2 &amp; 3"
    assert post.image_url == "https://harbour.example/b.png"
    assert post.comment_count is None


def test_json_feed_is_read_through_the_same_door() -> None:
    feed = read((DATA / "harbour.json").read_bytes(), "text/html")
    assert (feed.format, feed.title, len(feed.posts)) == ("json11", "Harbour & News", 2)
    first, second = feed.posts
    assert (first.guid, first.url) == ("7", "https://harbour.example/2026/ship/")
    assert (first.title, first.author) == ("The <b>ship</b>", "Anna, Bert")
    assert first.feed_categories == ("Security",)
    assert first.published_at == datetime(2026, 11, 20, 13, 3, tzinfo=UTC)
    assert (first.content_html, first.summary_html) == ("<p>All.</p>", "<p>1 &lt; 2</p>")
    assert first.image_url == "https://harbour.example/a/ship.jpg"
    assert (second.author, second.published_at) == ("The Editors", None)
    assert second.content_html == "<p>One &amp; two.</p><p>Three.</p>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<?xml version='1.0'?><!-- nothing -->", "empty"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "web page"),
        (b"<note><to>you</to></note>", "neither RSS nor Atom"),
        (b"just words", "not a feed"),
        (b"\x1f\x8b\x08\x00compressed", "not a feed"),
        (b"{}", "list of items"),
        (b'{"items": 5}', "list of items"),
        (b'{"items": [', "invalid JSON"),
        (b'{"items": ' + b"[" * 100_000, "invalid JSON"),
        (b"<rss><channel>" + b"<a>" * 100_000, "too many elements"),
        (b"<rss><channel>" + b"<a>" * 1000, "nested too deeply"),
    ],
)
def test_a_document_that_is_not_a_feed_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        read(body)


def test_a_body_that_is_a_path_is_never_opened() -> None:
    with pytest.raises(FeedError, match="not a feed"):
        read(str(DATA / "harbour.xml").encode())


def test_entities_of_the_document_are_not_expanded() -> None:
    bomb = b"<!DOCTYPE rss [<!ENTITY a 'boom'>]>" + rss("<title>x &a; y</title>")
    assert "boom" not in read(bomb).posts[0].title


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_read(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?>" + rss("<title>Größe ж</title>").decode()
    assert read(text.encode(encoding)).posts[0].title == "Größe ж"


@pytest.mark.parametrize(
    ("declared", "content_type"), [("windows-1251", ""), ("", "text/xml; charset=windows-1251")]
)
def test_narrow_encodings_are_read_as_declared(declared: str, content_type: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    body = (head + rss("<title>Жук</title>").decode()).encode("windows-1251")
    assert read(body, content_type).posts[0].title == "Жук"


def test_at_most_a_thousand_posts_are_read_and_the_limit_is_reported() -> None:
    body = b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * (MAX_POSTS + 1)
    feed = read(body + b"</channel></rss>")
    assert len(feed.posts) == MAX_POSTS
    assert f"{MAX_POSTS + 1} posts" in feed.problems[0]


def test_a_post_has_at_most_200_categories_and_a_feed_200_namespaces() -> None:
    spaces = " ".join(f"xmlns:n{number}='https://n.example/{number}'" for number in range(300))
    named = "".join(f"<category>c{number}</category>" for number in range(300))
    item = f"<item><title>One</title>{named}</item>"
    (post,) = read(f"<rss version='2.0' {spaces}><channel>{item}</channel></rss>".encode()).posts
    assert post.title == "One"
    assert post.feed_categories == tuple(f"c{number}" for number in range(200))


def test_a_document_of_too_many_tags_keeps_its_first_posts() -> None:
    post = b"<item><![CDATA[<i>]]>" + b"<a/>" * 100 + b"</item>"
    kept = MAX_TAGS // 101
    assert shorten(b"<rss>" + post * 700 + b"</rss>") == b"<rss>" + post * kept + b"</rss>"


def test_tags_in_quoted_text_are_not_counted() -> None:
    document = b"<rss>" + (b"<item><![CDATA[" + b"<a/>" * 100 + b"]]></item>") * 700 + b"</rss>"
    assert shorten(document) == document


def test_of_a_long_list_with_the_oldest_first_the_last_posts_are_read() -> None:
    entries = [
        f"<item><title>{year}</title><pubDate>1 Jan {year} 10:00 GMT</pubDate></item>"
        for year in (2000, *[2001] * MAX_POSTS, 2002)
    ]
    body = f"<rss version='2.0'><channel>{''.join(entries)}</channel></rss>".encode()
    assert [read(body).posts[at].title for at in (0, -1)] == ["2001", "2002"]


def test_the_older_posts_of_a_feed_are_at_the_page_that_it_links_to() -> None:
    link = "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='/feed?page=2'/>"
    body = f"<rss version='2.0'><channel>{link}<item><title>x</title></item></channel></rss>"
    assert read(body.encode()).older_url.endswith("/feed?page=2")
    listed = b'{"version": "https://jsonfeed.org/version/1.1", "items": [], "next_url": "/2.json"}'
    assert read(listed).older_url.endswith("/2.json")


def test_an_absurd_identifier_is_cut() -> None:
    (post,) = read(rss(f"<guid isPermaLink='false'>{'x' * 5000}</guid>")).posts
    assert post.guid == "x" * 1000


def test_a_broken_feed_gives_its_posts_and_a_problem() -> None:
    feed = read(rss("<title>One</title><description>a & b <br> c</description>")[:-10])
    assert feed.posts[0].title == "One"
    assert "not well formed" in feed.problems[0]


def test_the_change_of_an_atom_entry_is_not_its_publication() -> None:
    entry = b"<entry><title>x</title><updated>2026-11-20T00:00:00Z</updated></entry>"
    feed = read(b"<feed xmlns='http://www.w3.org/2005/Atom'>" + entry + b"</feed>")
    assert feed.posts[0].published_at is None


def test_an_atom_entry_names_the_feed_of_its_answers() -> None:
    (post,) = read(
        b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>
        <link rel="replies" type="text/html" href="/ship.html#comments"/>
        <link rel="replies" type="application/atom+xml" href="/feeds/5/comments/default"/>
        </entry></feed>"""
    ).posts
    assert post.comment_feed_url == "https://harbour.example/feeds/5/comments/default"


@pytest.mark.parametrize("address", ["hidden", "bea@harbour.example"])
def test_a_placeholder_for_an_address_is_not_part_of_a_name(address: str) -> None:
    author = f"<author><name>Bea (Quay)</name><email>{address}</email></author>"
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id>{author}</entry></feed>"
    assert read(feed.encode()).posts[0].author == "Bea (Quay)"


def test_the_dublin_core_date_of_rss_is_its_publication() -> None:
    root = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    feed = read(rss("<title>x</title><dc:date>2026-11-20T00:00:00Z</dc:date>", root))
    assert feed.posts[0].published_at == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("html", "chosen"),
    [
        ("<img src='https://h.example/a.png' width='40' height='40'>", ""),
        ("<img src='https://h.example/wp-includes/images/smilies/s.gif'>", ""),
        ("<img src='http://feeds.feedburner.com/~r/x/1'>", ""),
        (f"<img src='https://h.example/a.png' width='{'9' * 5000}'>", "https://h.example/a.png"),
        (
            "<img src='https://h.example/p.gif' width='1'><img src='/b.png'>",
            "https://harbour.example/b.png",
        ),
        (
            "<img src='https://h.example/a.png' width='640px' height='auto'>",
            "https://h.example/a.png",
        ),
    ],
)
def test_the_first_image_worth_showing_is_chosen(html: str, chosen: str) -> None:
    feed = read(rss(f"<title>x</title><description><![CDATA[{html}]]></description>"))
    assert feed.posts[0].image_url == chosen


_FEED = (DATA / "harbour.xml").read_bytes()


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=50).map(lambda end: b"{" + end)))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        assert isinstance(read(body).posts, tuple)


@given(
    st.integers(0, len(_FEED)),
    st.integers(0, 60),
    st.one_of(
        st.binary(max_size=8),
        st.sampled_from(
            (b"<![CDATA[", b"]]>", b"&#0;", b"<item>", b"xml:base='http://['", b"<!--")
        ),
    ),
)
@examples(150)
def test_a_damaged_feed_is_read_or_refused(start: int, length: int, instead: bytes) -> None:
    with contextlib.suppress(FeedError):
        feed = read(_FEED[:start] + instead + _FEED[start + length :])
        assert all(post.url.startswith("http") or not post.url for post in feed.posts)


@pytest.mark.parametrize(
    ("root", "item", "link"),
    [
        ("", "<link>/ship/</link>", "https://harbour.example/ship/"),
        ("", "<guid>/ship/</guid>", "https://harbour.example/ship/"),
        ("xml:base='https://quay.example/a/'", "<link>b</link>", "https://quay.example/a/b"),
        ("xml:base='/a/'", "<link>b</link>", "https://harbour.example/a/b"),
        ("", "<link xml:base='https://quay.example/'>b</link>", "https://quay.example/b"),
    ],
)
def test_relative_links_are_resolved_against_the_base_or_the_feed(
    root: str, item: str, link: str
) -> None:
    assert read(rss(item, root)).posts[0].url == link


def test_the_base_of_a_post_does_not_apply_to_the_next() -> None:
    first = "<item xml:base='https://quay.example/'><link>a</link></item>"
    body = f"<rss version='2.0'><channel>{first}<item><link>b</link></item></channel></rss>"
    links = [post.url for post in read(body.encode()).posts]
    assert links == ["https://quay.example/a", "https://harbour.example/feed/b"]


def _post_by(authors: str) -> str:
    """Return the author of an item with these elements."""
    names = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    names += ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    body = f"<rss {names}><channel><item><title>Keel</title>{authors}</item></channel></rss>"
    return read(body.encode()).posts[0].author


@pytest.mark.parametrize(
    ("authors", "author"),
    [
        ("<dc:creator>Ann</dc:creator><dc:creator>Bo Lee</dc:creator>", "Ann, Bo Lee"),
        ("<author>a@quay.example (Ann)</author><author>b@quay.example (Bo)</author>", "Ann, Bo"),
        ("<dc:creator>Ann</dc:creator><dc:creator>Ann</dc:creator>", "Ann"),
        # Another element gives the same people in other words.
        ("<author>a@quay.example</author><dc:creator>Ann</dc:creator>", "Ann"),
        ("<dc:creator>Ann</dc:creator><itunes:author>The Quay</itunes:author>", "The Quay"),
        ("".join(f"<dc:creator>N{n}</dc:creator>" for n in range(9)), "N0, N1, N2, N3, N4, …"),
    ],
)
def test_each_author_of_a_post_is_named(authors: str, author: str) -> None:
    assert _post_by(authors) == author
    # The second title makes the document ill-formed, so that the other parser reads it.
    assert _post_by(f"{authors}<title>") == author


def test_each_author_of_an_atom_entry_is_named() -> None:
    people = "".join(
        f"<author><name>{name}</name><email>{name}@quay.example</email></author>"
        for name in ("Ann", "Bo")
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{people}</entry></feed>'
    assert read(body.encode()).posts[0].author == "Ann, Bo"
