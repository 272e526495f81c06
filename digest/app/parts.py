"""The other modules of this package, each imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.app import bounces as bounces
    from digest.app import composing as composing
    from digest.app import config_file as config_file
    from digest.app import database as database
    from digest.app import doctor as doctor
    from digest.app import feed_list as feed_list
    from digest.app import identity as identity
    from digest.app import judging as judging
    from digest.app import printing as printing
    from digest.app import reading as reading
    from digest.app import sending as sending
    from digest.app import settings as settings
    from digest.app import setup as setup
    from digest.app import signing as signing
    from digest.app import sources as sources

__getattr__ = on_demand("digest.app")
