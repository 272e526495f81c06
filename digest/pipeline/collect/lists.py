"""Reading one source of comments to its end, document after document."""

from __future__ import annotations

from dataclasses import dataclass, replace

from digest.errors import FeedError
from digest.models import CommentSource, Fetched, ParsedComments, SourceKind, Validators
from digest.pipeline.collect.context import CollectContext
from digest.readers.responses.ladder import MAX_PAGES
from digest.readers.responses.merge import joined
from digest.readers.web.paging import is_same_server


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """What a source answered."""

    #: None: that nothing changed.
    listed: ParsedComments | None
    #: Empty where there were several documents: the first says nothing of the others.
    validators: Validators


async def read_list(context: CollectContext, source: CommentSource) -> ReadList:
    """Ask a source for all its documents, up to a limit.

    Where a later one fails, the list is what came before it, and not complete.

    Raises:
        FeedError: it does not answer, or with something else.
    """
    fetched = await context.fetcher.get(source.url, source.validators, named_by=source.feed_url)
    if fetched.is_unchanged:
        return ReadList(listed=None, validators=fetched.validators)
    first = await _read(context, source.kind, fetched)
    documents = [first, *await _read_rest(context, source, fetched.url, first.next_url)]
    return ReadList(
        listed=joined(documents, kind=source.kind, url=source.url),
        validators=Validators() if first.next_url else fetched.validators,
    )


async def _read_rest(
    context: CollectContext, source: CommentSource, first_url: str, next_url: str
) -> list[ParsedComments]:
    documents: list[ParsedComments] = []
    seen = {source.url, first_url}
    while next_url and len(documents) < MAX_PAGES[source.kind] - 1:
        if next_url in seen or not is_same_server(next_url, first_url):
            break
        seen.add(next_url)
        try:
            fetched = await context.fetcher.get(next_url, Validators(), named_by=source.feed_url)
            documents.append(await _read(context, source.kind, fetched))
        except FeedError:
            break
        next_url = documents[-1].next_url
    return documents


async def _read(context: CollectContext, kind: SourceKind, fetched: Fetched) -> ParsedComments:
    document, now = fetched.document, context.now
    if kind is SourceKind.REST:
        listed = await context.pool.read_rest(document, now)
        return replace(listed, next_url=listed.next_url or fetched.next_url)
    if kind is SourceKind.PAGE:
        return (await context.pool.read_page(document, now)).comments
    return await context.pool.read_comments(document, now)
