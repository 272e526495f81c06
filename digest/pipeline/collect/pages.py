"""A feed's turn, second part: the pages of its recent posts, for content that the feed leaves out.

Each page is read once, the newest first, and a limited number in each collection.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from digest.errors import FeedError, HeldError
from digest.models import (
    FeedOutcome,
    FeedResult,
    FeedSource,
    Fetched,
    ParsedPage,
    SourceKind,
    UnvisitedPost,
    Validators,
)
from digest.pipeline.collect.comments import save_list
from digest.pipeline.collect.context import CollectContext
from digest.readers.pages.visits import fuller_text, is_web_page, needs_article, needs_page
from digest.readers.responses.ladder import sources_of
from digest.store import comment_sources, pages
from digest.store.feeds import FeedState

#: The limit of pages of one feed that are read in one collection.
MAX_VISITS = 20
#: Pages of one feed that are fetched at once: they are mostly on the same server.
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """The result of reading the pages of a feed's posts, in addition to the stored content."""

    #: Number of pages that were fetched.
    number: int = 0
    problems: tuple[str, ...] = ()
    new_comments: int = 0
    #: Ids of the posts whose comments were just read from their pages.
    read: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    post_id: int
    problem: str = ""
    #: None if the comments were not taken from the page.
    new_comments: int | None = None


async def visit_pages(
    context: CollectContext, source: FeedSource, state: FeedState, outcome: FeedOutcome
) -> Visits:
    """Read the pages of the feed's recent posts that need it and whose pages were not read yet."""
    is_read = outcome.result in (FeedResult.READ, FeedResult.MOVED)
    if not is_read and state.id not in context.known.unvisited:
        return Visits()
    found = await asyncio.to_thread(_unvisited, context, source, state, is_read=is_read)
    wanted = [post for post in found if needs_page(post, source)][:MAX_VISITS]
    slots = asyncio.Semaphore(AT_ONCE)
    visits = await asyncio.gather(*(_visit(context, source, post, slots) for post in wanted))
    return Visits(
        number=len(visits),
        problems=_problems([visit.problem for visit in visits if visit.problem]),
        new_comments=sum(visit.new_comments or 0 for visit in visits),
        read=frozenset(visit.post_id for visit in visits if visit.new_comments is not None),
    )


async def _visit(
    context: CollectContext, source: FeedSource, post: UnvisitedPost, slots: asyncio.Semaphore
) -> _Visit:
    async with slots:
        try:
            fetched = await context.fetcher.get(post.url, Validators(), named_by=source.url)
            if not is_web_page(fetched.content_type):
                await asyncio.to_thread(_save_nothing, context, post)
                return _Visit(post_id=post.id)
            page = await context.pool.read_page(
                fetched.document,
                context.now,
                wants_article=needs_article(post, source),
            )
        except HeldError:
            return _Visit(post_id=post.id)
        except FeedError as error:
            await asyncio.to_thread(_save_failure, context, post, is_final=not error.transient)
            return _Visit(post_id=post.id, problem=f"{post.url}: {error.reason}")
        new = await asyncio.to_thread(_save_page, context, source, post, page, fetched)
        return _Visit(post_id=post.id, new_comments=new)


def _unvisited(
    context: CollectContext, source: FeedSource, state: FeedState, *, is_read: bool
) -> tuple[UnvisitedPost, ...]:
    with context.database.read() as connection:
        return pages.unvisited_since(
            connection,
            state.id,
            context.comments_since,
            with_comments=source.has_comments,
            with_texts=is_read and source.full_text,
        )


def _save_page(
    context: CollectContext,
    source: FeedSource,
    post: UnvisitedPost,
    page: ParsedPage,
    fetched: Fetched,
) -> int | None:
    """Store a page; return its number of new comments if it is their only source, else None."""
    with context.database.write() as connection:
        pages.save_page(
            connection,
            post.id,
            html=fuller_text(page.content_html, post) if source.full_text else "",
            image_url="" if post.has_image else page.image_url,
            image_alt="" if post.has_image else page.image_alt,
            now=context.now,
        )
        if not source.has_comments:
            return None
        found = sources_of(page, post.url)
        comment_sources.add_sources(connection, ((post.id, kind, url) for kind, url in found))
        if len(found) > 1 or post.has_comment_feed or page.comments.next_url:
            return None
        own = comment_sources.open_source(
            connection, post.id, SourceKind.PAGE, post.url, count=post.count
        )
        return save_list(connection, own, page.comments, fetched.validators, now=context.now).new


def _save_nothing(context: CollectContext, post: UnvisitedPost) -> None:
    with context.database.write() as connection:
        pages.save_page(connection, post.id, now=context.now)


def _save_failure(context: CollectContext, post: UnvisitedPost, *, is_final: bool) -> None:
    with context.database.write() as connection:
        pages.save_page_failure(connection, post.id, is_final=is_final, now=context.now)


def _problems(problems: list[str]) -> tuple[str, ...]:
    """Return one line for all, because a server that refuses one page refuses most of them."""
    if not problems:
        return ()
    more = len(problems) - 1
    others = f" (and {more} more page{'s' if more > 1 else ''})" if more else ""
    return (f"page {problems[0]}{others}",)
