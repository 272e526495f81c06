"""Finds the stored post of each thread of an export. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from digest.models import ExportedThread, KnownPost, ParsedComment
from digest.text.links import url_key


def names_of(threads: Iterable[ExportedThread]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the identifiers and the link keys that may identify the posts of threads."""
    guids = frozenset(guid for thread in threads if (guid := _guid_of(thread)))
    return guids, frozenset(key for thread in threads if (key := url_key(thread.post_url)))


def match_threads(
    threads: Sequence[ExportedThread], known: Iterable[KnownPost]
) -> tuple[int | None, ...]:
    """Return the id of each thread's post; None if no post or more than one matches.

    A post matches by its identifier, then by its link.
    """
    by_guid: dict[str, set[int]] = defaultdict(set)
    by_key: dict[str, set[int]] = defaultdict(set)
    for post in known:
        by_guid[post.guid].add(post.post_id)
        by_key[post.url_key].add(post.post_id)
    return tuple(
        _only(by_guid, _guid_of(thread)) or _only(by_key, url_key(thread.post_url))
        for thread in threads
    )


def by_post(
    threads: Sequence[ExportedThread], post_ids: Sequence[int | None]
) -> dict[int, tuple[ParsedComment, ...]]:
    """Return the comments of each post from all its threads, each once."""
    found: dict[int, dict[str, ParsedComment]] = defaultdict(dict)
    for thread, post_id in zip(threads, post_ids, strict=True):
        if post_id is not None:
            found[post_id].update({each.external_id: each for each in thread.comments})
    return {post_id: tuple(comments.values()) for post_id, comments in found.items()}


def _guid_of(thread: ExportedThread) -> str:
    """Return the identifier if it is globally unique, unlike `12` or `post-7`; else empty."""
    return thread.post_guid if ":" in thread.post_guid else ""


def _only(found: dict[str, set[int]], name: str) -> int | None:
    ids = found.get(name, set()) if name else set()
    return next(iter(ids)) if len(ids) == 1 else None
