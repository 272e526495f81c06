"""The use cases of commands, pages and the schedule, built on the steps of `digest.pipeline`.

`Newsroom` is the installation, `Newsletter` one of its newsletters. Both are thin: each use case is
a module of its own that is imported at its first call. A use case that changes something takes an
actor and stores one row in the audit table. `service` has the jobs that `digest run` does at every
tick.
"""

from __future__ import annotations

from digest.newsroom.newsletter import Newsletter
from digest.newsroom.newsroom import Newsroom

__all__ = ["Newsletter", "Newsroom"]
