"""What the pages of the desk read: editions, their exact mails, their history."""

from __future__ import annotations

from digest.newsroom.desk.desk import Desk

__all__ = ["Desk"]
