"""The configuration of a mail relay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: How the connection to a relay is secured; it never falls back to less security.
Security = Literal["starttls", "tls", "none"]


#: How commands travel where the server offers PIPELINING: `auto`, the next mail's envelope behind
#: each content; `message`, the commands of one mail together; `off`, one after another.
Pipeline = Literal["auto", "message", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """The longest time for each step, in seconds (RFC 5321 section 4.5.3.2)."""

    #: From the first packet until the session is secured and logged in.
    connect_s: float = 60
    #: MAIL and RCPT.
    command_s: float = 300
    #: DATA, until the server asks for the content.
    data_s: float = 120
    #: The content, until the server replies. A shorter time makes more mails `unknown`.
    content_s: float = 600

    @property
    def longest_s(self) -> float:
        """The longest step."""
        return max(self.connect_s, self.command_s, self.data_s, self.content_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """One server that accepts mail from us."""

    host: str
    port: int
    security: Security = "starttls"
    #: Empty: no login.
    username: str = ""
    password: str = field(default="", repr=False)
    #: File with trusted certificates in addition to the system's; empty if there is none.
    ca_file: str = ""
    #: Connections open at the same time, at most.
    connections: int = 4
    timeouts: Timeouts = Timeouts()
    pipeline: Pipeline = "auto"
    #: A connection is closed and opened again after this number of mails.
    messages_per_connection: int = 100
    #: Mails per second, at most; 0: no limit.
    rate: float = 0.0
    #: Mails in 24 hours, at most, of all newsletters together; 0: no limit.
    daily_limit: int = 0

    @property
    def name(self) -> str:
        """`host:port`, for messages and the ledger."""
        return f"{self.host}:{self.port}"
