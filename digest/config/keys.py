"""Every key of the configuration, with its type, its default and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from digest.config.values import (
    Category,
    Duration,
    Language,
    Line,
    Listener,
    MailAddress,
    Mailbox,
    Name,
    Pattern,
    ProxyAddress,
    ScheduleText,
    WebAddress,
    ZoneName,
    as_tuple,
    nearest,
    not_blank,
    not_empty,
)
from digest.letter.theme import DARK, find_faults
from digest.models import Theme
from digest.readers.posts.categories import label_key


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SiteConfig(_Part):
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


class DatabaseConfig(_Part):
    """Where the database is."""

    url: str = "sqlite:///digest.db"


class FetchConfig(_Part):
    """Limits of every request for a feed."""

    allow_private: bool = False
    timeout_s: float = Field(default=30, gt=0, le=600)
    max_bytes: int = Field(default=20_000_000, gt=0)
    concurrency: int = Field(default=10, ge=1, le=100)
    #: Of those, to one server.
    per_host: int = Field(default=2, ge=1, le=100)
    #: A page for those who see the program in their server's log; none: `site.base_url`.
    contact: Annotated[WebAddress, Field(pattern=r"^[\x21-\x7e]+$")] | None = None
    #: Makes every request for us; may hold a name and a password.
    proxy: ProxyAddress | None = None


class SmtpConfig(_Part):
    """One mail relay."""

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    connections: int = Field(default=4, ge=1, le=64)


class FilterConfig(_Part):
    """Posts of a feed: those that one entry of any list matches."""

    #: The feed's own categories.
    category: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    author: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    #: Words, or the whole title with `*` for anything.
    title: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()


class FeedConfig(_Part):
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
    username: Annotated[str, Field(pattern=r"^[^:\x00-\x1f\x7f]*$")] = ""
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


class PolicyConfig(_Part):
    """The comments policy."""

    #: Names of commenters who asked not to be quoted.
    no_quote: tuple[str, ...] = ()
    #: Words that keep a comment out, beside the shipped lists.
    blocked_words: tuple[str, ...] = ()
    #: `hold`: the first comment under a name waits for an editor.
    first_time: Literal["show", "hold"] = "show"


Words = Annotated[Line, AfterValidator(not_blank)]


class PollConfig(_Part):
    """A question to the readers."""

    question: Words
    choices: Annotated[tuple[Words, ...], Field(min_length=2, max_length=5)]
    note: Line = ""


class SupportConfig(_Part):
    """The line that asks for support."""

    text: Words
    link: Words
    url: WebAddress


class CustomConfig(_Part):
    """A block of the editor's own words after the posts."""

    title: Line = ""
    text: Annotated[tuple[str, ...], BeforeValidator(as_tuple), AfterValidator(not_empty)]
    link: Line = ""
    url: WebAddress | None = None

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if bool(self.link) != (self.url is not None):
            raise ValueError("link and url go together: the words, and where they lead")
        return self


class ThemeConfig(_Part):
    """How a newsletter looks; what is not named is the design's own."""

    #: By role, as `#rrggbb`; see docs/template-variables.md for the roles.
    colours: dict[str, str] = Field(default_factory=dict)
    #: The same in dark mode.
    dark: dict[str, str] = Field(default_factory=dict)
    serif: Line = ""
    sans: Line = ""
    logo: WebAddress | None = None
    logo_width: int = Field(default=0, ge=0, le=600)
    logo_height: int = Field(default=0, ge=0, le=400)
    masthead: Literal["text", "logo", "both"] = "text"

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        faults = find_faults(self.to_theme())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def to_theme(self) -> Theme:
        """Give the theme that an edition carries."""
        dark = {f"{DARK}{role}": colour for role, colour in self.dark.items()}
        return Theme(
            colours=tuple(sorted((self.colours | dark).items())),
            serif=self.serif,
            sans=self.sans,
            logo_url=self.logo or "",
            logo_width=self.logo_width,
            logo_height=self.logo_height,
            masthead=self.masthead,
        )


class NewsletterConfig(_Part):
    """One newsletter."""

    name: Name
    title: Line
    tagline: Line = ""
    sender: Mailbox = Field(alias="from")
    #: A mailbox that somebody reads; none: the sender's.
    reply_to: MailAddress | None = None
    categories: Annotated[tuple[str, ...], AfterValidator(not_empty)]
    #: Short for a single cadence.
    schedule: ScheduleText | None = None
    #: Named schedules; new readers get the first.
    cadences: dict[Name, ScheduleText] = Field(default_factory=dict)
    timezone: ZoneName = "UTC"
    #: Of the words around the posts; with a country, its dates: `en-GB` has "23 November".
    language: Language = "en"
    home_url: WebAddress | None = None
    policy_url: WebAddress | None = None
    intro: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    editor: Line = ""
    #: `serve` and `folder`: made smaller, from a place of our own.
    images: Literal["hotlink", "serve", "folder", "none"] = "hotlink"
    min_posts: int = Field(default=1, ge=1)
    max_posts_per_category: int = Field(default=5, ge=1, le=25)
    #: In a section others come before what is more of one author or feed; 0: no matter.
    max_posts_per_author: int = Field(default=0, ge=0)
    max_posts_per_feed: int = Field(default=0, ge=0)
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
    approvers: Annotated[tuple[MailAddress, ...], BeforeValidator(as_tuple)] = ()
    policy: PolicyConfig = PolicyConfig()
    poll: PollConfig | None = None
    support: SupportConfig | None = None
    custom: tuple[CustomConfig, ...] = ()
    theme: ThemeConfig = ThemeConfig()

    @model_validator(mode="after")
    def _has_one_kind_of_schedule(self) -> Self:
        if (self.schedule is None) == (not self.cadences):
            raise ValueError("needs either schedule or cadences")
        return self

    @property
    def named_schedules(self) -> Mapping[str, str]:
        """Cadences in their order, the first for new readers; one schedule alone is `weekly`."""
        return self.cadences or {"weekly": self.schedule or ""}


class ImagesConfig(_Part):
    """Where pictures are put for newsletters with `images = "folder"`."""

    folder: Path | None = None
    #: Where the operator publishes it.
    url: WebAddress | None = None


class WebConfig(_Part):
    """Where `digest serve` listens."""

    public: Listener = "127.0.0.1:8000"
    admin: Listener = "127.0.0.1:8001"


class AlertsConfig(_Part):
    """Whom `digest run` tells when something needs a person."""

    email: Annotated[tuple[MailAddress, ...], BeforeValidator(as_tuple)] = ()
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
