"""A mail relay as configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: How the line to a relay is secured; it never falls back to less.
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each step may take (RFC 5321 section 4.5.3.2), in seconds."""

    #: From the first packet to a session that is secured and logged in.
    connect_s: float = 60
    #: MAIL and RCPT.
    command_s: float = 300
    #: DATA, until the server asks for the content.
    data_s: float = 120
    #: The content, until the server answers for it. Shorter makes more mails `unknown`.
    content_s: float = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """One server that takes mail from us."""

    host: str
    port: int
    security: Security = "starttls"
    #: Empty: no login.
    username: str = ""
    password: str = field(default="", repr=False)
    #: A file with certificates to trust beside the system's; empty: the system's alone.
    ca_file: str = ""
    #: Opened at once, at most.
    connections: int = 4
    timeouts: Timeouts = Timeouts()

    @property
    def name(self) -> str:
        """`host:port`, for messages and the ledger."""
        return f"{self.host}:{self.port}"
