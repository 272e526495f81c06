"""Wiring: from the configuration to the values that the rooms need.

The one place that knows both. Rooms get plain values, never the configuration. `wiring` is the
door, and light; the others give a room's values to the commands that work with that room, so that
`digest status` does not load what `digest send` needs.
"""

from __future__ import annotations

from digest.app.wiring import App, utc_now

__all__ = ["App", "utc_now"]
