"""A feed's turn, first part: fetches the feed, follows its moves and stores its posts."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from digest.alerts import SIGHTINGS
from digest.errors import FeedError, GoneError, HeldError
from digest.models import (
    Change,
    FeedOutcome,
    FeedResult,
    FeedSource,
    Fetched,
    NotMailed,
    ParsedFeed,
    PostUpdate,
    SourceKind,
    Validators,
)
from digest.pipeline.collect.context import CollectContext
from digest.pipeline.collect.known import known_of, read_history
from digest.pipeline.collect.notes import note_failure, note_moves, note_unchanged
from digest.pipeline.collect.older import OlderPages, read_older_pages
from digest.readers.posts.categories import file_post, rules_hash
from digest.readers.posts.entries import entries_of
from digest.readers.posts.gaps import reaches_back
from digest.readers.posts.intake import decide, link_to_site, problems_of
from digest.readers.web.challenge import is_web_page
from digest.readers.web.origin import is_same_site
from digest.store import comment_sources, feeds, post_categories, posts
from digest.store.engine import Connection
from digest.store.feeds import FeedState, Moves
from digest.text.counted import counted

#: How often a feed's whole document is fetched, even if its server answers that nothing changed.
WHOLE_EVERY = timedelta(days=7)


async def refile_posts(context: CollectContext, source: FeedSource, state: FeedState) -> None:
    """File the stored posts of a feed in categories again if the feed's rules have changed."""
    rules = rules_hash(source)
    # A feed that was never read has no posts; its rules are stored with the first ones.
    if state.is_read and state.rules_hash != rules:
        await asyncio.to_thread(_refile, context, source, state, rules)


def _refile(context: CollectContext, source: FeedSource, state: FeedState, rules: str) -> None:
    with context.database.write() as connection:
        stored = post_categories.labels_of(connection, state.id)
        filed = {post.post_id: file_post(post, source).categories for post in stored}
        post_categories.file_posts(connection, state.id, filed)
        feeds.save_rules(connection, state.id, rules)


async def read_feed(context: CollectContext, source: FeedSource, state: FeedState) -> FeedOutcome:
    """Read one feed and store what is new; a failure is in its outcome."""
    try:
        return await _read(context, source, state)
    except HeldError as error:
        until = context.now + (error.wait or timedelta(0))
        await context.later.add(partial(feeds.save_rest, feed_id=state.id, not_before=until))
        return FeedOutcome(url=source.url, result=FeedResult.WAITING, waits_until=until)
    except FeedError as error:
        return await _note_failure(context, source, state, error)


async def _read(context: CollectContext, source: FeedSource, state: FeedState) -> FeedOutcome:
    address = state.moves.settled or source.url
    fetched = await context.fetcher.get(address, _validators(context, state), named_by=source.url)
    moves, move_report = follow_moves(source.url, state.moves, fetched.moved_to)
    body_hash = hashlib.sha256(fetched.body).hexdigest()
    moved = (move_report,) if move_report else ()
    if fetched.is_unchanged or body_hash == state.body_hash:
        note = partial(
            note_unchanged,
            state=state,
            validators=fetched.validators,
            moves=moves,
            now=context.now,
            is_whole=not fetched.is_unchanged,
        )
        await context.later.add(note)
        result = FeedResult.MOVED if moved else FeedResult.UNCHANGED
        return FeedOutcome(url=source.url, result=result, problems=moved)
    if body_hash == state.refused_hash and not context.is_forced:
        known = FeedError(source.url, state.last_error, transient=False)
        return await _note_failure(context, source, state, known, refused_hash=body_hash)
    try:
        parsed = link_to_site(await context.pool.read_feed(fetched.document, context.now))
    except FeedError as error:
        refused = "" if error.transient else body_hash
        error = _explained(error, fetched, state)
        return await _note_failure(context, source, state, error, refused_hash=refused)
    reading = _Reading(
        parsed=parsed, validators=fetched.validators, body_hash=body_hash, moves=moves
    )
    outcome = await asyncio.to_thread(_save_feed, context, source, state, reading)
    if outcome is None:
        older = await read_older_pages(context, source, state, fetched, parsed)
        reading = replace(reading, parsed=replace(parsed, posts=older.posts), older=older)
        outcome = await asyncio.to_thread(_save_feed, context, source, state, reading)
        assert outcome is not None  # noqa: S101 - the older pages were tried
    if not moved:
        return outcome
    return replace(outcome, result=FeedResult.MOVED, problems=moved + outcome.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One reading of a feed, to be stored."""

    parsed: ParsedFeed
    validators: Validators
    body_hash: str
    moves: Moves
    #: None if the feed's older pages were not tried.
    older: OlderPages | None = None


def _explained(error: FeedError, fetched: Fetched, state: FeedState) -> FeedError:
    """Return the error of a document; for a web page in place of a known feed, with better advice.

    The advice for a new feed, to use another address, would mislead.
    """
    if state.read_at is None or not is_web_page(fetched.body):
        return error
    reason = (
        f"a web page came in its place; it was a feed until {state.read_at:%Y-%m-%d}; open its"
        " address in a browser: if the feed is there, the site refuses programs (user_agent,"
        " headers or cookie in its [[feeds]] may help); if not, find its new address with"
        " `digest feeds add`"
    )
    return FeedError(error.url, reason, transient=error.transient)


def _save_feed(
    context: CollectContext, source: FeedSource, state: FeedState, reading: _Reading
) -> FeedOutcome | None:
    """Decide and store in one transaction, so that two feeds never store the same post.

    Returns:
        The outcome; None if nothing was stored, because the feed's older pages must be read first.
    """
    entries = entries_of(reading.parsed.posts)
    with context.database.write() as connection:
        # Another process may have read the feed since the start.
        is_first = not (state.is_read or feeds.was_read(connection, state.id))
        history = read_history(connection, state.id, now=context.now)
        updates = decide(
            entries,
            known_of(connection, state.id, entries),
            is_first_read=is_first,
            now=context.now,
            history=history,
            max_age=source.max_post_age,
        )
        has_known = any(update.post_id is not None for update in updates)
        has_gap = not (is_first or reaches_back(entries, history, has_known=has_known))
        if has_gap and reading.older is None:
            return None
        has_gap = has_gap and not (reading.older and reading.older.reaches_back)
        archived = sum(update.reason == NotMailed.ARCHIVE for update in updates)
        _save_posts(context, connection, source, state, updates)
        feeds.save_feed(
            connection,
            state.id,
            reading.parsed,
            validators=reading.validators,
            body_hash=reading.body_hash,
            rules_hash=rules_hash(source),
            now=context.now,
            archived=archived,
            has_gap=has_gap,
        )
        note_moves(connection, state, reading.moves)
    changes = [update.change for update in updates]
    return FeedOutcome(
        url=source.url,
        result=FeedResult.READ,
        new=changes.count(Change.NEW),
        changed=changes.count(Change.CHANGED),
        archived=archived,
        has_gap=has_gap,
        problems=(
            *problems_of(reading.parsed),
            *_report_archive(archived),
            *_report_gap(reading.older.number if reading.older else 0, has_gap=has_gap),
        ),
    )


def _save_posts(
    context: CollectContext,
    connection: Connection,
    source: FeedSource,
    state: FeedState,
    updates: Sequence[PostUpdate],
) -> None:
    """Store the posts of a document, their categories and their comment feeds."""
    ids = posts.save_posts(connection, state.id, updates, (), now=context.now)
    filed = (file_post(update.parsed, source).categories for update in updates)
    post_categories.file_posts(connection, state.id, dict(zip(ids, filed, strict=True)))
    named_feeds = zip(ids, (update.parsed.comment_feed_url for update in updates), strict=True)
    comment_sources.add_sources(
        connection, ((id_, SourceKind.FEED, url) for id_, url in named_feeds if url)
    )


def _report_archive(archived: int) -> Iterator[str]:
    if archived:
        yield (
            f"lists {counted(archived, 'post')} much older than what it listed before: they are"
            " kept as its archive and not mailed; see `digest compose --explain --all`"
        )


def _report_gap(pages: int, *, has_gap: bool) -> Iterator[str]:
    """Yield what was done about a document that did not reach back to a known post."""
    tried = f"; {counted(pages, 'older page')} read" if pages else ""
    if has_gap:
        yield f"its document does not reach back to a known post: posts may be missing{tried}"
    elif pages:
        yield f"its document did not reach back to a known post{tried}: no post is missing"


def _validators(context: CollectContext, state: FeedState) -> Validators:
    """Return the validators to send; none if the whole document is older than `WHOLE_EVERY`.

    Without this limit, a server that wrongly answers "unchanged" would silence its feed for ever.
    """
    is_recent = state.whole_at is not None and context.now - state.whole_at < WHOLE_EVERY
    return state.validators if is_recent else Validators()


async def _note_failure(
    context: CollectContext,
    source: FeedSource,
    state: FeedState,
    error: FeedError,
    *,
    refused_hash: str = "",
) -> FeedOutcome:
    """Count a failure; `waits_until` of the outcome is set if the server asked for a pause.

    A document that could not be parsed (`refused_hash`) is not parsed again until it changes,
    because it may have used up the parser's time limit.
    """
    is_gone = isinstance(error, GoneError) and not state.moves.settled
    until = None if error.wait is None else context.now + error.wait
    note = partial(
        note_failure,
        state=state,
        # Not the error itself, which keeps the whole document in memory.
        reason=error.reason,
        now=context.now,
        is_gone=is_gone,
        is_transient=error.transient,
        not_before=until,
        refused_hash=refused_hash,
    )
    await context.later.add(note)
    return FeedOutcome(
        url=source.url,
        result=FeedResult.GONE if is_gone else FeedResult.FAILED,
        problems=(error.reason,),
        waits_until=until,
    )


def follow_moves(url: str, known: Moves, target: str) -> tuple[Moves, str]:
    """Return the moves of a feed to store, and the line to report; empty if nothing is new.

    Args:
        url: the configured address.
        known: the stored moves.
        target: the address to which permanent redirects led this time; empty if there were none.
    """
    if target == url:
        return Moves(), ""  # back at its configured address
    if not target:
        return Moves(settled=known.settled), ""
    seen = known.seen + 1 if target == known.target else 1
    # Reported once: sightings after that are not counted.
    if seen != SIGHTINGS:
        return replace(known, target=target, seen=min(seen, SIGHTINGS + 1)), ""
    if is_same_site(url, target):
        report = f"has moved to {target}; it is fetched from there now; change its url"
        return Moves(settled=target), report
    report = f"has moved to {target}, which is another site; if that is right, change its url"
    return replace(known, target=target, seen=seen), report
