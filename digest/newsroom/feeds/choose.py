"""Which of the feeds behind an address are meant, and the category they go to. Pure."""

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
    """The feeds that are meant; several where a person has to say which."""

    feeds: tuple[Sighting, ...]

    @property
    def is_clear(self) -> bool:
        """Whether there is nothing to ask."""
        return len(self.feeds) == 1


def choose(scouting: Scouting, *, is_all: bool = False) -> Choice:
    """Give the feed that an address stands for, or those among which it leaves the choice.

    The feed below the page's own address, for the page of a category or of a blog in a folder;
    else the one feed that is not of a category; else all of them.
    """
    if is_all or len(scouting.found) < 2:
        return Choice(feeds=scouting.found)
    own = tuple(feed for feed in scouting.found if _is_below(feed.url, scouting.url))
    if len(own) == 1:
        return Choice(feeds=own)
    main = tuple(feed for feed in scouting.found if not feed.category)
    return Choice(feeds=main if len(main) == 1 else scouting.found)


def propose_category(feed: Sighting, known: Iterable[str]) -> str:
    """Give the category that a feed's posts go to where nobody has named one.

    A feed's category by its name in the newsletters where they have one, the only category where
    they have but one, else the feed's own title.

    Args:
        feed: as seen.
        known: the newsletters' categories.
    """
    names = {title_key(name): name for name in known}
    proposed = feed.category or (next(iter(names.values())) if len(names) == 1 else feed.title)
    return names.get(title_key(proposed), proposed) or urlsplit(feed.url).hostname or feed.url


def _is_below(feed_url: str, page_url: str) -> bool:
    page, feed = urlsplit(page_url), urlsplit(feed_url)
    folder = page.path.rstrip("/")
    return bool(folder) and feed.hostname == page.hostname and feed.path.startswith(f"{folder}/")
