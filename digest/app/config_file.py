"""Checks the configuration file."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from digest.app.placeholders import find_placeholders
from digest.app.printing import check_templates
from digest.app.sections import find_unshown
from digest.app.wiring import App
from digest.config import EXAMPLE_KEY, Config
from digest.letter.printing.sign import DkimSigner
from digest.newsroom.changes import mark_told, untold_changes
from digest.resources import templates_dir


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedConfig:
    """The result of a check of a file that can be read without error."""

    feed_count: int
    #: The names of the newsletters.
    newsletters: tuple[str, ...]
    #: What is left to do before a subscriber gets the right mail, one line each.
    findings: tuple[str, ...]
    #: Problems that the operator should look at, one line each.
    warnings: tuple[str, ...]
    #: Changes of keys and commands that were not told before, one line each.
    changes: tuple[str, ...]


def check(path: Path) -> CheckedConfig:
    """Check as `look` does; the changes in it are not told again.

    Raises:
        ConfigError: the configuration has errors; lists all of them.
        TemplateError: a template has an error.
    """
    found = look(path)
    if found.changes:
        mark_told(App.load(path).unopened_database())
    return found


def look(path: Path) -> CheckedConfig:
    """Check the configuration, then the operator's templates of mails and of web pages.

    Raises:
        ConfigError: the configuration has errors; lists all of them.
        TemplateError: a template has an error.
    """
    app = App.load(path)
    # An unusable database address, or a missing driver, is also an error.
    database = app.unopened_database()
    check_templates(app)
    signer = app.signer
    config = app.config
    changes = untold_changes(database)
    return CheckedConfig(
        feed_count=len(config.feeds),
        newsletters=tuple(newsletter.name for newsletter in config.newsletters),
        findings=(*find_placeholders(config), *find_unshown(config)),
        warnings=(
            *_warnings(path, config),
            *_signing_warnings(config, signer),
            *_wide_rights(database.files),
            *_unwritable(database.state_file.parent),
            *_strange_templates(config),
        ),
        changes=changes,
    )


def _warnings(path: Path, config: Config) -> list[str]:
    found = []
    if any(key.get_secret_value() == EXAMPLE_KEY for key in config.site.secret_keys):
        found.append(
            "site.secret_keys: still has the example's key, so nothing can be sent;"
            " use a random key, as written by `digest init`"
        )
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) and not config.site.development:
        found.append(
            f"{path}: contains secrets but other users can read it; run `chmod 600 {path}`"
        )
    return found


def _signing_warnings(config: Config, signer: DkimSigner) -> list[str]:
    """Return a warning for each key that others can read, and each newsletter without a key."""
    files = [key.private_key_file for key in config.dkim if key.private_key_file]
    found = [
        f"{file}: a private key that other users can read; run `chmod 600 {file}`"
        for file in dict.fromkeys(files)
        if os.name == "posix" and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    ]
    domains = {each.name: each.sender_address.rpartition("@")[2] for each in config.newsletters}
    return found + [
        f"[[newsletters]] {name}: no key of [[dkim]] is for {domain}, so its mails are not signed"
        " here; add one, or let the relay sign them"
        for name, domain in domains.items()
        if config.dkim and not signer.has_key_for(domain)
    ]


def _wide_rights(files: Sequence[Path]) -> list[str]:
    """Return a warning for each file that others can read, and each folder that they can change."""
    if os.name != "posix":
        return []
    found = [
        f"{file}: has subscribers' data but other users can read it; run `chmod 600 {file}`"
        for file in files
        if file.is_file() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    folders = dict.fromkeys(file.parent for file in files)
    return found + [
        f"{folder}: other users can replace its files; run `chmod go-w {folder}`"
        for folder in folders
        if folder.is_dir() and folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    ]


def _unwritable(folder: Path) -> list[str]:
    if os.access(folder, os.W_OK):
        return []
    return [
        f"state.folder: {folder} cannot be written by this user, so nothing can be sent; set"
        " [state] folder to another folder"
    ]


def _strange_templates(config: Config) -> list[str]:
    """Return a warning for each of the operator's files whose name may be misspelt."""
    own, shipped = config.site.templates, templates_dir()
    if own is None:
        return []
    names = {file.relative_to(shipped).as_posix() for file in shipped.rglob("*.j2")}
    files = sorted(file.relative_to(own).as_posix() for file in own.rglob("*") if file.is_file())
    return [
        f"site.templates: {name} does not match a shipped template; did you mean {near[0]!r}?"
        for name in files
        if name not in names and (near := get_close_matches(name, sorted(names), n=1, cutoff=0.9))
    ]
