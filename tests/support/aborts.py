"""Kills a sending process at a labelled step.

The step is a call of one of the program's functions, which the forked process wraps before it
starts: `abort_at` is for `start_command(..., before=...)`. The program itself knows of no step.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from digest.models import DeliveryState
from digest.sender.smtp.envelope import content_of

#: The rows that a call is about, from its arguments and its result; None: the call has no rows.
Rows = Callable[[tuple[Any, ...], Any], Collection[int] | None]

PENDING, CLAIMED, HANDING, SENT = (
    DeliveryState.PENDING,
    DeliveryState.CLAIMED,
    DeliveryState.HANDING,
    DeliveryState.SENT,
)
#: States of the other rows while several connections send.
_SENDING = frozenset({CLAIMED, HANDING, SENT})
#: Enough calls that each connection is in use.
_AMID = 7


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a send, and what a kill there must leave in the ledger."""

    #: The wrapped function, as `module:name`.
    function: str
    #: Whether the kill comes after the call, or before it.
    is_after: bool = True
    #: The call that is killed, of those that have rows.
    number: int = 1
    rows: Rows = lambda _args, _result: None
    #: The state of the rows of the call right after the kill.
    state: DeliveryState | None = None
    #: The states that other rows may have right after the kill.
    others: frozenset[DeliveryState] = _SENDING
    #: The share of the row's content that leaves first.
    content: float = 0.0
    #: Whether the server has accepted the mails of the rows, if they stay `handing`.
    has_arrived: bool = False
    is_finished: bool = False


def _of_job(args: tuple[Any, ...], _result: Any) -> list[int]:
    """Return the row of a call such as `hand(run, job)`."""
    return [args[1].delivery.id]


def _of_session(args: tuple[Any, ...], _result: Any) -> list[int]:
    """Return the row of the mail in a session's hand."""
    return [vars(args[0])["_job"].delivery.id]


def _of_claim(_args: tuple[Any, ...], result: Any) -> list[int]:
    return [row.id for row in getattr(result, "deliveries", result)]


def _ended_in_group(args: tuple[Any, ...], _result: Any) -> list[int]:
    """Return the ended rows of a call such as `_committed(marks, group)`, if others are marked."""
    return [row.delivery_id for row in args[1].sent] if args[1].handing else []


def _handed_in_group(args: tuple[Any, ...], _result: Any) -> list[int]:
    return list(args[1].handing) if args[1].sent else []


_LEDGER = "digest.store.deliveries"
_MARKS = "digest.store.marks"
_RUN = "digest.sender.run"
_CLAIMS = "digest.sender.claims"
_SESSION = "digest.sender.smtp.session:Session"

STEPS = {
    # --- before the first mail
    "state file checked": Step(
        function="digest.newsroom.state:check_state", others=frozenset({CLAIMED})
    ),
    "rows of a dead process released, not committed": Step(
        function=f"{_CLAIMS}:release_dead", others=frozenset({CLAIMED})
    ),
    "rows claimed, not committed": Step(
        function=f"{_CLAIMS}:claim_due", rows=_of_claim, state=PENDING, others=frozenset({PENDING})
    ),
    "claim committed": Step(
        function=f"{_CLAIMS}:Claims.next_rows",
        rows=_of_claim,
        state=CLAIMED,
        others=frozenset({CLAIMED}),
    ),
    "mails built": Step(
        function="digest.sender.queue:Queue._build_all", others=frozenset({CLAIMED})
    ),
    "first connection open": Step(
        function="digest.sender.smtp.mailer:open_connection", others=frozenset({CLAIMED})
    ),
    "last connection open": Step(
        function="digest.sender.smtp.mailer:open_connection", number=4, others=_SENDING
    ),
    # --- the mark
    "envelope accepted, not marked": Step(
        function=f"{_RUN}:_Run.hand", is_after=False, number=_AMID, rows=_of_job, state=CLAIMED
    ),
    "marked, not committed": Step(
        function=f"{_LEDGER}:mark_all_handing",
        number=4,
        rows=lambda _args, result: result,
        state=CLAIMED,
    ),
    "one ended and the next marked, not committed": Step(
        function="digest.store.mark_groups:GroupWriter.write",
        number=3,
        rows=_handed_in_group,
        state=CLAIMED,
    ),
    "mark committed": Step(function=f"{_RUN}:_Run.hand", number=_AMID, rows=_of_job, state=HANDING),
    # --- the content
    "half of the content sent": Step(
        function=f"{_SESSION}._hand_over",
        is_after=False,
        number=_AMID,
        rows=_of_session,
        state=HANDING,
        content=0.5,
    ),
    "content sent, no reply": Step(
        function=f"{_SESSION}._hand_over",
        is_after=False,
        number=_AMID,
        rows=_of_session,
        state=HANDING,
        content=1.0,
        has_arrived=True,
    ),
    # --- the outcome
    "reply read": Step(
        function=f"{_RUN}:_Run.sent",
        is_after=False,
        number=_AMID,
        rows=_of_job,
        state=HANDING,
        has_arrived=True,
    ),
    "outcome queued": Step(
        function=f"{_RUN}:_Run.sent", number=_AMID, rows=_of_job, state=HANDING, has_arrived=True
    ),
    "outcome written, not committed": Step(
        function=f"{_LEDGER}:record_sent",
        number=3,
        rows=lambda args, _result: [row.delivery_id for row in args[1]],
        state=HANDING,
        has_arrived=True,
    ),
    "outcome committed with the next mark": Step(
        function=f"{_MARKS}:DeliveryMarks._committed",
        is_after=False,
        number=3,
        rows=_ended_in_group,
        state=SENT,
    ),
    # --- the end
    "all sent, not released": Step(
        function=f"{_CLAIMS}:Claims.release_own", is_after=False, others=frozenset({SENT})
    ),
    "released, not committed": Step(
        function=f"{_CLAIMS}:release_workers", others=frozenset({SENT})
    ),
    "edition closed, not committed": Step(
        function="digest.store.closing:close_edition", others=frozenset({SENT})
    ),
    "edition closed, state file behind it": Step(
        function="digest.pipeline.deliver:_end", others=frozenset({SENT}), is_finished=True
    ),
    "state file written": Step(
        function="digest.newsroom.send:observe_run",
        is_after=False,
        others=frozenset({SENT}),
        is_finished=True,
    ),
}


#: Steps on PostgreSQL, where a usual group of marks takes one round trip.
SERVER_STEPS = {
    "claim committed": STEPS["claim committed"],
    "one ended and the next marked, not committed": Step(
        function=f"{_MARKS}:marks_of",
        number=3,
        rows=lambda args, _result: list(args[2]),
        state=CLAIMED,
    ),
    "half of the content sent": STEPS["half of the content sent"],
    "outcome written, not committed": Step(
        function=f"{_MARKS}:marks_of",
        number=3,
        rows=lambda args, _result: [row.delivery_id for row in args[1]],
        state=HANDING,
        has_arrived=True,
    ),
}


def abort_at(label: str, note: str, where: str = "") -> None:
    """Wrap the function of a step; the process writes the rows of its call to `note`, and dies."""
    step = (SERVER_STEPS if where else STEPS)[label]
    module, _, path = step.function.partition(":")
    owner: Any = import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    setattr(owner, name, _wrapped(step, getattr(owner, name), Path(note)))


def _wrapped(step: Step, function: Callable[..., Any], note: Path) -> Callable[..., Any]:
    calls = count(1)

    def strike(args: tuple[Any, ...], result: Any = None) -> None:
        rows = step.rows(args, result)
        if rows is not None and not rows:
            return
        if next(calls) < step.number:
            return
        if step.content:
            _leak(args[0], step.content)
        note.write_text(json.dumps(list(rows or ())), "ascii")
        os.kill(os.getpid(), signal.SIGKILL)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not step.is_after:
            strike(args)
        result = function(*args, **kwargs)
        if step.is_after:
            strike(args, result)
        return result

    @wraps(function)
    async def call_async(*args: Any, **kwargs: Any) -> Any:
        if not step.is_after:
            strike(args)
        result = await function(*args, **kwargs)
        if step.is_after:
            strike(args, result)
        return result

    return call_async if inspect.iscoroutinefunction(function) else call


def _leak(session: Any, share: float) -> None:
    """Send a part of the content of the mail in hand, past the event loop, which would wait."""
    job, wire = vars(session)["_job"], vars(session)["_wire"]
    content = b"".join(content_of(job.message))
    connection = vars(wire)["_transport"].get_extra_info("socket")
    os.write(connection.fileno(), content[: int(len(content) * share)])
