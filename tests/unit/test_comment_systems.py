"""The comment systems of a page, and the answers of those that can be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.errors import FeedError
from digest.models import Document, ParsedComment, ParsedComments
from digest.readers.responses.systems.answers import read_system
from digest.readers.responses.systems.detect import body_of, find_systems

PAGE = "https://quay.example/2026/11/ships/?utm_source=feed"
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def found(markup: str, page: str = PAGE) -> dict[str, str]:
    tree = LexborHTMLParser(f"<html><body>{markup}</body></html>")
    return {each.name: each.url for each in find_systems(tree, page, page)}


def read(answer: Any) -> ParsedComments:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return read_system(Document(body=body, url="https://talk.example/list"), NOW)


def told(comments: tuple[ParsedComment, ...]) -> list[tuple[str, str, str, str]]:
    return [(each.external_id, each.parent_id, each.author, each.text) for each in comments]


# --- recognised -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ('<div id="disqus_thread"></div>', "Disqus"),
        ('<script src="https://quay.disqus.com/embed.js"></script>', "Disqus"),
        ('<script src="https://giscus.app/client.js" data-repo="a/b"></script>', "giscus"),
        ('<script src="https://utteranc.es/client.js" repo="a/b"></script>', "utterances"),
        ('<script src="https://talk.hyvor.com/embed/embed.js"></script>', "Hyvor Talk"),
        (
            '<div id="coral_thread"></div><script>Coral.createStreamEmbed({})</script>',
            "Coral",
        ),
        (
            '<script defer src="https://cdn.jsdelivr.net/ghost/comments-ui@~1.1/umd/comments-ui.min.js">'
            "</script>",
            "Ghost",
        ),
        ('<script src="https://substackcdn.com/bundle/static/js/main.js"></script>', "Substack"),
        ('<div class="fb-comments" data-href="https://quay.example/"></div>', "Facebook"),
    ],
)
def test_a_system_that_cannot_be_read_is_named(markup: str, name: str) -> None:
    assert found(markup) == {name: ""}


@pytest.mark.parametrize(
    "markup",
    [
        "<p>We left Disqus for Isso.</p>",
        '<a href="https://giscus.app/">giscus</a>',
        '<script src="/assets/js/embed.js"></script>',
        '<div id="comments"></div>',
    ],
)
def test_a_page_that_only_speaks_of_a_system_has_none(markup: str) -> None:
    assert found(markup) == {}


@pytest.mark.parametrize(
    ("markup", "name", "url"),
    [
        (
            '<script data-isso="//talk.quay.example/" src="//talk.quay.example/js/embed.min.js">'
            "</script><section id=isso-thread></section>",
            "Isso",
            "https://talk.quay.example/?uri=%2F2026%2F11%2Fships%2F",
        ),
        (
            '<script data-isso="/isso" src="/isso/js/embed.min.js"></script>'
            '<section id="isso-thread" data-isso-id="/ships"></section>',
            "Isso",
            "https://quay.example/isso/?uri=%2Fships",
        ),
        (
            "<script>var remark_config = {\n  host: 'https://remark.example',\n"
            '  site_id: "quay",\n  components: ["embed"],\n};</script>',
            "Remark42",
            "https://remark.example/api/v1/find?site=quay"
            "&url=https%3A%2F%2Fquay.example%2F2026%2F11%2Fships%2F&format=plain",
        ),
        (
            '<div id="commento"></div><script src="https://talk.example/js/commento.js"></script>',
            "Commento",
            "https://talk.example/api/comment/list#quay.example/2026/11/ships/",
        ),
        (
            "<script>window.DiscourseEmbed = { discourseUrl: 'https://forum.example/',"
            " topicId: 4711 };</script>",
            "Discourse",
            "https://forum.example/t/4711.json",
        ),
    ],
)
def test_an_open_system_gives_the_address_of_the_posts_comments(
    markup: str, name: str, url: str
) -> None:
    assert found(markup) == {name: url}


def test_a_topic_of_discourse_is_read_at_its_own_address() -> None:
    page = "https://forum.example/t/ships-in-fog/4711?u=ann"
    assert found('<meta name="generator" content="Discourse 3.4">', page) == {
        "Discourse": "https://forum.example/t/ships-in-fog/4711.json"
    }


def test_an_embedded_discourse_without_a_topic_number_is_named_only() -> None:
    embed = "<script>DiscourseEmbed = { discourseUrl: 'https://forum.example/' };</script>"
    assert found(embed) == {"Discourse": ""}


def test_commento_is_asked_by_post_for_the_thread_of_the_page() -> None:
    body = body_of("https://talk.example/api/comment/list#quay.example/2026/11/ships/")
    assert body is not None
    assert json.loads(body) == {
        "commenterToken": "anonymous",
        "domain": "quay.example",
        "path": "/2026/11/ships/",
    }
    assert body_of("https://talk.example/?uri=%2Fships#a") is None


# --- read -----------------------------------------------------------------------------------------

ISSO = {
    "total_replies": 2,
    "id": None,
    "hidden_replies": 0,
    "replies": [
        {
            "id": 1,
            "parent": None,
            "text": "<p>Late again, these <em>ships</em>.</p>",
            "author": "Anna Lee",
            "website": None,
            "mode": 1,
            "created": 1795000000.5,
            "likes": 3,
            "dislikes": 1,
            "replies": [
                {"id": 2, "parent": 1, "text": "The quay was closed.", "author": "Ben", "mode": 1},
                {"id": 3, "parent": 1, "text": "Held.", "author": "Cy", "mode": 2},
            ],
        }
    ],
}


def test_isso_gives_threads_and_votes_without_what_is_held() -> None:
    listed = read(ISSO)
    assert told(listed.comments) == [
        ("1", "", "Anna Lee", "Late again, these ships."),
        ("2", "1", "Ben", "The quay was closed."),
    ]
    assert listed.comments[0].votes == 2
    assert listed.comments[0].posted_at == datetime.fromtimestamp(1795000000, UTC)
    assert listed.is_complete


REMARK = {
    "id": "7a",
    "pid": "",
    "text": "<p>Late again, these ships.</p>",
    "user": {"name": "Anna Lee", "id": "github_1"},
    "score": 4,
    "time": "2026-11-20T10:39:00.123456-05:00",
}


@pytest.mark.parametrize(
    "listed",
    [
        [REMARK, {**REMARK, "id": "8b", "pid": "7a", "delete": True, "text": ""}],
        [{"comment": REMARK, "replies": [{"comment": {**REMARK, "id": "8b", "delete": True}}]}],
    ],
)
def test_remark42_is_read_plain_and_as_a_tree(listed: list[Any]) -> None:
    (comment,) = read({"comments": listed, "info": {"count": 1, "url": PAGE}}).comments
    assert told((comment,)) == [("7a", "", "Anna Lee", "Late again, these ships.")]
    assert comment.posted_at == datetime(2026, 11, 20, 15, 39, tzinfo=UTC)
    assert comment.votes == 4


def test_commento_gives_names_by_key_and_public_comments_only() -> None:
    comment = {
        "commentHex": "aa",
        "commenterHex": "c1",
        "parentHex": "root",
        "html": "<p>Late again, these ships.</p>",
        "score": 1,
        "state": "approved",
        "creationDate": "2026-11-20T15:39:00Z",
        "deleted": False,
    }
    answer = {
        "success": True,
        "comments": [
            comment,
            {**comment, "commentHex": "bb", "commenterHex": "anonymous", "parentHex": "aa"},
            {**comment, "commentHex": "cc", "state": "unapproved"},
            {**comment, "commentHex": "dd", "deleted": True},
        ],
        "commenters": {"c1": {"name": "Anna Lee"}},
    }
    assert told(read(answer).comments) == [
        ("aa", "", "Anna Lee", "Late again, these ships."),
        ("bb", "aa", "", "Late again, these ships."),
    ]


def test_discourse_leaves_out_the_first_post_and_what_moderators_did() -> None:
    post = {
        "id": 901,
        "name": "Anna Lee",
        "username": "anna",
        "created_at": "2026-11-20T15:39:00.000Z",
        "cooked": "<p>Late again, these ships.</p>",
        "post_number": 2,
        "post_type": 1,
        "reply_to_post_number": None,
        "actions_summary": [{"id": 3, "count": 9}, {"id": 2, "count": 5}],
    }
    posts = [
        {**post, "post_number": 1, "cooked": "<p>The article.</p>"},
        post,
        {**post, "post_number": 3, "reply_to_post_number": 2, "name": "", "cooked": "<p>Yes.</p>"},
        {**post, "post_number": 4, "post_type": 3, "cooked": "<p>Closed.</p>"},
        {**post, "post_number": 5, "hidden": True},
    ]
    listed = read({"post_stream": {"posts": posts, "stream": [1, 2, 3, 4, 5]}})
    assert told(listed.comments) == [
        ("2", "", "Anna Lee", "Late again, these ships."),
        ("3", "2", "anna", "Yes."),
    ]
    assert listed.comments[0].votes == 5
    assert listed.is_complete
    assert not read({"post_stream": {"posts": posts, "stream": list(range(40))}}).is_complete


@pytest.mark.parametrize(
    "answer", [b"<html>", b"[]", b'{"error": "no such thread"}', b"[" * 100_000, {"comments": 3}]
)
def test_an_answer_of_another_form_is_refused_in_one_line(answer: Any) -> None:
    with pytest.raises(FeedError, match="no comments: "):
        read(answer)


@pytest.mark.parametrize(
    "damaged",
    [
        {"replies": [None, 3, {"id": {}, "text": "a"}, {"id": 1, "text": 5}], "total_replies": 4},
        {"comments": [None, {"comment": 3}, {"id": 1}], "info": {}},
        {"comments": [None, {"commentHex": []}], "commenters": {"a": 3}},
        {"post_stream": {"posts": [None, {"post_number": 2, "cooked": None}]}},
        {"replies": [{"id": 1, "text": "ok", "created": 1e300}], "total_replies": 1},
    ],
)
def test_a_damaged_comment_costs_only_itself(damaged: dict[str, Any]) -> None:
    assert len(read(damaged).comments) <= 1
