"""The operator's use cases of subscribers: import, add, show, export, end or erase them."""

from __future__ import annotations

from digest.newsroom.people.people import People

__all__ = ["People"]
