"""Wiring: from the configuration to the newsroom and the values that the rooms need.

The one place that knows both. Rooms get plain values, never the configuration. `wiring` is light;
the others make the values of one room each and are imported when these are first asked for, so that
`digest status` does not load what `digest send` needs. `App` itself is imported when it is first
asked for, so that `--help` does not load the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import names_on_demand

if TYPE_CHECKING:
    from digest.app.wiring import App, utc_now

__all__ = ["App", "utc_now"]

__getattr__ = names_on_demand("digest.app.wiring", __all__)
