"""The use cases of accounts: made at the terminal, signed in to at the desk."""

from __future__ import annotations

from digest.newsroom.admins.admins import Admins

__all__ = ["Admins"]
