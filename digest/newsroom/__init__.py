"""The use cases: what a command, a page or the schedule asks for, above the steps of `pipeline`.

`Newsroom` is the installation, `Newsletter` one of its newsletters. Both are thin: each use case is
a module of its own that is imported at its first call. Those that change something take an actor
and leave one row in the audit table. `service` is what `digest run` does at every tick.
"""

from __future__ import annotations

from digest.newsroom.newsletter import Newsletter
from digest.newsroom.newsroom import Newsroom

__all__ = ["Newsletter", "Newsroom"]
