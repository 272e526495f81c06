"""Hostile answers and documents: each is stopped within 64 MB and 5 s."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from digest.errors import FeedError
from digest.models import Document, ParsedFeed
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from tests.support.bombs import (
    MB,
    STATUS,
    Cost,
    Wire,
    gzipped_zeros,
    measured,
    nested_gzip,
    serving,
)
from tests.support.figures import IS_PROOF
from tests.support.parsed import NOW

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not STATUS.exists(), reason="needs Linux's /proc"),
]

URL = "https://harbour.example/feed"
#: Feeds, comment feeds, pages and pictures are all fetched by this function.
KINDS = ("application/rss+xml", "application/feed+json", "text/html", "image/jpeg")
#: Of a fetch; those without end take so long, at full speed.
TIMEOUT_S = 1.5 if IS_PROOF else 0.75
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def assert_cheap(cost: Cost) -> None:
    assert cost.grown <= 64 * MB
    assert cost.processor_s <= 5


def gigabyte() -> bytes:
    """Return a gigabyte of zeros compressed to a megabyte."""
    bomb = gzipped_zeros(1 << 30)
    assert len(bomb) < 1.1 * MB
    return bomb


WIRES = {
    "gzip, 1 GB in 1 MB": lambda: Wire(GZIP + b"\r\n", gigabyte()),
    "gzip within gzip": lambda: Wire(GZIP + b"\r\n", nested_gzip(3, gigabyte())),
    "gzip twice in the header": lambda: Wire(
        OK + b"Content-Encoding: gzip, gzip\r\n\r\n", gigabyte()
    ),
    "gzip in two headers": lambda: Wire(GZIP + b"Content-Encoding: gzip\r\n\r\n", gigabyte()),
    "deflate": lambda: Wire(OK + b"Content-Encoding: deflate\r\n\r\n", gigabyte()),
    "brotli": lambda: Wire(OK + b"Content-Encoding: br\r\n\r\n", gigabyte()),
    "gzip, many members": lambda: Wire(GZIP + b"\r\n", gzipped_zeros(MB), times=100_000),
    "gzip, endless": lambda: Wire(GZIP + b"\r\n", gzipped_zeros(MB)[:100], times=0),
    "100 MB": lambda: Wire(OK + b"Content-Length: 104857600\r\n\r\n", bytes(MB), times=100),
    "100 MB, no length": lambda: Wire(OK + b"\r\n", bytes(MB), times=100),
    "a length that is a lie": lambda: Wire(OK + b"Content-Length: 9\r\n\r\n", b"x" * 9 + bytes(MB)),
    "an absurd length": lambda: Wire(OK + b"Content-Length: 99999999999999999999\r\n\r\n", b"x"),
    "chunks without end": lambda: Wire(CHUNKED, b"10000\r\n" + bytes(0x10000) + b"\r\n", times=0),
    "chunks of one byte": lambda: Wire(CHUNKED, b"1\r\nx\r\n" * 10_000, times=0),
    "one chunk without end": lambda: Wire(CHUNKED + b"ffffffffffff\r\n", bytes(MB), times=0),
    "a chunk's size without end": lambda: Wire(CHUNKED, b"0" * MB, times=0),
    "trailers without end": lambda: Wire(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 1000, times=0),
    "headers without end": lambda: Wire(OK, b"X-A: b\r\n" * 1000, times=0),
    "one header without end": lambda: Wire(OK + b"X-A: ", b"b" * MB, times=0),
    "a header's name without end": lambda: Wire(OK, b"b" * MB, times=0),
    "folded headers without end": lambda: Wire(OK + b"X-A: b\r\n", b" b\r\n" * 1000, times=0),
    "a status without end": lambda: Wire(b"HTTP/1.1 200 ", b"O" * MB, times=0),
    "white space without end": lambda: Wire(b"", b"\r\n" * MB, times=0),
    "100 Continue without end": lambda: Wire(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, times=0),
    "early hints without end": lambda: Wire(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99, times=0),
    "one byte a second": lambda: Wire(OK + b"Content-Length: 1000\r\n\r\n", b"x", 1000, 0.3),
    "headers, one byte a second": lambda: Wire(OK, b"X", 1000, 0.3),
    "a redirect's body": lambda: Wire(
        b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", bytes(MB), times=0
    ),
    "an error's body": lambda: Wire(b"HTTP/1.1 500 Oh\r\n\r\n", bytes(MB), times=0),
}


def test_the_measure_sees_memory_taken_and_returned() -> None:
    with measured() as cost:
        taken = bytearray(os.urandom(MB)) * 100
        time.sleep(0.05)
        del taken
    assert cost.grown > 90 * MB


@pytest.mark.parametrize("name", WIRES)
async def test_no_answer_costs_more_than_its_limits(name: str) -> None:
    wire = WIRES[name]()
    async with serving(wire) as url, Fetcher(allow_private=True, timeout_s=TIMEOUT_S) as fetcher:
        with measured() as cost:
            problem = await _problem_of(fetcher, url)
    assert_cheap(cost)
    assert "\n" not in problem
    assert len(problem) < 1000


async def _problem_of(fetcher: Fetcher, url: str) -> str:
    """Return why the fetch failed; the remains of a false or nested encoding are harmless."""
    try:
        fetched = await fetcher.get(url)
    except FeedError as error:
        return error.reason
    assert len(fetched.body) <= 20_000_000
    return ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named_by", ["", "http://127.0.0.1:{port}/"])
async def test_a_bomb_is_stopped_under_any_content_type(kind: str, named_by: str) -> None:
    wire = Wire(GZIP + f"Content-Type: {kind}\r\n\r\n".encode(), gigabyte())
    async with serving(wire) as url, Fetcher(allow_private=True) as fetcher:
        feed_url = named_by.format(port=url.rpartition(":")[2].partition("/")[0])
        with measured() as cost, pytest.raises(FeedError, match="larger than 20,000,000 bytes"):
            await fetcher.get(url, named_by=feed_url)
    assert_cheap(cost)


# --- documents ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Return the anyio backend for the whole module, so that its tests share one pool."""
    return "asyncio"


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool(workers=2, deadline_s=3) as pool:
        await pool.read_feed(Document(body=rss("<item><title>x</title></item>"), url=URL), NOW)
        yield pool


def rss(items: str, before: str = "") -> bytes:
    return f"{before}<rss version='2.0'><channel>{items}</channel></rss>".encode()


def item(title: str = "x", words: str = "", more: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>https://harbour.example/1</link>"
        f"<description>{words}</description>{more}</item>"
    )


def laughs(levels: int = 10) -> str:
    """Return entities nested ten by ten by ten."""
    inner = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">'
        for n in range(levels)
    )
    return f"<?xml version='1.0'?><!DOCTYPE rss [{inner}]>"


#: A file that no feed may include, and a word of it.
SECRET = (Path(__file__).parent.parent / "data" / "feeds" / "harbour.xml").as_uri()
SECRET_WORD = "voyage"
LAUGH = item("&l9;", "&l9;")
QUADRATIC = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>'
PARAMETERS = (
    "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY % a '<!ENTITY b \"secret\">'> %a;"
    f"<!ENTITY % f SYSTEM '{SECRET}'> %f;]>"
)
EXTERNAL = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x SYSTEM '{}'>]>"
DOCUMENTS: dict[str, bytes] = {
    "a billion laughs": rss(LAUGH, laughs()),
    "laughs in UTF-16": rss(LAUGH, laughs()).decode().encode("utf-16"),
    "laughs in UTF-16 without a mark": rss(LAUGH, laughs()).decode().encode("utf-16-be"),
    "laughs in UTF-32": rss(LAUGH, laughs()).decode().encode("utf-32"),
    "laughs in UTF-7": b"<?xml version='1.0' encoding='utf-7'?>"
    + rss(LAUGH, laughs()[21:]).decode().encode("utf-7"),
    "laughs in UTF-7 under a plain root": b"<?xml version='1.0' encoding='utf-7'?><rss>"
    + laughs()[21:].encode("utf-7").replace(b"<", b"+ADw-")
    + b"</rss>",
    "laughs in EBCDIC": rss(LAUGH, laughs()).decode().encode("cp037"),
    "laughs after the root": rss(LAUGH + laughs()[21:] + LAUGH),
    "laughs behind a comment": rss(LAUGH, "<!-- <rss> -->" + laughs()[21:]),
    "a quadratic blow-up": rss(item("&a;" * 100_000), QUADRATIC),
    "parameter entities": rss(item("&b;"), PARAMETERS),
    "a file as an entity": rss(item("&x;", "&x;"), EXTERNAL.format(SECRET)),
    "an address as an entity": rss(item("&x;"), EXTERNAL.format("http://127.0.0.1:9/")),
    "an external DTD": rss(item(), "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd'>"),
    "an XInclude": rss(f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{SECRET}'/>"),
    "a style sheet": rss(item(), "<?xml-stylesheet href='http://127.0.0.1:9/' type='text/xsl'?>"),
    "100,000 elements deep": rss("<a>" * 100_000),
    "100,000 tags deep in words": rss(item(words="&lt;div&gt;" * 100_000)),
    "100,000 tags deep in CDATA": rss(item(words=f"<![CDATA[{'<b>' * 100_000}]]>")),
    "100,000 attributes": rss(f"<item {' '.join(f'a{n}=x' for n in range(100_000))}/>"),
    "100,000 namespaces": rss("".join(f"<a{n}:b xmlns:a{n}='u{n}'/>" for n in range(30_000))),
    "50,000 posts": rss(item() * 50_000),
    "a title of 5 MB": rss(item("x" * 5_000_000)),
    "words of 5 MB": rss(item(words="x " * 2_500_000)),
    "5 MB of ampersands": rss(item("&" * 2_000_000)),
    "5 MB of angle brackets": b"<" * 5_000_000,
    "an open comment of 5 MB": rss("<!--" + "-" * 5_000_000),
    "an open CDATA of 5 MB": rss("<![CDATA[" + "]" * 5_000_000),
    "declarations of 5 MB": b"<!" * 2_500_000,
    "instructions of 5 MB": b"<?" * 2_500_000,
    "zeros of 5 MB": bytes(5_000_000),
    "white space of 5 MB": b" " * 5_000_000,
    "zeros in a feed": rss(item("a\0b", "c\0d")),
    "JSON, 100,000 deep": b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 10**5,
    "JSON, a huge number": b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":'
    + b"9" * 10**6
    + b"}]}",
    "JSON, a million posts": b'{"version":"https://jsonfeed.org/version/1.1","items":['
    + b"{}," * 10**6
    + b"{}]}",
    "JSON, surrogates": b'{"version":"https://jsonfeed.org/version/1.1","title":"\\ud800","items":'
    b'[{"id":"\\udfff","title":"\\ud800\\ud800","content_html":"\\udc00<p>x"}]}',
}


#: Markup that is expensive for an HTML parser.
PAGES = tuple(name for name in DOCUMENTS if re.search("deep|attributes|brackets|open|zeros", name))
JOBS = (
    *(("feed", name) for name in DOCUMENTS),
    *(("comments", name) for name in ("a billion laughs", "100,000 tags deep in words")),
    *(("page", name) for name in PAGES),
)


@pytest.mark.parametrize(("job", "name"), JOBS)
async def test_no_document_costs_more_than_its_limits(
    pool: ParserPool, name: str, job: str
) -> None:
    read = {"feed": pool.read_feed, "comments": pool.read_comments, "page": pool.read_page}[job]
    with measured() as cost:
        try:
            seen = repr(await read(Document(body=DOCUMENTS[name], url=URL), NOW))
        except FeedError as error:
            seen = error.reason
    assert_cheap(cost)
    assert "lollollol" not in seen
    assert SECRET_WORD not in seen
    assert "\0" not in seen


async def test_a_bomb_just_below_the_limit_is_cheap_too(pool: ParserPool) -> None:
    """Return 20 KB on the wire that become nearly 20 MB for the parser."""
    bomb = gzipped_zeros(19 * MB, rss(item()))
    async with (
        serving(Wire(GZIP + b"\r\n", bomb)) as url,
        Fetcher(allow_private=True) as fetcher,
    ):
        with measured() as cost:
            fetched = await fetcher.get(url)
            await asyncio.gather(
                pool.read_feed(Document(body=fetched.body, url=URL), NOW), return_exceptions=True
            )
    assert len(fetched.body) > 19 * MB
    assert_cheap(cost)


# --- results ------------------------------------------------------------------------------------

DISGUISES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java&#10;script:alert(1)",
    "java&amp;#x0A;script:alert(1)",
    "&#106;avascript:alert(1)",
    "&amp;#106;avascript:alert(1)",
    "&#x6A&#x61&#x76&#x61script:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&amp;colon;alert(1)",
    "\u0001javascript:alert(1)",
    "\u00a0javascript:alert(1)",
    "\u200bjavascript:alert(1)",
    "ｊavascript:alert(1)",
    "javascript://harbour.example/%0aalert(1)",
    "data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;",
    "DATA:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "view-source:javascript:alert(1)",
    "feed:javascript:alert(1)",
    "jar:javascript:alert(1)",
    "file:///etc/passwd",
    "blob:https://harbour.example/1",
    "mhtml:https://harbour.example/1!x",
)


@pytest.mark.parametrize("link", DISGUISES)
async def test_no_link_runs_anything(pool: ParserPool, link: str) -> None:
    words = f"&lt;a href=\"{link}\"&gt;x&lt;/a&gt;&lt;img src='{link}'&gt;"
    more = (
        f"<enclosure type='image/png' url=\"{link}\"/><wfw:commentRss>{link}</wfw:commentRss>"
        f'<media:thumbnail url="{link}"/>'
        f'<content:encoded xml:base="{link}">{words}</content:encoded>'
    )
    post = (
        f"<item><title>x</title><link>{link}</link>{more}<description>{words}</description></item>"
    )
    spaces = (
        "xmlns:wfw='http://wellformedweb.org/CommentAPI/'"
        " xmlns:media='http://search.yahoo.com/mrss/'"
        " xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    )
    for base in (link, "https://harbour.example/"):
        body = f'<rss version="2.0" {spaces}><channel xml:base="{base}">{post}</channel></rss>'
        feed = await pool.read_feed(Document(body=body.encode(), url=URL), NOW)
        assert list(_bad_links(feed)) == []


def _bad_links(feed: ParsedFeed) -> Iterator[str]:
    for post in feed.posts:
        for link in (post.url, post.image_url, post.comment_feed_url):
            if link and not link.startswith(("https://harbour.example/", "http")):
                yield link
        for markup in (post.summary_html, post.content_html):
            for attribute in ("href=", "src="):
                for rest in markup.split(attribute)[1:]:
                    if not rest.strip("\"'").startswith(("http://", "https://", "mailto:")):
                        yield rest[:80]


TITLES = {
    "line ends": "Harbour\r\nBcc: x@evil.example\nNews",
    "line ends as entities": "Harbour&#13;&#10;Bcc: x@evil.example",
    "other line ends": "Harbour\u2028Bcc\u2029x\u0085y\x0bz\x0c",
    "bidi overrides": "Harbour \u202eswen\u202c \u2066x\u2069 \u200f\u061c",
    "zeros": "Har\0bour&#0;",
    "controls": "Har\x01\x02\x1b[31mbour&#1;",
    "tags": "&lt;script&gt;alert(1)&lt;/script&gt;Harbour",
    "an invisible crowd": "\u200b\u200c\ufeff" * 1000 + "Harbour",
}


@pytest.mark.parametrize("name", TITLES)
async def test_a_title_is_one_plain_line(pool: ParserPool, name: str) -> None:
    feed = await pool.read_feed(Document(body=rss(item(TITLES[name])), url=URL), NOW)
    title = feed.posts[0].title
    assert title.splitlines() in ([title], [])
    hidden = {*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F)}
    assert not {ord(letter) for letter in title} & (hidden | set(range(0x2066, 0x206A)))
    assert "<script" not in title


# --- the pool -----------------------------------------------------------------------------------


async def test_two_slow_documents_are_killed_at_once_and_the_pool_is_refilled() -> None:
    """Both workers run at the same time, and both are replaced."""
    bold = "".join(f"<b a={number}>" for number in range(90))
    slow = rss(item(words=f"<![CDATA[<p>{bold}{'<p>x' * 60_000}]]>") * 9)
    good = rss(item("Harbour"))
    async with ParserPool(workers=2, deadline_s=1.5) as pool:
        await asyncio.gather(*(pool.read_feed(Document(body=good, url=URL), NOW) for _ in range(2)))
        with measured() as alone, pytest.raises(FeedError):
            await pool.read_feed(Document(body=slow, url=URL), NOW)
        with measured() as cost:
            problems = await asyncio.gather(
                *(pool.read_feed(Document(body=slow, url=URL), NOW) for _ in range(2)),
                return_exceptions=True,
            )
        feeds = await asyncio.gather(
            *(pool.read_feed(Document(body=good, url=URL), NOW) for _ in range(4))
        )
    assert [type(problem) for problem in problems] == [FeedError] * 2
    assert cost.seconds < 1.8 * alone.seconds  # not one after the other
    assert [feed.posts[0].title for feed in feeds] == ["Harbour"] * 4
