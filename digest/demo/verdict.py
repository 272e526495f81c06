"""Checks that the mails that arrived are the right ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from digest.demo.issue import Issue, PrintedArticle
from digest.demo.mailbox import ReceivedMail
from digest.demo.paper import Remark
from digest.demo.people import SampleSubscriber
from digest.models import CommentKind

#: Shorter sentences may also be part of a good text.
_MIN_LETTERS = 20
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of the checks of the mailbox."""

    mails: int
    #: The number of distinct addresses that got a mail.
    people: int
    #: Addresses that should have got a mail and did not.
    missed: tuple[str, ...]
    #: Addresses that got more than one mail.
    doubled: tuple[str, ...]
    #: Addresses that got a mail but never signed up.
    strangers: tuple[str, ...]
    #: Names of mails with an article from a section that the subscriber did not choose.
    unasked: tuple[str, ...]
    #: Texts that must not be in a mail, but are.
    leaks: tuple[str, ...]
    #: Each article that was mailed, with the number of its mails; highest number first.
    articles: tuple[tuple[PrintedArticle, int], ...]

    @property
    def is_good(self) -> bool:
        """Whether every subscriber got exactly one mail, with the chosen sections only."""
        problems = (self.missed, self.doubled, self.strangers, self.unasked, self.leaks)
        return self.mails > 0 and not any(problems)


def judge(
    mails: tuple[ReceivedMail, ...], subscribers: tuple[SampleSubscriber, ...], issue: Issue
) -> Verdict:
    """Compare the mails that arrived with the subscribers' choices."""
    by_address = {subscriber.address: subscriber for subscriber in subscribers}
    received = Counter(mail.recipient for mail in mails)
    printed = {mail.name: _articles_in(mail, issue) for mail in mails}
    shown = Counter(article.number for articles in printed.values() for article in articles)
    return Verdict(
        mails=len(mails),
        people=len(received),
        missed=tuple(address for address in by_address if address not in received),
        doubled=tuple(address for address, count in received.items() if count > 1),
        strangers=tuple(address for address in received if address not in by_address),
        unasked=tuple(
            mail.name
            for mail in mails
            if not _is_asked_for(printed[mail.name], by_address.get(mail.recipient))
        ),
        leaks=_find_leaks(mails, issue),
        articles=tuple(
            (article, count)
            for number, count in shown.most_common()
            for article in issue.articles
            if article.number == number
        ),
    )


def _articles_in(mail: ReceivedMail, issue: Issue) -> tuple[PrintedArticle, ...]:
    links = mail.links
    return tuple(article for article in issue.articles if article.url in links)


def _is_asked_for(
    articles: tuple[PrintedArticle, ...], subscriber: SampleSubscriber | None
) -> bool:
    chosen = set(subscriber.categories) if subscriber else set()
    return not chosen or all(chosen & set(article.sections) for article in articles)


def _find_leaks(mails: tuple[ReceivedMail, ...], issue: Issue) -> tuple[str, ...]:
    forbidden = tuple(_forbidden_words(issue))
    texts = [mail.words for mail in mails]
    return tuple(words for words in forbidden if any(words in text for text in texts))


def _forbidden_words(issue: Issue) -> Iterator[str]:
    """Yield texts that must not be in a mail: shortcodes, pingbacks, unfit sentences."""
    yield "slideshow_deploy"
    for article in issue.paper.articles:
        for remark in article.remarks:
            if remark.is_unfit or remark.kind is CommentKind.PINGBACK:
                yield from _sentences(remark)


def _sentences(remark: Remark) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(" ".join(remark.text.split())):
        words = sentence.strip("[…] ")
        if len(words) >= _MIN_LETTERS:
            yield words
