"""Subscribers as the operator keeps them: imported, added, shown, exported, taken out."""

from __future__ import annotations

from digest.newsroom.people.people import People

__all__ = ["People"]
