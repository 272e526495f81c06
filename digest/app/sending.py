"""Builds the connections to the relays from the configuration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from digest.config import Config, SmtpConfig
from digest.config.sending import TimeoutsConfig
from digest.sender.canary import Canary
from digest.sender.domains import DomainLimits, Domains
from digest.sender.relay import Relay, Timeouts
from digest.sender.relays import Relays
from digest.sender.smtp.mailer import SmtpMailer


def mailers_of(relays: Relays) -> Callable[[], SmtpMailer]:
    """Return a function that opens another connection to the relays on each call."""
    return partial(SmtpMailer, relays)


def relays_of(config: Config) -> tuple[Relay, ...]:
    """Return the relays in the order in which they are tried."""
    return tuple(map(_relay, config.smtp))


def shared_relays(config: Config) -> Relays:
    """Return the relays with what the process knows of them: nothing yet."""
    send = config.send
    limits = DomainLimits(rates=send.domain_rates, connections=send.domain_connections)
    return Relays(relays_of(config), Domains(limits))


def canary_of(config: Config) -> Canary | None:
    """Return how the first mails of an edition are judged; None if they are not."""
    canary = config.send.canary
    if canary is None:
        return None
    return Canary(first=canary.first, wait=canary.wait, max_failed=canary.max_failed)


def _relay(smtp: SmtpConfig) -> Relay:
    return Relay(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        username=smtp.username,
        password=smtp.password.get_secret_value(),
        ca_file=str(smtp.ca_file or ""),
        connections=smtp.connections,
        timeouts=_timeouts(smtp.timeouts),
        pipeline=smtp.pipeline,
        messages_per_connection=smtp.messages_per_connection,
        rate=smtp.rate,
        daily_limit=smtp.daily_limit,
    )


def _timeouts(timeouts: TimeoutsConfig) -> Timeouts:
    return Timeouts(
        connect_s=timeouts.connect.total_seconds(),
        command_s=timeouts.command.total_seconds(),
        data_s=timeouts.data.total_seconds(),
        content_s=timeouts.content.total_seconds(),
    )
