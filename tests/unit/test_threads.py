from __future__ import annotations

from digest.models import CommentKind, ExportedThread, KnownPost, ParsedComment
from digest.readers.responses.threads import by_post, match_threads, names_of


def thread(url: str = "", guid: str = "", *ids: str) -> ExportedThread:
    comments = tuple(
        ParsedComment(
            external_id=each,
            parent_id="",
            author="",
            posted_at=None,
            text=guid,
            kind=CommentKind.COMMENT,
        )
        for each in ids
    )
    return ExportedThread(post_url=url, post_guid=guid, post_title="", comments=comments)


def known(post_id: int, guid: str = "", key: str = "") -> KnownPost:
    return KnownPost(
        post_id=post_id,
        guid=guid,
        url_key=key,
        content_hash="",
        is_of_feed=False,
        is_owner=False,
    )


def test_a_thread_is_found_by_identifier_then_by_link() -> None:
    stored = (
        known(1, guid="https://h.example/?p=1"),
        known(2, key="https://h.example/b"),
        known(3),
    )
    threads = (
        thread("https://h.example/moved/", "https://h.example/?p=1"),
        thread("http://h.example/b/?utm_source=x", "https://h.example/?p=9"),
        thread("https://h.example/c"),
        thread(),
    )
    assert match_threads(threads, stored) == (1, 2, None, None)


def test_an_identifier_that_is_unique_in_one_feed_only_finds_nothing() -> None:
    assert match_threads([thread(guid="12")], [known(1, guid="12")]) == (None,)


def test_a_link_that_several_posts_share_finds_none() -> None:
    stored = (known(1, key="https://h.example/a"), known(2, key="https://h.example/a"))
    assert match_threads([thread("https://h.example/a")], stored) == (None,)


def test_names_to_look_for_are_collected_once() -> None:
    threads = (thread("https://h.example/a/", "tag:h,2026:1"), thread("http://h.example/a", "7"))
    guids, keys = names_of(threads)
    assert (set(guids), set(keys)) == ({"tag:h,2026:1"}, {"https://h.example/a"})


def test_threads_of_one_post_are_put_together() -> None:
    threads = (thread("", "x", "a", "b"), thread("", "y", "b", "c"), thread("", "z", "d"))
    found = by_post(threads, (1, 1, None))
    assert [each.external_id for each in found[1]] == ["a", "b", "c"]
    assert list(found) == [1]
