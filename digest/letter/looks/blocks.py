"""Measures the parts of a finished mail in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from digest.letter.plain import one_line
from digest.models import Story, Variant

_TOKEN = re.compile(r"<(/?)(table|tr)\b[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
#: Letters of a block's own words in its name.
_NAMED = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a mail."""

    name: str
    #: Bytes of UTF-8.
    size: int
    #: The post that it shows; 0 if it shows none.
    post_id: int = 0


def measure_blocks(html: str, variant: Variant | None) -> tuple[Block, ...]:
    """Return the parts of a mail in their order; their sizes add up to that of the mail.

    Args:
        html: the finished mail.
        variant: what it shows; None if that is not known.
    """
    rows = _main_rows(html)
    body = max(html.find("<body"), 0)
    first = rows[0][0] if rows else len(html)
    last = rows[-1][1] if rows else len(html)
    blocks = [
        Block(name="Style sheets and head", size=_size(html[:body])),
        Block(name="Frame and hidden line of the inbox", size=_size(html[body:first])),
        *_rows_as_blocks(html, rows, variant),
        Block(name="Footer", size=_size(html[last:])),
    ]
    return tuple(block for block in _merge(blocks) if block.size)


def _rows_as_blocks(html: str, rows: list[tuple[int, int]], variant: Variant | None) -> list[Block]:
    stories = variant.stories if variant else ()
    headings = {f"“{one_line(section.name)}”" for section in variant.sections} if variant else set()
    shown: list[Block] = []
    is_begun = False
    ends = [start for start, _ in rows[1:]] + [rows[-1][1]] if rows else []
    for (start, _), end in zip(rows, ends, strict=True):
        row = html[start:end]
        story = _story_of(row, stories)
        is_begun = is_begun or story is not None
        size = _size(row)
        if _words(row) in headings:
            shown.append(Block(name=f"Heading of {_words(row)}", size=size))
        elif story is not None:
            shown.append(Block(name=_title(story), size=size, post_id=story.post_id))
        elif not is_begun:
            shown.append(Block(name="Masthead, introduction and contents", size=size))
        else:
            shown.append(Block(name=_words(row), size=size))
    return shown


def _story_of(row: str, stories: tuple[Story, ...]) -> Story | None:
    """Return the story that a row shows; a row with links to several is a list, not a story."""
    plain = unescape(row)
    found = [story for story in stories if story.url and f'href="{story.url}"' in plain]
    return found[0] if len(found) == 1 else None


def _title(story: Story) -> str:
    return f"Post: {one_line(story.title) or one_line(story.excerpt)[:_NAMED] or story.post_id}"


def _words(row: str) -> str:
    words = one_line(unescape(_MARKUP.sub(" ", row)).replace("\u00a0", " "))
    if not words:
        return "Lines and spaces"
    return f"“{words[:_NAMED].rstrip()}{'…' if len(words) > _NAMED else ''}”"


def _merge(blocks: list[Block]) -> list[Block]:
    """Join the blocks with the same name; a story has a row for its picture and one for words."""
    merged: dict[tuple[str, int], int] = {}
    for block in blocks:
        key = (block.name, block.post_id)
        merged[key] = merged.get(key, 0) + block.size
    return [
        Block(name=name, size=size, post_id=post_id) for (name, post_id), size in merged.items()
    ]


def _size(html: str) -> int:
    return len(html.encode())


def _main_rows(html: str) -> list[tuple[int, int]]:
    """Return the start and end of each row of the table with the most rows: the mail's content."""
    tables: list[list[tuple[int, int]]] = []
    open_tables: list[list[tuple[int, int]]] = []
    starts: list[int] = []
    for token in _TOKEN.finditer(_blank_comments(html)):
        is_end, is_table = bool(token[1]), token[2].lower() == "table"
        if is_table and not is_end:
            open_tables.append([])
            tables.append(open_tables[-1])
        elif is_table and open_tables:
            open_tables.pop()
        elif not is_end:
            starts.append(token.start())
        elif starts and open_tables:
            open_tables[-1].append((starts.pop(), token.end()))
    return max(tables, key=len, default=[])


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def _blank_comments(html: str) -> str:
    """Return the page of the same length with its comments blank: Outlook's tables do not count."""
    return _COMMENT.sub(lambda found: " " * len(found[0]), html)
