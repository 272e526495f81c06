"""The use cases of the page on which an editor composes a draft.

`edit` changes a draft, undoes a change and makes it again. `page` is what the page shows: the
sections (`sections`), the unused posts (`pool`), and the comments of one story (`picker`).
"""

from __future__ import annotations

from digest.newsroom.composing.drafts import Drafts

__all__ = ["Drafts"]
