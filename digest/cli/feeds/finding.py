"""Shows the feeds that were found at an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.cli.output import say
from digest.errors import DigestError
from digest.text.counted import counted
from digest.text.display import printable

if TYPE_CHECKING:
    from digest.newsroom.feeds.sighting import Scouting


def show_found(scouting: Scouting) -> None:
    """Print each feed with some of its posts."""
    for number, feed in enumerate(scouting.found, start=1):
        say(f"{number}. {feed.title or '(no title)'}")
        say(f"   {feed.url}")
        newest = f"{feed.newest:%Y-%m-%d %H:%M} UTC" if feed.newest else "(no date)"
        say(f"   {feed.format}, {counted(feed.posts, 'post')}, newest {newest}")
        for title in feed.samples:
            say(f"   - {title}")
        say(f"   Comments: {feed.comments or 'none found'}")
        if feed.moved_to:
            say(f"   Moved to {feed.moved_to}; add that address instead.")
        for problem in feed.problems:
            say(f"   {problem}")
    for each in scouting.comment_feeds:
        say(f"Comment feed, read automatically: {each.url}")


def no_feed(scouting: Scouting) -> DigestError:
    """Return the error that no feed was found, with each address that was tried."""
    tried = "\n".join(printable(f"tried {each.url}: {each.reason}") for each in scouting.tried)
    no_answer = any(
        each.url == scouting.url and each.reason.startswith("cannot be reached")
        for each in scouting.tried
    )
    may_lack_https = scouting.url.startswith("https:") and no_answer
    advice = "\nif the site has no https, write its address with http://" if may_lack_https else ""
    return DigestError(f"{scouting.url}: no feed found\n{tried}{advice}")
