"""Prepares a letter, as one subscriber would get it, for the rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from digest.letter.checks.dom import Element, Page, read_elements, read_page
from digest.letter.plain import one_line, running_text
from digest.letter.planning.subject import shown_title
from digest.letter.printing.message import Pieces, join
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.letter.printing.personal import Personal
from digest.letter.printing.presentation import shown_name
from digest.letter.printing.site import LetterSite
from digest.models import Edition, Story, Variant

#: The mark before each line of a quote in the text part.
_QUOTE_MARK = re.compile(r"^  > ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Facts newer than the edition's snapshot."""

    #: Ids of comments that were deleted.
    gone_comments: frozenset[int] = frozenset()
    #: Ids of quoted comments that an editor refused since the edition was composed.
    refused_comments: frozenset[int] = frozenset()
    #: The time of the check, aware; None for the time at which the edition is due.
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LintContext:
    """The input of the rules: the finished mail and the data that it was made from."""

    edition: Edition
    variant: Variant
    site: LetterSite
    #: The example subscriber to whom the mail is addressed.
    subscriber: Personal
    mail: OpenedMessage
    page: Page
    #: The elements of the body in document order.
    elements: tuple[Element, ...]
    #: Stories shown in full: the top story, then section by section.
    stories: tuple[Story, ...]
    #: Stories with only their title.
    titles: tuple[Story, ...]
    #: The texts that feeds and commenters wrote, as printed, the longest first.
    foreign_words: tuple[str, ...]
    present: Present

    def own_words(self) -> tuple[str, ...]:
        """Return the page's own texts, without those of feeds and commenters."""
        foreign = self.foreign_words
        return tuple(
            _without(words, foreign) for words in (*self.page.texts, *self.page.attributes)
        )

    def own_text(self) -> str:
        """Return the text part's own text without blanks, because it wraps the texts of posts."""
        foreign = tuple("".join(words.split()) for words in self.foreign_words)
        unquoted = _QUOTE_MARK.sub("", self.mail.text)
        return _without("".join(unquoted.split()), foreign)


def lay_out(
    edition: Edition, variant: Variant, site: LetterSite, pieces: Pieces, present: Present
) -> LintContext:
    """Join the pieces for an example subscriber, and read the mail as a mail program does."""
    subscriber = _example_subscriber(site.base_url, pieces.fields)
    mail = open_message(join(pieces, subscriber).content)
    stories = variant.stories
    titles = tuple(story for section in variant.sections for story in section.titles)
    return LintContext(
        edition=edition,
        variant=variant,
        site=site,
        subscriber=subscriber,
        mail=mail,
        page=read_page(mail.html),
        elements=read_elements(mail.html),
        stories=stories,
        titles=titles,
        foreign_words=_foreign_words(variant, stories, titles),
        present=present,
    )


def _example_subscriber(base_url: str, fields: Collection[str]) -> Personal:
    return Personal(
        address="stock.subscriber@mail.invalid",
        joined="1 January 2026",
        since=" on 1 January 2026",
        leave_url=f"{base_url}/leave/stock",
        preferences_url=f"{base_url}/preferences/stock",
        web_url=f"{base_url}/view/stock",
        poll_url=f"{base_url}/poll/stock",
        one_click_url=f"{base_url}/one-click/stock",
        message_id="<stock@mail.invalid>",
        date=datetime(2026, 1, 1, tzinfo=UTC),
        sender="stock@mail.invalid",
        fields=dict.fromkeys(fields, "Stock"),
    )


def _foreign_words(
    variant: Variant, stories: Iterable[Story], titles: Iterable[Story]
) -> tuple[str, ...]:
    lines = {one_line(variant.subject), one_line(variant.preheader)}
    for story in stories:
        lines |= _words_of(story, variant.language)
    lines |= {shown_title(story) for story in titles}
    return tuple(sorted(lines - {""}, key=lambda words: (-len(words), words)))


def _words_of(story: Story, language: str) -> set[str]:
    lines = {shown_title(story), one_line(story.author), one_line(story.image_alt)}
    texts = (story.excerpt, story.lead_excerpt, *(quote.text for quote in story.quotes))
    names = {shown_name(quote.name, language) for quote in story.quotes}
    answered = [quote.answers for quote in story.quotes if quote.answers]
    names |= {shown_name(each.name, language) for each in answered}
    names |= {one_line(place.name) for place in story.also_at}
    return lines | names | {running_text(t) for t in (*texts, *(each.text for each in answered))}


def _without(words: str, foreign: tuple[str, ...]) -> str:
    for part in foreign:
        words = words.replace(part, "")
    return words
