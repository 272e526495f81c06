"""Edits the text of a configuration: its feeds and categories; keeps every other byte. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from digest.errors import ConfigError
from digest.models import NewFeed

_FEED_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*(?:feeds|\"feeds\"|'feeds')[ \t]*\]\]", re.MULTILINE)

_ANY_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)


def feed_lines(feeds: Sequence[NewFeed]) -> str:
    """Return the TOML tables of feeds, separated by empty lines."""
    return "\n".join(map(_table, feeds))


def add_feeds(text: str, feeds: Sequence[NewFeed]) -> str:
    """Return the configuration with the new feeds after the existing ones.

    Inserts them at the first place at which the parsed result has them after the last feed and
    is otherwise unchanged: after the last feed's last key, before comments on the next table.

    Raises:
        ConfigError: there is no such place, as with `feeds = [{…}]` on one line.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    block = newline + _as_spelled(text, feed_lines(feeds)).replace("\n", newline)
    wanted = _loaded(text)
    known = wanted.get("feeds", [])
    wanted["feeds"] = [*known, *tomllib.loads(feed_lines(feeds))["feeds"]]
    for place in _places(text, len(known)):
        before = text[:place]
        gap = "" if before.endswith("\n") or not before else newline
        edge = "" if not text[place:] or text[place:].startswith(("\n", "\r\n")) else newline
        edited = f"{before}{gap}{block}{edge}{text[place:]}"
        if _is_same(edited, wanted):
            return edited
    raise ConfigError(("its feeds are not [[feeds]] tables",))


def remove_feed(text: str, url: str) -> str:
    """Return the configuration without the table of a feed; comments around it stay.

    Raises:
        ConfigError: the feed is not in it, or not as a `[[feeds]]` table.
    """
    wanted = _loaded(text)
    known = wanted.get("feeds", [])
    rest = [feed for feed in known if feed.get("url") != url]
    if len(rest) != len(known) - 1:
        raise ConfigError((f"feed {url} is not in it exactly once",))
    wanted["feeds"] = rest
    if not rest:
        del wanted["feeds"]
    for start, end in _tables(text):
        # An empty line before the table goes with it.
        before = re.sub(r"(\r?\n)\r?\n\Z", r"\1", text[:start])
        edited = before + text[end:]
        if _is_same(edited, wanted):
            return edited
    raise ConfigError((f"feed {url} is not a [[feeds]] table",))


def add_section(text: str, newsletter: str, categories: Sequence[str]) -> str:
    """Return the configuration with more categories at the end of a newsletter's list.

    Raises:
        ConfigError: the list cannot be edited without another change.
    """
    wanted = _loaded(text)
    document = tomlkit.parse(text)
    places = [
        index
        for index, each in enumerate(wanted.get("newsletters", []))
        if each.get("name") == newsletter
    ]
    if not places:
        raise ConfigError((f"newsletter {newsletter!r} is not in it",))
    if tomlkit.dumps(document) != text:
        raise ConfigError((f"newsletter {newsletter!r} cannot be edited without other changes",))
    shown = wanted["newsletters"][places[0]]["categories"]
    missing = [name for name in categories if name not in shown]
    shown += missing
    try:
        written: Any = document["newsletters"]
        for name in missing:
            written[places[0]]["categories"].append(name)
        edited = tomlkit.dumps(document)
    except (TOMLKitError, AttributeError, TypeError) as error:
        raise ConfigError((f"newsletter {newsletter!r} cannot be edited ({error})",)) from error
    if not _is_same(edited, wanted):
        raise ConfigError((f"newsletter {newsletter!r} cannot be edited",))
    return edited


def _table(feed: NewFeed) -> str:
    table = tomlkit.table()
    table["url"] = feed.url
    names = feed.categories
    table["category"] = names[0] if len(names) == 1 else list(names)
    document = tomlkit.document()
    document.append("feeds", tomlkit.aot())
    document["feeds"].append(table)
    return tomlkit.dumps(document)


def _as_spelled(text: str, lines: str) -> str:
    """Spell the headers of new feeds like the existing ones, such as `[[ feeds ]]`.

    tomlkit writes every header of a list of tables as the first one is spelled.
    """
    found = _FEED_HEADER.search(text)
    header = found.group().strip() if found else "[[feeds]]"
    return re.sub(r"^\[\[feeds\]\]$", lambda _: header, lines, flags=re.MULTILINE)


def _places(text: str, known: int) -> Iterator[int]:
    """Yield the starts of the lines below the last feed's header, then the end of the text.

    A string value can contain text that looks like a header, so the real last header has the
    index `known - 1` or a later one. The caller rejects places that are too early.
    """
    headers = [found.end() for found in _FEED_HEADER.finditer(text)]
    if headers:
        last = headers[max(min(known, len(headers)) - 1, 0)]
        yield from (found.end() for found in re.compile("\n").finditer(text, last))
    yield len(text)


def _tables(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of what may be a feed's table, with its inner tables: header to last key.

    Comments and empty lines after its last key are about what follows. The caller rejects places
    inside a string, and ends that are too early or too late.
    """
    for header in _FEED_HEADER.finditer(text):
        ends = (each.start() for each in _ANY_HEADER.finditer(text, header.end()))
        for end in (*ends, len(text)):
            lines = text[header.start() : end].splitlines(keepends=True)
            while len(lines) > 1 and _is_aside(lines[-1]):
                lines.pop()
            yield header.start(), header.start() + len("".join(lines))


def _is_aside(line: str) -> bool:
    """Return whether a line is empty or a comment."""
    return not line.strip() or line.lstrip().startswith("#")


def _loaded(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"not valid TOML: {error}",)) from error


def _is_same(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False
