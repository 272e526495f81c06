"""Stored decisions about comments, of editors and of judges, and the people never quoted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, select

from digest.models import Comment, Decision, NoQuote, Verdict, VerdictKind
from digest.store.dialect import insert_for
from digest.store.tables import comment_decisions, comment_verdicts, comments, no_quotes

#: Comments named in one statement.
_MANY = 1000
#: Joins a comment to its decision.
IS_DECIDED = and_(
    comment_decisions.c.post_id == comments.c.post_id,
    comment_decisions.c.external_id == comments.c.external_id,
)


def hash_content(author: str, text: str) -> str:
    """Return the hash of what a decision is about: what would be printed of a comment."""
    return hashlib.sha256(f"{author}\n{text}".encode()).hexdigest()


# --- editors ------------------------------------------------------------------------------------


def read_decision(row: Any) -> Decision | None:
    """Return the decision in a row of a comment joined to its decision."""
    if row.decision is None:
        return None
    decision = Decision(row.decision)
    is_stale = row.content_hash != hash_content(row.author, row.text)
    return Decision.CHANGED if is_stale and decision is Decision.RELEASED else decision


def authors_of(connection: Connection, comment_ids: Sequence[int]) -> dict[int, str]:
    """Return the names shown with comments; comments that are not stored are left out."""
    query = select(comments.c.id, comments.c.author).where(comments.c.id.in_(comment_ids))
    return {row.id: row.author for row in connection.execute(query)}


def refused_among(connection: Connection, comment_ids: Sequence[int]) -> frozenset[int]:
    """Return the ids of the comments that an editor refused."""
    query = (
        select(comments.c.id)
        .join(comment_decisions, IS_DECIDED)
        .where(comments.c.id.in_(comment_ids), comment_decisions.c.decision == Decision.REFUSED)
    )
    return frozenset(connection.execute(query).scalars())


def decide(
    connection: Connection,
    comment_ids: Sequence[int],
    decision: Decision,
    *,
    by: str,
    now: datetime,
) -> None:
    """Store an editor's decision about comments; replace earlier ones."""
    columns = (comments.c.post_id, comments.c.external_id, comments.c.author, comments.c.text)
    rows = connection.execute(select(*columns).where(comments.c.id.in_(comment_ids))).all()
    new = insert_for(connection, comment_decisions)
    names = ("decision", "content_hash", "decided_at", "decided_by")
    upsert = new.on_conflict_do_update(
        index_elements=["post_id", "external_id"],
        set_={name: new.excluded[name] for name in names},
    )
    values = [
        {
            "post_id": row.post_id,
            "external_id": row.external_id,
            "decision": decision,
            "content_hash": hash_content(row.author, row.text),
            "decided_at": now,
            "decided_by": by,
        }
        for row in rows
    ]
    if values:
        connection.execute(upsert, values)


def take_back(connection: Connection, comment_ids: Sequence[int]) -> None:
    """Delete the decisions about comments."""
    these = exists().where(IS_DECIDED, comments.c.id.in_(comment_ids))
    connection.execute(delete(comment_decisions).where(these))


def forget_decisions(connection: Connection, *, decided_before: datetime) -> None:
    """Delete the decisions before this time about comments that are not stored any more."""
    old = comment_decisions.c.decided_at < decided_before
    connection.execute(delete(comment_decisions).where(old, ~exists().where(IS_DECIDED)))


# --- people who are never quoted ----------------------------------------------------------------


def never_quote(connection: Connection, no_quote: NoQuote, person: str) -> bool:
    """Store a person who is never quoted; return whether that is new.

    Args:
        connection: the connection of a write transaction.
        no_quote: the person.
        person: the folded name.
    """
    new = insert_for(connection, no_quotes).values(
        newsletter=no_quote.newsletter,
        person=person,
        name=no_quote.name,
        added_at=no_quote.added_at,
        added_by=no_quote.added_by,
    )
    stored = new.on_conflict_do_nothing().returning(no_quotes.c.person)
    return connection.execute(stored).first() is not None


def quote_again(connection: Connection, newsletter: str, person: str) -> bool:
    """Delete a person who was never quoted; return whether one was stored."""
    same = (no_quotes.c.newsletter == newsletter, no_quotes.c.person == person)
    return bool(connection.execute(delete(no_quotes).where(*same)).rowcount)


def list_no_quotes(connection: Connection, newsletter: str | None = None) -> tuple[NoQuote, ...]:
    """Return the people whom editors excluded, by name.

    Args:
        connection: a connection.
        newsletter: only those of this newsletter, and of all newsletters; None for all.
    """
    query = select(no_quotes).order_by(no_quotes.c.person, no_quotes.c.newsletter)
    if newsletter is not None:
        query = query.where(no_quotes.c.newsletter.in_(("", newsletter)))
    return tuple(
        NoQuote(
            name=row.name, newsletter=row.newsletter, added_at=row.added_at, added_by=row.added_by
        )
        for row in connection.execute(query)
    )


# --- judges -------------------------------------------------------------------------------------


def read_verdicts(
    connection: Connection, judge: str, under: Sequence[Comment]
) -> dict[int, Verdict]:
    """Return a judge's stored answers about comments whose name and text are unchanged."""
    by_id = {comment.id: comment for comment in under}
    ids, found = list(by_id), {}
    for start in range(0, len(ids), _MANY):
        query = select(comment_verdicts).where(
            comment_verdicts.c.judge == judge,
            comment_verdicts.c.comment_id.in_(ids[start : start + _MANY]),
        )
        for row in connection.execute(query):
            comment = by_id[row.comment_id]
            if row.content_hash == hash_content(comment.author, comment.text):
                kind = VerdictKind(row.verdict)
                found[comment.id] = Verdict(kind=kind, reason=row.reason)
    return found


def save_verdicts(
    connection: Connection,
    judge: str,
    verdicts: Mapping[Comment, Verdict],
    *,
    now: datetime,
) -> None:
    """Store a judge's answers; those about comments that are not stored any more are left out."""
    ids = [comment.id for comment in verdicts]
    stored = authors_of(connection, ids)
    new = insert_for(connection, comment_verdicts)
    names = ("content_hash", "verdict", "reason", "judged_at")
    upsert = new.on_conflict_do_update(
        index_elements=["comment_id", "judge"],
        set_={name: new.excluded[name] for name in names},
    )
    values = [
        {
            "comment_id": comment.id,
            "judge": judge,
            "content_hash": hash_content(comment.author, comment.text),
            "verdict": verdict.kind,
            "reason": verdict.reason,
            "judged_at": now,
        }
        for comment, verdict in verdicts.items()
        if comment.id in stored
    ]
    if values:
        connection.execute(upsert, values)
