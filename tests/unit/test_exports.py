from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FeedError
from digest.models import CommentKind, ExportedThread
from digest.readers.responses.exports import read_export
from digest.text.invisible import remove_invisible
from tests.support.figures import sample
from tests.support.timing import least_seconds

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DATA = Path(__file__).parent.parent / "data" / "comments"
WXR = (DATA / "wordpress.xml").read_bytes()


def read(body: bytes) -> tuple[ExportedThread, ...]:
    return read_export(body, "export.xml", NOW)


def read_one(name: str) -> ExportedThread:
    (thread,) = read((DATA / name).read_bytes())
    return thread


def said(thread: ExportedThread) -> list[tuple[str, str, str, str]]:
    return [(each.external_id, each.parent_id, each.author, each.text) for each in thread.comments]


def test_a_wordpress_export_gives_the_approved_comments() -> None:
    thread = read_one("wordpress.xml")
    assert thread.post_url == "https://harbour.example/2026/ship/"
    assert thread.post_guid == "https://harbour.example/?p=12"
    assert thread.post_title == "The ship & the sea"
    assert said(thread) == [
        ("comment-3", "", "Anna", "One line\nand one more.\n\nA bold end & out."),
        ("comment-4", "comment-3", "Bert", "Indeed."),
        ("comment-8", "", "Quay", "See there"),
        ("comment-9", "", "Pier", "See here"),
    ]


def test_a_wordpress_export_keeps_dates_in_utc_and_kinds() -> None:
    first, second, pingback, trackback = read_one("wordpress.xml").comments
    assert first.posted_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert second.posted_at is None
    assert first.url == "https://harbour.example/2026/ship/#comment-3"
    assert (pingback.kind, trackback.kind) == (CommentKind.PINGBACK, CommentKind.TRACKBACK)


@pytest.mark.parametrize(
    "damaged",
    [
        WXR.replace(b' xmlns:wp="http://wordpress.org/export/1.2/"', b""),
        WXR.replace(b"One line", b"One \x08line"),
        WXR.replace(b"Indeed.", b"Indeed.&#8;"),
        WXR.replace(b"<wp:post_id>13", b"<wp:post_id>1 & <3"),
        WXR.replace(b"</channel></rss>", b"<item><title>Cut"),
        WXR.replace(b"</channel>", b""),
        b"\xef\xbb\xbf\n" + WXR,
        WXR[WXR.index(b"<item>") : WXR.index(b"<item><title>Silence")],
        WXR.replace(b"encoding", b"encodin"),
    ],
)
def test_a_damaged_export_gives_its_readable_comments(damaged: bytes) -> None:
    whole = read_one("wordpress.xml")
    (thread,) = read(damaged)
    assert thread == whole


def test_an_endless_comment_gives_its_beginning() -> None:
    (thread,) = read(WXR.replace(b"Indeed.", b"Ho &amp; " * 20_000))
    text = thread.comments[1].text
    assert text.startswith("Ho & Ho")
    assert 10_000 < len(text) < 65_536


def test_entities_are_never_expanded() -> None:
    bomb = b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n<rss'
    with pytest.raises(FeedError, match="declares entities"):
        read(WXR.replace(b"<rss", bomb, 1))


def test_a_disqus_export_leaves_out_deleted_comments_and_spam() -> None:
    thread = read_one("disqus.xml")
    assert (thread.post_url, thread.post_guid) == ("https://harbour.example/2026/ship/", "ship-12")
    assert said(thread) == [
        ("10", "", "Anna", "Well, well.\n\nGood."),
        ("11", "10", "bert", "Yes."),
        ("14", "", "Dora", "Answer to what is gone."),
    ]
    assert thread.comments[0].posted_at == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_a_blogger_backup_gives_threads() -> None:
    thread = read_one("blogger.xml")
    tag = "tag:blogger.com,1999:blog-1.post-"
    assert (thread.post_guid, thread.post_title) == (f"{tag}2", "The ship")
    assert thread.post_url == "https://harbour.example/ship.html"
    assert said(thread) == [
        (f"{tag}3", "", "Anna", "A ship!\nAhoy."),
        (f"{tag}4", f"{tag}3", "Bert", "Ahoy!"),
    ]


def test_a_commento_export_keeps_votes() -> None:
    thread = read_one("commento.json")
    assert thread.post_url == "https://harbour.example/ship"
    assert said(thread) == [("aa", "", "", "Good.\n\nVery good."), ("bb", "aa", "Bert", "So so.")]
    assert [each.votes for each in thread.comments] == [4, -1]


def test_generic_json_names_posts_by_their_path() -> None:
    thread = read_one("generic.json")
    assert (thread.post_url, thread.post_guid, thread.post_title) == ("", "/ship/", "The ship")
    assert said(thread) == [("0", "", "Anna", "Good."), ("1", "0", "Bert", "Yes.")]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Good.\nVery good.", "Good.\nVery good."),
        ("<b>Good.</b>\nVery good.", "Good.\nVery good."),
        ("<p>Good.</p>\n<p>Very good.</p>", "Good.\n\nVery good."),
    ],
)
def test_line_breaks_count_unless_paragraphs_are_marked(written: str, text: str) -> None:
    threads = [{"id": "/ship/", "title": "", "comments": [{"id": 1, "text": written}]}]
    assert said(read(json.dumps(threads).encode())[0]) == [("1", "", "", text)]


def test_a_commento_export_without_lists_has_no_comments() -> None:
    assert read(b'{"comments": {}, "commenters": 3}') == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Dear diary",
        b"\x00\x01\x02",
        b"<html><body>No</body></html>",
        b"<rss version='2.0'><channel><item><title>A feed</title></item></channel></rss>",
        b"{}",
        b'["a", 1]',
        b'{"comments": []}',
        b"[" * 200_000,
        b"<disqus><thread></disqus>",
        b"<disqus>" + b"<a>" * 300_000,
        b"<rss>" + b"<wp:a>" * 150_000,
    ],
)
def test_a_file_that_is_not_an_export_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(FeedError, match=r"no comments|not an export") as caught:
        read(body)
    assert "\n" not in str(caught.value)


@pytest.mark.proof
@pytest.mark.parametrize(
    "body",
    sample(
        [
            b"<rss><wp:a ><item><wp:comment>" + b"<item><wp:comment_id" * 50_000,
            b"<rss><wp:a ><item>" + b"<![CDATA[ " * 100_000,
            b"<rss><wp:a >" + b"<!-- - --" * 100_000,
            b"<!-- a -->" * 100_000 + b"<wp:a >",
            b"<rss><wp:a ><item>" + b"<x y=z " * 140_000,
            WXR.replace(b"Indeed.", b"Indeed. " * 120_000),
            WXR.replace(b"Indeed.", b"<b>\n \n" * 140_000),
            WXR.replace(b"Indeed.", b"[...] - " * 120_000),
        ]
    ),
)
def test_a_megabyte_of_garbage_is_read_in_a_second(body: bytes) -> None:
    assert least_seconds(lambda: read(body), under=1) < 1


_FILES = tuple(path.read_bytes() for path in sorted(DATA.iterdir()) if path.is_file())


@given(st.sampled_from(_FILES), st.data())
def test_a_cut_or_changed_file_is_read_or_refused(body: bytes, data: st.DataObject) -> None:
    start, end = (data.draw(st.integers(0, len(body))) for _ in range(2))
    junk = data.draw(st.sampled_from((b"", b"<", b"&", b"]]>", b"\x00", b"\xff", b"\xe2\x80\xae")))
    try:
        threads = read(body[:start] + junk + body[end:])
    except FeedError:
        return
    for thread in threads:
        ids = [each.external_id for each in thread.comments]
        assert len(set(ids)) == len(ids)
        assert {each.parent_id for each in thread.comments} <= {"", *ids}
        shown = "".join(each.author + each.text for each in thread.comments)
        assert remove_invisible(shown) == shown
