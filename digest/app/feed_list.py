"""Adds feeds to the configuration file, and reads and writes lists of feeds as OPML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from digest.app.sources import feed_sources
from digest.app.wiring import App
from digest.config.edit import add_feeds, add_section, feed_lines, remove_feed
from digest.config.load import load_config
from digest.config.save import read_text, save_config, why_not_writable
from digest.errors import ConfigError, UsageError
from digest.models import FeedSource, NewFeed
from digest.newsroom.feeds.addresses import feed_key, feed_keys
from digest.newsroom.feeds.file import ReadList, Written
from digest.readers.opml import Outline, read_opml, write_opml


class FeedList:
    """The feeds of one configuration file."""

    def __init__(self, app: App) -> None:
        """Keep the configuration.

        Raises:
            TypeError: the configuration was not read from a file.
        """
        if app.path is None:
            raise TypeError("the configuration was not read from a file")
        self._app = app
        self._path = app.path
        self._known = feed_keys(feed.url for feed in app.config.feeds)

    @classmethod
    def reread(cls, app: App) -> FeedList:
        """Return the feeds of the file as it is now, for a process that runs for long.

        Raises:
            ConfigError: the file cannot be used.
        """
        path = app.path
        return cls(app if path is None else _reread(app, path))

    @property
    def path(self) -> Path:
        """The configuration file."""
        return self._path

    @property
    def sources(self) -> tuple[FeedSource, ...]:
        """The feeds, in order."""
        return feed_sources(self._app.config)

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category that a newsletter shows."""
        return tuple(name for each in self._app.config.newsletters for name in each.categories)

    def has(self, *urls: str) -> bool:
        """Whether one of these addresses is a configured feed, in any spelling."""
        return not self._known.isdisjoint(feed_keys(urls))

    def check_section(self, section: str) -> None:
        """Check that a newsletter exists; an empty name is accepted.

        Raises:
            UsageError: `section` is not the name of a newsletter.
        """
        names = [newsletter.name for newsletter in self._app.config.newsletters]
        if section and section not in names:
            raise UsageError(
                f"--section: newsletter {section!r} does not exist; use one of: {', '.join(names)}"
            )

    def warnings(self, feeds: Sequence[NewFeed], section: str) -> tuple[str, ...]:
        """Return a warning, with what to do, for each category that no newsletter shows."""
        if section:
            return ()
        shown, first = set(self.categories), self._app.config.newsletters[0].name
        return tuple(
            f"no newsletter shows the category {name!r}: add it to `categories` of"
            f" [[newsletters]], or use --section {first}"
            for name in dict.fromkeys(name for feed in feeds for name in feed.categories)
            if name not in shown
        )

    def add(self, feeds: Sequence[NewFeed], *, section: str, is_dry: bool) -> Written:
        """Add feeds to the file.

        Args:
            feeds: the feeds; none of them is in the file yet.
            section: the newsletter to add their categories to; empty: none.
            is_dry: whether to write nothing.

        Raises:
            ConfigError: the resulting file would have an error; nothing was written.
        """
        lines = feed_lines(feeds)
        if is_dry:
            return Written(lines=lines, is_written=False)
        problem = why_not_writable(self._path) or _write(self._path, feeds, section)
        if problem:
            return Written(lines=lines, is_written=False, problem=f"{self._path}: {problem}")
        return Written(lines=lines, is_written=True)

    def remove(self, url: str) -> Written:
        """Remove a feed from the file; what was read of it stays in the database.

        Raises:
            ConfigError: the resulting file would have an error; nothing was written.
        """
        problem = why_not_writable(self._path)
        if not problem:
            old = read_text(self._path)
            try:
                new = remove_feed(old, url)
            except ConfigError as error:
                problem = str(error)
            else:
                save_config(self._path, old, new)
        return Written(
            lines="",
            is_written=not problem,
            problem=f"{self._path}: {problem}" if problem else "",
        )

    def read_opml(self, body: bytes, name: str, categories: tuple[str, ...]) -> ReadList:
        """Read an OPML list of feeds; its folders become categories.

        Args:
            body: the document.
            name: the file's name, for messages.
            categories: the categories of all its feeds; empty: their folders.

        Raises:
            UsageError: the document is not OPML, or it has a DTD.
        """
        listed = read_opml(body, name)
        fresh = {feed_key(each.url): each for each in reversed(listed.feeds)}
        unknown = [each for key, each in fresh.items() if key not in self._known][::-1]
        return ReadList(
            new=tuple(
                NewFeed(url=each.url, categories=categories or each.categories)
                for each in unknown
                if categories or each.categories
            ),
            known=len(listed.feeds) - len(unknown),
            problems=(
                *listed.problems,
                *(
                    f"{each.url}: not in a folder; use --category"
                    for each in unknown
                    if not (categories or each.categories)
                ),
            ),
        )

    def write_opml(self) -> bytes:
        """Return the configured feeds as OPML, a folder for each category.

        Raises:
            StoreError: the database, which has the feeds' titles, is not available.
        """
        titles = self._app.newsroom.feeds.titles()
        return write_opml(
            self._app.config.site.name,
            (
                Outline(url=each.url, title=titles.get(each.url, ""), categories=each.categories)
                for each in self._app.sources
            ),
        )


def _write(path: Path, feeds: Sequence[NewFeed], section: str) -> str:
    """Write feeds into a file; return the reason if that is not possible."""
    old = read_text(path)
    try:
        new = add_feeds(old, feeds)
        if section:
            new = add_section(new, section, [name for feed in feeds for name in feed.categories])
    except ConfigError as error:
        return str(error)
    save_config(path, old, new)
    return ""


def _reread(app: App, path: Path) -> App:
    """Return the installation with the file's present configuration; the same if it is the same."""
    config = load_config(path)
    return app if config == app.config else App(config, path=path, clock=app.clock)
