"""Writes a story: the printed parts of a selected post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.composer.counts import is_count_known
from digest.composer.excerpts.excerpt import Excerpt, reading_minutes, write_excerpt
from digest.composer.excerpts.prose import read_text
from digest.composer.memo import remembered
from digest.composer.quotes.quote import shorten_text
from digest.composer.quotes.top_comments import Quoted, pick_comments
from digest.composer.rules import ImageMode, Rules
from digest.composer.selection.select import Selected
from digest.models import Candidate, Quote, Story

#: Characters of a post without a title that become its title whole.
_MAX_TITLE = 90


def write_stories(picks: Sequence[Selected], rules: Rules) -> tuple[Story, ...]:
    """Return the selected posts as stories, in their order.

    No person and no text is quoted twice: the better story has the quote. What an editor picked is
    quoted wherever it was picked. The first story of each section may be at the top of a mail, so
    it has the quotes for that place.
    """
    limits = _quote_limits(picks, rules)
    stories: dict[int, Story] = {}
    quoted = Quoted()
    for at in sorted(range(len(picks)), key=lambda at: picks[at].pick.choice.quotes is None):
        stories[at] = write_story(picks[at], rules, quote_limit=limits[at], quoted=quoted)
        quoted = quoted.with_quotes(stories[at].quotes)
    return tuple(stories[at] for at in range(len(picks)))


def _quote_limits(picks: Sequence[Selected], rules: Rules) -> list[int]:
    opened: set[str] = set()
    limits = []
    for selected in picks:
        categories = set(selected.pick.categories)
        is_first = not categories <= opened
        opened |= categories
        limits.append(rules.top_comments_lead if is_first else rules.top_comments_per_post)
    return limits


def write_story(
    selected: Selected,
    rules: Rules,
    *,
    quote_limit: int,
    quoted: Quoted = Quoted(),  # noqa: B008 - frozen
) -> Story:
    """Return a selected post as a story with its excerpt, quotes and pictures.

    An editor's own title, excerpt, image description or quotes replace those by rule.
    """
    pick, post, choice = selected.pick, selected.pick.candidate.post, selected.pick.choice
    words = read_words(post.summary_html, post.content_html, post.title.strip(), rules.language)
    title, excerpt = words.title, words.excerpt
    comments = pick_comments(
        post,
        words.text,
        pick.candidate.comments,
        policy=rules.policy,
        limit=quote_limit,
        language=rules.language,
        picked=choice.quotes,
        trims=dict(choice.trims),
        quoted=quoted,
    )
    image_url, lead_image_url = choose_images(pick.candidate, rules)
    alt = post.image_alt if choice.image_alt is None else choice.image_alt
    is_shown = bool(image_url or lead_image_url)
    return Story(
        post_id=post.id,
        seq=pick.seq,
        title=title if choice.title is None else choice.title,
        url=post.url,
        author=post.author,
        published_at=post.published_at,
        categories=pick.categories,
        section=pick.section,
        minutes=words.minutes,
        excerpt=excerpt.short if choice.excerpt is None else choice.excerpt,
        lead_excerpt=excerpt.lead if choice.excerpt is None else choice.excerpt,
        image_url=image_url,
        image_alt=alt if is_shown else "",
        comment_count=pick.comment_count,
        quotes=tuple(_with_short(quote, rules.language) for quote in comments.quotes),
        not_quoted=comments.not_quoted,
        reason=selected.reason,
        lead_image_url=lead_image_url,
        also_at=pick.also_at,
        is_count_known=is_count_known(post, pick.comment_count),
        people_count=None if pick.people_count == pick.comment_count else pick.people_count,
        image_bytes=post.image_bytes if image_url and image_url == post.image_url else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostWords:
    """The words of a post, read from its markup."""

    #: The feed's, or the whole text if that is as short as a title.
    title: str
    excerpt: Excerpt
    #: Reading time; None if the feed has no full text.
    minutes: int | None
    #: Its full text, or else the summary.
    text: str


@remembered
def read_words(summary_html: str, content_html: str, title: str, language: str) -> PostWords:
    """Return the words of a post, which takes some milliseconds."""
    summary, content = read_text(summary_html), read_text(content_html)
    title = title or short_words(content or summary)
    return PostWords(
        title=title,
        excerpt=write_excerpt(summary, content, title, language),
        minutes=reading_minutes(content),
        text=content or summary,
    )


def _with_short(quote: Quote, language: str) -> Quote:
    short = shorten_text(quote.text, language)
    return quote if short == quote.text else replace(quote, short=short)


def short_words(text: str) -> str:
    """Return a text that is as short as a title, in one line; empty if it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= _MAX_TITLE else ""


def choose_images(candidate: Candidate, rules: Rules) -> tuple[str, str | None]:
    """Return the addresses of a story's pictures: next to its title, and at the top.

    Each is empty if there is no picture; the second is None if both are the same.
    """
    if rules.images.is_own:
        files = candidate.pictures
        return _own(files.thumb, rules), _own(files.lead, rules)
    schemes = ("https://", "http://") if rules.allow_http_images else ("https://",)
    url = candidate.post.image_url
    return (url if rules.images is ImageMode.HOTLINK and url.startswith(schemes) else ""), None


def _own(file: str, rules: Rules) -> str:
    return f"{rules.images_url}/{file}" if file else ""
