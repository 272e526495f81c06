from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from digest.errors import FeedError
from digest.models import CommentKind, Document, ParsedComment
from digest.readers.responses.wordpress import read_rest, rest_url_of
from digest.text.invisible import remove_invisible
from tests.support.timing import within

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://harbour.example/wp-json/wp/v2/comments?post=12"
DATA = Path(__file__).parent.parent / "data" / "comments"
API = '<link rel="https://api.w.org/" href="https://harbour.example/wp-json/">'
COMMENTS = "https://harbour.example/wp-json/wp/v2/comments?post=12&per_page=100&order=asc"


def read(answer: Any) -> tuple[ParsedComment, ...]:
    return read_rest(Document(body=json.dumps(answer).encode(), url=URL), NOW).comments


def test_approved_comments_are_read_with_their_threads() -> None:
    first, answer, pingback, mention = read_rest(
        Document(body=(DATA / "rest.json").read_bytes(), url=URL, content_type="application/json"),
        NOW,
    ).comments
    assert first == ParsedComment(
        external_id="comment-3",
        parent_id="",
        author="Carl O’Neil",
        posted_at=datetime(2026, 11, 21, 10, tzinfo=UTC),
        text="First line.\n\nSecond & last.",
        kind=CommentKind.COMMENT,
        url="https://harbour.example/2026/ship/#comment-3",
    )
    assert (answer.external_id, answer.parent_id, answer.url) == ("comment-4", "comment-3", "")
    assert pingback.kind is mention.kind is CommentKind.PINGBACK


def test_one_comment_is_a_list_of_one() -> None:
    (found,) = read({"id": 2, "post": 4, "author_name": "Anna", "content": {"rendered": "Hm."}})
    assert (found.external_id, found.text, found.posted_at) == ("comment-2", "Hm.", None)


def test_no_comments_yet_is_an_empty_list() -> None:
    assert read([]) == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"code": "rest_no_route", "message": "No route was found"}', "rest_no_route: No route"),
        (b'{"code": "rest_forbidden"}', "rest_forbidden"),
        (b"<html>Maintenance</html>", "invalid JSON"),
        (b"[" * 100_000, "invalid JSON"),
        (b"", "invalid JSON"),
        (b"12", "lists something else"),
        (b'{"id": 1, "title": {"rendered": "A post"}}', "lists something else"),
        (b'[{"id": 1, "content": {"rendered": "A post"}, "slug": "x"}]', "lists something else"),
    ],
)
def test_a_document_without_a_comment_list_is_refused_in_one_line(body: bytes, reason: str) -> None:
    with pytest.raises(FeedError, match=reason) as caught:
        read_rest(Document(body=body, url=URL), NOW)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "url"),
    [
        (f'{API}<link rel="shortlink" href="/?p=12">', COMMENTS),
        (f'{API}<body class="single postid-12">', COMMENTS),
        (f'{API}<body class="page page-id-12">', COMMENTS),
        (f'{API}<input type="hidden" name="comment_post_ID" value="12">', COMMENTS),
        (
            '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/12">',
            COMMENTS.replace("/wp-json/", "/wp-json/"),
        ),
        (
            '<link rel="https://api.w.org/" href="/index.php?rest_route=/">'
            '<link rel="shortlink" href="/?p=12">',
            "https://harbour.example/index.php?rest_route=/wp/v2/comments&post=12"
            "&per_page=100&order=asc",
        ),
        (
            f'{API}<link rel="alternate" type="application/json"'
            ' href="/index.php?rest_route=%2Fwp%2Fv2%2Fposts%2F12">',
            COMMENTS,
        ),
        (API, ""),
        ('<link rel="shortlink" href="/?p=12">', ""),
        (f'{API}<link rel="shortlink" href="https://wp.example/p4GHxc-m0">', ""),
        (
            f'{API}<link rel="alternate" type="application/json"'
            ' href="/wp-json/wp/v2/categories/12">',
            "",
        ),
        ('<link rel="https://api.w.org/" href="javascript:x"><body class="postid-12">', ""),
    ],
)
def test_the_rest_address_needs_a_root_and_a_post(head: str, url: str) -> None:
    assert rest_url_of(LexborHTMLParser(head), "https://harbour.example/2026/ship/") == url


@pytest.mark.slow
def test_a_megabyte_of_comments_is_read_in_a_second() -> None:
    found = {"id": 2, "post": 4, "author_name": "A" * 100, "content": {"rendered": "<b>" * 3000}}
    body = json.dumps([{**found, "id": number} for number in range(100)]).encode()
    with within(1):
        assert len(read_rest(Document(body=body[:-1] + b"]", url=URL), NOW).comments) == 100


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
_NAMES = ("id", "parent", "author_name", "date_gmt", "content", "type", "status", "link", "post")
_OBJECTS = st.fixed_dictionaries(
    {
        "id": st.integers(0, 5),
        "post": st.just(1),
        "content": st.fixed_dictionaries({"rendered": st.text()}),
    },
    optional={name: _VALUES for name in _NAMES if name not in {"id", "post", "content"}},
)


@pytest.mark.slow
@given(st.lists(_OBJECTS, max_size=6) | _VALUES)
def test_an_answer_is_read_or_refused(answer: Any) -> None:
    try:
        comments = read(answer)
    except FeedError:
        return
    ids = [each.external_id for each in comments]
    assert len(set(ids)) == len(ids)
    for each in comments:
        shown = each.author + each.text
        assert remove_invisible(shown) == shown
