"""Wiring: from the configuration to the values that the rooms need.

The one place that knows both. Rooms get plain values, never the configuration. `wiring` is the
door; `reading` and `composing` are its longer translations.
"""

from __future__ import annotations

from digest.app.wiring import App, utc_now

__all__ = ["App", "utc_now"]
