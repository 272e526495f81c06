"""Every key of the configuration, with its type, its default and what it means."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    model_validator,
)

from digest.config.newsletters import NewsletterConfig
from digest.config.part import Part
from digest.config.values import (
    Category,
    Duration,
    Line,
    Listener,
    MailAddress,
    Pattern,
    ProxyAddress,
    WebAddress,
    as_tuple,
    matching,
    nearest,
    not_blank,
    not_empty,
)
from digest.readers.posts.categories import label_key


class SiteConfig(Part):
    """Who sends: name, address, links, keys."""

    name: Line
    #: Where the public pages live; every link of the mail starts with it.
    base_url: WebAddress
    postal_address: Annotated[Line, AfterValidator(not_blank)]
    #: The newest first; old ones stay, for links in mail already sent.
    secret_keys: tuple[SecretStr, ...] = ()
    secret_keys_file: Path | None = None
    #: Allows http, localhost and example domains.
    development: bool = False
    #: Templates of the operator's own; each replaces the shipped one of its name.
    templates: Path | None = None


class DatabaseConfig(Part):
    """Where the database is."""

    url: Annotated[
        str,
        matching(
            r"\A(sqlite(\+pysqlite)?:///.|postgresql(\+psycopg)?://[^/?#]*/[^/?#])",
            "must be 'sqlite:///FILE' or 'postgresql://USER@HOST/NAME'",
        ),
    ] = "sqlite:///digest.db"


class StateConfig(Part):
    """What is kept in files outside the database."""

    #: On PostgreSQL it keeps who left while the database could not be written.
    folder: Path = Path()


class FetchConfig(Part):
    """Limits of every request for a feed."""

    allow_private: bool = False
    timeout_s: float = Field(default=30, gt=0, le=600)
    max_bytes: int = Field(default=20_000_000, gt=0)
    concurrency: int = Field(default=10, ge=1, le=100)
    #: Of those, to one server.
    per_host: int = Field(default=2, ge=1, le=100)
    #: A page for those who see the program in their server's log; none: `site.base_url`.
    contact: (
        Annotated[WebAddress, matching(r"\A[\x21-\x7e]+\Z", "must be of plain ASCII")] | None
    ) = None
    #: Makes every request for us; may hold a name and a password.
    proxy: ProxyAddress | None = None


class SmtpConfig(Part):
    """One mail relay."""

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    connections: int = Field(default=4, ge=1, le=64)


class FilterConfig(Part):
    """Posts of a feed: those that one entry of any list matches."""

    #: The feed's own categories.
    category: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    author: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    #: Words, or the whole title with `*` for anything.
    title: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()


class FeedConfig(Part):
    """One feed and the categories its posts go to."""

    url: WebAddress
    #: With `map`: of the posts that no entry of it matches.
    category: Annotated[tuple[Category, ...], BeforeValidator(as_tuple)] = ()
    #: By the feed's own categories.
    map: dict[Pattern, Annotated[tuple[Category, ...], BeforeValidator(as_tuple)]] = Field(
        default_factory=dict
    )
    #: Only these posts are taken.
    include: FilterConfig = FilterConfig()
    #: These posts are left out.
    exclude: FilterConfig = FilterConfig()
    comments: Literal["auto", "off"] = "auto"
    #: `auto`: where the feed carries only a beginning, the article's own page is read.
    full_text: Literal["auto", "off"] = "auto"
    #: How often `digest run` reads it.
    interval: Duration = timedelta(hours=1)
    #: For a feed behind a password (HTTP Basic); sent to this address's own server alone.
    username: Annotated[
        str, matching(r"\A[^:\x00-\x1f\x7f]*\Z", "must be without colons and line breaks")
    ] = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None

    @model_validator(mode="after")
    def _shows_no_password(self) -> Self:
        if "@" in urlsplit(self.url).netloc:
            # Not quoted: it may hold the password.
            raise ValueError("url holds a name or a password; use username and password_file")
        if not self.username and (self.password.get_secret_value() or self.password_file):
            raise ValueError("password needs a username beside it")
        return self

    @model_validator(mode="after")
    def _posts_go_somewhere(self) -> Self:
        if not self.category and not any(self.map.values()):
            raise ValueError("its posts go nowhere; give category, or map, or both")
        labels: dict[str, str] = {}
        for label in self.map:
            other = labels.setdefault(label_key(label), label)
            if other != label:
                raise ValueError(f"map: {other!r} and {label!r} are one category; leave one")
        return self

    @property
    def targets(self) -> frozenset[str]:
        """Every category that its posts may go to."""
        return frozenset(self.category).union(*self.map.values())


class ImagesConfig(Part):
    """Where pictures are put for newsletters with `images = "folder"`."""

    folder: Path | None = None
    #: Where the operator publishes it.
    url: WebAddress | None = None


class WebConfig(Part):
    """Where `digest serve` listens."""

    public: Listener = "127.0.0.1:8000"
    admin: Listener = "127.0.0.1:8001"


class AlertsConfig(Part):
    """Whom `digest run` tells when something needs a person."""

    email: Annotated[tuple[MailAddress, ...], BeforeValidator(as_tuple)] = ()
    #: Gets each alert as a JSON POST.
    webhook: WebAddress | None = None
    #: Asked after each tick that went well, so that a silence is noticed elsewhere.
    ping_url: WebAddress | None = None
    #: How long after its slot an edition that is not out is told.
    late_after: Duration = timedelta(hours=1)


class RunConfig(Part):
    """How `digest run` works."""

    #: Seconds between two looks at what is due.
    tick_s: float = Field(default=30, ge=0.1, le=3600)


class RetentionConfig(Part):
    """How long things are kept. Editions and deliveries stay."""

    #: The encoded mails of an edition, after it is finished.
    pieces: Duration = timedelta(days=90)
    comments: Duration = timedelta(days=365)


class Config(Part):
    """The whole configuration."""

    site: SiteConfig
    database: DatabaseConfig = DatabaseConfig()
    state: StateConfig = StateConfig()
    fetch: FetchConfig = FetchConfig()
    smtp: Annotated[tuple[SmtpConfig, ...], AfterValidator(not_empty)]
    feeds: Annotated[tuple[FeedConfig, ...], AfterValidator(not_empty)]
    newsletters: Annotated[tuple[NewsletterConfig, ...], AfterValidator(not_empty)]
    images: ImagesConfig = ImagesConfig()
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
        fed = {category for feed in self.feeds for category in feed.targets}
        for newsletter in self.newsletters:
            for category in newsletter.categories:
                if category not in fed:
                    near = nearest(category, fed)
                    raise ValueError(
                        f"newsletters.{newsletter.name}.categories: no feed has the category"
                        f" {category!r}{near}"
                    )
        return self

    @model_validator(mode="after")
    def _folder_is_published(self) -> Self:
        named = [n.name for n in self.newsletters if n.images == "folder"]
        if named and (self.images.folder is None or self.images.url is None):
            raise ValueError(
                f'newsletters.{named[0]}.images = "folder" needs images.folder, where pictures are'
                " written, and images.url, where that folder is on the web"
            )
        url = self.images.url or "https://"
        if not self.site.development and not url.startswith("https://"):
            raise ValueError("images.url: must start with https:// (mails show no others)")
        return self

    @model_validator(mode="after")
    def _links_are_safe(self) -> Self:
        if not self.site.development and not self.site.base_url.startswith("https://"):
            raise ValueError(
                "site.base_url: must start with https:// (or set site.development = true)"
            )
        return self
