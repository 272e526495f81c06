"""The limits of a session."""

from __future__ import annotations

from datetime import timedelta

#: A session ends after this time without use.
MAX_IDLE = timedelta(hours=12)
#: It ends after this time in any case.
MAX_AGE = timedelta(days=7)
