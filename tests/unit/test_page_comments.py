from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from digest.models import CommentKind, Document, ParsedComment, ParsedComments
from digest.readers.pages.page import read_page
from digest.readers.responses.pagecomments import read_page_comments
from digest.text.html import limit_depth
from digest.text.invisible import remove_invisible
from tests.support.figures import sample
from tests.support.timing import least_seconds

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://harbour.example/2026/ship/"
DATA = Path(__file__).parent.parent / "data" / "comments"


def read(markup: str, url: str = URL) -> ParsedComments:
    return read_page_comments(LexborHTMLParser(limit_depth(markup)), url, NOW)


def read_file(name: str) -> tuple[ParsedComment, ...]:
    return read((DATA / name).read_text()).comments


def said(comments: tuple[ParsedComment, ...]) -> list[tuple[str, str, str, str]]:
    return [(each.external_id, each.parent_id, each.author, each.text) for each in comments]


def item(number: int, words: str, inner: str = "", classes: str = "comment depth-1") -> str:
    """Return one comment as a classic theme prints it."""
    return (
        f'<li class="{classes}" id="comment-{number}"><cite class="fn">Anna</cite>'
        f'<div class="comment-content"><p>{words}</p></div>{inner}</li>'
    )


def page(items: str, around: str = "", head: str = "") -> str:
    return f'<html><head>{head}</head><body>{around}<ol class="commentlist">{items}</ol></body>'


def test_a_classic_theme_gives_only_its_comments() -> None:
    assert said(read_file("classic.html")) == [
        ("comment-3", "", "Anna", "She sailed in 1911.\nI saw her plans.\n\nWho & what else?"),
        ("comment-4", "comment-3", "Bert", "In 1912, to be exact."),
        ("comment-6", "", "Old ships | Quay", ""),
        ("comment-7", "", "Pier post", ""),
    ]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (
            "<link rel='service.post' href='https://www.blogger.com/feeds/9/posts/default'>",
            "tag:blogger.com,1999:blog-9.post-3",
        ),
        ("", "c3"),
    ],
)
def test_a_comment_of_blogger_has_the_name_that_its_feed_gives_it(head: str, name: str) -> None:
    (found,) = read(
        f"<html><head>{head}</head><div id='comments'><li class='comment' id='c3'>"
        "<cite class='user'>Anna</cite><p class='comment-content'>Ahoy</p></li></div>"
    ).comments
    assert found.external_id == name


@pytest.mark.parametrize(
    "markup",
    [
        # Shopify's own theme.
        "<div id='comment-9'><p>Ahoy</p><footer><span class='circle-divider'>Anna</span>"
        "<time datetime='2026-11-22'>x</time></footer></div>",
        # K2, for Joomla.
        "<ul class='itemCommentsList'><li><span class='commentLink'><a href='#comment9'>Link</a>"
        "</span><span class='commentDate'>22 November 2026</span><span class='commentAuthorName'>"
        "posted by <a href='https://anna.example'>Anna</a></span><p>Ahoy</p></li></ul>",
        # b2evolution.
        "<article class='evo_comment' id='c9'>Comment from: <span class='user'>Anna</span>"
        "<div class='evo_comment_text'>Ahoy</div></article>",
    ],
)
def test_the_comments_of_shops_and_rarer_systems(markup: str) -> None:
    (found,) = read(f"<html><body>{markup}</body>").comments
    assert (found.author, found.text) == ("Anna", "Ahoy")


def test_comments_of_drupal_have_words_dates_and_answers() -> None:
    first, answer = read_file("drupal.html")
    assert said((first, answer)) == [
        ("comment-3", "", "Anna", "A ship, and a fine one."),
        ("comment-4", "comment-3", "Bert", "Ahoy!"),
    ]
    assert answer.posted_at == datetime(2025, 11, 22, 9, 26, 40, tzinfo=UTC)


def test_a_classic_comment_has_its_date_address_and_kind() -> None:
    first, _, pingback, trackback = read_file("classic.html")
    assert first.posted_at == datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    assert first.url == "https://harbour.example/2026/ship/#comment-3"
    assert first.kind is CommentKind.COMMENT
    assert (pingback.kind, trackback.kind) == (CommentKind.PINGBACK, CommentKind.TRACKBACK)


def test_a_block_theme_gives_its_comments() -> None:
    first, answer = read_file("block.html")
    assert said((first, answer)) == [
        ("comment-20", "", "Dora", "Schönes Boot."),
        ("comment-21", "comment-20", "Emil", "Finde ich auch."),
    ]
    assert first.posted_at == datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert first.url == "https://hafen.example/boot/#comment-20"


def test_microformats_give_responses_and_not_citations() -> None:
    first, answer = read_file("microformats.html")
    assert said((first, answer)) == [
        ("https://fay.example/note/1", "", "Fay", "A fine pier."),
        ("https://gus.example/2", "https://fay.example/note/1", "Gus", "Is it not?"),
    ]
    assert first.posted_at == datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_microdata_gives_comments_and_not_the_article() -> None:
    comments = read_file("microdata.html")
    assert said(comments) == [
        ("c-hal", "", "Hal", "It blinks."),
        ("c-ida", "c-hal", "Ida", "It rings, too."),
        ("c-jan", "", "Jan", "Both."),
    ]
    assert [each.votes for each in comments] == [7, None, None]
    # Not the page of the commenter.
    assert comments[0].url == f"{URL}#c-hal"
    assert [each.posted_at and each.posted_at.hour for each in comments] == [8, 9, 10]


def test_json_ld_is_used_if_the_markup_has_no_comments() -> None:
    first, answer = read_file("jsonld.html")
    assert (first.author, first.text, first.votes) == ("Kim", "Tall.", 3)
    assert (answer.author, answer.text) == ("Lea", "Very tall.")
    assert answer.parent_id == first.external_id


def test_the_first_author_in_json_ld_is_named() -> None:
    told = {"@type": "Comment", "text": "Tall.", "author": [{"name": "Kim"}, {"name": "Lea"}]}
    (found,) = read(f'<script type="application/ld+json">{json.dumps(told)}</script>').comments
    assert (found.author, found.text) == ("Kim", "Tall.")


@pytest.mark.parametrize(
    ("inner", "votes"),
    [
        ('<span class="wpd-vote-result">+4</span>', 4),
        ('<span class="wpd-vote-result">none</span>', None),
    ],
)
def test_votes_are_a_number(inner: str, votes: int | None) -> None:
    (found,) = read(page(item(1, "One.", inner))).comments
    assert found.votes == votes


def test_a_flat_list_is_threaded_by_its_depths() -> None:
    comments = read_file("flat.html")
    assert said(comments) == [
        ("comment-31", "", "Max", "Bonjour."),
        ("comment-32", "comment-31", "Nina", "Salut Max."),
        ("comment-33", "", "Otto", "Moi aussi."),
    ]
    assert [each.posted_at for each in comments] == [
        datetime(2026, 2, 1, 14, 5, tzinfo=UTC),
        datetime(2026, 2, 5, 9, tzinfo=UTC),  # in French the day comes first
        None,
    ]


def test_wpdiscuz_gives_threads_and_votes() -> None:
    first, answer = read_file("wpdiscuz.html")
    assert said((first, answer)) == [
        ("comment-41", "", "Pia", "A good rope."),
        ("comment-42", "comment-41", "Quin", "A better knot."),
    ]
    assert (first.votes, first.url) == (-2, f"{URL}#comment-41")
    assert first.posted_at == datetime(2026, 11, 15, 10, 13, tzinfo=UTC)


def test_the_tree_is_not_changed() -> None:
    tree = LexborHTMLParser((DATA / "classic.html").read_text())
    before = tree.html
    read_page_comments(tree, URL, NOW)
    assert tree.html == before


def test_a_page_gives_its_comments_and_their_rest_address() -> None:
    parsed = read_page(
        Document(body=(DATA / "classic.html").read_bytes(), url=URL, content_type="text/html"), NOW
    )
    assert len(parsed.comments.comments) == 4
    assert parsed.rest_url == (
        "https://harbour.example/wp-json/wp/v2/comments?post=12&per_page=100&order=asc"
    )


@pytest.mark.parametrize(
    ("around", "is_complete"),
    [
        ("", True),
        ('<h2 class="comments-title">2 Comments</h2>', True),
        ('<h2 class="comments-title">One thought on “99 ships”</h2>', True),
        ('<h2 class="comments-title">Comments (142)</h2>', False),  # the rest is elsewhere
        ('<a class="wpd-load-more-submit" href="#">Load more</a>', False),
        ('<div id="wpdcom"></div>', None),  # perhaps a script brings more
        ('<a href="/2026/other/comment-page-2/#comment-9">Recent</a>', True),
        ('<a href="/2026/ship/comment-page-2/?replytocom=1#respond">Reply</a>', True),
    ],
)
def test_a_list_is_complete_only_without_contrary_signs(
    around: str, *, is_complete: bool | None
) -> None:
    found = read(page(item(1, "One.") + item(2, "Two."), around))
    assert (found.is_complete, found.next_url) == (is_complete, "")


@pytest.mark.parametrize(
    ("here", "links", "following"),
    [
        ("", "1", "1"),  # newest first: the post's own address has the last page
        ("", "1 2 3", "3"),
        ("", "2", "2"),  # oldest first
        ("", "2 3 4", "2"),
        ("3", "2 4", "2"),
        ("2", "1 3", "1"),
        ("2", "3", "3"),
        ("1", "2", ""),  # the oldest
        ("3", "2 4 5", "4"),
        ("3", "", ""),
    ],
)
def test_a_page_of_comments_leads_to_the_next(here: str, links: str, following: str) -> None:
    around = "".join(f'<a href="/ship/comment-page-{n}/#comments">x</a>' for n in links.split())
    base = "https://harbour.example/ship/"
    url = f"{base}comment-page-{here}/" if here else base
    found = read(page(item(1, "One."), around), url)
    assert found.is_complete is False
    assert found.next_url == (f"{base}comment-page-{following}/" if following else "")


def test_pages_of_comments_may_be_requested_by_a_parameter() -> None:
    around = '<a href="/?p=12&amp;cpage=1#comments">Older Comments</a>'
    found = read(page(item(1, "One."), around), "https://harbour.example/?p=12")
    assert found.next_url == "https://harbour.example/?p=12&cpage=1"


def test_pages_of_another_post_are_not_followed() -> None:
    around = '<a href="/2026/other/comment-page-2/#comments">Older</a>'
    assert read(page(item(1, "One."), around)).next_url == ""


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<p>An article.</p>",
        '<li class="recentcomments"><a href="/x/#comment-9">On x</a></li>',
        '<div id="comments"><h3>No comments</h3><form id="commentform"></form></div>',
        '<textarea id="comment-1"></textarea>',
        '<li class="comment" id="comment-1"><cite class="fn">Anna</cite></li>',  # has no text
        # The list itself.
        '<p itemtype="https://schema.org/Comment" id="comments"><b itemprop="text">Ho</b></p>',
        '<div id="comment-1"><p>Words without a name or a date.</p></div>',
    ],
)
def test_a_page_without_comments_gives_none(markup: str) -> None:
    assert read(markup) == ParsedComments(comments=())


def test_an_endless_comment_gives_its_beginning() -> None:
    (found,) = read(page(item(1, "Ho &amp; " * 20_000))).comments
    assert found.text.startswith("Ho & Ho")
    assert 10_000 < len(found.text) < 65_536


def test_a_date_in_the_future_is_not_believed() -> None:
    inner = '<time datetime="2031-01-01T00:00:00Z">soon</time>'
    assert read(page(item(1, "One.", inner))).comments[0].posted_at is None


def test_a_comment_shown_twice_is_read_once() -> None:
    assert len(read(page(item(1, "One.") + item(1, "One."))).comments) == 1


def test_hostile_markup_comes_out_as_plain_text() -> None:
    words = "a\x00b\u202ec<script>alert(1)</script><img alt='x' src=x onerror=y><b>d</b>"
    inner = '<a class="u-url" href="javascript:alert(1)">x</a>'
    (found,) = read(page(item(1, words, inner))).comments
    assert found.text == "abcd"
    assert found.url == f"{URL}#comment-1"


@pytest.mark.slow
@pytest.mark.proof
@pytest.mark.parametrize(
    "markup",
    sample(
        [
            '<li id="comment-1" class="comment">' * 60_000,
            '<li id="comment-1"><p>x</p>' * 40_000,
            "".join(f'<li id="comment-{number}"><p>x</p>' for number in range(40_000)),
            '<div itemscope itemtype="https://schema.org/Comment"><p itemprop=text>x' * 15_000,
            item(1, "x") + '<a href="/comment-page-1/?cpage=1">x</a>' * 24_000,
            '<script type="application/ld+json">' + '[{"@type":"Comment","comment":' * 30_000,
            '<h2 class="comments-title">' + "1 " * 500_000,
            '<li id="comment-1">' + "<b>x</b>" * 120_000,
            '<li id="comment-1">' + '<p class="fn e-content">' * 40_000,
            '<li id="comment-1">' + '<div class="e-content fn"><time datetime=x>' * 20_000,
            '<p class="comment-meta">' + "11 November 20 " * 70_000,
        ]
    ),
)
def test_a_megabyte_of_garbage_is_read_in_a_second(markup: str) -> None:
    tree = LexborHTMLParser(limit_depth(markup[:1_000_000]))
    assert least_seconds(lambda: read_page_comments(tree, URL, NOW), under=1) < 1


_PIECES = (
    *('<li class="comment depth-2" id="comment-1">', "<li id=li-comment-2>", "</li>", "<ol>", "x"),
    *('<div class="u-comment h-cite">', '<a class="u-url" href="#comment-1">', "</div>", "</a>"),
    *("<cite class=fn>A\u202e\x01", "</cite>", "<time datetime=2026>", "<p>", "<dt id=comment-3>"),
    *('<div itemtype="http://schema.org/Comment">', "<span itemprop=author>B</span>", "<dd>"),
    *('<a id="comment-4"></a>', "<div class=comment-content>Y", '<a class=u-in-reply-to href="#">'),
)


@pytest.mark.slow
@given(st.lists(st.sampled_from(_PIECES), max_size=40))
def test_ids_are_unique_and_parents_listed_for_any_markup(pieces: list[str]) -> None:
    comments = read("".join(pieces)).comments
    ids = [each.external_id for each in comments]
    assert len(set(ids)) == len(ids)
    assert {each.parent_id for each in comments} <= {"", *ids}
    for each in comments:
        shown = each.author + each.text
        assert remove_invisible(shown) == shown
