"""Reads a configuration from its file and the environment; reports all faults together."""

from __future__ import annotations

import json
import os
import re
import ssl
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from digest.config.dkim import DkimConfig
from digest.config.judges import unknown_judges
from digest.config.keys import (
    BouncesConfig,
    Config,
    DatabaseConfig,
    StateConfig,
    WebhookConfig,
)
from digest.config.phrases import phrase_of
from digest.config.reading import FeedConfig, ImagesConfig
from digest.config.sending import SmtpConfig
from digest.config.values import nearest
from digest.config.webhooks import EventWebhookConfig, secret_bytes
from digest.errors import ConfigError
from digest.readers.web.access import parse_headers
from digest.text.counted import counted

ENV_PREFIX = "DIGEST_"
# What may be secret in an address: a user with a password, a query.
_SECRETS = re.compile(r"(?<=//)[^/@]*@|\?.*")
#: Keys that tell one table of a list from the others.
_NAMES = ("name", "url", "host", "selector")
#: Lists of tables that a variable may begin.
_LISTS = ("smtp", "dkim", "feeds", "newsletters", "fields", "webhooks")
_P = TypeVar("_P", SmtpConfig, FeedConfig, BouncesConfig)
_S = TypeVar("_S", SmtpConfig, BouncesConfig)


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and check a configuration.

    Args:
        path: the TOML file; relative paths in it start at its folder.
        environment: the variables; `DIGEST_SMTP__PASSWORD` overrides `[[smtp]] password`. In a
            list of tables it sets the first, `DIGEST_SMTP__1__PASSWORD` the second.

    Raises:
        ConfigError: the file cannot be read or used; lists every problem, one line each.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError((f"{path}: no such file; create one with `digest init`",)) from error
    except OSError as error:
        raise ConfigError((f"{path}: cannot be read ({error.strerror})",)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: not valid TOML: {error}",)) from error
    if problems := _overlay_environment(raw, environment):
        raise ConfigError(problems)
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        faults = (_describe(each, raw) for each in error.errors())
        raise ConfigError(tuple(f"{path}: {fault}" for fault in faults)) from error
    if problems := tuple(f"{path}: {each}" for each in unknown_judges(config)):
        raise ConfigError(problems)
    return _settle_paths(config, path.resolve().parent, path)


def _overlay_environment(raw: dict[str, Any], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Put the variables into the file's tables; return those that fit nowhere, one line each."""
    problems = []
    for name, value in environment.items():
        if name.startswith(ENV_PREFIX) and "__" in name:
            keys = name[len(ENV_PREFIX) :].lower().split("__")
            try:
                _put(raw, keys, _parse_list(value) if value.startswith("[") else value)
            except LookupError as error:
                problems.append(f"{name} (in the environment): {error.args[0]}")
    return tuple(problems)


def _parse_list(value: str) -> Any:
    """Return the list in a variable; the check of its key rejects text that is not a list."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _put(target: dict[str, Any], keys: list[str], value: Any, place: str = "") -> None:
    """Set a key.

    Raises:
        LookupError: the file has no such table; its argument says which.
    """
    head, *rest = keys
    if not rest:
        target[head] = value
        return
    place = f"{place}.{head}" if place else head
    inner = target.setdefault(head, [{}] if head in _LISTS else {})
    if isinstance(inner, list):
        index = int(rest.pop(0)) if rest[0].isdigit() else 0
        if index >= len(inner):
            count = counted(len(inner), "table")
            raise LookupError(f"the file has {count} [[{place}]]; the first is number 0")
        if not rest:
            raise LookupError("the name of a key is missing at its end")
        inner = inner[index]
    if not isinstance(inner, dict):
        raise LookupError(f"{place} is not a table")
    _put(inner, rest, value, place)


def _settle_paths(config: Config, folder: Path, path: Path) -> Config:
    """Read the secrets of the `…_file` keys and make paths absolute."""
    site = config.site
    keys = site.secret_keys
    if site.secret_keys_file is not None:
        lines = _read_secret(folder / site.secret_keys_file, path).split()
        keys = tuple(SecretStr(line) for line in lines)
    if not keys or any(len(key.get_secret_value()) < 16 for key in keys):
        raise ConfigError(
            (f"{path}: site.secret_keys: needs a key of 16 characters or more; see `digest init`",)
        )
    relays = tuple(
        _with_certificates(
            _with_password(relay, folder, path), folder, f"{path}: [[smtp]] {relay.host}"
        )
        for relay in config.smtp
    )
    feeds = tuple(
        _with_headers(_with_password(feed, folder, path), folder, path) for feed in config.feeds
    )
    scheme, _, name = config.database.url.partition(":///")
    is_path = scheme.startswith("sqlite") and not name.startswith("file:")
    url = f"{scheme}:///{folder / name}" if is_path else config.database.url
    return config.model_copy(
        update={
            "site": site.model_copy(
                update={
                    "secret_keys": keys,
                    "base_url": site.base_url.rstrip("/"),
                    "templates": _settle_templates(site.templates, folder, path),
                }
            ),
            "smtp": relays,
            "dkim": tuple(_with_key(key, folder, path) for key in config.dkim),
            "feeds": feeds,
            "database": DatabaseConfig(url=url),
            "state": _settle_state(config.state.folder, folder, path),
            "images": _settle_images(config.images, folder),
            "bounces": _settle_bounces(config.bounces, folder, path),
            "webhooks": tuple(_with_event_secret(each, folder, path) for each in config.webhooks),
            "backup": config.backup.model_copy(update={"folder": folder / config.backup.folder}),
        }
    )


def _settle_templates(templates: Path | None, folder: Path, path: Path) -> Path | None:
    """Make the path absolute; a misspelt one must not select the built-in templates."""
    if templates is None:
        return None
    settled = folder / templates
    if not settled.is_dir():
        raise ConfigError((f"{path}: site.templates: the folder {settled} does not exist",))
    return settled


def _settle_state(state: Path, folder: Path, path: Path) -> StateConfig:
    """Make the path absolute; the folder must exist before a subscriber leaves."""
    settled = folder / state
    if not settled.is_dir():
        raise ConfigError(
            (f"{path}: state.folder: the folder {settled} does not exist; create it",)
        )
    return StateConfig(folder=settled)


def _settle_images(images: ImagesConfig, folder: Path) -> ImagesConfig:
    return ImagesConfig(
        folder=folder / images.folder if images.folder else None,
        url=images.url.rstrip("/") if images.url else None,
    )


def _settle_bounces(bounces: BouncesConfig, folder: Path, path: Path) -> BouncesConfig:
    """Read the password and make the paths absolute."""
    settled = _with_password(bounces, folder, path)
    settled = _with_certificates(settled, folder, f"{path}: [bounces]")
    paths = {
        name: folder / value
        for name in ("maildir", "mbox")
        if (value := getattr(settled, name)) is not None
    }
    webhooks = tuple(_with_webhook_secret(each, folder, path) for each in bounces.webhooks)
    return settled.model_copy(update=paths | {"webhooks": webhooks})


def _with_webhook_secret(webhook: WebhookConfig, folder: Path, path: Path) -> WebhookConfig:
    """Read the secret of a webhook from its file, if it has one."""
    if webhook.secret_file is None:
        return webhook
    secret = _read_secret(folder / webhook.secret_file, path)
    # Any request would prove itself with an empty one.
    if not secret:
        raise ConfigError((f"{path}: the secret file {folder / webhook.secret_file} is empty",))
    return webhook.model_copy(update={"secret": SecretStr(secret)})


def _with_event_secret(webhook: EventWebhookConfig, folder: Path, path: Path) -> EventWebhookConfig:
    """Read the secret that signs events from its file, if it has one."""
    if webhook.secret_file is None:
        return webhook
    secret = _read_secret(folder / webhook.secret_file, path)
    try:
        secret_bytes(secret)
    except ValueError as error:
        place = f"[[webhooks]] {urlsplit(webhook.url).hostname}: secret_file"
        raise ConfigError((f"{path}: {place}: {error}",)) from error
    return webhook.model_copy(update={"secret": SecretStr(secret)})


def _with_password(part: _P, folder: Path, path: Path) -> _P:
    """Read the password of a relay, a feed or a mailbox from its file, if it has one."""
    if part.password_file is None:
        return part
    password = SecretStr(_read_secret(folder / part.password_file, path))
    return part.model_copy(update={"password": password})


def _with_key(key: DkimConfig, folder: Path, path: Path) -> DkimConfig:
    """Read a key that signs mails from its file, if it has one."""
    if key.private_key_file is None:
        return key
    file = folder / key.private_key_file
    text = SecretStr(_read_secret(file, path))
    return key.model_copy(update={"private_key": text, "private_key_file": file})


def _with_certificates(server: _S, folder: Path, table: str) -> _S:
    """Make the path of a server's certificates absolute, and check that they can be used."""
    if server.ca_file is None:
        return server
    file = folder / server.ca_file
    place = f"{table}: ca_file"
    try:
        ssl.create_default_context().load_verify_locations(cafile=file)
    except ssl.SSLError as error:
        raise ConfigError((f"{place}: {file} holds no certificates in PEM form",)) from error
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ConfigError((f"{place}: {file} cannot be read ({reason})",)) from error
    return server.model_copy(update={"ca_file": file})


def _with_headers(feed: FeedConfig, folder: Path, path: Path) -> FeedConfig:
    """Add the request headers in the file of a feed, if it has one."""
    if feed.headers_file is None:
        return feed
    text = _read_secret(folder / feed.headers_file, path)
    try:
        read = parse_headers(text)
        feed.check_headers(read)
    except ValueError as error:
        raise ConfigError((f"{path}: [[feeds]] {feed.url}: headers_file: {error}",)) from error
    more = {name: SecretStr(value) for name, value in read}
    return feed.model_copy(update={"headers": feed.headers | more})


def _read_secret(file: Path, path: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: the secret file {file} cannot be read",)) from error


def _describe(error: Any, raw: Mapping[str, Any]) -> str:
    """Return the operator's message for one fault that the validator found in the file."""
    place = _place_of(error["loc"], raw)
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key{nearest(str(error['loc'][-1]), _known_keys(error['loc']))}"
    message = phrase_of(error)
    return f"{place}: {message}" if place else message


def _place_of(keys: tuple[str | int, ...], raw: Mapping[str, Any]) -> str:
    """Return where a fault is: `[[newsletters]] weekly: schedule`, `site.base_url`.

    A table of a list is named by its own name, address or host, else by its place, from 1.
    """
    head, *rest = keys or ("",)
    if not rest or not isinstance(rest[0], int):
        return ".".join(str(key) for key in keys)
    tables = raw.get(str(head))
    table = tables[rest[0]] if isinstance(tables, list) and rest[0] < len(tables) else {}
    names = (table.get(key) for key in _NAMES) if isinstance(table, dict) else ()
    named = (_SECRETS.sub("", each) for each in names if isinstance(each, str) and each)
    name = next(named, f"no. {rest[0] + 1}")
    inner = ".".join(str(key) for key in rest[1:])
    return f"[[{head}]] {name}: {inner}" if inner else f"[[{head}]] {name}"


def _known_keys(place: tuple[str | int, ...]) -> set[str]:
    """Return the keys that are allowed in the table of the key at `place`."""
    model: type[BaseModel] = Config
    for part in place[:-1]:
        if isinstance(part, str):
            model = _model_of(model.model_fields[part].annotation)
    return {field.alias or name for name, field in model.model_fields.items()}


def _model_of(annotation: Any) -> type[BaseModel]:
    """Return the model in an annotation such as `tuple[FeedConfig, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return _model_of(get_args(annotation)[0])
