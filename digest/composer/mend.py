"""Taking a story out of an edition that is already composed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from digest.models import Edition, Omission, Reason


def leave_out(edition: Edition, reasons: Mapping[int, Reason]) -> Edition:
    """Give the edition without some stories; each is kept as an omission with its reason.

    Args:
        edition: is not changed.
        reasons: why, by `post_id`.
    """
    gone = tuple(
        Omission(post_id=story.post_id, title=story.title, reason=reasons[story.post_id])
        for story in edition.stories
        if story.post_id in reasons
    )
    kept = tuple(story for story in edition.stories if story.post_id not in reasons)
    return replace(edition, stories=kept, omitted=edition.omitted + gone)
