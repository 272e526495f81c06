"""E05: links that lead nowhere, or not where they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from digest.letter.checks.exhibit import Exhibit
from digest.letter.checks.page import Link
from digest.models import Finding, Story

MAX_OWN_URL = 120


def check_links(exhibit: Exhibit) -> Iterator[Finding]:
    """E05: links of stories, our own links, and equal words with two targets."""
    foreign: set[str] = set()
    for story in exhibit.stories:
        links = {story.url, *(quote.url for quote in story.quotes if quote.url)}
        foreign |= {_key(href) for href in links}
        for href in sorted(links):
            yield from _check_foreign(href, story, exhibit)
    for href in sorted({link.href for link in exhibit.page.links}):
        if _key(href) not in foreign:
            yield from _check_own(href, exhibit)
    quotes = {quote.url for story in exhibit.stories for quote in story.quotes}
    yield from _check_targets(link for link in exhibit.page.links if link.href not in quotes)


def _key(href: str) -> str:
    """Make equal what the page writes and what the feed wrote: escapes, and a place in the page."""
    return unquote(href.partition("#")[0])


def _check_foreign(href: str, story: Story, exhibit: Exhibit) -> Iterator[Finding]:
    fault = _fault(href, ("https", "http"))
    if fault:
        yield _finding(href, fault, post_id=story.post_id)
    elif not exhibit.site.is_development and not href.lower().startswith("https:"):
        yield _finding(href, "not https", is_error=False, post_id=story.post_id)


def _check_own(href: str, exhibit: Exhibit) -> Iterator[Finding]:
    schemes = ("https", "http") if exhibit.site.is_development else ("https",)
    fault = _fault(href, schemes)
    if fault:
        yield _finding(href, fault)
    elif len(href) > MAX_OWN_URL:
        yield _finding(href, f"longer than {MAX_OWN_URL} characters", is_error=False)


def _fault(href: str, schemes: tuple[str, ...]) -> str:
    """Say why nobody can follow the link; empty where somebody can."""
    if any(character.isspace() for character in href):
        return "has blanks or line breaks"
    if not href or href.startswith("#"):
        return "an empty link, or one within the mail, where many mail programs do nothing"
    try:
        parts = urlsplit(href)
    except ValueError:
        return "not a link"
    if parts.scheme not in schemes:
        return f"not {' or '.join(schemes)}"
    return "" if parts.hostname else "relative"


def _check_targets(links: Iterable[Link]) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for link in links:
        name = (link.text, link.label)
        if link.text and first.setdefault(name, link.href) != link.href:
            yield _finding(link.href, f"“{link.text}” leads to two places", is_error=False)


def _finding(href: str, text: str, *, is_error: bool = True, post_id: int = 0) -> Finding:
    place = f"link {href[:120]!r}"
    return Finding(rule="E05", is_error=is_error, place=place, text=text, post_id=post_id)
