"""The keys of the mail relays, and of the speed at which mails are sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from digest.config.part import Part
from digest.config.values import Duration, HostName, Timeout, read_rate, with_ascii_domain

#: Mails per second, such as `10` or `0.5`, or mails in another time: `"100/m"`, `"1000/h"`.
Rate = Annotated[float, BeforeValidator(read_rate), Field(ge=0, allow_inf_nan=False)]
#: The domain of recipients.
Domain = Annotated[HostName, AfterValidator(with_ascii_domain)]


class TimeoutsConfig(Part):
    """The longest time for each step of a mail."""

    #: Until the connection is secured and logged in.
    connect: Timeout = timedelta(minutes=1)
    #: MAIL and RCPT.
    command: Timeout = timedelta(minutes=5)
    #: DATA, until the relay asks for the content.
    data: Timeout = timedelta(minutes=2)
    #: The content, until the relay answers. A mail without an answer becomes `unknown`.
    content: Timeout = timedelta(minutes=10)


class SmtpConfig(Part):
    """One mail relay."""

    #: The mail server that accepts your mails.
    host: HostName
    #: 587 for `starttls`, 465 for `tls`.
    port: int = Field(default=587, ge=1, le=65535)
    #: `none` is for a relay on this machine.
    security: Literal["starttls", "tls", "none"] = "starttls"
    #: The login; empty: no login.
    username: str = ""
    #: Better: `password_file`, or the variable `DIGEST_SMTP__PASSWORD`.
    password: SecretStr = SecretStr("")
    #: A file with the password instead.
    password_file: Path | None = None
    #: Certificates to trust in addition to the system's (PEM), for a relay with a CA of its own.
    ca_file: Path | None = None
    #: The most connections at the same time; a run starts with 2.
    connections: int = Field(default=4, ge=1, le=64)
    #: If the relay offers PIPELINING: `auto`, the commands of a mail in one packet, behind the
    #: content of the one before; `message`, in a packet of their own; `off`, one at a time.
    pipeline: Literal["auto", "message", "off"] = "auto"
    #: A connection is closed and opened again after this number of mails.
    messages_per_connection: int = Field(default=100, ge=1)
    #: The most mails per second. 0: no limit.
    rate: Rate = 0.0
    #: The most mails in 24 hours, of all newsletters together. 0: no limit.
    daily_limit: int = Field(default=0, ge=0)
    timeouts: TimeoutsConfig = TimeoutsConfig()


class CanaryConfig(Part):
    """The first mails of an edition, whose refusals are judged before the others are sent."""

    #: How many mails are sent first.
    first: int = Field(default=50, ge=1)
    #: How long to wait after them.
    wait: Duration = timedelta(minutes=10)
    #: The edition is paused if more than this share of them was not accepted.
    max_failed: float = Field(default=0.2, ge=0, le=1)


class SendConfig(Part):
    """The speed at which mails are sent."""

    #: The most mails per second to one domain of recipients.
    domain_rates: dict[Domain, Rate] = Field(default_factory=dict)
    #: The most mails being sent at the same time to one domain of recipients.
    domain_connections: dict[Domain, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    #: None: an edition is sent without such a test.
    canary: CanaryConfig | None = None
