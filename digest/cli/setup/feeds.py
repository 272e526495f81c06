"""Finds the feeds of a new installation from the address of its site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from digest.cli.feeds.address import typed_url
from digest.cli.feeds.finding import no_feed, show_found
from digest.cli.loop import run
from digest.cli.output import say
from digest.cli.setup.asking import Asker, until_right
from digest.errors import DigestError, UsageError
from digest.models import NewFeed
from digest.newsroom.feeds.choose import choose, propose_category
from digest.text.counted import counted
from digest.text.display import printable

if TYPE_CHECKING:
    from digest.newsroom.feeds.sighting import Scouting, Sighting


def find_feeds(
    asker: Asker, site: str, addresses: Sequence[str]
) -> tuple[str, tuple[Sighting, ...]]:
    """Return the address of the site and its feeds; neither if nothing was given or asked.

    Args:
        asker: asks for the site, and which feeds.
        site: the address of the site, or of a feed; may be empty.
        addresses: the addresses of the feeds; empty to look for them at the site.

    Raises:
        UsageError: an address is wrong, or the site has several feeds and none is chosen.
        DigestError: no feed was found.
    """
    if not asker.is_asking:
        return _find(asker, site, addresses) if site or addresses else ("", ())
    while True:
        try:
            if not (site or addresses):
                site = typer.prompt("Address of your site, or of its feed")
            return _find(asker, site, addresses)
        except DigestError as error:
            say(str(error))
            site, addresses = "", ()


def to_configured(
    asker: Asker, found: Sequence[Sighting], categories: tuple[str, ...]
) -> tuple[NewFeed, ...]:
    """Return the feeds for the configuration, each with its categories."""
    return tuple(
        NewFeed(
            url=seen.moved_to or seen.url, categories=categories or (_ask_section(asker, seen),)
        )
        for seen in found
    )


def _find(asker: Asker, site: str, addresses: Sequence[str]) -> tuple[str, tuple[Sighting, ...]]:
    home = typed_url(site) if site else ""
    found: dict[str, Sighting] = {}
    for address in map(typed_url, addresses or (site,)):
        scouting = run(asker.app.newsroom.feeds.find(address))
        found.update({feed.url: feed for feed in _choose(asker, scouting)})
        if not home or (scouting.is_feed and home == address):
            home = _root_of(address)
    return home, tuple(found.values())


def _choose(asker: Asker, scouting: Scouting) -> tuple[Sighting, ...]:
    if not scouting.found:
        raise no_feed(scouting)
    if not asker.is_quiet:
        show_found(scouting)
    choice = choose(scouting)
    if choice.is_clear:
        return choice.feeds
    count = len(scouting.found)
    if not asker.is_asking:
        raise UsageError(
            f"{scouting.url}: has {counted(count, 'feed')}; give the address of each with --feed"
        )
    asked = f"Which feeds? (numbers from 1 to {count}, such as 1,2)"
    return until_right(lambda: _numbered(scouting.found, typer.prompt(asked, default="1")))


def _numbered(found: tuple[Sighting, ...], answer: str) -> tuple[Sighting, ...]:
    chosen = []
    for word in answer.replace(",", " ").split():
        if not (word.isdecimal() and 1 <= int(word) <= len(found)):
            raise UsageError(f"{printable(word)[:40]!r} is not one of the numbers above")
        chosen.append(found[int(word) - 1])
    if not chosen:
        raise UsageError("give at least one number")
    return tuple(dict.fromkeys(chosen))


def _ask_section(asker: Asker, seen: Sighting) -> str:
    asked = f"Section for the posts of {printable(seen.title) or seen.url}"
    proposed = propose_category(seen, ())
    return asker.value("category", "--category", asked, "", known=proposed)


def _root_of(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}/"
