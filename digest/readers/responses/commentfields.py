"""Reads author, date, text and other fields from one comment's markup.

Each part is removed from the markup once it is read, so that it does not appear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.readers.feeds.dates import parse_date
from digest.readers.responses.commentitems import Item
from digest.readers.responses.commentnames import Byline, read_byline
from digest.readers.responses.comments import wordpress_number
from digest.readers.responses.credits import (
    is_button,
    is_credit,
    is_label,
    is_name_like,
    is_notice_label,
    read_credit,
)
from digest.readers.responses.profiles import PROFILE
from digest.readers.responses.writtendates import read_written_date
from digest.text.html import clean_html, cut_html, html_to_text
from digest.text.links import http_url

#: Characters of one comment's markup; the rest is cut.
_MAX_CHARS = 65_536
#: Matches of one selector that are examined; the right one is among the first.
_MAX_FOUND = 4
#: Elements with a class that are examined for words in it.
_MAX_CLASSED = 60
#: Characters of an element that is not the text because of its class.
_MAX_ASIDE = 60
#: Characters kept of an element that is removed.
_MAX_TAKEN = 400
#: Lines around a comment that are examined for its author and date.
_MAX_LINES = 12
#: A line of these alone is no text; a line of other signs may be a smile.
_MARKS = " \t·•|,;:–—-#@"
_CLASS_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORD = re.compile(r"\w")
#: "Pingback:", in any language, with no text after it.
_LABEL = re.compile(r"\W*[^\n:：]{0,40}[:：]\s*\Z")
_ORDINAL = re.compile(r"\s*(?:(?:#|no?\.?|nr\.?)?\s?\d{1,6}[.)]?|#|¶|§|∞)\s*", re.IGNORECASE)
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
    #: `pingback` or `trackback` if the author's label names one; else empty.
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Reader:
    """What dates are read by, and the lines cut off while a comment is read."""

    language: str
    now: datetime
    cut: list[str] = field(default_factory=list)

    def byline(self, node: LexborNode) -> Byline:
        return read_byline(node, self.language, self.now)

    def is_credit(self, line: str) -> bool:
        return is_credit(line, self.language, self.now)

    def is_around(self, line: str, posted_at: datetime | None) -> bool:
        """Return whether a line of a comment is not part of its text."""
        if not _WORD.search(line):
            return not line.strip(_MARKS)
        if not (self.is_credit(line) and is_label(line)):
            return False
        date = read_written_date(line, self.language, now=self.now)
        return date is None or posted_at is None or date.date() == posted_at.date()


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
        _take_out_numbers(node)
    reader = _Reader(language, now)
    byline = _take_author(item, reader)
    posted_at = _take_date(item, reader)
    # An element with name and date contains only the name now.
    byline = byline or _take_author(item, reader)
    text = _text(item, page_url, reader, posted_at)
    author, posted_at, text = _complete(byline, posted_at, text, reader)
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
        notice=is_notice_label(byline.shown) if byline and byline.shown != author else "",
    )


def _complete(
    byline: Byline | None, posted_at: datetime | None, text: str, reader: _Reader
) -> tuple[str, datetime | None, str]:
    """Return author, date and text; what is missing is read from the lines that were cut off."""
    author = byline.name if byline else ""
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
    posted_at: datetime | None, text: str, reader: _Reader
) -> tuple[str, datetime | None, str]:
    """Return author, date and text if the first or last line of the text is the author's."""
    lines = text.split("\n")
    for at in (0, -1) if len(lines) > 1 else ():
        credit = read_credit(lines[at], reader.language, reader.now)
        if credit.is_marked and is_name_like(credit.name):
            del lines[at]
            reader.cut.clear()
            text = _without_credits("\n".join(lines).strip(), reader, posted_at)
            dates = (
                read_written_date(line, reader.language, now=reader.now) for line in reader.cut
            )
            posted_at = posted_at or credit.posted_at or next(filter(None, dates), None)
            return credit.name, posted_at, text.strip()
    return "", posted_at, text


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


def _take_out(node: LexborNode, selector: str) -> list[str]:
    """Remove the matches of a selector; return their texts."""
    taken = []
    # Inner elements first: removing an element removes those inside it, too.
    for found in reversed(node.css(selector)):
        if found.mem_id != node.mem_id:
            taken.append(found.text()[:_MAX_TAKEN])
            found.decompose()
    return taken[::-1]


def _take_out_numbers(node: LexborNode) -> None:
    """Remove links to the comment itself that show only its number: "#12"."""
    for link in node.css("a[href*='#']")[:_MAX_FOUND]:
        if link.mem_id != node.mem_id and _ORDINAL.fullmatch(link.text()[:_MAX_ASIDE]):
            link.decompose()


def _take_author(item: Item, reader: _Reader) -> Byline | None:
    """Read and remove the author's name: by known markup, by words in classes, by weak signs."""
    for nodes in chain(_each(item, PROFILE.author), _named(item), _each(item, PROFILE.author_last)):
        for found in nodes:
            inner = found.css_first("time, .comment-meta, .comment-metadata, p")
            byline = _read_author(found, reader) if inner is None else None
            if byline and byline.name:
                found.decompose()
                return byline
    return None


def _read_author(node: LexborNode, reader: _Reader) -> Byline:
    if node.tag == "meta":
        name = " ".join((node.attributes.get("content") or "").split())
        return Byline(name=name, shown=name)
    return reader.byline(node)


def _named(item: Item) -> Iterator[list[LexborNode]]:
    """Yield the elements with a class that names the author, the surest first."""
    classed = _all(item, "[class]")[:_MAX_CLASSED]
    for words in PROFILE.author_words:
        yield [
            node
            for node in classed
            if _has_class(node, lambda found, words=words: _is_author(found, words))
        ]


def _is_author(found: frozenset[str], words: frozenset[str]) -> bool:
    return bool(found & words) and not found & PROFILE.not_author_words


def _has_class(node: LexborNode, accepts: Callable[[frozenset[str]], bool]) -> bool:
    """Return whether one of an element's classes has the right words in its name."""
    names = (node.attributes.get("class") or "").split()
    return any(
        accepts(frozenset(word.lower() for word in _CLASS_WORDS.findall(name))) for name in names
    )


def _take_date(item: Item, reader: _Reader) -> datetime | None:
    date = _machine_date(item, reader.now)
    for nodes in _each(item, PROFILE.written):
        if date is not None:
            break
        shown = " ".join(found.text() for found in nodes)
        date = read_written_date(shown, reader.language, now=reader.now)
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


def _text(item: Item, page_url: str, reader: _Reader, posted_at: datetime | None) -> str:
    """Return the text from the first selector that finds one, else all text that is left.

    The other words of the comment are added to `reader.cut`.
    """
    for nodes in _each(item, PROFILE.text):
        for found in nodes:
            reader.cut.extend(_take_out(found, PROFILE.meta))
            _take_out_asides(found, reader)
            text = _without_buttons(_plain(found, page_url))
            if text:
                found.decompose()
                reader.cut.extend(_plain(node, page_url) for node in item.nodes)
                return text
    text = _all_text(item, page_url, PROFILE.meta, reader)
    # A theme may put the text into the element of the author's name.
    text = text or _all_text(item, page_url, "", reader)
    return _without_buttons(_without_credits(text, reader, posted_at))


def _all_text(item: Item, page_url: str, meta: str, reader: _Reader) -> str:
    """Return the text of a comment without its credits."""
    texts = []
    for node in item.nodes:
        own = LexborHTMLParser(f"<div>{node.inner_html or ''}</div>").css_first("div")
        if own is None:
            continue
        if meta:
            reader.cut.extend(_take_out(own, meta))
        _take_out_asides(own, reader)
        reader.cut.extend(_take_out_says(own))
        texts.append(_plain(own, page_url))
    return "\n\n".join(filter(None, texts))


def _take_out_asides(node: LexborNode, reader: _Reader) -> None:
    """Remove short elements whose class says that they are not the text: counters, dates."""
    asides = {}
    for found in node.css("[class]")[:_MAX_CLASSED]:
        is_aside = _has_class(found, lambda words: bool(words & PROFILE.aside_words))
        if found.mem_id == node.mem_id or not is_aside or found.css_first("p"):
            continue
        if len(found.text()) <= _MAX_ASIDE:
            line = _credit_line(found, node, reader)
            asides[line.mem_id] = line
    # Each before what is around it, because removing an element removes those inside it, too.
    for line in sorted(asides.values(), key=_depth_in(node), reverse=True):
        reader.cut.append(line.text())
        line.decompose()


def _credit_line(found: LexborNode, within: LexborNode, reader: _Reader) -> LexborNode:
    """Return the largest element around `found` that has only credits, such as date and time."""
    while (around := found.parent) is not None and around.mem_id != within.mem_id:
        shown = " ".join(around.text()[: _MAX_ASIDE * 2 + 1].split())
        if len(shown) > _MAX_ASIDE * 2 or not reader.is_credit(shown):
            break
        found = around
    return found


def _depth_in(node: LexborNode) -> Callable[[LexborNode], int]:
    """Return a function that counts the elements between `node` and an element inside it."""

    def count(inner: LexborNode) -> int:
        depth, above = 0, inner.parent
        while above is not None and above.mem_id != node.mem_id:
            depth, above = depth + 1, above.parent
        return depth

    return count


def _plain(node: LexborNode, page_url: str) -> str:
    # Not the element itself: a list item would put a bullet before the text.
    markup = cut_html(node.inner_html or "", _MAX_CHARS)
    return html_to_text(clean_html(markup, page_url))


def _take_out_says(node: LexborNode) -> Iterator[str]:
    """Remove and yield the loose words before the first paragraph: "Anna says", "on", "|"."""
    first = node.css_first("p")
    if first is None or first.parent is None:
        return
    for child in list(first.parent.iter(include_text=True)):
        if child.mem_id == first.mem_id:
            break
        if child.tag not in _BLOCKS:
            yield child.text(deep=child.tag != "-text")
            child.decompose()


def _without_credits(text: str, reader: _Reader, posted_at: datetime | None) -> str:
    """Remove the first and last lines that have only a date, a number, a label or marks.

    Args:
        text: all text of the comment.
        reader: gets the removed lines.
        posted_at: the comment's date if it is known; another date belongs to the text.
    """
    lines = text.split("\n")
    start, end = 0, len(lines)
    while start < end and reader.is_around(lines[start], posted_at):
        start += 1
    while start < end and reader.is_around(lines[end - 1], posted_at):
        end -= 1
    if start == end:
        return text
    reader.cut.extend((*lines[:start], *lines[end:]))
    return "\n".join(lines[start:end])


def _without_buttons(text: str) -> str:
    """Remove the last lines that have only the words of buttons: "Reply", "3 Likes"."""
    lines = text.split("\n")
    while len(lines) > 1 and (not lines[-1] or is_button(lines[-1])):
        lines.pop()
    return "\n".join(lines)


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
