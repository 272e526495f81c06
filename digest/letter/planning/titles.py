"""What a story is called where it is printed."""

from __future__ import annotations

from digest.letter.plain import host_of, one_line, running_text, shorten
from digest.models import Story

#: Of the words that stand for a title that is missing.
_MAX_FIRST_WORDS = 60


def shown_title(story: Story) -> str:
    """Give the title in one line, never empty.

    Short posts of some blogs have none: their first words stand for it, or their site's name.
    """
    first_words = shorten(running_text(story.excerpt), _MAX_FIRST_WORDS)
    return one_line(story.title) or first_words or host_of(story.url) or "…"
