"""Reads author, date, text and other fields from one comment's markup.

Each part is removed from the markup once it is read, so that it does not appear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

from selectolax.lexbor import LexborNode

from digest.readers.feeds.dates import parse_date
from digest.readers.responses.commentids import wordpress_number
from digest.readers.responses.commentitems import Item
from digest.readers.responses.commentnames import Byline
from digest.readers.responses.commenttext import (
    MAX_ASIDE,
    MAX_CLASSED,
    MAX_FOUND,
    Reader,
    all_in,
    each_of,
    has_class,
    read_text,
    take_out,
    without_credits,
    without_label,
)
from digest.readers.responses.credits import is_name_like, is_notice_label, read_credit
from digest.readers.responses.profiles import PROFILE
from digest.readers.responses.writtendates import read_written_date
from digest.text.links import http_url

#: Lines around a comment that are examined for its author and date.
_MAX_LINES = 12
_ORDINAL = re.compile(r"\s*(?:(?:#|no?\.?|nr\.?)?\s?\d{1,6}[.)]?|#|¶|§|∞)\s*", re.IGNORECASE)
_VOTES = re.compile(r"(?<![\w.])[+-]?\d{1,7}(?![\w.])")
_DATES = "time, [datetime], .dt-published, meta, [itemprop=dateCreated], abbr.published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of a comment in its markup."""

    author: str
    posted_at: datetime | None
    text: str
    #: Absolute link; empty if the markup has none.
    url: str
    #: Address of the comment that this one answers; empty if the markup has none.
    answers: str
    votes: int | None
    #: Whether it waits for moderation.
    is_held: bool
    #: `pingback` or `trackback` if the author's label names one; else empty.
    notice: str = ""


def take_fields(item: Item, page_url: str, language: str, now: datetime) -> Fields:
    """Read one comment and remove it from the page; its answers must be removed before.

    Args:
        item: the comment's markup.
        page_url: the base of relative links.
        language: the page's language, for dates.
        now: the time; later dates are ignored.
    """
    url, answers = _link(item, PROFILE.permalinks, page_url), _link(item, PROFILE.answers, page_url)
    is_held = any(node.css_first(PROFILE.held) for node in item.nodes)
    votes = _votes(item)
    if item.ping and not item.anchor:
        # Nothing else tells two notices of one site apart.
        url = url or _link(item, ("a[href^=http]",), page_url)
    for node in item.nodes:
        take_out(node, PROFILE.junk)
        _take_out_numbers(node)
    reader = Reader(language, now)
    byline = _take_author(item, reader)
    posted_at = _take_date(item, reader)
    # An element with name and date contains only the name now.
    byline = byline or _take_author(item, reader)
    reader.is_wanting = byline is None or posted_at is None
    text = read_text(item, page_url, reader, posted_at)
    author, posted_at, text = _complete(item, byline, posted_at, text, reader)
    for node in item.nodes:
        node.decompose()
    return Fields(
        author=author,
        posted_at=posted_at,
        text=without_label(text, reader) if item.ping else text,
        url=url,
        answers=answers,
        votes=votes,
        is_held=is_held,
        notice=is_notice_label(byline.shown) if byline and byline.shown != author else "",
    )


def _complete(
    item: Item, byline: Byline | None, posted_at: datetime | None, text: str, reader: Reader
) -> tuple[str, datetime | None, str]:
    """Return author, date and text; what is missing is read from the lines that were cut off."""
    author = byline.name if byline else ""
    if item.ping and not author and "\n" not in text:
        # "Pingback: Quay" is all that many themes print.
        author, text = read_credit(text, reader.language, reader.now).name, ""
    if author and posted_at:
        return author, posted_at, text
    shown = [byline.shown] if byline else []
    lines = [line for cut in reader.cut for line in cut.splitlines() if line.strip()]
    for line in (*shown, *lines[:_MAX_LINES], *lines[_MAX_LINES:][-_MAX_LINES:]):
        credit = read_credit(line, reader.language, reader.now)
        posted_at = posted_at or credit.posted_at
        if not author and credit.is_marked and is_name_like(credit.name):
            author = credit.name
    if author:
        return author, posted_at, text
    return _first_line(posted_at, text, reader)


def _first_line(
    posted_at: datetime | None, text: str, reader: Reader
) -> tuple[str, datetime | None, str]:
    """Return author, date and text if the first or last line of the text is the author's."""
    lines = text.split("\n")
    for at in (0, -1) if len(lines) > 1 else ():
        credit = read_credit(lines[at], reader.language, reader.now)
        if credit.is_marked and is_name_like(credit.name):
            del lines[at]
            reader.cut.clear()
            text = without_credits("\n".join(lines).strip(), reader, posted_at)
            dates = (
                read_written_date(line, reader.language, now=reader.now) for line in reader.cut
            )
            posted_at = posted_at or credit.posted_at or next(filter(None, dates), None)
            return credit.name, posted_at, text.strip()
    return "", posted_at, text


def _take_out_numbers(node: LexborNode) -> None:
    """Remove links to the comment itself that show only its number: "#12"."""
    for link in node.css("a[href*='#']")[:MAX_FOUND]:
        if link.mem_id != node.mem_id and _ORDINAL.fullmatch(link.text()[:MAX_ASIDE]):
            link.decompose()


def _take_author(item: Item, reader: Reader) -> Byline | None:
    """Read and remove the author's name: by known markup, by words in classes, by weak signs."""
    for nodes in chain(
        each_of(item, PROFILE.author), _named(item), each_of(item, PROFILE.author_last)
    ):
        for found in nodes:
            inner = found.css_first("time, .comment-meta, .comment-metadata, p")
            byline = _read_author(found, reader) if inner is None else None
            if byline and byline.name:
                found.decompose()
                return byline
    return None


def _read_author(node: LexborNode, reader: Reader) -> Byline:
    if node.tag == "meta":
        name = " ".join((node.attributes.get("content") or "").split())
        return Byline(name=name, shown=name)
    return reader.byline(node)


def _named(item: Item) -> Iterator[list[LexborNode]]:
    """Yield the elements with a class that names the author, the surest first."""
    classed = all_in(item, "[class]")[:MAX_CLASSED]
    for words in PROFILE.author_words:
        yield [node for node in classed if has_class(node, partial(_is_author, words))]


def _is_author(words: frozenset[str], found: frozenset[str]) -> bool:
    return bool(found & words) and not found & PROFILE.not_author_words


def _take_date(item: Item, reader: Reader) -> datetime | None:
    date = _machine_date(item, reader.now)
    for nodes in each_of(item, PROFILE.written):
        if date is not None:
            break
        shown = " ".join(found.text() for found in nodes)
        date = read_written_date(shown, reader.language, now=reader.now)
    for node in item.nodes:
        take_out(node, _DATES)
    return date


def _machine_date(item: Item, now: datetime) -> datetime | None:
    for selector, attribute in PROFILE.dated:
        for found in all_in(item, selector)[:MAX_FOUND]:
            date = parse_date(found.attributes.get(attribute) or "", now=now)
            if date is not None:
                return date
    return None


def _link(item: Item, selectors: tuple[str, ...], page_url: str) -> str:
    """Return the first link; a permalink with a comment number must have the comment's own."""
    number = wordpress_number(item.anchor)
    is_own = selectors is PROFILE.permalinks
    for nodes in each_of(item, selectors):
        for found in nodes:
            attributes = found.attributes
            written = attributes.get("href") or attributes.get("content") or ""
            url = http_url(written, page_url)
            if url and not (is_own and number and wordpress_number(url) != number):
                return url
    return http_url(f"#{item.anchor}", page_url) if is_own and item.anchor else ""


def _votes(item: Item) -> int | None:
    for nodes in each_of(item, PROFILE.votes):
        for found in nodes:
            written = found.attributes.get("content") or found.text()
            number = _VOTES.search(written[:200])
            if number:
                return int(number[0])
    return None
