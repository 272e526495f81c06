"""The use cases by name: `use_cases.send` is the module `digest.newsroom.send`.

Each is imported at its first call, so that a command loads only the modules it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom import adopt as adopt
    from digest.newsroom import approve as approve
    from digest.newsroom import backup as backup
    from digest.newsroom import bounces as bounces
    from digest.newsroom import check as check
    from digest.newsroom import collect as collect
    from digest.newsroom import compose as compose
    from digest.newsroom import copy_database as copy_database
    from digest.newsroom import counts as counts
    from digest.newsroom import database as database
    from digest.newsroom import deliveries as deliveries
    from digest.newsroom import diff as diff
    from digest.newsroom import editions as editions
    from digest.newsroom import held_comments as held_comments
    from digest.newsroom import hold as hold
    from digest.newsroom import import_comments as import_comments
    from digest.newsroom import journal as journal
    from digest.newsroom import moderation as moderation
    from digest.newsroom import order as order
    from digest.newsroom import plan as plan
    from digest.newsroom import post_office as post_office
    from digest.newsroom import preview as preview
    from digest.newsroom import progress as progress
    from digest.newsroom import removed as removed
    from digest.newsroom import resolve as resolve
    from digest.newsroom import restore as restore
    from digest.newsroom import resume as resume
    from digest.newsroom import run as run
    from digest.newsroom import send as send
    from digest.newsroom import settings as settings
    from digest.newsroom import state as state
    from digest.newsroom import status as status
    from digest.newsroom import test as test
    from digest.newsroom import test_mails as test_mails
    from digest.newsroom import upgrade as upgrade
    from digest.newsroom import worker as worker

__getattr__ = on_demand("digest.newsroom")
