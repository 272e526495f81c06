"""The base of all tables of the configuration."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """One table: unknown keys are refused, and values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
