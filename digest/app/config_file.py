"""The configuration file as a whole: written for a new installation, and checked."""

from __future__ import annotations

import secrets
import stat
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from digest.app.printing import check_templates
from digest.app.wiring import App
from digest.config import EXAMPLE_KEY, Config
from digest.errors import UsageError
from digest.resources import example_config, templates_dir


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedConfig:
    """A configuration that can be used."""

    feed_count: int
    #: Names of the newsletters.
    newsletters: tuple[str, ...]
    #: What an operator should look at, one line each.
    warnings: tuple[str, ...]


def create(path: Path, *, force: bool) -> str:
    """Write a commented configuration with a random key, and create its database.

    Args:
        path: where to.
        force: write over a file that exists.

    Returns:
        The database, for messages.

    Raises:
        UsageError: the file exists.
        StoreError: the database cannot be created.
    """
    if path.exists() and not force:
        raise UsageError(f"{path}: exists already; edit it, or use --force to write over it")
    _write_private(path, example_config().replace(EXAMPLE_KEY, secrets.token_urlsafe(32)))
    return App.load(path).database.name


def check(path: Path) -> CheckedConfig:
    """Read the configuration, then the operator's own templates, of mails and of web pages.

    Raises:
        ConfigError: with every fault of the configuration.
        TemplateError: a template cannot be read.
    """
    app = App.load(path)
    # An address that cannot be used, or whose driver is not installed, is a fault too.
    app.unopened_database()
    check_templates(app.template_folders)
    config = app.config
    return CheckedConfig(
        feed_count=len(config.feeds),
        newsletters=tuple(newsletter.name for newsletter in config.newsletters),
        warnings=(*_warnings(path, config), *_strange_templates(config)),
    )


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read: it holds the key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, "utf-8")


def _warnings(path: Path, config: Config) -> list[str]:
    found = []
    if any(key.get_secret_value() == EXAMPLE_KEY for key in config.site.secret_keys):
        found.append(
            "site.secret_keys holds the example's key; nothing can be sent with it."
            " `digest init` writes a random one"
        )
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) and not config.site.development:
        found.append(f"{path} can be read by others and holds secrets; chmod 600 {path}")
    return found


def _strange_templates(config: Config) -> list[str]:
    """Name the operator's files that replace no shipped one and so may be misspelt."""
    own, shipped = config.site.templates, templates_dir()
    if own is None:
        return []
    names = {file.relative_to(shipped).as_posix() for file in shipped.rglob("*.j2")}
    files = sorted(file.relative_to(own).as_posix() for file in own.rglob("*") if file.is_file())
    return [
        f"site.templates: {name} replaces no shipped template; did you mean {near[0]!r}?"
        for name in files
        if name not in names and (near := get_close_matches(name, sorted(names), n=1, cutoff=0.9))
    ]
