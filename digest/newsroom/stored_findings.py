"""Reads stored findings."""

from __future__ import annotations

import json

from digest.models import Finding


def load_findings(stored: str) -> tuple[Finding, ...]:
    """Return the findings of a variant from their stored JSON."""
    return tuple(Finding(**finding) for finding in json.loads(stored))
