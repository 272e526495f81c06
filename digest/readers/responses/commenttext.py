"""Reads the text of one comment, and cuts off what is printed around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.readers.responses.commentitems import Item
from digest.readers.responses.commentnames import Byline, read_byline
from digest.readers.responses.credits import (
    is_button,
    is_credit,
    is_label,
    is_name_like,
    read_credit,
)
from digest.readers.responses.profiles import PROFILE
from digest.readers.responses.writtendates import read_written_date
from digest.text.html import clean_html, cut_html, html_to_text

#: Characters of one comment's markup; the rest is cut.
_MAX_CHARS = 65_536
#: Matches of one selector that are examined; the right one is among the first.
MAX_FOUND = 4
#: Elements with a class that are examined for words in it.
MAX_CLASSED = 60
#: Characters of an element that is not the text because of its class.
MAX_ASIDE = 60
#: Characters of the markup of an element that is removed; the rest is not kept.
_MAX_TAKEN = 2000
#: A line of these alone is no text; a line of other signs may be a smile.
_MARKS = " \t·•|,;:–—-#@"
_CLASS_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORD = re.compile(r"\w")
#: "Pingback:", in any language, with no text after it.
_LABEL = re.compile(r"\W*[^\n:：]{0,40}[:：]\s*\Z")
_BLOCKS = frozenset({"p", "blockquote", "ul", "ol", "pre", "div"})


@dataclass(slots=True)
class Reader:
    """The reader of dates, and the lines cut off while a comment is read."""

    language: str
    now: datetime
    cut: list[str] = field(default_factory=list)
    #: Whether author or date are still unknown, so that lines cut off are kept.
    is_wanting: bool = True

    def keep(self, node: LexborNode) -> None:
        """Keep the lines of an element that is not the text, if something is unknown."""
        if self.is_wanting:
            self.cut.append(html_to_text(cut_html(node.html or "", _MAX_TAKEN)))

    def byline(self, node: LexborNode) -> Byline:
        """Return the name in an element; see `read_byline`."""
        return read_byline(node, self.language, self.now)

    def is_credit(self, line: str) -> bool:
        """Return whether a line has no words of its own; see `credits.is_credit`."""
        return is_credit(line, self.language, self.now)

    def is_byline(self, text: str) -> bool:
        """Return whether a text is one line that names author or date, and nothing else."""
        if "\n" in text:
            return False
        credit = read_credit(text, self.language, self.now)
        return self.is_credit(text) or (credit.is_marked and is_name_like(credit.name))

    def is_around(self, line: str, posted_at: datetime | None) -> bool:
        """Return whether a line of a comment is not part of its text."""
        if not _WORD.search(line):
            return not line.strip(_MARKS)
        if not (self.is_credit(line) and is_label(line)):
            return False
        date = read_written_date(line, self.language, now=self.now)
        return date is None or posted_at is None or date.date() == posted_at.date()


def read_text(item: Item, page_url: str, reader: Reader, posted_at: datetime | None) -> str:
    """Return the text from the first selector that finds one, else all text that is left.

    Args:
        item: the comment's markup.
        page_url: the base of relative links.
        reader: gets the other words of the comment.
        posted_at: the comment's date; None if unknown.
    """
    for nodes in each_of(item, PROFILE.text):
        for found in nodes:
            take_out(found, PROFILE.meta, reader)
            _take_out_asides(found, reader)
            text = _without_buttons(_plain(found, page_url))
            if text:
                if reader.is_wanting:
                    found.decompose()
                    reader.cut.extend(_plain(node, page_url) for node in item.nodes)
                return text
    text = ""
    # A theme may put the text into the element of the author's name, or before the author's line.
    for meta, with_asides in ((PROFILE.meta, False), ("", False), ("", True)):
        whole = _all_text(item, page_url, meta, reader, with_asides=with_asides)
        text = _without_buttons(without_credits(whole, reader, posted_at))
        if text and not reader.is_byline(text):
            break
    return text


def _all_text(item: Item, page_url: str, meta: str, reader: Reader, *, with_asides: bool) -> str:
    """Return the text of a comment, without what `meta` selects.

    Args:
        item: the comment's markup.
        page_url: the base of relative links.
        meta: a selector; empty for nothing.
        reader: gets what is left out.
        with_asides: whether to keep short elements beside the text and words before a paragraph.
    """
    texts = []
    for node in item.nodes:
        own = LexborHTMLParser(f"<div>{node.inner_html or ''}</div>").css("div")[0]
        if meta:
            take_out(own, meta, reader)
        if not with_asides:
            _take_out_asides(own, reader)
            said = _take_out_says(own)
            reader.cut.extend((said, " ".join(said.split())))
        texts.append(_plain(own, page_url))
    return "\n\n".join(filter(None, texts))


def _take_out_asides(node: LexborNode, reader: Reader) -> None:
    """Remove short elements whose class says that they are not the text: counters, dates."""
    asides = {}
    for found in node.css("[class]")[:MAX_CLASSED]:
        is_aside = has_class(found, _is_aside)
        # A selector also matches the element itself.
        has_paragraph = any(each.mem_id != found.mem_id for each in found.css("p")[:2])
        if found.mem_id == node.mem_id or not is_aside or has_paragraph:
            continue
        if len(found.text()) <= MAX_ASIDE:
            line = _credit_line(found, node, reader)
            asides[line.mem_id] = line
    # Each before what is around it, because removing an element removes those inside it, too.
    for line in sorted(asides.values(), key=_depth_in(node), reverse=True):
        reader.keep(line)
        line.decompose()


def _is_aside(words: frozenset[str]) -> bool:
    return bool(words & PROFILE.aside_words) and not words & PROFILE.text_words


def _credit_line(found: LexborNode, within: LexborNode, reader: Reader) -> LexborNode:
    """Return the largest element around `found` that has only credits, such as date and time."""
    while (around := found.parent) is not None and around.mem_id != within.mem_id:
        shown = " ".join(around.text()[: MAX_ASIDE * 2 + 1].split())
        if len(shown) > MAX_ASIDE * 2 or not reader.is_credit(shown):
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


def _take_out_says(node: LexborNode) -> str:
    """Remove and return the loose words before the first paragraph: "Anna says", "on", "|"."""
    first = node.css_first("p")
    if first is None or first.parent is None:
        return ""
    said: list[str] = []
    children = list(first.parent.iter(include_text=True))
    for child in takewhile(lambda child: child.mem_id != first.mem_id, children):
        if child.tag not in _BLOCKS:
            said.append("\n" if child.tag == "br" else child.text(deep=child.tag != "-text"))
            child.decompose()
    return " ".join(said)


def without_credits(text: str, reader: Reader, posted_at: datetime | None) -> str:
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


def without_label(text: str, reader: Reader) -> str:
    """Return the text of a pingback; empty if it is only a label: "Pingback:"."""
    is_label = _LABEL.fullmatch(text) or reader.is_credit(text)
    return "" if is_label else text.lstrip(" -–—")


def all_in(item: Item, selector: str) -> list[LexborNode]:
    """Return the matches of a selector inside a comment, without the comment's own elements."""
    own = {node.mem_id for node in item.nodes}
    # Each once: a list of selectors may return an element twice.
    found = {each.mem_id: each for node in item.nodes for each in node.css(selector)}
    return [each for key, each in found.items() if key not in own]


def each_of(item: Item, selectors: tuple[str, ...]) -> Iterator[list[LexborNode]]:
    """Yield the matches of each selector in the comment's current markup; best selector first."""
    # One query instead of thirty if nothing matches.
    if any(node.css_first(", ".join(selectors)) for node in item.nodes):
        for selector in selectors:
            yield all_in(item, selector)[:MAX_FOUND]


def take_out(node: LexborNode, selector: str, reader: Reader | None = None) -> None:
    """Remove the matches of a selector; the reader keeps their lines."""
    # Inner elements first: removing an element removes those inside it, too.
    for found in reversed(node.css(selector)):
        if found.mem_id != node.mem_id:
            if reader is not None:
                reader.keep(found)
            found.decompose()


def has_class(node: LexborNode, accepts: Callable[[frozenset[str]], bool]) -> bool:
    """Return whether one of an element's classes has the right words in its name."""
    names = (node.attributes.get("class") or "").split()
    return any(
        accepts(frozenset(word.lower() for word in _CLASS_WORDS.findall(name))) for name in names
    )
