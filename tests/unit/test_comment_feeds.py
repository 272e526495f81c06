from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import FeedError
from digest.models import CommentKind, Document, ParsedComment
from digest.readers.responses.comments import classify, read_comments
from digest.readers.responses.merge import is_whole

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://harbour.example/2026/ship/feed/"
DATA = Path(__file__).parent.parent / "data" / "feeds"


def read(name: str) -> tuple[ParsedComment, ...]:
    return read_comments(Document(body=(DATA / name).read_bytes(), url=URL), NOW).comments


def comment(external_id: str) -> ParsedComment:
    return ParsedComment(
        external_id=external_id,
        parent_id="",
        author="Anna",
        posted_at=None,
        text="Words.",
        kind=CommentKind.COMMENT,
    )


def test_a_wordpress_comment_is_read_whole() -> None:
    assert read("comments.xml")[0] == ParsedComment(
        external_id="comment-3",
        parent_id="",
        author="Carl O’Neil",
        posted_at=datetime(2026, 11, 21, 10, tzinfo=UTC),
        text="First line.\n\nSecond & last.",
        kind=CommentKind.COMMENT,
        url="https://harbour.example/2026/ship/#comment-3",
    )


def test_pingbacks_are_known_and_names_found_in_titles() -> None:
    _, pingback, last = read("comments.xml")
    assert pingback.kind is CommentKind.PINGBACK
    assert (last.author, last.text, last.kind) == ("Dora", "Nice.", CommentKind.COMMENT)


def test_an_answer_names_its_comment_and_never_the_post() -> None:
    answer, question = read("comments-atom.xml")
    assert answer.parent_id == question.external_id
    assert question.parent_id == ""


def test_a_feed_does_not_declare_whether_it_is_complete() -> None:
    parsed = read_comments(Document(body=(DATA / "comments.xml").read_bytes(), url=URL), NOW)
    assert (parsed.is_complete, parsed.next_url) == (None, "")


def entry(identifier: str, *lines: str) -> str:
    return f"<entry><id>{identifier}</id><summary>x</summary>{''.join(lines)}</entry>"


def read_entries(*entries: str) -> tuple[ParsedComment, ...]:
    names = 'xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"'
    body = f"<feed {names}>{''.join(entries)}</feed>".encode()
    return read_comments(Document(body=body, url=URL), NOW).comments


@pytest.mark.parametrize(
    ("reply", "parent"),
    [
        ("ref='https://harbour.example/?p=12#comment-9'", "comment-9"),  # not in the feed any more
        ("ref='https://harbour.example/?p=12' href='https://harbour.example/ship/'", ""),
        ("ref='urn:x' href='https://harbour.example/ship/#comment-9'", "comment-9"),
        ("ref='https://harbour.example/#comment-2'", ""),  # itself
        ("href='https://harbour.example/ship/'", ""),
    ],
)
def test_a_reply_is_threaded_by_its_reference(reply: str, parent: str) -> None:
    (found,) = read_entries(
        entry("https://harbour.example/?p=12#comment-2", f"<thr:in-reply-to {reply}/>")
    )
    assert found.parent_id == parent


def test_blogger_links_to_the_answered_comment() -> None:
    tag = "tag:blogger.com,1999:blog-1.post-"
    post = f"<thr:in-reply-to ref='{tag}2' href='https://harbour.example/ship.html'/>"
    answered = "<link rel='related' href='https://www.blogger.com/feeds/1/2/comments/default/3'/>"
    first, answer = read_entries(entry(f"{tag}3", post), entry(f"{tag}4", post, answered))
    assert (first.external_id, first.parent_id) == (f"{tag}3", "")
    assert answer.parent_id == f"{tag}3"


def test_ranks_of_answers_are_votes() -> None:
    body = (DATA.parent / "comments" / "ranked.xml").read_bytes()
    found = read_comments(Document(body=body, url=URL), NOW).comments
    assert [each.votes for each in found] == [-3, None]


def test_a_page_is_not_a_comment_feed() -> None:
    with pytest.raises(FeedError, match="web page"):
        read_comments(Document(body=b"<html><body>Closed</body></html>", url=URL), NOW)


@pytest.mark.parametrize(
    ("author", "title", "text", "kind"),
    [
        ("Anna", "By: Anna", "Well written.", CommentKind.COMMENT),
        ("Anna", "By: Anna", "He said “[…] no ship […]” and left.", CommentKind.COMMENT),
        ("Anna", "By: Anna", "I read […]", CommentKind.COMMENT),
        ("Anna | Berlin", "", "I agree.", CommentKind.COMMENT),
        ("Pinguin", "", "Ping pong is a sport.", CommentKind.COMMENT),
        ("Quay", "", "[...] as they write [...]", CommentKind.PINGBACK),
        ("Quay", "", "[…] as they write […]", CommentKind.PINGBACK),
        ("Old ships | Quay blog", "", "[…] as they write", CommentKind.PINGBACK),
        ("Old ships « Quay blog", "", "see there […]", CommentKind.PINGBACK),
        ("Quay", "Pingback: Quay", "x", CommentKind.PINGBACK),
        ("Pingback: Quay", "", "x", CommentKind.PINGBACK),
        ("Quay", "", "ピンバック: Quay", CommentKind.PINGBACK),
        ("Quay", "", "Ping-Back: Quay", CommentKind.PINGBACK),
        ("Quay", "", "Pingback引用通告：Quay", CommentKind.PINGBACK),
        ("Quay", "", "핑백: Quay", CommentKind.PINGBACK),
        ("Quay", "", "Trackback: Quay", CommentKind.TRACKBACK),
        ("Quay", "", "트랙백: Quay", CommentKind.TRACKBACK),
        ("Quay", "", "Rétrolien : Quay", CommentKind.TRACKBACK),
        ("Quay", "", "Quay\n\n[…] as they write […]", CommentKind.TRACKBACK),
    ],
)
def test_responses_are_told_apart_by_their_shape(
    author: str, title: str, text: str, kind: CommentKind
) -> None:
    assert classify(author, title, text) is kind


@pytest.mark.parametrize(
    ("listed", "known", "count", "whole"),
    [
        ("ab", "", 2, True),
        ("ab", "a", 2, True),
        ("ab", "abc", 2, True),  # c was deleted
        ("", "a", 0, True),
        ("ab", "ab", 3, False),  # the newest two of three
        ("ab", "ab", None, False),
        ("bc", "ab", 2, False),  # a was deleted, or has gone from a short list
    ],
)
def test_a_list_is_complete_only_if_that_is_sure(
    listed: str, known: str, count: int | None, *, whole: bool
) -> None:
    comments = tuple(map(comment, listed))
    assert is_whole(comments, frozenset(known), count=count) is whole


# --- lines that the site adds -------------------------------------------------------------------

ANNA = '<a href="https://harbour.example/2026/ship/comment-page-1/#comment-11">Anna Lee</a>'


def read_items(*items: tuple[int, str, str]) -> dict[str, ParsedComment]:
    """Read a comment feed of WordPress: number, author and HTML of each comment."""
    entries = "".join(
        f"<item><title>By: {author}</title><dc:creator>{author}</dc:creator>"
        f'<guid isPermaLink="false">https://harbour.example/?p=7#comment-{number}</guid>'
        f"<description><![CDATA[{markup}]]></description></item>"
        for number, author, markup in items
    )
    names = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    body = f'<rss version="2.0" {names}><channel>{entries}</channel></rss>'.encode()
    found = read_comments(Document(body=body, url=URL), NOW).comments
    return {each.external_id: each for each in found}


def test_the_line_in_reply_to_names_the_parent_and_is_no_text() -> None:
    body = (DATA.parent / "comments" / "in-reply-to.xml").read_bytes()
    answer, question = read_comments(Document(body=body, url=URL), NOW).comments
    assert (answer.author, answer.parent_id) == ("Ben Fox", question.external_id)
    assert (answer.text, question.parent_id) == ("The quay was closed.", "")


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>Als Antwort auf {ANNA}.</p><p>Yes.</p>",
        f"<p>En réponse à {ANNA}.</p>\n<p>Yes.</p>",
        f"<p>{ANNA} への返信。</p><p>Yes.</p>",
        f"<p>{ANNA} için yanıt olarak.</p><p>Yes.</p>",
        f"In reply to {ANNA}. Yes.",
        f"Em resposta a {ANNA}.<br />Yes.",
    ],
)
def test_an_answer_is_known_by_its_form_in_any_language(markup: str) -> None:
    found = read_items((12, "Ben", markup), (11, "Anna Lee", "Why?"))["comment-12"]
    assert (found.parent_id, found.text) == ("comment-11", "Yes.")


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>See {ANNA}’s remark above.</p><p>Yes.</p>",
        f"<p>I have read all that was said here, and I cannot agree with {ANNA}.</p><p>No.</p>",
        '<p>In reply to <a href="https://harbour.example/#comment-11">the owl</a>.</p><p>No.</p>',
        '<p>Look at <a href="https://quay.example/ships">Quay</a>.</p><p>Fine.</p>',
    ],
)
def test_a_link_in_a_persons_sentence_is_no_answer(markup: str) -> None:
    found = read_items((12, "Ben", markup), (11, "Anna Lee", "Why?"))["comment-12"]
    assert found.parent_id == ""
    assert "\n\n" in found.text


def test_reblogs_are_notices() -> None:
    body = (DATA.parent / "comments" / "reblogs.xml").read_bytes()
    found = read_comments(Document(body=body, url=URL), NOW).comments
    assert [each.kind for each in found] == [CommentKind.PINGBACK] * 2


@pytest.mark.parametrize(
    ("author", "markup", "kind"),
    [
        # A language that nobody thought of: the form is enough.
        ("Quay", 'Wedi ail-flogio ar <a href="https://quay.example/">Quay</a>.', "pingback"),
        ("Ben", 'My shop is at <a href="https://quay.example/">quay.example</a>', "comment"),
        ("Quay", 'I wrote on it: <a href="https://quay.example/ships">Quay</a>', "comment"),
    ],
)
def test_a_notice_links_to_its_authors_own_start_page(author: str, markup: str, kind: str) -> None:
    assert read_items((12, author, markup))["comment-12"].kind == kind


def test_what_a_person_adds_to_a_reblog_is_a_comment() -> None:
    markup = 'Reblogged this on <a href="https://quay.example">Quay</a> and commented:<br>A ship.'
    found = read_items((12, "Quay", markup))["comment-12"]
    assert (found.kind, found.text) == (CommentKind.COMMENT, "A ship.")
