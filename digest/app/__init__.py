"""Builds the newsroom, and the values that each package needs, from the configuration.

No other package knows both: the others get plain values, never the configuration. `wiring` is
light. Each other module builds the values of one package and is imported on first use, so that
`digest status` does not load the code of `digest send`. `App` is also imported on first use, so
that `--help` does not load the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import names_on_demand

if TYPE_CHECKING:
    from digest.app.wiring import App, utc_now

__all__ = ["App", "utc_now"]

__getattr__ = names_on_demand("digest.app.wiring", __all__)
