"""Reads author, date, text and other fields from one comment's markup.

Each part is removed from the markup once it is read, so that it does not appear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from selectolax.lexbor import LexborNode

from digest.readers.feeds.dates import parse_date
from digest.readers.responses.commentitems import Item
from digest.readers.responses.comments import wordpress_number
from digest.readers.responses.profiles import PROFILE
from digest.readers.responses.writtendates import read_written_date
from digest.text.html import clean_html, cut_html, html_to_text, plain_line
from digest.text.links import http_url

#: Characters of one comment's markup; the rest is cut.
_MAX_CHARS = 65_536
#: Matches of one selector that are examined; the right one is among the first.
_MAX_FOUND = 4
_TRAILING = " \t\n,:;·•|"
_WORD = re.compile(r"\w")
#: "Pingback:", in any language, with no text after it.
_LABEL = re.compile(r"\W*[^\n:：]{0,40}[:：]\s*\Z")
_VOTES = re.compile(r"(?<![\w.])[+-]?\d{1,7}(?![\w.])")
_DATES = "time, [datetime], .dt-published, meta, [itemprop=dateCreated], abbr.published"
_BLOCKS = frozenset({"p", "blockquote", "ul", "ol", "pre", "div"})


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
    for node in item.nodes:
        _take_out(node, PROFILE.junk)
    author = _take_author(item)
    posted_at = _take_date(item, language, now)
    # An element with name and date contains only the name now.
    author = author or _take_author(item)
    text = _text(item, page_url)
    for node in item.nodes:
        node.decompose()
    return Fields(
        author=author,
        posted_at=posted_at,
        text=_without_label(text) if item.ping else text,
        url=url,
        answers=answers,
        votes=votes,
        is_held=is_held,
    )


def _all(item: Item, selector: str) -> list[LexborNode]:
    """Return the matches of a selector inside a comment, without the comment's own elements."""
    own = {node.mem_id for node in item.nodes}
    # Each once: a list of selectors may return an element twice.
    found = {each.mem_id: each for node in item.nodes for each in node.css(selector)}
    return [each for key, each in found.items() if key not in own]


def _each(item: Item, selectors: tuple[str, ...]) -> Iterator[list[LexborNode]]:
    """Yield the matches of each selector in the comment's current markup; best selector first."""
    # One query instead of thirty if nothing matches.
    if any(node.css_first(", ".join(selectors)) for node in item.nodes):
        for selector in selectors:
            yield _all(item, selector)[:_MAX_FOUND]


def _take_out(node: LexborNode, selector: str) -> None:
    # Inner elements first: removing an element removes those inside it, too.
    for found in reversed(node.css(selector)):
        if found.mem_id != node.mem_id:
            found.decompose()


def _take_author(item: Item) -> str:
    for nodes in _each(item, PROFILE.author):
        for found in nodes:
            inner = found.css_first("time, .comment-meta, .comment-metadata, p")
            name = _name(found) if inner is None else ""
            if name:
                found.decompose()
                return name
    return ""


def _name(node: LexborNode) -> str:
    written = node.attributes.get("content") if node.tag == "meta" else node.text()
    return plain_line(written or "").rstrip(_TRAILING)


def _take_date(item: Item, language: str, now: datetime) -> datetime | None:
    date = _machine_date(item, now)
    for nodes in _each(item, PROFILE.written):
        if date is not None:
            break
        shown = " ".join(found.text() for found in nodes)
        date = read_written_date(shown, language, now=now)
    for node in item.nodes:
        _take_out(node, _DATES)
    return date


def _machine_date(item: Item, now: datetime) -> datetime | None:
    for selector, attribute in PROFILE.dated:
        for found in _all(item, selector)[:_MAX_FOUND]:
            date = parse_date(found.attributes.get(attribute) or "", now=now)
            if date is not None:
                return date
    return None


def _text(item: Item, page_url: str) -> str:
    """Return the text from the first selector that finds one, else all text that is left."""
    for nodes in _each(item, PROFILE.text):
        for found in nodes:
            _take_out(found, PROFILE.meta)
            text = _plain(found, page_url)
            if text:
                return text
    for node in item.nodes:
        _take_out(node, PROFILE.meta)
        _take_out_says(node)
    text = "\n\n".join(filter(None, (_plain(node, page_url) for node in item.nodes)))
    return _without_signs(text)


def _plain(node: LexborNode, page_url: str) -> str:
    # Not the element itself: a list item would put a bullet before the text.
    markup = cut_html(node.inner_html or "", _MAX_CHARS)
    return html_to_text(clean_html(markup, page_url))


def _take_out_says(node: LexborNode) -> None:
    """Remove the loose words before the first paragraph: "Anna says", "on", "|"."""
    first = node.css_first("p")
    if first is None or first.parent is None:
        return
    for child in list(first.parent.iter(include_text=True)):
        if child.mem_id == first.mem_id:
            break
        if child.tag not in _BLOCKS:
            child.decompose()


def _without_signs(text: str) -> str:
    """Remove leading paragraphs without words, such as a single bullet."""
    if not _WORD.search(text):
        return text
    paragraphs = text.split("\n\n")
    while not _WORD.search(paragraphs[0]):
        paragraphs.pop(0)
    return "\n\n".join(paragraphs)


def _without_label(text: str) -> str:
    return "" if _LABEL.fullmatch(text) else text.lstrip(" -–—")


def _link(item: Item, selectors: tuple[str, ...], page_url: str) -> str:
    """Return the first link; a permalink with a comment number must have the comment's own."""
    number = wordpress_number(item.anchor)
    is_own = selectors is PROFILE.permalinks
    for nodes in _each(item, selectors):
        for found in nodes:
            attributes = found.attributes
            written = attributes.get("href") or attributes.get("content") or ""
            url = http_url(written, page_url)
            if url and not (is_own and number and wordpress_number(url) != number):
                return url
    return http_url(f"#{item.anchor}", page_url) if is_own and item.anchor else ""


def _votes(item: Item) -> int | None:
    for nodes in _each(item, PROFILE.votes):
        for found in nodes:
            written = found.attributes.get("content") or found.text()
            number = _VOTES.search(written[:200])
            if number:
                return int(number[0])
    return None
