"""The paper at one time and address: ages become dates, and names become links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.demo.paper import Article, Paper, PaperSection, Remark
from digest.models import CommentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRemark:
    """One comment as a page or feed shows it."""

    id: int
    author: str
    posted_at: datetime
    paragraphs: tuple[str, ...]
    is_pingback: bool
    #: The address of the comment itself.
    url: str
    #: The address of the page that links here, for a pingback; empty otherwise.
    source_url: str
    #: The comment it answers; None at the top level.
    parent: PrintedRemark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedArticle:
    """One article as a page or feed shows it."""

    number: int
    title: str
    author: str
    sections: tuple[str, ...]
    published_at: datetime
    url: str
    #: The ID in the feed; not the address, as in WordPress.
    guid: str
    body_html: str
    image_url: str
    image_alt: str
    #: In the order in which they were written.
    remarks: tuple[PrintedRemark, ...]

    @property
    def comment_feed_url(self) -> str:
        """The address of the feed of its comments."""
        return f"{self.url}feed/"

    @property
    def comment_count(self) -> int:
        """The number of comments, without pingbacks."""
        return sum(not remark.is_pingback for remark in self.remarks)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedSection:
    """One section with its articles, newest first."""

    name: str
    slug: str
    format: str
    summary: str
    url: str
    feed_url: str
    articles: tuple[PrintedArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """The whole paper at `now`."""

    paper: Paper
    base_url: str
    now: datetime
    sections: tuple[PrintedSection, ...]
    #: Newest first, without duplicates.
    articles: tuple[PrintedArticle, ...]


def print_issue(paper: Paper, *, now: datetime, base_url: str) -> Issue:
    """Return the paper as it is at `now`.

    Args:
        paper: the paper.
        now: the time from which ages are counted back, aware and in UTC.
        base_url: the address of the site, without a slash at the end.
    """
    printed = [_print_article(article, paper, now, base_url) for article in paper.articles]
    articles = tuple(sorted(printed, key=lambda article: article.published_at, reverse=True))
    return Issue(
        paper=paper,
        base_url=base_url,
        now=now,
        sections=tuple(_print_section(s, articles, base_url) for s in paper.sections),
        articles=articles,
    )


def _print_section(
    section: PaperSection, articles: tuple[PrintedArticle, ...], base_url: str
) -> PrintedSection:
    url = f"{base_url}/{section.slug}/"
    return PrintedSection(
        name=section.name,
        slug=section.slug,
        format=section.format,
        summary=section.summary,
        url=url,
        feed_url=url + {"rss": "feed/", "atom": "feed/atom/", "json": "feed.json"}[section.format],
        articles=tuple(article for article in articles if section.name in article.sections),
    )


def _print_article(article: Article, paper: Paper, now: datetime, base_url: str) -> PrintedArticle:
    slugs = {section.name: section.slug for section in paper.sections}
    url = f"{base_url}/{slugs[article.sections[0]]}/{article.slug}/"
    published_at = (now - article.age).replace(microsecond=0)
    return PrintedArticle(
        number=article.number,
        title=article.title,
        author=article.author,
        sections=article.sections,
        published_at=published_at,
        url=url,
        guid=f"{base_url}/?p={article.number}",
        body_html=article.body_html.replace('href="/', f'href="{base_url}/'),
        image_url=f"{base_url}/images/{article.image}" if article.image else "",
        image_alt=article.image_alt,
        remarks=_print_remarks(article, published_at, url),
    )


def _print_remarks(article: Article, published_at: datetime, url: str) -> tuple[PrintedRemark, ...]:
    printed: list[PrintedRemark] = []
    for place, remark in enumerate(article.remarks, start=1):
        # A reply comes after the comment it answers, so its parent is already in the list.
        parent = printed[remark.reply_to - 1] if remark.reply_to else None
        number = article.number * 100 + place
        printed.append(_print_remark(remark, number, published_at, url, parent))
    return tuple(printed)


def _print_remark(
    remark: Remark, number: int, published_at: datetime, url: str, parent: PrintedRemark | None
) -> PrintedRemark:
    return PrintedRemark(
        id=number,
        author=remark.author,
        posted_at=published_at + remark.after,
        paragraphs=tuple(" ".join(part.split()) for part in remark.text.split("\n\n")),
        is_pingback=remark.kind is CommentKind.PINGBACK,
        url=f"{url}#comment-{number}",
        source_url=remark.url,
        parent=parent,
    )
