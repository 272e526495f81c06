"""Selects among the feeds of an address, and proposes a category for their posts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.text.titles import title_key

if TYPE_CHECKING:
    from digest.newsroom.feeds.sighting import Scouting, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The selected feeds; several if the operator has to choose one."""

    feeds: tuple[Sighting, ...]

    @property
    def is_clear(self) -> bool:
        """Whether exactly one feed was selected."""
        return len(self.feeds) == 1


def choose(scouting: Scouting, *, is_all: bool = False) -> Choice:
    """Return the feed that an address most likely means, or all if this is unclear.

    That is the only feed below the page's own address, for the page of a category or of a blog in
    a folder; else the only feed that is not of a category; else all feeds. With `is_all`, all.
    """
    if is_all or len(scouting.found) < 2:
        return Choice(feeds=scouting.found)
    own = tuple(feed for feed in scouting.found if _is_below(feed.url, scouting.url))
    if len(own) == 1:
        return Choice(feeds=own)
    main = tuple(feed for feed in scouting.found if not feed.category)
    return Choice(feeds=main if len(main) == 1 else scouting.found)


def propose_category(feed: Sighting, known: Iterable[str]) -> str:
    """Return a category for a feed's posts, for when the operator gave none.

    That is the feed's own category, else the newsletters' category if they have exactly one, else
    the feed's title; spelled as in `known` if it is there.

    Args:
        feed: the feed.
        known: the newsletters' categories.
    """
    names = {title_key(name): name for name in known}
    proposed = feed.category or (next(iter(names.values())) if len(names) == 1 else feed.title)
    return names.get(title_key(proposed), proposed) or urlsplit(feed.url).hostname or feed.url


def _is_below(feed_url: str, page_url: str) -> bool:
    page, feed = urlsplit(page_url), urlsplit(feed_url)
    folder = page.path.rstrip("/")
    return bool(folder) and feed.hostname == page.hostname and feed.path.startswith(f"{folder}/")
