"""The use cases of the desk by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.desk import coming as coming
    from digest.newsroom.desk import csv_files as csv_files
    from digest.newsroom.desk import deliveries as deliveries
    from digest.newsroom.desk import heads as heads
    from digest.newsroom.desk import history as history
    from digest.newsroom.desk import home as home
    from digest.newsroom.desk import listing as listing
    from digest.newsroom.desk import mails as mails
    from digest.newsroom.desk import recent as recent
    from digest.newsroom.desk import report as report
    from digest.newsroom.desk import sending as sending

__getattr__ = on_demand("digest.newsroom.desk")
