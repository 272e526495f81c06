"""OPML lists of other programs and our own."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.readers.opml import Outline, read_opml, write_opml
from digest.text.html import plain_line
from tests.support.timing import within

_WORDS = (
    st.text(min_size=1, max_size=30)
    .map(plain_line)
    .filter(
        # Already one line of plain text, like every title and category here.
        lambda line: bool(line) and plain_line(line) == line
    )
)
_FEEDS = st.builds(
    Outline,
    url=st.integers(0, 30).map(
        lambda number: f"https://x.example/{number}/feed/?a=1&b=<2>".replace("<2>", "%3C2%3E")
    ),
    title=_WORDS,
    site_url=st.sampled_from(["", "https://x.example/"]),
    categories=st.lists(_WORDS, max_size=3, unique=True).map(tuple),
)


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><body>{body}</body></opml>'.encode()


def test_folders_are_categories_the_innermost_counts() -> None:
    listed = read_opml(
        opml("""
        <outline text="World"><outline text="Europe">
          <outline text="The Hill" title="Hill" type="rss" xmlUrl="https://hill.example/feed/"
            htmlUrl="https://hill.example/"/></outline>
          <outline text="Sea" type="rss" xmlUrl="https://sea.example/rss"/></outline>
        <outline text="Alone" xmlUrl="https://alone.example/rss"/>"""),
        "my.opml",
    )
    assert listed.problems == ()
    assert listed.feeds == (
        Outline(
            url="https://hill.example/feed/",
            title="Hill",
            site_url="https://hill.example/",
            categories=("Europe",),
        ),
        Outline(url="https://sea.example/rss", title="Sea", categories=("World",)),
        Outline(url="https://alone.example/rss", title="Alone"),
    )


def test_the_category_attribute_is_read() -> None:
    feed = '<outline text="A" xmlurl="https://a.example/f" category="/News/Europe, Sea,,/"/>'
    assert read_opml(opml(feed), "x").feeds[0].categories == ("Europe", "Sea")


def test_a_feed_in_two_folders_has_both_categories() -> None:
    feed = '<outline text="A" xmlUrl="https://a.example/f"/>'
    body = f'<outline text="One">{feed}</outline><outline text="Two">{feed}</outline>'
    assert [each.categories for each in read_opml(opml(body), "x").feeds] == [("One", "Two")]


def test_entries_that_are_not_feeds_are_named_and_the_others_read() -> None:
    body = """<outline text="Bad" type="rss" xmlUrl="javascript:alert(1)"/>
    <outline text="None" type="rss"/> <outline text="Empty folder"/>
    <outline text="Good" xmlUrl="https://a.example/f"/>"""
    listed = read_opml(opml(body), "x")
    assert [feed.title for feed in listed.feeds] == ["Good"]
    assert listed.problems == (
        "Bad: 'javascript:alert(1)' is not a web address",
        "None: no xmlUrl attribute",
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not well-formed"),
        (b"nonsense", "not well-formed"),
        (b"<opml><body><p>A < B</p></body></opml>", "not well-formed"),
        (b"<rss version='2.0'><channel/></rss>", "its root element is <rss>"),
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml>&a;</opml>", "a DTD or entities are not allowed"),
        (
            b"<!DOCTYPE opml SYSTEM 'file:///etc/passwd'><opml/>",
            "a DTD or entities are not allowed",
        ),
        (b"<opml><body>" + b"<outline text='a'>" * 200_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_not_opml_is_reported_in_one_line(body: bytes, words: str) -> None:
    with within(2):
        with pytest.raises(UsageError, match=words) as caught:
            read_opml(body, "my.opml")
        assert str(caught.value).startswith("my.opml: ")
        assert "\n" not in str(caught.value)


def test_a_huge_list_is_cut() -> None:
    body = "".join(f'<outline xmlUrl="https://a.example/{n}"/>' for n in range(5002))
    listed = read_opml(opml(body), "x")
    assert (len(listed.feeds), len(listed.problems)) == (5000, 2)


@given(st.lists(_FEEDS, max_size=8, unique_by=lambda feed: feed.url))
def test_a_written_list_is_read_back(feeds: list[Outline]) -> None:
    listed = read_opml(write_opml("The Hill & Co", feeds), "x")
    assert listed.problems == ()
    read = {feed.url: feed for feed in listed.feeds}
    assert len(read) == len(feeds)
    for feed in feeds:
        found = read[feed.url]
        assert (found.title, found.site_url) == (feed.title, feed.site_url)
        assert sorted(found.categories) == sorted(feed.categories)


@given(st.text(), st.text())
def test_the_document_is_well_formed_for_any_title(title: str, category: str) -> None:
    feed = Outline(url="https://a.example/f", title=title, categories=(category,))
    assert fromstring(write_opml(title, [feed])).tag == "opml"


def test_a_quote_inside_an_attribute_costs_at_most_its_outline() -> None:
    body = b"""<opml version="1.0"><head><title>Export</title></head><body><outline text="News">
    <outline text="One" xmlUrl="https://one.example/feed?a=1&copy=2"/>
    <outline text="Two" description="By <a href="https://two.example">Two</a>"
      xmlUrl="https://two.example/feed"/></outline>
    <outline text="Three" xmlUrl="https://three.example/feed"/></body></opml>"""
    feeds = read_opml(body, "feeds.opml").feeds
    assert [(feed.title, feed.url, feed.categories) for feed in feeds] == [
        ("One", "https://one.example/feed?a=1&copy=2", ("News",)),
        ("Two", "https://two.example/feed", ("News",)),
        ("Three", "https://three.example/feed", ()),
    ]


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="a "b" c" xmlUrl="https://one.example/"/>',
        '<outline text=bare xmlUrl="https://one.example/"/>',
        '<outline text="A & B" xmlUrl="https://one.example/"/>',
        '<outline text="x < y" xmlUrl="https://one.example/"/>',
        "<outline text='it's' xmlUrl='https://one.example/'/>",
        '<outline text="nul\0" xmlUrl="https://one.example/"></outline>',
    ],
)
def test_faults_of_one_outline_do_not_cost_the_list(outline: str) -> None:
    body = f'<opml><body>{outline}<outline text="Z" xmlUrl="https://z.example/"/></body></opml>'
    urls = [feed.url for feed in read_opml(body.encode(), "feeds.opml").feeds]
    assert urls == ["https://one.example/", "https://z.example/"]
