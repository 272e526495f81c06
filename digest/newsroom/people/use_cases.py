"""The use cases of people by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.people import amend as amend
    from digest.newsroom.people import enrol as enrol
    from digest.newsroom.people import fields as fields
    from digest.newsroom.people import forms as forms
    from digest.newsroom.people import profile as profile
    from digest.newsroom.people import records as records
    from digest.newsroom.people import search as search
    from digest.newsroom.people import uploads as uploads
    from digest.newsroom.people import withdraw as withdraw

__getattr__ = on_demand("digest.newsroom.people")
