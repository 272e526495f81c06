"""The metadata that all tables of the store share."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
