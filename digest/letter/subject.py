"""The two lines that an inbox shows of a letter: subject and preheader."""

from __future__ import annotations

from collections.abc import Sequence

from digest.letter.plain import one_line, running_text, shorten
from digest.letter.titles import shown_title
from digest.models import Edition, Story
from digest.text.catalogue import translations_for

#: What a phone's inbox shows of a subject.
SHOWN_SUBJECT = 60
MAX_SUBJECT = 150
MIN_PREHEADER = 40
MAX_PREHEADER = 110

_SENTENCE_END = (".", "?", "!", "…")
_CLOSING_QUOTES = "”’»\"'"


def write_subject(top: Story, count: int, language: str) -> str:
    """Give the title of the top story, and how many follow where that fits in 60 characters.

    The title is never cut below 150 characters.

    Args:
        top: the story that stands first.
        count: stories in the letter.
        language: BCP 47 tag, of the words around the title.
    """
    title = shorten(shown_title(top), MAX_SUBJECT)
    subject = _and_more(title, count - 1, language)
    return subject if len(subject) <= SHOWN_SUBJECT else title


def write_preheader(shown: Sequence[Story], edition: Edition, subject: str, language: str) -> str:
    """Give the titles after the first, 40 to 110 characters, never the subject again.

    Args:
        shown: the stories of the letter, best first.
        edition: its name and number fill a line that would be too short.
        subject: the line shown before this one.
        language: BCP 47 tag, of the words around the titles.
    """
    preheader = _join_titles([shown_title(story) for story in shown[1:4]])
    number = translations_for(language).gettext("No. %(number)s") % {"number": edition.number}
    for filler in (shown[0].excerpt, f"{edition.title}, {number}", shown[0].author):
        if len(preheader) < MIN_PREHEADER:
            preheader = " · ".join(part for part in (preheader, running_text(filler)) if part)
    preheader = shorten(preheader, MAX_PREHEADER)
    return preheader if preheader != subject else one_line(edition.title)


def _and_more(title: str, others: int, language: str) -> str:
    if others < 1:
        return title
    words = translations_for(language)
    if title.rstrip(_CLOSING_QUOTES).endswith(_SENTENCE_END):
        form = words.ngettext("%(title)s And %(num)s more", "%(title)s And %(num)s more", others)
    else:
        form = words.ngettext("%(title)s, and %(num)s more", "%(title)s, and %(num)s more", others)
    return form % {"title": title, "num": others}


def _join_titles(titles: list[str]) -> str:
    joined = titles[0] if titles else ""
    for title in titles[1:]:
        longer = f"{joined} · {title}"
        if len(longer) <= MAX_PREHEADER:
            joined = longer
    return joined
