"""The rules by which an entry and a stored post are the same; `identity` has their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from digest.readers.posts.entry import MIN_WORDS_CHARS, Entry
from digest.readers.posts.known import Known
from digest.readers.posts.likeness import (
    has_other_words,
    has_same_title,
    is_apart,
    is_one_day,
    is_one_instant,
)
from digest.text.links import is_mobile, is_permalink


def is_by_guid(asked: Entry, known: Known) -> bool:
    """Return whether two posts of one feed are the same by their identifier."""
    is_named = known.is_of_feed and asked.post.guid == known.guid
    return is_named and not _is_other_post(asked, known)


def _is_other_post(asked: Entry, known: Known) -> bool:
    """Return whether a feed uses one name for two posts: title, text and day all differ.

    Without a day, the links differ instead.
    """
    if has_same_title(asked, known) or not has_other_words(asked, known):
        return False
    has_one_day = is_one_day(asked, known)
    if has_one_day is None:
        return bool(asked.key and known.url_key) and asked.key != known.url_key
    return not has_one_day


def is_by_permalink(asked: Entry, known: Known) -> bool:
    """Return whether posts of two feeds are the same by a permanent link as identifier."""
    return asked.post.guid == known.guid and not known.is_of_feed and is_permalink(known.guid)


def is_by_whole_link(asked: Entry, known: Known) -> bool:
    """Return whether two links are equal with their fragments, which only one entry has."""
    has_one = known.is_of_feed and asked.has_fragment and bool(asked.key)
    return has_one and _is_sure(asked, known) and not _is_other_page(asked, known)


def is_by_link(asked: Entry, known: Known) -> bool:
    """Return whether two posts are the same by their link; text and date may deny it."""
    if not is_by_link_alone(asked, known) or _is_other_page(asked, known):
        return False
    return not (known.is_of_feed and _is_other_post(asked, known))


def is_by_link_alone(asked: Entry, known: Known) -> bool:
    """Return whether two posts surely have one link."""
    return bool(asked.key) and asked.key == known.url_key and _is_sure(asked, known)


def _is_sure(asked: Entry, known: Known) -> bool:
    """Return whether equal links are surely one page: a mobile page may be another one."""
    has_mobile = is_mobile(asked.post.url) or is_mobile(known.url)
    return not has_mobile or has_same_title(asked, known)


def is_by_page(asked: Entry, known: Known) -> bool:
    """Return whether two posts with links to one page, perhaps of many posts, are the same."""
    if not known.is_of_feed:
        return False
    if asked.words == known.words:
        return len(asked.words) >= MIN_WORDS_CHARS
    return is_one_instant(asked, known) and (
        has_same_title(asked, known) or not has_other_words(asked, known)
    )


def is_by_text(asked: Entry, known: Known) -> bool:
    """Return whether two posts with one title are the same by their text and day."""
    if not known.is_of_feed:
        return False
    is_bare = not (asked.post.guid or asked.key or known.guid or known.url_key)
    has_one_day = is_one_day(asked, known)
    if is_bare:
        return has_one_day is not False
    return has_one_day is True and len(asked.words) >= MIN_WORDS_CHARS


def is_by_instant(asked: Entry, known: Known) -> bool:
    """Return whether two posts of one feed with one title were published at one instant."""
    return known.is_of_feed and is_one_instant(asked, known)


def is_by_name(asked: Entry, known: Known) -> bool:
    """Return whether two posts with one title are the same by day, in a feed that changes guids."""
    is_known = known.is_of_feed and bool(asked.post.title)
    return is_known and not (asked.key and known.url_key) and is_one_day(asked, known) is True


def changes_guids(asked: tuple[Entry, ...], by_key: defaultdict[Hashable, list[Known]]) -> bool:
    """Return whether stored posts have other identifiers in this document, by links and texts.

    A page that several posts link to may repeat its text, so a single proof needs the same day.
    """
    proofs = [
        is_one_day(each, known)
        for each in asked
        if each.key
        for known in by_key[each.key]
        if _is_renamed(each, known) and is_by_link_alone(each, known)
    ]
    return True in proofs or len(proofs) > 1


def _is_renamed(asked: Entry, known: Known) -> bool:
    has_both = known.is_of_feed and bool(asked.post.guid and known.guid)
    return has_both and asked.post.guid != known.guid and asked.words == known.words


def _is_other_page(asked: Entry, known: Known) -> bool:
    """Return whether the stored post is a different one with the same link, by text and date.

    If the dates differ by a day or more, any change of the text counts; otherwise, or without
    dates, most words must differ.
    """
    if not (known.is_of_feed and asked.post.guid and known.guid) or asked.words == known.words:
        return False
    is_other = not is_one_instant(asked, known) and has_other_words(asked, known)
    return is_apart(asked, known) or is_other
