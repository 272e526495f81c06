"""Reads the content of the pages of the desk: editions, plan, history."""

from __future__ import annotations

from digest.newsroom.desk.desk import Desk

__all__ = ["Desk"]
