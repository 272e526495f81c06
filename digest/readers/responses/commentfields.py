"""What one comment's markup says: who, when, what.

The markup is taken apart while it is read: what was found is taken out, so that it is not found
again among the words.
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

#: Of one comment's markup; a longer one is no comment.
_MAX_CHARS = 65_536
#: Of what one selector finds in a comment; what matters stands first.
_MAX_FOUND = 4
_TRAILING = " \t\n,:;·•|"
#: A word.
_WORD = re.compile(r"\w")
#: "Pingback:", in any language, with nothing behind it.
_LABEL = re.compile(r"\W*[^\n:：]{0,40}[:：]\s*\Z")
_VOTES = re.compile(r"(?<![\w.])[+-]?\d{1,7}(?![\w.])")
_DATES = "time, [datetime], .dt-published, meta, [itemprop=dateCreated], abbr.published"
_BLOCKS = frozenset({"p", "blockquote", "ul", "ol", "pre", "div"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A comment's parts as its markup gives them."""

    author: str
    posted_at: datetime | None
    text: str
    #: Absolute link; empty where the markup has none.
    url: str
    #: Address of the comment that it says it answers; empty where it says nothing.
    answers: str
    votes: int | None
    #: Whether it waits for an editor.
    is_held: bool


def take_fields(item: Item, page_url: str, language: str, now: datetime) -> Fields:
    """Read one comment and take it out of the page; its answers were taken before.

    Args:
        item: its markup.
        page_url: what links count from.
        language: of the page, for dates.
        now: dates after it are not believed.
    """
    url, answers = _link(item, PROFILE.permalinks, page_url), _link(item, PROFILE.answers, page_url)
    is_held = any(node.css_first(PROFILE.held) for node in item.nodes)
    votes = _votes(item)
    for node in item.nodes:
        _take_out(node, PROFILE.junk)
    author = _take_author(item)
    posted_at = _take_date(item, language, now)
    # What held name and date holds the name alone now.
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
    """Give what a selector finds inside a comment, not the element that holds it."""
    held_by = {node.mem_id for node in item.nodes}
    # Each once: what a list of selectors matches twice is found twice.
    found = {each.mem_id: each for node in item.nodes for each in node.css(selector)}
    return [each for key, each in found.items() if key not in held_by]


def _each(item: Item, selectors: tuple[str, ...]) -> Iterator[list[LexborNode]]:
    """Give what each selector finds, as the comment is then; best selector first."""
    # One question instead of thirty where the answer is no.
    if any(node.css_first(", ".join(selectors)) for node in item.nodes):
        for selector in selectors:
            yield _all(item, selector)[:_MAX_FOUND]


def _take_out(node: LexborNode, selector: str) -> None:
    # Inner ones first: an element is gone with the one around it.
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
    """Give the words: where a selector finds them, else all that is left."""
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
    # The element itself would be a list's, with a mark before its words.
    markup = cut_html(node.inner_html or "", _MAX_CHARS)
    return html_to_text(clean_html(markup, page_url))


def _take_out_says(node: LexborNode) -> None:
    """Take out the loose words before the first paragraph: "Anna says", "on", "|"."""
    first = node.css_first("p")
    if first is None or first.parent is None:
        return
    for child in list(first.parent.iter(include_text=True)):
        if child.mem_id == first.mem_id:
            break
        if child.tag not in _BLOCKS:
            child.decompose()


def _without_signs(text: str) -> str:
    """Drop paragraphs at the beginning that are no words, such as a lone bullet."""
    if not _WORD.search(text):
        return text
    paragraphs = text.split("\n\n")
    while not _WORD.search(paragraphs[0]):
        paragraphs.pop(0)
    return "\n\n".join(paragraphs)


def _without_label(text: str) -> str:
    return "" if _LABEL.fullmatch(text) else text.lstrip(" -–—")


def _link(item: Item, selectors: tuple[str, ...], page_url: str) -> str:
    """Give the first link; where comments are numbered only one to the comment itself."""
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
