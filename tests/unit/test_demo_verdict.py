"""The demo's judge sees every fault that it is meant to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest.demo.issue import Issue, print_issue
from digest.demo.mailbox import ReceivedMail
from digest.demo.paper import load_paper
from digest.demo.people import SampleSubscriber
from digest.demo.verdict import judge

ADA = SampleSubscriber(
    address="ada@example.org", name="Ada", categories=("Nature",), joined_on=date(2026, 1, 2)
)
BEN = replace(ADA, address="ben@example.org", name="Ben", categories=())


@pytest.fixture(scope="module")
def issue() -> Issue:
    return print_issue(
        load_paper(), now=datetime(2026, 3, 4, tzinfo=UTC), base_url="http://paper.example"
    )


def mail(to: SampleSubscriber, text: str = "", *, name: str = "00001") -> ReceivedMail:
    return ReceivedMail(
        name=name, recipient=to.address, subject="S", headers=(), text=text, html=f"<p>{text}</p>"
    )


def link(issue: Issue, section: str) -> str:
    return next(s.articles[0].url for s in issue.sections if s.name == section)


def test_one_mail_each_with_the_chosen_sections_is_good(issue: Issue) -> None:
    mails = (mail(ADA, link(issue, "Nature")), mail(BEN, link(issue, "Security"), name="00002"))
    verdict = judge(mails, (ADA, BEN), issue)
    assert verdict.is_good
    assert (verdict.mails, verdict.people) == (2, 2)
    assert [(a.sections, count) for a, count in verdict.articles] == [
        (("Nature",), 1),
        (("Security",), 1),
    ]


def test_an_empty_mailbox_is_not_good(issue: Issue) -> None:
    assert not judge((), (), issue).is_good


def test_a_missed_subscriber_a_doubled_one_and_a_stranger_are_named(issue: Issue) -> None:
    eve = replace(ADA, address="eve@example.org")
    verdict = judge((mail(BEN), mail(BEN), mail(eve)), (ADA, BEN), issue)
    assert verdict.missed == (ADA.address,)
    assert verdict.doubled == (BEN.address,)
    assert verdict.strangers == (eve.address,)
    assert not verdict.is_good


def test_an_article_from_a_section_not_chosen_is_seen(issue: Issue) -> None:
    url = f"{link(issue, 'Economy')}#comments"
    assert judge((mail(ADA, url),), (ADA,), issue).unasked == ("00001",)


@pytest.mark.parametrize(
    "words",
    [
        "ends with [slideshow_deploy]",  # a leftover shortcode
        "> You are too stupid to find a story of your own, so you sit in an old\n  > woman’s"
        " kitchen and drink her tea and steal hers.",  # an attack, quoted and wrapped
        "… larch, sixty feet of it, open to the sea: the Marrowby Courant has found the best"
        " concert hall on the coast",  # a pingback
    ],
)
def test_words_that_belong_in_no_mail_are_found(issue: Issue, words: str) -> None:
    assert judge((mail(BEN, words),), (BEN,), issue).leaks
