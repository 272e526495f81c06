"""Finds feeds whose posts no newsletter shows."""

from __future__ import annotations

from difflib import get_close_matches

from digest.config import Config


def find_unshown(config: Config) -> tuple[str, ...]:
    """Return a line for each category of feeds that no newsletter shows."""
    shown = {name for newsletter in config.newsletters for name in newsletter.categories}
    feeds: dict[str, list[str]] = {}
    for feed in config.feeds:
        for category in sorted(feed.targets - shown):
            feeds.setdefault(category, []).append(feed.url)
    return tuple(
        f"category {category!r}: in no newsletter's categories, so no subscriber gets the posts of"
        f" {', '.join(urls)}{_nearest(category, shown)}"
        for category, urls in feeds.items()
    )


def _nearest(name: str, names: set[str]) -> str:
    folded = {each.casefold().strip(): each for each in names}
    near = get_close_matches(name.casefold().strip(), sorted(folded), n=1, cutoff=0.8)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
