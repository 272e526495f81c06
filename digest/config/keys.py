"""Every key of the configuration: its type, its default and its meaning."""

from __future__ import annotations

import base64
from collections.abc import Iterable
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

from digest.config.dkim import DkimConfig, refuse_useless
from digest.config.fields import FieldConfig
from digest.config.newsletters import NewsletterConfig
from digest.config.part import Part
from digest.config.sending import SendConfig, SmtpConfig
from digest.config.values import (
    Category,
    Days,
    Duration,
    HostName,
    Line,
    Listener,
    MailAddress,
    Network,
    Pattern,
    ProxyAddress,
    WebAddress,
    as_tuple,
    matching,
    nearest,
    not_blank,
    not_empty,
    with_ascii_host,
)
from digest.config.webhooks import EventWebhookConfig
from digest.models.paths import TAKEN_PATHS
from digest.readers.posts.categories import label_key
from digest.readers.web.access import check_headers


class SiteConfig(Part):
    """The publisher: name, postal address, links, keys."""

    #: The name of the publication, for mails and pages.
    name: Line
    #: The URL of the public pages; each link to them in a mail starts with it.
    base_url: Annotated[WebAddress, AfterValidator(with_ascii_host)]
    #: Printed in every mail, as the law requires (CAN-SPAM, 15 USC 7704(a)(5)).
    postal_address: Annotated[Line, AfterValidator(not_blank)]
    #: Newest first; old keys stay so that links in mails already sent keep working.
    secret_keys: tuple[SecretStr, ...] = ()
    #: A file with the keys instead, one on each line.
    secret_keys_file: Path | None = None
    #: Allow http, localhost and example domains.
    development: bool = False
    #: The operator's templates; each replaces the built-in one of the same name.
    templates: Path | None = None
    #: The operator's own page about privacy. None: the page `privacy` of the public pages.
    privacy_url: WebAddress | None = None


class DatabaseConfig(Part):
    """The location of the database."""

    #: A SQLite file, or a database of a PostgreSQL server.
    url: Annotated[
        str,
        matching(
            r"\A(sqlite(\+pysqlite)?:///.|postgresql(\+psycopg)?://[^/?#]*/[^/?#])",
            "must be 'sqlite:///FILE' or 'postgresql://USER@HOST/NAME'",
        ),
    ] = "sqlite:///digest.db"


class StateConfig(Part):
    """The files outside the database."""

    #: Holds the state file and, with PostgreSQL, the unsubscribes received while the database could
    #: not be written.
    folder: Path = Path()


class FetchConfig(Part):
    """Limits of every request for a feed."""

    allow_private: bool = False
    timeout_s: float = Field(default=30, gt=0, le=600)
    #: The largest document, as sent and decompressed.
    max_bytes: int = Field(default=20_000_000, gt=0)
    concurrency: int = Field(default=10, ge=1, le=100)
    #: Requests to one server at once, of the total in `concurrency`.
    per_host: int = Field(default=2, ge=1, le=100)
    #: A page for server operators who find this program in their logs. None: `site.base_url`.
    contact: Annotated[WebAddress, matching(r"\A[\x21-\x7e]+\Z", "must be plain ASCII")] | None = (
        None
    )
    #: The proxy for every request; may contain a user name and a password.
    proxy: ProxyAddress | None = None


class FilterConfig(Part):
    """Selects the posts of a feed that match any entry of any list."""

    #: The feed's own categories.
    category: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    #: Names of authors; `*` is any text.
    author: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    #: Words in the title, or the whole title with `*` for any text.
    title: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()


class FeedConfig(Part):
    """One feed and the categories its posts go to."""

    #: The address of the feed.
    url: WebAddress
    #: With `map`: the categories of posts that match no entry of it.
    category: Annotated[tuple[Category, ...], BeforeValidator(as_tuple)] = ()
    #: The feed's own category: the categories of its posts.
    map: dict[Pattern, Annotated[tuple[Category, ...], BeforeValidator(as_tuple)]] = Field(
        default_factory=dict
    )
    #: Only these posts are collected.
    include: FilterConfig = FilterConfig()
    #: These posts are excluded.
    exclude: FilterConfig = FilterConfig()
    #: `off`: comments of its posts are not read.
    comments: Literal["auto", "off"] = "auto"
    #: `auto`: if the feed has only the beginning of an article, read the article's page.
    full_text: Literal["auto", "off"] = "auto"
    #: How often `digest run` fetches it.
    interval: Duration = timedelta(hours=1)
    #: Posts published longer ago are never mailed. None: no limit.
    max_post_age: Duration | None = None
    #: User name for HTTP Basic authentication; sent only to the server of `url`.
    username: Annotated[
        str, matching(r"\A[^:\x00-\x1f\x7f]*\Z", "must not contain colons or line breaks")
    ] = ""
    #: The password for `username`.
    password: SecretStr = SecretStr("")
    #: A file with the password instead.
    password_file: Path | None = None
    #: Extra request headers by name; sent only to the server of `url`, like the next three keys.
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    #: A file with more of them, one `Name: value` on each line.
    headers_file: Path | None = None
    #: The header `Cookie` of each request.
    cookie: SecretStr = SecretStr("")
    #: The header `User-Agent`, for a site that refuses programs it does not know.
    user_agent: str = ""
    #: The largest document of this feed. None: as in `[fetch]`.
    max_bytes: int | None = Field(default=None, gt=0)
    #: Allow that the host of `url` has an address inside this network.
    allow_private: bool = False

    @model_validator(mode="after")
    def _headers_can_be_sent(self) -> Self:
        self.check_headers()
        return self

    def check_headers(self, more: Iterable[tuple[str, str]] = ()) -> None:
        """Check its request headers together, and `more` of them.

        Raises:
            ValueError: one cannot be sent, or is there twice.
        """
        login = (("Authorization", "login"),) if self.username else ()
        try:
            check_headers((*login, *self._written_headers(), *more))
        except ValueError as error:
            raise ValueError(f"headers: {error}") from error

    @property
    def sent_headers(self) -> dict[str, str]:
        """The extra request headers, with `cookie` and `user_agent`."""
        return {name: value.strip() for name, value in self._written_headers()}

    def _written_headers(self) -> list[tuple[str, str]]:
        own = {"Cookie": self.cookie.get_secret_value(), "User-Agent": self.user_agent}
        return [
            *((name, value.get_secret_value()) for name, value in self.headers.items()),
            *((name, value) for name, value in own.items() if value),
        ]

    @model_validator(mode="after")
    def _shows_no_password(self) -> Self:
        if "@" in urlsplit(self.url).netloc:
            # The message does not quote the URL because it may contain the password.
            raise ValueError(
                "url contains a user name or a password; use username and password_file"
            )
        if not self.username and (self.password.get_secret_value() or self.password_file):
            raise ValueError("password needs a username")
        return self

    @model_validator(mode="after")
    def _posts_go_somewhere(self) -> Self:
        if not self.category and not any(self.map.values()):
            raise ValueError("its posts have no category; set category, map or both")
        labels: dict[str, str] = {}
        for label in self.map:
            other = labels.setdefault(label_key(label), label)
            if other != label:
                raise ValueError(f"map: {other!r} and {label!r} are the same; remove one")
        return self

    @property
    def targets(self) -> frozenset[str]:
        """Every category that its posts can get."""
        return frozenset(self.category).union(*self.map.values())


class ImagesConfig(Part):
    """The image folder of newsletters with `images = "folder"`."""

    #: Where the pictures are written; publish it with a web server.
    folder: Path | None = None
    #: The URL at which the operator publishes the folder.
    url: WebAddress | None = None


class WebConfig(Part):
    """The addresses at which `digest serve` listens."""

    #: The subscribers' pages; put a TLS proxy in front.
    public: Listener = "127.0.0.1:8000"
    #: The pages of the operator.
    admin: Listener = "127.0.0.1:8001"
    #: Names by which browsers reach the desk, besides this machine's own.
    admin_hosts: Annotated[tuple[HostName, ...], BeforeValidator(as_tuple)] = ()
    #: The header in which a trusted proxy names the account of a client that it has checked.
    admin_user_header: Annotated[
        str, matching(r"\A[A-Za-z0-9-]{0,64}\Z", "must be the name of a header")
    ] = ""
    #: Proxies in front of the pages, whose `X-Forwarded-For` names the client.
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(as_tuple)] = ()
    #: The most sign-ups in an hour, from all forms together.
    sign_ups_per_hour: int = Field(default=2000, ge=1)

    @model_validator(mode="after")
    def _header_has_a_proxy(self) -> Self:
        if self.admin_user_header and not self.trusted_proxies:
            raise ValueError("admin_user_header needs trusted_proxies: only they are believed")
        return self


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


class WebhookConfig(Part):
    """The proof of the events that a mail provider posts to `/hooks/bounces/PROVIDER`."""

    #: Who posts the events.
    provider: Literal["ses", "sendgrid", "postmark", "mailgun"]
    #: postmark: the password of its address, or its header; mailgun: the signing key.
    secret: SecretStr = SecretStr("")
    #: A file with the secret instead.
    secret_file: Path | None = None
    #: sendgrid: the verification key.
    public_key: str = ""
    #: ses: ARNs of the topics of SNS.
    topics: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _proves(self) -> Self:
        needed = {"ses": "topics", "sendgrid": "public_key"}.get(self.provider, "secret")
        given = {
            "topics": bool(self.topics),
            "public_key": bool(self.public_key),
            "secret": self.secret_file is not None or len(self.secret.get_secret_value()) > 0,
        }
        if not given[needed]:
            raise ValueError(f"{self.provider} needs `{needed}`, which proves its requests")
        if self.public_key and not _is_base64(self.public_key):
            raise ValueError("public_key: must be the verification key as SendGrid shows it")
        return self


class BouncesConfig(Part):
    """Mails that come back, and the mailbox that they come to."""

    #: Mail to any address `b+…` and `u+…` of this domain must come to the mailbox. None: bounces go
    #: to the newsletter's `from` and cannot be read.
    domain: HostName | None = None
    #: The mailbox: a folder in Maildir form.
    maildir: Path | None = None
    #: Or a file in mbox form.
    mbox: Path | None = None
    #: Or an account on a mail server, over TLS.
    protocol: Literal["imap", "pop"] = "imap"
    #: The mail server of the account.
    host: HostName | None = None
    #: None: 993 for IMAP, 995 for POP.
    port: int | None = Field(default=None, ge=1, le=65535)
    #: The user name of the account.
    username: str = ""
    #: The password of the account.
    password: SecretStr = SecretStr("")
    #: A file with the password instead.
    password_file: Path | None = None
    #: Certificates to trust in addition to the system's (PEM).
    ca_file: Path | None = None
    #: The folder of an IMAP account.
    folder: str = "INBOX"
    #: Providers that post bounces and complaints to the public pages.
    webhooks: tuple[WebhookConfig, ...] = ()


class AlertsConfig(Part):
    """The receivers of the alerts of `digest run`."""

    #: Mail addresses that receive each alert.
    email: Annotated[tuple[MailAddress, ...], BeforeValidator(as_tuple)] = ()
    #: URL that receives each alert as a JSON POST.
    webhook: WebAddress | None = None
    #: URL requested after each tick without errors, so that an outside monitor notices silence.
    ping_url: WebAddress | None = None
    #: How long after its slot an unsent edition causes an alert.
    late_after: Duration = timedelta(hours=1)


class MetricsConfig(Part):
    """The pages for machines: health, readiness, metrics."""

    #: Their address, such as `127.0.0.1:9108`; None: there are none. Never a public one.
    listen: Listener | None = None


class RunConfig(Part):
    """The settings of `digest run`."""

    #: Seconds between two checks for due work.
    tick_s: float = Field(default=30, ge=0.1, le=3600)


class RetentionConfig(Part):
    """The time for which data is kept. Editions and deliveries are never deleted."""

    #: The encoded mails of an edition, counted from its end.
    pieces: Duration = timedelta(days=90)
    #: Comments, counted from the day they were stored.
    comments: Duration = timedelta(days=365)
    #: Sign-ups that nobody confirmed; the link in the confirmation mail works as long.
    unconfirmed: Days = timedelta(days=7)
    #: Keyed hashes of the networks that sign-ups came from, which limit their number.
    networks: Days = timedelta(days=30)


class BackupConfig(Part):
    """The copies of the database that `digest backup` and `digest run` write."""

    #: The folder of the copies; only its owner can read them.
    folder: Path = Path("backups")
    #: The newest that are kept; older ones of the same naming are deleted.
    keep: int = Field(default=14, ge=1, le=10_000)
    #: The time between two copies by `digest run`. None: it makes none.
    every: Duration | None = None


class Config(Part):
    """The whole configuration."""

    site: SiteConfig
    database: DatabaseConfig = DatabaseConfig()
    state: StateConfig = StateConfig()
    fetch: FetchConfig = FetchConfig()
    smtp: Annotated[tuple[SmtpConfig, ...], AfterValidator(not_empty)]
    #: Empty: mails are not signed here, but perhaps by the relay.
    dkim: tuple[DkimConfig, ...] = ()
    send: SendConfig = SendConfig()
    feeds: Annotated[tuple[FeedConfig, ...], AfterValidator(not_empty)]
    newsletters: Annotated[tuple[NewsletterConfig, ...], AfterValidator(not_empty)]
    #: The subscribers' own fields, for all newsletters.
    fields: tuple[FieldConfig, ...] = ()
    images: ImagesConfig = ImagesConfig()
    web: WebConfig = WebConfig()
    bounces: BouncesConfig = BouncesConfig()
    run: RunConfig = RunConfig()
    metrics: MetricsConfig = MetricsConfig()
    alerts: AlertsConfig = AlertsConfig()
    #: Addresses that get events.
    webhooks: tuple[EventWebhookConfig, ...] = ()
    retention: RetentionConfig = RetentionConfig()
    backup: BackupConfig = BackupConfig()

    @model_validator(mode="after")
    def _names_are_single(self) -> Self:
        for place, values in (
            ("newsletters: the name", [n.name for n in self.newsletters]),
            ("feeds: the url", [f.url for f in self.feeds]),
            ("fields: the name", [f.name for f in self.fields]),
            ("webhooks: the url", [w.url for w in self.webhooks]),
        ):
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"{place} {value!r} appears twice; remove one")
        return self

    @model_validator(mode="after")
    def _webhooks_are_about_newsletters(self) -> Self:
        names = {newsletter.name for newsletter in self.newsletters}
        for webhook in self.webhooks:
            for name in webhook.newsletters:
                if name not in names:
                    raise ValueError(
                        f"[[webhooks]] {urlsplit(webhook.url).hostname}: newsletters: there is no"
                        f" newsletter {name!r}{nearest(name, names)}"
                    )
        return self

    @model_validator(mode="after")
    def _keys_sign(self) -> Self:
        refuse_useless(
            self.dkim, (each.sender_address.rpartition("@")[2] for each in self.newsletters)
        )
        return self

    @model_validator(mode="after")
    def _names_have_pages(self) -> Self:
        for newsletter in self.newsletters:
            if newsletter.name in TAKEN_PATHS or not newsletter.name.strip("-"):
                raise ValueError(
                    f"[[newsletters]] {newsletter.name}: name: {newsletter.name!r} is the address"
                    " of another public page; choose a different name"
                )
        return self

    @model_validator(mode="after")
    def _categories_are_fed(self) -> Self:
        fed = {category for feed in self.feeds for category in feed.targets}
        for newsletter in self.newsletters:
            for category in newsletter.categories:
                if category not in fed:
                    near = nearest(category, fed)
                    raise ValueError(
                        f"[[newsletters]] {newsletter.name}: categories: no feed has the category"
                        f" {category!r}{near}"
                    )
        return self

    @model_validator(mode="after")
    def _fields_are_known(self) -> Self:
        fields = {field.name: field.to_field() for field in self.fields}
        for newsletter in self.newsletters:
            for place, fault in newsletter.field_faults(fields):
                raise ValueError(f"[[newsletters]] {newsletter.name}: {place}: {fault}")
        return self

    @model_validator(mode="after")
    def _folder_is_published(self) -> Self:
        named = [n.name for n in self.newsletters if n.images == "folder"]
        if named and (self.images.folder is None or self.images.url is None):
            raise ValueError(
                f'[[newsletters]] {named[0]}: images = "folder" needs images.folder (the folder for'
                " the images) and images.url (the URL of that folder)"
            )
        url = self.images.url or "https://"
        if not self.site.development and not url.startswith("https://"):
            raise ValueError("images.url: must start with https:// (mails show no other images)")
        return self

    @model_validator(mode="after")
    def _links_are_safe(self) -> Self:
        if not self.site.development and not self.site.base_url.startswith("https://"):
            raise ValueError(
                "site.base_url: must start with https:// (or set site.development = true)"
            )
        return self
