"""Faults of one character that must not cost a document, its titles or its links."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import FeedError
from digest.models import Document, ParsedFeed
from digest.readers.feeds.charset import decode
from digest.readers.feeds.feed import read_feed
from digest.readers.feeds.references import mend_references
from digest.readers.feeds.twice import undo_twice
from digest.readers.responses.comments import read_comments
from digest.text.html import plain_line
from tests.support.figures import sample

NOW = datetime(2026, 11, 29, tzinfo=UTC)
DATA = Path(__file__).parent.parent / "data" / "feeds"
URL = "https://blog.example/feed/"
LINK = "https://blog.example/1?id=7&lang=en&copy=1&amp=2"


def read(body: bytes | str) -> ParsedFeed:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return read_feed(Document(body=raw, url=URL), NOW)


def rss(title: str, rest: str = "<link>https://blog.example/1</link>") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Ships</title>'
        f"<item><title>{title}</title>{rest}</item></channel></rss>"
    )


def test_a_bare_ampersand_is_a_word_in_titles_and_links() -> None:
    posts = read((DATA / "unescaped-ampersand.xml").read_bytes()).posts
    assert [post.title for post in posts[:2]] == [
        "R&D budget grows",
        "AT&T sells its mast, B&B stays",
    ]
    assert posts[2].url == "https://paper.example/p5?id=7&lang=en&copy=1&section=2"


@pytest.mark.parametrize("fault", ["", "<br>"])
@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Q&not A", "Q&not A"),
        ("Rights &copy reserved", "Rights &copy reserved"),
        ("Tom &amp; Jerry; & co", "Tom & Jerry; & co"),
        ("&eacute;t&#233;&nbsp;2", "été 2"),
        ("&unknown; &; &&", "&unknown; &; &&"),
        ("<![CDATA[B&W &#8212; &amp; more]]>", "B&W — & more"),
        ("&#xD83D;&#xDE00; boats", "😀 boats"),
        ("&#55357;&#56832; boats", "😀 boats"),
        ("<![CDATA[&#xd83d;&#xde00; boats]]>", "😀 boats"),
        ("half &#xD83D; an emoji", "half an emoji"),
        ("out &#1114112; of &#99999999999; range&#0;", "out of range"),
        ("nul\0 and \x0b bell\x07", "nul and bell"),
        ("lone \ud83d half", "lone half"),
        ("joined \ud83d\ude00 halves", "joined 😀 halves"),
        ("cut w\ufffd\ufffd", "cut w"),
    ],
)
def test_a_bad_character_in_a_title_is_replaced_or_joined(
    written: str, title: str, fault: str
) -> None:
    # The second fault makes the document ill-formed, so that the other parser reads it.
    feed = read(rss(written, f"<link>https://blog.example/1</link>{fault}"))
    assert [(post.title, post.url) for post in feed.posts] == [(title, "https://blog.example/1")]


def test_links_and_attributes_with_bare_ampersands_are_kept() -> None:
    enclosure = '<enclosure url="https://blog.example/a.jpg?w=9&lt=2&h=8" type="image/jpeg"/>'
    (post,) = read(rss("A", f"<link>{LINK}</link>{enclosure}")).posts
    assert post.url == LINK
    assert post.image_url == "https://blog.example/a.jpg?w=9&lt=2&h=8"


def test_a_comment_feed_survives_the_same_characters() -> None:
    body = rss("By: Ann & Ben", "<guid>c1</guid><description>Ha &#xD83D;&#xDE00;\0 &</description>")
    (comment,) = read_comments(Document(body=body.encode(), url=URL), NOW).comments
    assert (comment.author, comment.text) == ("Ann & Ben", "Ha 😀 &")


def test_references_that_xml_knows_are_unchanged() -> None:
    sound = "<a b='&amp;&#38;&lt;&#x3c;'>&quot;<![CDATA[ & ]]><!-- & --></a>"
    assert mend_references(sound) == sound
    assert mend_references("&LT;b&GT; &AMP;") == "&lt;b&gt; &amp;"


def test_a_name_without_a_semicolon_is_no_character_in_a_title() -> None:
    assert plain_line("Sales&notes &amp;copy 1 &#8217 x &hellip;") == "Sales&notes &copy 1 ’ x …"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("é" * 50, b"\xe2\x80..."),
        ("é" * 50, b"w\xc3</title>"),
        ("é" * 50, b"\xf0\x9f\x98<"),
    ],
)
def test_the_first_bytes_of_a_cut_character_are_not_read_as_letters(raw: str, text: bytes) -> None:
    found = decode(raw.encode() + text)
    assert "\ufffd" in found.text
    assert not set("âÃð€") & set(found.text)


def test_a_document_encoded_twice_is_repaired_as_a_whole() -> None:
    feed = read((DATA / "double-encoded.xml").read_bytes())
    assert [post.title for post in feed.posts] == ["The quay’s “new” café", "Café à quai"]
    assert feed.posts[0].summary_html == "It’s naïve — 5 € a day…"
    assert "encoded twice" in feed.problems[0]


def as_read_in(code_page: str, text: str) -> str:
    return "".join(
        bytes((byte,)).decode(code_page, "ignore") or chr(byte) for byte in text.encode()
    )


@pytest.mark.parametrize(
    "code_page",
    ["cp1252", "latin_1", "iso8859_15", "mac_roman", "cp1250", "cp1251", "koi8_r", "cp437"],
)
@pytest.mark.parametrize(
    "text",
    [
        "<p>The quay’s “new” café à l’heure — 5 € …</p>",
        "<p>Привет мир, как дела</p>",
        "<p>Zażółć gęślą jaźń</p>",
    ],
)
def test_every_single_byte_route_is_undone(code_page: str, text: str) -> None:
    assert undo_twice(as_read_in(code_page, text))[0] == text


@pytest.mark.parametrize(
    "text",
    [
        "Why does Ã© appear instead of é?",
        "What is â€™ good for",
        "AMANHÃ… disse ela",
        "“MAÇÔ e “PÃO”",
        "Рік і рій",
        "l’école, l’école, l’école",
        "naïve café",
        "日本語の記事",
    ],
)
def test_right_text_is_never_decoded_again(text: str) -> None:
    assert undo_twice(text) == (text, "")
    assert read(rss(text)).posts[0].title == text


def test_parts_that_were_encoded_twice_are_repaired_beside_right_ones() -> None:
    twice = [as_read_in("latin_1", word) for word in ("Brøndby", "forsøger", "søndag")]
    text = "<a>Århus</a>" + "".join(f"<b>{word}</b>" for word in twice)
    assert undo_twice(text)[0] == "<a>Århus</a><b>Brøndby</b><b>forsøger</b><b>søndag</b>"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "The caf&Atilde;&copy; at the c&Atilde;&sup3;rner, na&Atilde;&macr;ve",
            "The café at the córner, naïve",
        ),
        ("What is &Atilde;&copy; good for", "What is &Atilde;&copy; good for"),
    ],
)
def test_text_encoded_twice_may_be_written_as_references(text: str, right: str) -> None:
    assert undo_twice(text)[0] == right


@pytest.mark.parametrize(("times", "left"), [(1, 0), (3, 0), (4, 1)])
def test_at_most_three_encodings_are_undone(times: int, left: int) -> None:
    def encoded(times: int) -> str:
        text = "The quay’s café à l’heure"
        for _ in range(times):
            text = as_read_in("latin_1", text)
        return text

    assert undo_twice(encoded(times))[0] == encoded(left)


@pytest.mark.parametrize("guid", ["42", "c41042ae-5460", "<![CDATA[note 7]]>"])
def test_a_number_or_a_name_is_not_a_link(guid: str) -> None:
    (post,) = read(rss("One", f"<guid>{guid}</guid>")).posts
    assert post.url == ""
    assert post.guid


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        ("<guid>https://blog.example/7</guid>", "https://blog.example/7"),
        ("<guid>/posts/7</guid>", "https://blog.example/posts/7"),
        ('<guid isPermaLink="true">7</guid>', "https://blog.example/feed/7"),
    ],
)
def test_an_identifier_that_is_an_address_is_the_link(guid: str, url: str) -> None:
    assert read(rss("One", guid)).posts[0].url == url


def test_an_atom_id_that_is_a_number_links_nowhere() -> None:
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://blog.example/"><id>3</id>'
        "<title>Ships</title><author><name>Anna Lee</name></author>"
        "<entry><id>41</id><title>One</title></entry>"
        "<entry><id>42</id><title>Two</title><author><name>Ben</name></author></entry></feed>"
    )
    assert (feed.site_url, [post.url for post in feed.posts]) == ("", ["", ""])
    assert [post.author for post in feed.posts] == ["Anna Lee", "Ben"]


MEDIA = ' xmlns:media="http://search.yahoo.com/mrss/"'


@pytest.mark.parametrize(
    "picture",
    [
        '<media:content url="https://blog.example/1.jpg" medium="image"/>',
        '<media:content url="https://blog.example/1.jpg"/>',
        '<media:thumbnail url="https://blog.example/1.jpg"/>',
        '<enclosure url="https://blog.example/1.jpg" type="image/jpeg"/>',
    ],
)
def test_the_caption_of_a_photograph_is_not_text(picture: str) -> None:
    caption = "<media:description>The mayor, left.</media:description>"
    body = rss("One", f"<description></description>{picture}{caption}")
    (post,) = read(body.replace('version="2.0"', f'version="2.0"{MEDIA}')).posts
    assert (post.summary_html, post.image_url) == ("", "https://blog.example/1.jpg")


@pytest.mark.proof
@pytest.mark.parametrize(
    "shape",
    sample(
        [
            rss("A", "<x " + " ".join(f'a{i}="1"' for i in range(60_000)) + "/>"),
            rss("A", "<x " + " ".join(f'a{i}="1"' for i in range(20_000)) + "/><br>"),
            rss("A", "".join(f"<category>c{i}</category>" for i in range(20_000))),
            rss("A", "<x/>" * 300_000),
            rss("A", "<item><title>x</title></item>" * 20_000),
            rss("A", "".join(f'<n{i}:x xmlns:n{i}="urn:{i}"/>' for i in range(15_000))),
            rss("<a>" * 100_000),
            rss("A", "<description>" + "<p>x" * 20_000),
            rss("&amp;" * 200_000),
            rss("<" * 500_000),
        ]
    ),
    ids=sample(range(10)),
)
def test_hostile_shapes_end_in_time(shape: str) -> None:
    started = time.process_time()
    with contextlib.suppress(FeedError):
        read(shape)
    assert time.process_time() - started < 2
