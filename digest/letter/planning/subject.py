"""Writes the subject and the preheader of a letter, and the titles shown in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.letter.plain import host_of, one_line, running_text, shorten
from digest.models import Edition, Story
from digest.text.catalogue import translations_for

#: Characters of a subject that a phone's inbox shows.
SHOWN_SUBJECT = 60
MAX_SUBJECT = 150
MIN_PREHEADER = 40
MAX_PREHEADER = 110

#: Titles in a preheader, at most.
_MAX_TITLES = 3
#: Between two titles, and before a count.
BETWEEN = " · "
#: The number of forms of a subject.
_FORMS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLines:
    """The two lines that an inbox shows of a letter."""

    subject: str
    preheader: str


def write_lines(shown: Sequence[Story], edition: Edition, language: str) -> InboxLines:
    """Return the lines that an editor typed for the letter's top story, else generated lines.

    A generated line never repeats the last edition's, because mail programs fold two such mails
    into one. A generated preheader never repeats the subject.

    Args:
        shown: the stories of the letter, best first; at least one.
        edition: the edition, with the typed lines and the lines of the previous edition.
        language: the BCP 47 tag of the words around the titles.
    """
    is_typed = edition.typed_for == shown[0].post_id
    subject = one_line(edition.subject) if is_typed else ""
    named = shown[0]
    if not subject:
        named, subject = _new_subject(shown, edition, language)
    preheader = one_line(edition.preheader) if is_typed else ""
    if not preheader or preheader == subject:
        others = [story for story in shown if story is not named]
        preheader = write_preheader([named, *others], edition, subject, language)
    return InboxLines(subject=subject, preheader=preheader)


def _new_subject(shown: Sequence[Story], edition: Edition, language: str) -> tuple[Story, str]:
    """Return the first story whose subject differs from the last edition's, and that subject."""
    for story in shown:
        others = [other for other in shown if other is not story]
        subject = write_subject(story, others, edition.number, language)
        if subject != edition.last_subject:
            return story, subject
    number = _say_number(edition, language)
    title = shorten(shown_title(shown[0]), MAX_SUBJECT - len(number) - len(BETWEEN))
    return shown[0], f"{title}{BETWEEN}{number}"


def write_subject(top: Story, others: Sequence[Story], number: int, language: str) -> str:
    """Return the subject in the form that the edition's number chooses.

    In turn: the title and how many follow; two titles; the title alone. Three editions in a row
    never have the same form: the first form is used whatever its length, and the third always.
    Two titles need 60 characters together, else it is the title alone.

    Args:
        top: the story of the subject.
        others: the letter's other stories, best first.
        number: the edition's number.
        language: the BCP 47 tag of the words around the title.
    """
    title = shorten(shown_title(top), MAX_SUBJECT)
    form = number % _FORMS
    if form == 1 and others:
        return _and_more(title, len(others), language)
    if form == 2 and others:
        both = f"{title}{BETWEEN}{shown_title(others[0])}"
        return both if len(both) <= SHOWN_SUBJECT else title
    return title


def write_preheader(shown: Sequence[Story], edition: Edition, subject: str, language: str) -> str:
    """Return the titles that the subject does not name, 40 to 110 characters.

    Never equal to the subject.

    If the last edition had the same line, it starts one title later.

    Args:
        shown: the stories of the letter, starting with the one that the subject names.
        edition: the edition; its name and number fill a line that would be too short.
        subject: the letter's subject.
        language: the BCP 47 tag of the words around the titles.
    """
    number = _say_number(edition, language)
    # The subject already shows the first words of a post without a title.
    excerpt = shown[0].excerpt if one_line(shown[0].title) else ""
    fillers = (excerpt, f"{edition.masthead.title}, {number}", shown[0].author)
    taken = (subject, edition.last_preheader)
    for first in (1, 2):
        titles = [title for title in map(shown_title, shown[first:]) if title not in subject]
        preheader = _fill(_join_titles(titles[:_MAX_TITLES]), fillers)
        if preheader not in taken:
            return preheader
    # Only this edition has its number; if the subject is this line too, use the name.
    line = shorten(one_line(f"{edition.masthead.title}, {number}"), MAX_PREHEADER)
    return line if line not in taken else one_line(edition.masthead.title)


def _fill(preheader: str, fillers: Iterable[str]) -> str:
    for filler in fillers:
        if len(preheader) < MIN_PREHEADER:
            preheader = BETWEEN.join(part for part in (preheader, running_text(filler)) if part)
    return shorten(preheader, MAX_PREHEADER)


def _say_number(edition: Edition, language: str) -> str:
    return translations_for(language).gettext("No. %(number)s") % {"number": edition.number}


def _and_more(title: str, others: int, language: str) -> str:
    words = translations_for(language)
    form = words.ngettext("%(title)s · and %(num)s more", "%(title)s · and %(num)s more", others)
    room = MAX_SUBJECT - len(form % {"title": "", "num": others})
    return form % {"title": shorten(title, room), "num": others}


def _join_titles(titles: list[str]) -> str:
    joined = titles[0] if titles else ""
    for title in titles[1:]:
        longer = f"{joined}{BETWEEN}{title}"
        if len(longer) <= MAX_PREHEADER:
            joined = longer
    return joined


#: Length of the first words that replace a missing title.
_MAX_FIRST_WORDS = 60


def shown_title(story: Story) -> str:
    """Return the title in one line, never empty.

    A post without a title, such as a short blog post, shows its first words or its site's host.
    """
    first_words = shorten(running_text(story.excerpt), _MAX_FIRST_WORDS)
    return one_line(story.title) or first_words or host_of(story.url) or "…"
