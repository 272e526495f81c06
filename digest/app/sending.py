"""From the configuration to the relays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from digest.config import Config, SmtpConfig
from digest.sender.relay import Relay
from digest.sender.smtp import SmtpMailer


def mailers_of(config: Config) -> Callable[[], SmtpMailer]:
    """Give what opens one more line to the relays each time it is called."""
    return partial(SmtpMailer, tuple(map(_relay, config.smtp)))


def connections_of(config: Config) -> int:
    """Give how many lines to the relays there may be at once."""
    return config.smtp[0].connections


def _relay(told: SmtpConfig) -> Relay:
    return Relay(
        host=told.host,
        port=told.port,
        security=told.security,
        username=told.username,
        password=told.password.get_secret_value(),
        connections=told.connections,
    )
