"""Opens the listener of the pages for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import ConfigError
from digest.web.server import Listener, open_listener

if TYPE_CHECKING:
    from digest.app import App


def open_ops(app: App) -> tuple[Listener, ...]:
    """Open the listener of `[metrics] listen`; none if that is not set.

    Raises:
        ConfigError: the extra `metrics` is not installed.
        UsageError: the port is already in use.
    """
    listen = app.config.metrics.listen
    if not listen:
        return ()
    try:
        from digest.web.ops.app import create_ops
    except ImportError as error:
        raise ConfigError(
            ("[metrics] listen: needs prometheus-client: pip install inbox-digest[metrics]",)
        ) from error
    host, _, port = listen.rpartition(":")
    return (open_listener(create_ops(app, app.tally), host.strip("[]"), int(port)),)
