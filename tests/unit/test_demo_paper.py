"""The invented paper has what a first look at the program needs."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from digest.demo.issue import print_issue
from digest.demo.paper import Paper, data_files, load_paper
from digest.demo.people import COUNT, sample_subscribers, subscribers_csv
from digest.models import CommentKind

NOW = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def paper() -> Paper:
    return load_paper()


def test_every_section_has_three_fresh_articles_or_more(paper: Paper) -> None:
    fresh = Counter(
        section for article in paper.articles if article.age < WEEK for section in article.sections
    )
    assert set(fresh) == {section.name for section in paper.sections}
    assert "Security" in fresh
    assert min(fresh.values()) >= 3


def test_some_articles_are_older_than_a_week(paper: Paper) -> None:
    assert sum(article.age > WEEK for article in paper.articles) == 3


def test_one_article_is_in_two_sections(paper: Paper) -> None:
    assert [a.slug for a in paper.articles if len(a.sections) == 2] == [
        "eleven-lifeboat-stations-one-spare-engine"
    ]


def test_articles_have_the_length_of_articles(paper: Paper) -> None:
    lengths = [len(article.body_html.split()) for article in paper.articles]
    assert len(lengths) >= 18
    assert min(lengths) >= 120
    assert max(lengths) <= 400
    assert len({article.author for article in paper.articles}) >= 6


def test_subscribers_are_as_mixed_as_in_reality(paper: Paper) -> None:
    remarks = [remark for article in paper.articles for remark in article.remarks]
    counts = [len(article.remarks) for article in paper.articles]
    assert len(remarks) >= 45
    assert (min(counts), max(counts)) == (0, 9)
    assert sum(remark.kind is CommentKind.PINGBACK for remark in remarks) >= 2
    assert sum(remark.is_unfit for remark in remarks) >= 4
    assert sum(remark.reply_to is not None for remark in remarks) >= 5


def test_no_comment_is_from_the_future_or_answers_a_missing_one(paper: Paper) -> None:
    issue = print_issue(paper, now=NOW, base_url="http://paper.example")
    for article in issue.articles:
        for remark in article.remarks:
            assert article.published_at < remark.posted_at < NOW
            assert remark.parent is None or remark.parent.posted_at < remark.posted_at


def test_every_picture_is_there_small_and_described(paper: Paper) -> None:
    images = {file.name: len(file.read_bytes()) for file in (data_files() / "images").iterdir()}
    used = {article.image: article.image_alt for article in paper.articles if article.image}
    assert set(images) == set(used)
    assert max(images.values()) <= 60_000
    assert all(len(alt) > 20 for alt in used.values())


def test_sample_subscribers_are_different_people_with_different_choices() -> None:
    subscribers = sample_subscribers(now=NOW)
    assert len({subscriber.address for subscriber in subscribers}) == COUNT
    assert len({subscriber.categories for subscriber in subscribers}) >= 8
    assert all(subscriber.joined_on < NOW.date() for subscriber in subscribers)
    assert subscribers_csv(subscribers).count("\r\n") == COUNT + 1
