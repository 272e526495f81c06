"""What every door works with: the configuration, the database it names, and what both say."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Self

from digest.config import EXAMPLE_KEY, Config, NewsletterConfig, load_config
from digest.errors import Refused, UsageError
from digest.resources import templates_dir
from digest.store.engine import Database
from digest.store.schema import open_checked


class App:
    """What a door works with, built from one configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the configuration.

        Raises:
            ConfigError: it cannot be used.
        """
        return cls(load_config(path))

    @cached_property
    def database(self) -> Database:
        """The database, its schema checked."""
        return open_checked(self.config.database.url)

    @property
    def keys(self) -> tuple[str, ...]:
        """The signing keys, newest first."""
        return tuple(key.get_secret_value() for key in self.config.site.secret_keys)

    @property
    def is_development(self) -> bool:
        """Whether http, localhost and example domains pass."""
        return self.config.site.development

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for: the operator's folder, then the shipped one."""
        own = self.config.site.templates
        return (own, templates_dir()) if own else (templates_dir(),)

    def newsletter(self, name: str = "") -> NewsletterConfig:
        """Give the newsletter of that name, or the only one.

        Raises:
            UsageError: there is none of that name, or there are several and none is named.
        """
        known = {newsletter.name: newsletter for newsletter in self.config.newsletters}
        if not name and len(known) == 1:
            return self.config.newsletters[0]
        if name not in known:
            what = f"there is no newsletter {name!r}" if name else "there are several newsletters"
            raise UsageError(f"{what}; use --newsletter with one of: {', '.join(known)}")
        return known[name]

    def refuse_unsafe(self) -> None:
        """Hold every send that would sign its links with a key that everybody knows.

        Raises:
            Refused: the configuration still has the example's key.
        """
        if EXAMPLE_KEY in self.keys:
            raise Refused(
                "site.secret_keys holds the example's key: anybody could forge the links of these"
                " mails; put a random one in its place"
            )


def utc_now() -> datetime:
    """Give the time: the program's one clock, read by the doors and passed in from there."""
    return datetime.now(UTC)
