"""Wiring: from the configuration to the newsroom and the values that the rooms need.

The one place that knows both. Rooms get plain values, never the configuration. `wiring` is light;
the others make the values of one room each and are imported when these are first asked for, so that
`digest status` does not load what `digest send` needs.
"""

from __future__ import annotations

from digest.app.wiring import App, utc_now

__all__ = ["App", "utc_now"]
