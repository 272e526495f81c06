"""The configuration: a TOML file, environment over it, checked once and typed from then on."""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from digest.errors import ConfigError
from digest.scheduler.slots import parse_schedule
from subscribers.addresses import AddressError, parse_address

ENV_PREFIX = "DIGEST_"
#: Stands in the example; everybody knows it, so nothing is ever sent under it.
EXAMPLE_KEY = "put-a-random-key-here"

_DURATION = re.compile(r"(\d+)\s*([mhdw])")
_T = TypeVar("_T")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _read_duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write a number and m, h, d or w: '24h'")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _checked_schedule(value: str) -> str:
    parse_schedule(value)
    return value


def _checked_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(
            f"{value!r} is not a time zone; write one such as 'Europe/Paris'"
        ) from error
    return value


def _checked_http(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not a web address; it starts with https://")
    return value


def _checked_mailbox(value: str) -> str:
    _checked_address(parseaddr(value)[1])
    return value


def _checked_address(value: str) -> str:
    try:
        parse_address(value, allow_reserved=True)
    except AddressError as error:
        raise ValueError(f"{value!r} is not a mail address ({error})") from error
    return value


def _not_empty(value: tuple[_T, ...]) -> tuple[_T, ...]:
    if not value:
        raise ValueError("is empty; at least one is needed")
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; every mail must show it")
    return value


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
ScheduleText = Annotated[str, AfterValidator(_checked_schedule)]
ZoneName = Annotated[str, AfterValidator(_checked_zone)]
WebAddress = Annotated[str, AfterValidator(_checked_http)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
Line = Annotated[str, Field(pattern=r"^[^\r\n\x00]*$", max_length=500)]
Mailbox = Annotated[Line, AfterValidator(_checked_mailbox)]
MailAddress = Annotated[str, AfterValidator(_checked_address)]
Listener = Annotated[str, Field(pattern=r"^[^:\s]+:\d{1,5}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SiteConfig(_Part):
    """Who sends: name, address, links, keys."""

    name: Line
    #: Where the public pages live; every link of the mail starts with it.
    base_url: WebAddress
    postal_address: Annotated[Line, AfterValidator(_not_blank)]
    #: The newest first; old ones stay, for links in mail already sent.
    secret_keys: tuple[SecretStr, ...] = ()
    secret_keys_file: Path | None = None
    #: Allows http, localhost and example domains.
    development: bool = False


class DatabaseConfig(_Part):
    """Where the database is."""

    url: str = "sqlite:///digest.db"


class FetchConfig(_Part):
    """Limits of every request for a feed."""

    allow_private: bool = False
    timeout_s: float = Field(default=30, gt=0, le=600)
    max_bytes: int = Field(default=20_000_000, gt=0)
    concurrency: int = Field(default=10, ge=1, le=100)


class SmtpConfig(_Part):
    """One mail relay."""

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    connections: int = Field(default=4, ge=1, le=64)


class FeedConfig(_Part):
    """One feed and the categories its posts go to."""

    url: WebAddress
    category: Annotated[tuple[str, ...], BeforeValidator(_as_tuple), AfterValidator(_not_empty)]
    comments: Literal["auto", "off"] = "auto"
    #: How often `digest run` reads it.
    interval: Duration = timedelta(hours=1)


class PolicyConfig(_Part):
    """The comments policy."""

    #: Names of commenters who asked not to be quoted.
    no_quote: tuple[str, ...] = ()
    #: Words that keep a comment out, beside the shipped lists.
    blocked_words: tuple[str, ...] = ()


class NewsletterConfig(_Part):
    """One newsletter."""

    name: Name
    title: Line
    tagline: Line = ""
    sender: Mailbox = Field(alias="from")
    #: A mailbox that somebody reads; none: the sender's.
    reply_to: MailAddress | None = None
    categories: Annotated[tuple[str, ...], AfterValidator(_not_empty)]
    #: Short for a single cadence.
    schedule: ScheduleText | None = None
    #: Named schedules; new readers get the first.
    cadences: dict[Name, ScheduleText] = Field(default_factory=dict)
    timezone: ZoneName = "UTC"
    #: English, as written in a country: `en-GB` has "23 November", `en` has "November 23".
    language: Annotated[str, Field(pattern=r"^en(-[A-Z]{2})?$")] = "en"
    home_url: WebAddress | None = None
    policy_url: WebAddress | None = None
    intro: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    editor: Line = ""
    images: Literal["hotlink", "none"] = "hotlink"
    min_posts: int = Field(default=1, ge=1)
    max_posts_per_category: int = Field(default=5, ge=1, le=25)
    top_comments_per_post: int = Field(default=2, ge=0, le=2)
    #: How long after its hour a mail is still tried.
    max_age: Duration = timedelta(hours=24)
    #: A reader who is further behind gets what is newer.
    max_window: Duration = timedelta(weeks=5)
    #: Whether an edition waits for a person's approval.
    review: Literal["auto", "required"] = "auto"
    #: How long before its slot an edition that needs approval is drafted.
    draft_lead: Duration = timedelta(hours=24)
    #: How long after its slot an edition still waits for approval.
    approve_within: Duration = timedelta(hours=12)
    #: After an outage: how late an edition may still come.
    catch_up: Duration = timedelta(hours=24)
    #: `local`: at the schedule's hour in each reader's own zone.
    deliver: Literal["together", "local"] = "together"
    #: More variants than this: the rarest windows are widened.
    max_variants: int = Field(default=500, ge=1)
    #: An audience that differs by more than this share from the last edition's is held.
    max_audience_jump: float = Field(default=0.5, gt=0)
    #: Told when an edition waits for approval.
    approvers: Annotated[tuple[MailAddress, ...], BeforeValidator(_as_tuple)] = ()
    policy: PolicyConfig = PolicyConfig()

    @model_validator(mode="after")
    def _has_one_kind_of_schedule(self) -> Self:
        if (self.schedule is None) == (not self.cadences):
            raise ValueError("needs either schedule or cadences")
        return self

    @property
    def named_schedules(self) -> Mapping[str, str]:
        """Cadences in their order, the first for new readers; one schedule alone is `weekly`."""
        return self.cadences or {"weekly": self.schedule or ""}


class WebConfig(_Part):
    """Where `digest serve` listens."""

    public: Listener = "127.0.0.1:8000"
    admin: Listener = "127.0.0.1:8001"


class AlertsConfig(_Part):
    """Whom `digest run` tells when something needs a person."""

    email: Annotated[tuple[MailAddress, ...], BeforeValidator(_as_tuple)] = ()
    #: Gets each alert as a JSON POST.
    webhook: WebAddress | None = None
    #: Asked after each tick that went well, so that a silence is noticed elsewhere.
    ping_url: WebAddress | None = None
    #: How long after its slot an edition that is not out is told.
    late_after: Duration = timedelta(hours=1)


class RunConfig(_Part):
    """How `digest run` works."""

    #: Seconds between two looks at what is due.
    tick_s: float = Field(default=30, ge=0.1, le=3600)


class RetentionConfig(_Part):
    """How long things are kept. Editions and deliveries stay."""

    #: The encoded mails of an edition, after it is finished.
    pieces: Duration = timedelta(days=90)
    comments: Duration = timedelta(days=365)


class Config(_Part):
    """The whole configuration."""

    site: SiteConfig
    database: DatabaseConfig = DatabaseConfig()
    fetch: FetchConfig = FetchConfig()
    smtp: Annotated[tuple[SmtpConfig, ...], AfterValidator(_not_empty)]
    feeds: Annotated[tuple[FeedConfig, ...], AfterValidator(_not_empty)]
    newsletters: Annotated[tuple[NewsletterConfig, ...], AfterValidator(_not_empty)]
    web: WebConfig = WebConfig()
    run: RunConfig = RunConfig()
    alerts: AlertsConfig = AlertsConfig()
    retention: RetentionConfig = RetentionConfig()

    @model_validator(mode="after")
    def _names_are_single(self) -> Self:
        for what, values in (
            ("newsletters: the name", [n.name for n in self.newsletters]),
            ("feeds: the url", [f.url for f in self.feeds]),
        ):
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"{what} {value!r} stands twice; leave one")
        return self

    @model_validator(mode="after")
    def _categories_are_fed(self) -> Self:
        fed = {category for feed in self.feeds for category in feed.category}
        for newsletter in self.newsletters:
            for category in newsletter.categories:
                if category not in fed:
                    near = _nearest(category, fed)
                    raise ValueError(
                        f"newsletters.{newsletter.name}.categories: no feed has the category"
                        f" {category!r}{near}"
                    )
        return self

    @model_validator(mode="after")
    def _links_are_safe(self) -> Self:
        if not self.site.development and not self.site.base_url.startswith("https://"):
            raise ValueError(
                "site.base_url: must start with https:// (or set site.development = true)"
            )
        return self


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and check a configuration.

    Args:
        path: the TOML file; relative paths in it count from its folder.
        environment: `DIGEST_SMTP__PASSWORD` stands over `[[smtp]] password`; in a list of tables
            it means the first, `DIGEST_SMTP__1__PASSWORD` the second.

    Raises:
        ConfigError: with every problem found, one line each.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError((f"{path}: no such file; `digest init` writes one",)) from error
    except OSError as error:
        raise ConfigError((f"{path}: cannot be read ({error.strerror})",)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: not valid TOML: {error}",)) from error
    _overlay_environment(raw, environment)
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(tuple(f"{path}: {_say(e)}" for e in error.errors())) from error
    return _settle_paths(config, path.resolve().parent, path)


def _overlay_environment(raw: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        if name.startswith(ENV_PREFIX) and "__" in name:
            keys = name[len(ENV_PREFIX) :].lower().split("__")
            _put(raw, keys, json.loads(value) if value.startswith("[") else value)


def _put(target: dict[str, Any], keys: list[str], value: Any) -> None:
    head, *rest = keys
    if not rest:
        target[head] = value
        return
    inner = target.setdefault(head, [{}] if head in ("smtp", "feeds", "newsletters") else {})
    if isinstance(inner, list):
        index = int(rest.pop(0)) if rest[0].isdigit() else 0
        if index < len(inner):
            _put(inner[index], rest, value)
    elif isinstance(inner, dict):
        _put(inner, rest, value)


def _settle_paths(config: Config, folder: Path, path: Path) -> Config:
    """Read `…_file` secrets and make paths absolute."""
    site = config.site
    keys = site.secret_keys
    if site.secret_keys_file is not None:
        lines = _read_secret(folder / site.secret_keys_file, path).split()
        keys = tuple(SecretStr(line) for line in lines)
    if not keys or any(len(key.get_secret_value()) < 16 for key in keys):
        raise ConfigError(
            (
                f"{path}: site.secret_keys: needs a key of 16 characters or more;"
                " `digest init` writes one",
            )
        )
    relays = tuple(
        relay.model_copy(
            update={"password": SecretStr(_read_secret(folder / relay.password_file, path))}
        )
        if relay.password_file is not None
        else relay
        for relay in config.smtp
    )
    scheme, _, name = config.database.url.partition(":///")
    is_path = scheme.startswith("sqlite") and not name.startswith("file:")
    url = f"{scheme}:///{folder / name}" if is_path else config.database.url
    return config.model_copy(
        update={
            "site": site.model_copy(
                update={"secret_keys": keys, "base_url": site.base_url.rstrip("/")}
            ),
            "smtp": relays,
            "database": DatabaseConfig(url=url),
        }
    )


def _read_secret(file: Path, path: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: the secret file {file} cannot be read",)) from error


def _say(error: Any) -> str:
    """Put one finding of the validator into an operator's words."""
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key{_nearest(str(error['loc'][-1]), _known_keys(error['loc']))}"
    if error["type"] == "missing":
        return f"{place}: missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _known_keys(place: tuple[str | int, ...]) -> set[str]:
    """Give the keys that may stand beside the one at `place`."""
    model: type[BaseModel] = Config
    for part in place[:-1]:
        if isinstance(part, str):
            model = _model_of(model.model_fields[part].annotation)
    return {field.alias or name for name, field in model.model_fields.items()}


def _model_of(annotation: Any) -> type[BaseModel]:
    """Give the model in an annotation such as `tuple[FeedConfig, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return _model_of(get_args(annotation)[0])


def _nearest(word: str, known: set[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""
