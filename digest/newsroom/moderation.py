"""Stores what editors decide about comments, and takes withdrawn comments out of drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.persons import person_of
from digest.errors import CorruptStoreError, NothingToDo, UsageError
from digest.models import Actor, Comment, Decision, EventKind, NoQuote, Reason, StoredEdition
from digest.newsroom.approval_notes import tell_void
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.pipeline.removed import withdraw
from digest.store import drafts, editions, edits, moderation
from digest.store.engine import Connection
from digest.store.events import add_edition_event

#: Characters of a name.
_MAX_NAME = 200
_REFUSED = Reason(code="refused", text="refused by an editor after the edition was composed")
_NO_QUOTE = Reason(code="no-quote", text="by a person who is never quoted")
#: The names of decisions in audit rows; None: a decision is taken back.
_ACTIONS: Mapping[Decision | None, str] = {
    Decision.RELEASED: "release comments",
    Decision.REFUSED: "refuse comments",
    None: "take back decisions",
}
#: A larger number is no id, and the engines refuse it.
_MAX_ID = 2**31 - 1


# --- comments -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The result of a decision about comments or a person."""

    #: The comments decided about; empty for a decision about a person.
    comments: tuple[int, ...] = ()
    #: Ids of the drafts that quoted one of them, and from which it was taken out.
    changed: tuple[int, ...] = ()
    #: Ids of those whose approval is void by this.
    void: tuple[int, ...] = ()

    def said(self, what: str) -> str:
        """Return what was decided, and what it did to drafts, in one line."""
        void = " ".join(f"The approval of edition {each} is void." for each in self.void)
        return f"{what} {void}".strip()


def release(context: RunContext, comment_ids: Sequence[int], *, by: Actor) -> Decided:
    """Let comments be quoted although the gate refuses them; drafts change when composed again.

    Pingbacks, removed comments, and those of people who are never quoted stay out.

    Raises:
        UsageError: a comment does not exist.
    """
    return _decide(context, comment_ids, Decision.RELEASED, by)


def refuse(context: RunContext, comment_ids: Sequence[int], *, by: Actor) -> Decided:
    """Never quote comments; they are taken out of drafts, with nothing in their place.

    Raises:
        UsageError: a comment does not exist.
    """
    return _decide(context, comment_ids, Decision.REFUSED, by)


def take_back(context: RunContext, comment_ids: Sequence[int], *, by: Actor) -> Decided:
    """Forget what editors decided about comments; the gate judges them again.

    Raises:
        UsageError: a comment does not exist.
    """
    return _decide(context, comment_ids, None, by)


def _decide(
    context: RunContext, comment_ids: Sequence[int], decision: Decision | None, by: Actor
) -> Decided:
    ids = tuple(dict.fromkeys(comment_ids))
    with context.database.write() as connection:
        _refuse_unknown(connection, ids)
        if decision is None:
            moderation.take_back(connection, ids)
        else:
            moderation.decide(connection, ids, decision, by=by.name, now=context.clock())
        record(context, connection, by, _ACTIONS[decision], detail=" ".join(map(str, ids)))
        withdrawn = (
            _withdraw(context, connection, lambda each: each.id in ids, _REFUSED, by)
            if decision is Decision.REFUSED
            else ()
        )
    _tell_approvers(context, withdrawn)
    return _decided(withdrawn, ids)


def _refuse_unknown(connection: Connection, ids: Sequence[int]) -> None:
    known = moderation.authors_of(connection, [each for each in ids if 0 < each <= _MAX_ID])
    for comment_id in ids:
        if comment_id not in known:
            raise UsageError(
                f"Comment {comment_id} does not exist; see the ids in `digest comments held`."
            )


def _withdraw(
    context: RunContext,
    connection: Connection,
    is_withdrawn: Callable[[Comment], bool],
    reason: Reason,
    by: Actor,
    *,
    newsletter: str = "",
) -> tuple[StoredEdition, ...]:
    """Take comments out of every draft; return the drafts, as they were, that had one."""
    changed = []
    for stored in drafts.all_drafts(connection):
        if newsletter and stored.newsletter != newsletter:
            continue
        try:
            after = withdraw(connection, stored, is_withdrawn, reason).stored
        except ValueError as error:
            raise CorruptStoreError.of_edition(stored.id) from error
        if after.content_hash == stored.content_hash:
            continue
        changed.append(stored)
        drafts.replace_snapshot(connection, stored, after.snapshot, after.content_hash)
        edits.bump_versions(connection, stored.newsletter)
        record(
            context,
            connection,
            by,
            "withdraw quotes",
            newsletter=stored.newsletter,
            edition_id=stored.id,
            detail=reason.text,
        )
        if stored.approved_hash:
            add_edition_event(connection, EventKind.EDITION_WAITING, stored.id, is_void=True)
    return tuple(changed)


def _tell_approvers(context: RunContext, withdrawn: Sequence[StoredEdition]) -> None:
    """Notify the approvers of each draft whose approval is void now."""
    for each in withdrawn:
        with context.database.read() as connection:
            stored = editions.get_edition(connection, each.id)
        if each.approved_hash and stored is not None:
            tell_void(context, stored, "a quote was taken out", now=context.clock())


def _decided(withdrawn: Sequence[StoredEdition], ids: tuple[int, ...] = ()) -> Decided:
    return Decided(
        comments=ids,
        changed=tuple(each.id for each in withdrawn),
        void=tuple(each.id for each in withdrawn if each.approved_hash),
    )


# --- people who are never quoted ----------------------------------------------------------------


def never_quote(context: RunContext, name: str, newsletter: str = "", *, by: Actor) -> Decided:
    """Never quote a person, named as the site shows the name; case and spaces do not matter.

    Args:
        context: the installation's context.
        name: the name.
        newsletter: the newsletter's name; empty for all newsletters.
        by: the actor.

    Raises:
        UsageError: the newsletter does not exist, or the name is no person's, such as `guest`.
        NothingToDo: the person is never quoted already.
    """
    person = _person(name)
    owner = context.newsletter_of(newsletter).name if newsletter else ""
    shown = " ".join(name.split())
    now = context.clock()
    no_quote = NoQuote(name=shown, newsletter=owner, added_at=now, added_by=by.name)
    with context.database.write() as connection:
        if not moderation.never_quote(connection, no_quote, person):
            raise NothingToDo(f"{shown}: already never quoted{_where(owner)}")
        # A commenter's name is a person's, and audit rows are kept for ever.
        record(context, connection, by, "never quote", newsletter=owner)
        withdrawn = _withdraw(
            context,
            connection,
            lambda each: fold_plain(each.author) == person,
            _NO_QUOTE,
            by,
            newsletter=owner,
        )
    _tell_approvers(context, withdrawn)
    return _decided(withdrawn)


def quote_again(context: RunContext, name: str, newsletter: str = "", *, by: Actor) -> None:
    """Quote a person again whom an editor excluded.

    Args:
        context: the installation's context.
        name: the name.
        newsletter: the newsletter for which the person was excluded; empty if for all.
        by: the actor.

    Raises:
        UsageError: the newsletter does not exist.
        NothingToDo: the person was not excluded by an editor for this newsletter.
    """
    owner = context.newsletter_of(newsletter).name if newsletter else ""
    with context.database.write() as connection:
        if not moderation.quote_again(connection, owner, fold_plain(name)):
            raise NothingToDo(_why_not_excluded(context, connection, name, owner))
        record(context, connection, by, "quote again", newsletter=owner)


def _why_not_excluded(
    context: RunContext, connection: Connection, name: str, newsletter: str
) -> str:
    others = [
        each
        for each in (*moderation.list_no_quotes(connection), *_configured(context))
        if fold_plain(each.name) == fold_plain(name)
    ]
    for each in others:
        where = f"newsletter {each.newsletter}" if each.newsletter else "all newsletters"
        if each.added_at is None:
            return f"{each.name}: excluded by `policy.no_quote` of {where}; remove the name there"
        option = f" --newsletter {each.newsletter}" if each.newsletter else ""
        return f"{each.name}: excluded in {where}; use `digest comments quote-again NAME{option}`"
    return f"{name}: not excluded{_where(newsletter)}; see `digest comments never-quoted`"


def list_never_quoted(context: RunContext, newsletter: str | None = None) -> tuple[NoQuote, ...]:
    """Return the people who are never quoted, by name; None: in any newsletter.

    Raises:
        UsageError: the newsletter does not exist.
    """
    owner = newsletter and context.newsletter_of(newsletter).name
    with context.database.read() as connection:
        stored = moderation.list_no_quotes(connection, owner)
    configured = [each for each in _configured(context) if not owner or each.newsletter == owner]
    return tuple(sorted((*stored, *configured), key=lambda each: fold_plain(each.name)))


def _configured(context: RunContext) -> Iterator[NoQuote]:
    for owner in context.newsletters:
        for name in owner.cadence("").rules.policy.no_quote:
            yield NoQuote(name=name, newsletter=owner.name)


def _person(name: str) -> str:
    if len(name) > _MAX_NAME:
        raise UsageError(f"the name has {len(name)} characters; at most {_MAX_NAME} are stored")
    if not person_of(name):
        raise UsageError(
            f"{name.strip() or 'an empty name'!r} names no person in particular; refuse the"
            " comment instead: `digest comments refuse ID`"
        )
    return fold_plain(name)


def _where(newsletter: str) -> str:
    return f" in {newsletter}" if newsletter else " in all newsletters"
