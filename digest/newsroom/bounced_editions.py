"""Pauses an edition of which many mails come back, and notifies the operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.alerts import KIND
from digest.bounces.classes import BounceClass
from digest.bounces.rates import Finding, judge_rates
from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.store import approvals, bad_import, bounces
from digest.store.engine import Connection
from digest.store.notices import add_notices

#: Classes that one receiver may cause alone, for its own reasons.
_OF_RECEIVERS = (BounceClass.POLICY, BounceClass.MESSAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    """The measure taken on an edition because of one class of reports."""

    #: Identifies it among the alerts of the edition.
    key: str
    #: One line for the operator.
    problem: str
    #: Why the edition pauses; empty if it does not.
    reason: str
    #: Whether the operators are notified.
    is_alert: bool


def guard_edition(context: RunContext, edition_id: int, *, by: Actor) -> tuple[str, ...]:
    """Pause an edition and store alerts if too many of its mails came back.

    Return a line for each class of which there are many. An edition is paused once for a reason:
    after `digest resume` it goes on.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        actions = (*_of_import(connection, edition_id), *_of_rates(connection, edition_id))
    _carry_out_all(context, edition_id, actions, by)
    return tuple(f"edition {edition_id}: {action.problem}" for action in actions)


def guard_import(context: RunContext, edition_id: int, *, by: Actor) -> str:
    """Pause an edition if its first mails went to mailboxes that do not exist; return why.

    Reads a few hundred rows once enough mails were tried; before, it reads the whole edition. So
    a send should ask after a refusal of a mailbox, from the tenth on. Empty: it need not pause.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        actions = tuple(_of_import(connection, edition_id))
    _carry_out_all(context, edition_id, actions, by)
    return actions[0].reason if actions else ""


def _of_import(connection: Connection, edition_id: int) -> Iterator[_Action]:
    if reason := bad_import.why_bad_import(connection, edition_id):
        yield _Action(key="bad-import", problem=reason, reason=reason, is_alert=True)


def _of_rates(connection: Connection, edition_id: int) -> Iterator[_Action]:
    mailed, counts = bounces.count_reports(connection, edition_id)
    for finding in judge_rates(mailed, counts):
        yield _action_of(connection, edition_id, finding)


def _action_of(connection: Connection, edition_id: int, finding: Finding) -> _Action:
    bounce_class, reason, problem = finding.rule.bounce_class, finding.rule.reason, finding.words
    key = str(bounce_class)
    if finding.must_pause and bounce_class in _OF_RECEIVERS:
        domains = bounces.domains_of(connection, edition_id, bounce_class)
        if len(domains) == 1:
            problem, reason = f"{problem}; all of them by {min(domains)}", ""
            # Another domain may follow; then the edition pauses, with an alert of its own.
            key = f"{key}/one-domain"
    if reason and bad_import.was_paused(connection, edition_id, reason):
        reason = ""
    return _Action(
        key=key,
        problem=problem,
        reason=reason if finding.must_pause else "",
        is_alert=finding.must_pause,
    )


def _carry_out_all(
    context: RunContext, edition_id: int, actions: Sequence[_Action], by: Actor
) -> None:
    alerts = [action for action in actions if action.is_alert]
    if alerts:
        with context.database.write() as connection:
            for action in alerts:
                _carry_out(context, connection, edition_id, action, by)


def _carry_out(
    context: RunContext, connection: Connection, edition_id: int, action: _Action, by: Actor
) -> None:
    stored = named_edition(connection, edition_id)
    # Asked again: another process may have been faster.
    is_new = action.reason and not bad_import.was_paused(connection, edition_id, action.reason)
    is_paused = bool(is_new) and approvals.pause(connection, edition_id, action.reason)
    if is_paused:
        record(
            context,
            connection,
            by,
            "pause",
            newsletter=stored.newsletter,
            edition_id=edition_id,
            detail=action.reason,
        )
    advice = (
        f"It is paused: `digest resume {edition_id}` goes on, `digest cancel {edition_id}` ends it."
        if is_paused
        else f"`digest status {edition_id}` shows it."
    )
    text = f"{stored.newsletter}, edition {edition_id}: {action.problem}\n{advice}"
    key = f"{stored.newsletter}/{edition_id}/bounces/{action.key}"
    add_notices(connection, KIND, key, text, context.alerts.recipients, now=context.clock())
