from __future__ import annotations

from dataclasses import replace

import pytest

from digest.models import (
    GIVEN_UP,
    CommentKind,
    CommentSource,
    KnownComment,
    ParsedComment,
    ParsedComments,
    SourceKind,
    Validators,
)
from digest.readers.responses.merge import changes_of, is_believed_whole, joined

URL = "https://harbour.example/wp-json/wp/v2/comments?post=1&per_page=3"


def source(kind: SourceKind = SourceKind.FEED, count: int | None = None) -> CommentSource:
    number = list(SourceKind).index(kind)
    return CommentSource(
        id=number,
        post_id=1,
        kind=kind,
        url="",
        feed_url="",
        validators=Validators(),
        count=count,
    )


def said(external_id: str) -> ParsedComment:
    return ParsedComment(
        external_id=external_id,
        parent_id="",
        author="",
        posted_at=None,
        text="",
        kind=CommentKind.COMMENT,
    )


def known(
    external_id: str,
    kind: SourceKind = SourceKind.FEED,
    *,
    failures: int = 0,
    of: CommentKind = CommentKind.COMMENT,
) -> KnownComment:
    return KnownComment(
        external_id=external_id,
        kind=of,
        source_id=source(kind).id,
        source_kind=kind,
        source_failures=failures,
    )


def document(*ids: str, is_complete: bool | None = None, next_url: str = "") -> ParsedComments:
    return ParsedComments(
        comments=tuple(map(said, ids)), is_complete=is_complete, next_url=next_url
    )


# --- one list -----------------------------------------------------------------------------------


def test_documents_are_joined_in_order_each_comment_once() -> None:
    parts = (document("a", "b", next_url="more"), document("b", "c"))
    found = joined(parts, kind=SourceKind.REST, url=URL)
    assert [each.external_id for each in found.comments] == ["a", "b", "c"]
    assert found.is_complete


@pytest.mark.parametrize(
    ("parts", "kind", "is_complete"),
    [
        ([document("a")], SourceKind.REST, True),  # less than a document holds
        ([document("a", "b", "c")], SourceKind.REST, None),  # full: are there more?
        ([document(*"abc", next_url="x"), document(*"def")], SourceKind.REST, True),
        ([document("a", next_url="x")], SourceKind.REST, False),  # the rest was not fetched
        ([document("a", next_url="x", is_complete=True)], SourceKind.PAGE, False),
        ([document("a")], SourceKind.FEED, None),
        ([document("a", is_complete=True)], SourceKind.PAGE, True),
        ([document("a", next_url="x"), document("b", is_complete=True)], SourceKind.PAGE, True),
        ([document("a", next_url="x"), document("b", is_complete=False)], SourceKind.PAGE, False),
    ],
)
def test_a_list_is_complete_if_its_documents_are(
    parts: list[ParsedComments], kind: SourceKind, is_complete: bool | None
) -> None:
    assert joined(parts, kind=kind, url=URL).is_complete is is_complete


@pytest.mark.parametrize(
    ("listed", "count", "whole"),
    [
        (document("a", is_complete=True), None, True),
        (document("a", is_complete=False), 1, False),
        (document("a"), 1, True),  # by what the feed counts
        (document("a"), 2, False),
        (document("a"), None, False),
        (document(is_complete=True), 0, True),
        (document(is_complete=True), None, True),
        (document(is_complete=True), 3, False),  # a closed interface
    ],
)
def test_a_complete_list_is_believed(
    listed: ParsedComments, count: int | None, *, whole: bool
) -> None:
    assert is_believed_whole(source(count=count), listed, ()) == whole


# --- several sources ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "kind", "gone"),
    [
        (known("b"), SourceKind.FEED, True),  # its own
        (known("b", of=CommentKind.PINGBACK), SourceKind.FEED, True),
        (known("b"), SourceKind.REST, True),  # a lesser one's
        (known("b", of=CommentKind.PINGBACK), SourceKind.REST, False),
        (known("b", SourceKind.REST), SourceKind.FEED, False),  # a better one's
        (known("b", SourceKind.REST), SourceKind.PAGE, False),
        (known("b", SourceKind.REST, failures=GIVEN_UP), SourceKind.PAGE, True),
        (known("b", SourceKind.IMPORT), SourceKind.REST, False),
        (known("b", SourceKind.IMPORT), SourceKind.IMPORT, True),
        (known("b"), SourceKind.IMPORT, False),
        (known("b", SourceKind.PAGE), SourceKind.IMPORT, False),
    ],
)
def test_a_complete_list_deletes_only_comments_it_covers(
    stored: KnownComment, kind: SourceKind, *, gone: bool
) -> None:
    whole = changes_of(source(kind), [said("a")], [stored], is_complete=True)
    assert whole.gone == ({"b"} if gone else set())
    part = changes_of(source(kind), [said("a")], [stored], is_complete=False)
    assert part.gone == set()


@pytest.mark.parametrize(
    ("stored", "kind", "changes"),
    [
        (known("a"), SourceKind.FEED, True),
        (known("a"), SourceKind.REST, True),
        (known("a", SourceKind.REST), SourceKind.FEED, False),
        (known("a", SourceKind.REST, failures=GIVEN_UP), SourceKind.FEED, True),
        (known("a", SourceKind.IMPORT), SourceKind.PAGE, True),
        (known("a", SourceKind.PAGE), SourceKind.IMPORT, False),
    ],
)
def test_a_less_trusted_source_does_not_change_a_comment(
    stored: KnownComment, kind: SourceKind, *, changes: bool
) -> None:
    found = changes_of(source(kind), [said("a"), said("new")], [stored], is_complete=True)
    assert [each.external_id for each in found.own] == (["a", "new"] if changes else ["new"])
    assert (found.new, len(found.gone)) == (1, 0)


# --- threads and notices of a page --------------------------------------------------------------


def test_a_page_gives_the_threads_of_a_feeds_comments() -> None:
    answer = replace(said("comment-2"), parent_id="comment-1")
    found = changes_of(source(SourceKind.PAGE), [answer], [known("comment-2")], is_complete=False)
    assert (found.own, found.threads) == ((), (("comment-2", "comment-1"),))


def test_a_pages_pingbacks_without_numbers_give_way_to_those_of_a_better_source() -> None:
    notice = replace(said("https://quay.example/1"), kind=CommentKind.PINGBACK)
    page = source(SourceKind.PAGE)
    alone = changes_of(page, [notice], [], is_complete=True)
    better = [known("comment-9", of=CommentKind.PINGBACK), known(notice.external_id, page.kind)]
    beside = changes_of(page, [notice], better, is_complete=True)
    assert (alone.own, beside.own) == ((notice,), ())
    assert set(beside.gone) == {notice.external_id}
