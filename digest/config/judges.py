"""The installed judges of comments, which packages offer as entry points."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoints, entry_points

from digest.config.keys import Config

#: The group of entry points; each is a `digest.models.CommentJudge`.
GROUP = "digest.comment_judge"


def installed_judges() -> EntryPoints:
    """Return the entry points of the installed judges; none is imported."""
    return entry_points(group=GROUP)


def unknown_judges(config: Config) -> Iterator[str]:
    """Yield a line for each newsletter whose judge is not installed."""
    for newsletter in config.newsletters:
        wanted = newsletter.policy.judge
        if not wanted:
            continue
        known = sorted(installed_judges().names)
        if wanted not in known:
            installed = (
                f"use one of {', '.join(known)}" if known else f"no package offers a {GROUP}"
            )
            place = f"[[newsletters]] {newsletter.name}: policy.judge"
            yield f"{place}: {wanted!r} is not installed; {installed}"
