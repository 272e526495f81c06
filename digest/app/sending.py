"""Builds the connections to the relays from the configuration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from digest.config import Config, SmtpConfig
from digest.sender.relay import Relay
from digest.sender.smtp.mailer import SmtpMailer


def mailers_of(config: Config) -> Callable[[], SmtpMailer]:
    """Return a function that opens another connection to the relays on each call."""
    return partial(SmtpMailer, tuple(map(_relay, config.smtp)))


def connections_of(config: Config) -> int:
    """Return the maximum number of simultaneous connections to the relays."""
    return config.smtp[0].connections


def _relay(smtp: SmtpConfig) -> Relay:
    return Relay(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        username=smtp.username,
        password=smtp.password.get_secret_value(),
        ca_file=str(smtp.ca_file or ""),
        connections=smtp.connections,
    )
