"""What all tables of the configuration share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """One table: every key known, nothing changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
