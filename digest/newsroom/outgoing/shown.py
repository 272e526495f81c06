"""Shows the operator how each webhook answers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.models import WebhookHealth
from digest.newsroom.context import Endpoint, RunContext
from digest.store import events


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWebhook:
    """A configured webhook without its secret and without the rest of its address."""

    #: The host of its URL; the rest may be secret.
    host: str
    events: tuple[str, ...]
    #: Empty: all.
    newsletters: tuple[str, ...]
    #: None if `digest run` has not read it yet, so that no event is stored for it.
    health: WebhookHealth | None

    @property
    def is_failing(self) -> bool:
        """Whether its last call failed."""
        return self.health is not None and bool(self.health.last_error)


def list_webhooks(context: RunContext) -> tuple[ShownWebhook, ...]:
    """Return the configured webhooks, in order.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        health = events.read_health(connection)
    return tuple(_shown(each, health.get(each.key)) for each in context.endpoints)


def _shown(endpoint: Endpoint, health: WebhookHealth | None) -> ShownWebhook:
    return ShownWebhook(
        host=urlsplit(endpoint.url).hostname or "",
        events=tuple(map(str, endpoint.events)),
        newsletters=endpoint.newsletters,
        health=health,
    )
