"""The use cases of accounts by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.admins import accounts as accounts
    from digest.newsroom.admins import passwords as passwords
    from digest.newsroom.admins import sessions as sessions
    from digest.newsroom.admins import sign_in as sign_in
    from digest.newsroom.admins import tokens as tokens

__getattr__ = on_demand("digest.newsroom.admins")
