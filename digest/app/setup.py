"""Sets up a new installation from the operator's answers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from tzlocal import get_localzone_name

from digest.app.database import create_database
from digest.app.placeholders import is_placeholder
from digest.app.wiring import App
from digest.config import EXAMPLE_KEY, NewsletterConfig, SmtpConfig, load_config
from digest.config.keys import SiteConfig
from digest.config.phrases import phrase_of
from digest.config.reading import FeedConfig
from digest.config.save import create_config
from digest.config.start import first_config
from digest.errors import ConfigError, UsageError
from digest.models import Setup
from digest.resources import example_config
from digest.text.languages import is_spoken

#: The key of the configuration that checks each answer, and where it is.
_CHECKED_BY: dict[str, tuple[str, type[BaseModel], str]] = {
    "name": ("site.name", SiteConfig, "name"),
    "base_url": ("site.base_url", SiteConfig, "base_url"),
    "postal_address": ("site.postal_address", SiteConfig, "postal_address"),
    "title": ("newsletters.title", NewsletterConfig, "title"),
    "home_url": ("newsletters.home_url", NewsletterConfig, "home_url"),
    "sender": ("newsletters.from", NewsletterConfig, "sender"),
    "schedule": ("newsletters.schedule", NewsletterConfig, "schedule"),
    "timezone": ("newsletters.timezone", NewsletterConfig, "timezone"),
    "category": ("feeds.category", FeedConfig, "category"),
    "host": ("smtp.host", SmtpConfig, "host"),
    "port": ("smtp.port", SmtpConfig, "port"),
    "security": ("smtp.security", SmtpConfig, "security"),
}
#: A key as `first_config` writes it, for a file that has errors.
_KEY = re.compile(r'(?m)^secret_keys = \["([^"]{16,})"')
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")


def check_answer(name: str, text: str, *, is_development: bool) -> str:
    """Check one answer as the configuration would, and return it without outer spaces.

    Args:
        name: a field of `Setup` or `RelayAnswer`, or `category`.
        text: the answer.
        is_development: whether http and domains for examples are allowed.

    Raises:
        UsageError: the configuration would refuse the answer; the message is one line.
    """
    place, model, field = _CHECKED_BY[name]
    text = text.strip()
    if not text:
        raise UsageError("must not be empty")
    try:
        TypeAdapter(_type_of(model.model_fields[field])).validate_python(text)
    except ValidationError as error:
        raise UsageError(phrase_of(error.errors()[0])) from error
    if is_development:
        return text
    if is_placeholder(place, text):
        raise UsageError(f"{text!r} is a placeholder; use your own")
    if name == "base_url" and not text.startswith("https://"):
        raise UsageError("must start with https://")
    return text


def refuse_existing(path: Path) -> None:
    """Refuse to replace a configuration.

    Raises:
        UsageError: the file exists.
    """
    if path.exists():
        raise UsageError(f"{path}: already exists; edit it, or use --force to replace it")


@contextmanager
def before_setup() -> Iterator[App]:
    """Open an installation with default values, to find the feeds of a site; it stores nothing."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(first_config(example_config(), Setup(), _random_key()), "utf-8")
        yield App.load(path)


def set_up(path: Path, setup: Setup, *, password: str = "") -> str:
    """Write the configuration and create its database; return the name of the database.

    An existing configuration is replaced, and its signing keys are kept: links in mails that were
    sent keep working.

    Args:
        path: the configuration.
        setup: its values.
        password: of the relay; stored in a file of its own next to the configuration.

    Raises:
        ConfigError: the configuration would have an error; nothing was written.
        StoreError: the database cannot be created.
    """
    written = None
    if password and setup.relay is not None:
        written = (f"{path.stem}.smtp-password", password)
        setup = replace(setup, relay=replace(setup.relay, password_file=written[0]))
    keys = _present_keys(path) or _random_key()
    create_config(path, first_config(example_config(), setup, keys), password=written)
    return create_database(App.load(path).config)


@contextmanager
def rehearsal(setup: Setup) -> Iterator[App]:
    """Open a second installation with these values, which is deleted afterwards."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        set_up(path, replace(setup, relay=None))
        app = App.load(path)
        try:
            yield app
        finally:
            app.database.close()


def machine_zone() -> str:
    """Return the time zone of this machine by its IANA name; `UTC` if it is not known."""
    try:
        return get_localzone_name() or "UTC"
    except (LookupError, ValueError, OSError):
        return "UTC"


def propose_base_url(home_url: str) -> str:
    """Return a usual address of the public pages for a site; empty if its host is no domain."""
    domain = _domain_of(home_url)
    return f"https://digest.{domain}" if domain else ""


def propose_sender(name: str, home_url: str) -> str:
    """Return a usual sender for a site; empty if its host is no domain."""
    domain = _domain_of(home_url)
    if not domain:
        return ""
    quoted = name if re.fullmatch(r"[\w -]+", name) else '"{}"'.format(re.sub(r'["\\]', "", name))
    return f"{quoted} <digest@{domain}>"


def propose_language(tag: str) -> str:
    """Return the newsletter's language for the language of a feed; empty if it has no words."""
    found = _TAG.match(tag.strip())
    if found is None or not is_spoken(found[1]):
        return ""
    return found[1].lower() + (f"-{found[2].upper()}" if found[2] else "")


def _type_of(info: FieldInfo) -> Any:
    checks = info.metadata
    return Annotated[info.annotation, *checks] if checks else info.annotation


def _domain_of(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return host if re.search(r"\.[^\d.:]+\Z", host) else ""


def _present_keys(path: Path) -> tuple[str, ...]:
    """Return the signing keys of the configuration that is replaced; empty if it has none."""
    if not path.exists():
        return ()
    try:
        keys = [key.get_secret_value() for key in load_config(path).site.secret_keys]
    except ConfigError:
        keys = _KEY.findall(path.read_text("utf-8", "replace"))
    return tuple(key for key in keys if key != EXAMPLE_KEY)


def _random_key() -> tuple[str, ...]:
    return (secrets.token_urlsafe(32),)
