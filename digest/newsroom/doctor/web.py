"""Examines what is reached over the web: the clock by a server's, the pictures, the own pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from digest.errors import FeedError
from digest.models.checkups import Checkup, fault, note, ok, warning
from digest.newsroom.clock import TOLERANCE
from digest.readers.web.fetch import Fetcher

#: Servers that are asked for the time.
_ASKED = 3
#: How far the clock may be away from a server's.
_NEAR = timedelta(minutes=2)


async def examine_clock(fetcher: Fetcher, urls: Sequence[str], now: datetime) -> Checkup:
    """Compare the clock with the `Date` header of the first server that answers."""
    for url in urls[:_ASKED]:
        try:
            said = await fetcher.ask_time(url)
        except FeedError:
            continue
        if said is None:
            continue
        away = abs(said - now)
        if away <= _NEAR:
            return ok("clock", "agrees with the web")
        text = f"{away} away from the time of {url}"
        advice = "set the clock, and keep it right by NTP"
        return (fault if away > TOLERANCE else warning)("clock", text, advice)
    return note("clock", "no server could be asked for the time")


async def examine_pictures(fetcher: Fetcher, urls: Sequence[str]) -> AsyncIterator[Checkup]:
    """Fetch each picture that our mails name."""
    for url in urls:
        try:
            fetched = await fetcher.get(url)
        except FeedError as error:
            yield warning("images", str(error).removeprefix("feed "), "correct its address")
            continue
        kind = fetched.content_type.partition(";")[0].strip().lower()
        if kind.startswith("image/"):
            yield ok("images", f"{url}: {kind}")
        else:
            yield warning("images", f"{url}: is {kind or 'no picture'}", "correct its address")


async def examine_pages(fetcher: Fetcher, base_url: str) -> Checkup:
    """Fetch the subscribers' pages at their public address, as a subscriber would."""
    try:
        await fetcher.get(base_url)
    except FeedError as error:
        return warning(
            "pages",
            f"the public pages do not answer: {str(error).removeprefix('feed ')}",
            "run `digest serve` or `digest run --serve` behind your web server at site.base_url;"
            " without them nobody can sign up, choose or leave",
        )
    return ok("pages", f"{base_url} answers")
