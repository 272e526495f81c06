"""Every key of the configuration: its type, its default and its meaning."""

from __future__ import annotations

import base64
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
from digest.config.reading import FeedConfig, FetchConfig, ImagesConfig
from digest.config.sending import SendConfig, SmtpConfig
from digest.config.values import (
    Days,
    Duration,
    HostName,
    Line,
    Listener,
    MailAddress,
    Network,
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
