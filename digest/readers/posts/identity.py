"""Decides which feed entries are the same post.

`KnownPosts.find` applies the rules in this order, each to the entries that are left. In one
document a stored post is found once at most, so two entries never become one post:

1. **Identifier**: equal within a feed. Not if the document gives it to several links, if it is a
   site's front page, or if title, text and day of publication (without one, the link) all differ:
   then the feed uses one identifier for several posts.
2. **Permanent link**: an identifier that is a link, equal in any feed.
3. **Whole link**: equal links with their fragments, within a feed.
4. **Link**: equal link keys, if only one entry of the document has the link. For a link to a mobile
   page the titles must be equal, too. Not if within the feed the identifiers, the texts and the
   dates differ, or title, text and day: then several posts link to the same page.
5. **Page**: equal links without fragments within a feed, also if several entries have the link.
   Only with equal texts, or with the same instant of publication and similar texts.
6. **Text**: title, text and day equal within a feed, because a site that moved changes the rest.
   Entries with neither identifier nor link match by text alone, without a date.
7. **Instant**: title and instant of publication equal within a feed. A day without a time of day,
   and midnight exactly, is not an instant.
8. **Name**: title and day equal, at least one of the two without a link, in a feed that changes
   its identifiers in this document.
9. **Relaunch**: the document has many entries that rules 1 to 5 did not find, and nearly all of
   them have the title of one stored post; see `relaunch`.

If no rule matches, the entries are different posts: a story twice is better than a missing story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime

from digest.models import KnownPost
from digest.readers.posts.entry import Entry
from digest.readers.posts.known import Found, Known
from digest.readers.posts.likeness import date_of, day_of
from digest.readers.posts.relaunch import relaunched
from digest.readers.posts.sameness import (
    changes_guids,
    is_by_guid,
    is_by_instant,
    is_by_link,
    is_by_link_alone,
    is_by_name,
    is_by_page,
    is_by_permalink,
    is_by_text,
    is_by_whole_link,
)


class KnownPosts:
    """Finds the stored posts of a document's entries."""

    def __init__(self, known: Iterable[KnownPost]) -> None:
        self._known = tuple(map(Known.of, known))

    def find(self, entries: tuple[Entry, ...]) -> tuple[KnownPost | None, ...]:
        """Return the stored post of each entry of one document; None for a new post."""
        found = Found(entries)
        by_guid = self._by(lambda known: known.guid)
        found.take(is_by_guid, by_guid, lambda each: each.post.guid)
        found.take(is_by_permalink, by_guid, lambda each: each.post.guid)
        found.take(is_by_whole_link, self._by(lambda known: known.whole_link), _whole_link)
        by_key = self._by(lambda known: known.url_key)
        has_new_guids = changes_guids(entries, by_key)
        is_same_link = is_by_link_alone if has_new_guids else is_by_link
        found.take(is_same_link, by_key, lambda each: each.key)
        found.take(is_by_page, self._by(_page_and_day), _page_and_day)
        unknown = found.open
        if not unknown:
            return tuple(found.posts)
        titles = {entries[index].title_key for index in unknown}
        by_text = self._by(lambda known: _text(known) if known.title_key in titles else None)
        found.take(is_by_text, by_text, _text)
        found.take(is_by_instant, self._by(_title_and_instant), _title_and_instant)
        if has_new_guids:
            found.take(is_by_name, self._by(_title_and_day), _title_and_day)
        found.pair(relaunched(found, unknown, self._known))
        return tuple(found.posts)

    def _by(self, name: Callable[[Known], Hashable]) -> defaultdict[Hashable, list[Known]]:
        """Return the stored posts by a name, in the given order."""
        named: defaultdict[Hashable, list[Known]] = defaultdict(list)
        for known in self._known:
            named[name(known)].append(known)
        return named


def _whole_link(asked: Entry) -> str:
    return asked.whole_link


def _page_and_day(each: Entry | Known) -> tuple[str, object] | None:
    return (each.page, day_of(each)) if each.page else None


def _text(each: Entry | Known) -> tuple[str, str]:
    return each.title_key, each.words


def _title_and_day(each: Entry | Known) -> tuple[str, object] | None:
    return (each.title_key, day_of(each)) if each.title_key else None


def _title_and_instant(each: Entry | Known) -> tuple[str, datetime] | None:
    date = date_of(each)
    return (each.title_key, date) if each.title_key and date else None
