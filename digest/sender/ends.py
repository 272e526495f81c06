"""Records how the attempts of a run ended: in the ledger, in its counts, and for its brakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from digest.errors import RelayError, RelayRefusal
from digest.models import Delivery, DeliveryState, Outcome, Progress, Reply
from digest.sender.attempt import Attempt, Fate
from digest.sender.brakes import Brakes
from digest.sender.request import SendRequest
from digest.sender.retry import MIN_ATTEMPTS
from digest.sender.settle import EXPIRED, keep, settle
from digest.store.attempts import PUT_OFF, has_other_domain, settle_kept
from digest.store.marks import DeliveryMarks


class Ends:
    """The ends of one run's attempts."""

    def __init__(
        self,
        request: SendRequest,
        marks: DeliveryMarks,
        worker: str,
        clock: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        """Start without any."""
        self._request = request
        self._marks = marks
        self._worker = worker
        self._clock = clock
        self._progress = progress
        #: The outcomes of refusals that are kept as deferred until the relay accepts a mail.
        self._kept: dict[int, Outcome] = {}
        self._is_one_domain: bool | None = None
        self.counts: Counter[DeliveryState] = Counter()
        #: The last refusal that is not a recipient's fault.
        self.trouble: RelayError | None = None
        #: Mailboxes that do not exist.
        self.gone = 0

    def count(self, state: DeliveryState, number: int = 1) -> None:
        """Count ends that the ledger has already."""
        for _ in range(number):
            self.counts[state] += 1
            self._progress(state)

    def accept(self, delivery: Delivery, reply: Reply | None, relay: str) -> bool:
        """Record an accepted mail; return False if `record` must, because refusals are kept."""
        if self._kept:
            return False
        self._marks.sent(delivery.id, reply, relay)
        self.counts[DeliveryState.SENT] += 1
        self._progress.sent += 1
        return True

    async def record(self, attempt: Attempt, delivery: Delivery, brakes: Brakes) -> bool:
        """Record any other attempt; return False if the mail is to be tried again in this run.

        Args:
            attempt: the attempt, which the brakes have not counted yet.
            delivery: its row.
            brakes: what the run counts; they learn of the attempt.
        """
        if brakes.may_go_again(attempt, delivery.id):
            return False
        may_settle = not brakes.is_at_limit
        self._store(attempt, delivery)
        if attempt.fate is Fate.SENT:
            await self._settle_kept(is_for_good=may_settle)
        return True

    async def has_one_domain(self, domain: str) -> bool:
        """Return whether all recipients of the edition have this domain, the first one asked."""
        if self._is_one_domain is None:
            has_other = await self._marks.write(has_other_domain, self._request.edition_id, domain)
            self._is_one_domain = not has_other
        return self._is_one_domain

    def put_off(self, delivery: Delivery, next_at: datetime) -> None:
        """Return a mail to the ledger because its domain must wait.

        It is not counted: it was not tried, and this run may still send it. Only a mail that is
        older than it may get has an attempt by this, so that it expires after some.
        """
        if self._clock() <= (delivery.reopened_at or delivery.not_before) + self._request.max_age:
            self._marks.put_off(delivery.id, next_at)
        elif delivery.attempts + 1 < MIN_ATTEMPTS:
            outcome = Outcome(
                state=DeliveryState.DEFERRED, reply=None, reason=PUT_OFF, next_at=next_at
            )
            self._marks.outcome(delivery.id, outcome)
        else:
            outcome = Outcome(state=DeliveryState.FAILED, reply=None, reason=EXPIRED)
            self._marks.outcome(delivery.id, outcome)
            self.count(DeliveryState.FAILED)

    async def close(self, brakes: Brakes) -> None:
        """End the refusals after which no mail was accepted.

        They count if the relay accepted mails before them and they are no streak: a single one, or
        those of one domain among several.
        """
        await self._marks.flush()
        if not self._kept:
            return
        is_streak = len(brakes.domains) > 1 or (
            brakes.refusals > 1 and await self.has_one_domain(*brakes.domains)
        )
        has_accepted = self.counts[DeliveryState.SENT] > 0
        if not has_accepted:
            refusal = RelayRefusal(_refusal(*self._kept.values()), is_stop=False)
            self.trouble = self.trouble or refusal
        await self._settle_kept(is_for_good=has_accepted and not is_streak)

    def _store(self, attempt: Attempt, delivery: Delivery) -> None:
        now, max_age = self._clock(), self._request.max_age
        outcome = settle(attempt, delivery, now=now, max_age=max_age)
        self._kept.pop(delivery.id, None)  # the row was tried again since
        if attempt.is_recipients_fault:
            kept = keep(attempt, delivery, now=now, max_age=max_age)
            self._marks.outcome(delivery.id, kept)
            if kept.state is DeliveryState.DEFERRED:
                self._kept[delivery.id] = outcome
            else:
                self.count(kept.state)
            return
        if attempt.fate is Fate.POLICY and outcome.state is DeliveryState.DEFERRED:
            reason = f"relay {attempt.relay}: {attempt.answer}"
            self.trouble = RelayRefusal(reason, is_stop=False)
        self._marks.outcome(delivery.id, outcome)
        self.count(outcome.state)

    async def _settle_kept(self, *, is_for_good: bool) -> None:
        """End the kept refusals: as what they said, or as deferred."""
        kept, self._kept = self._kept, {}
        if kept and is_for_good:
            await self._marks.flush()  # they must be stored as kept before
            await self._marks.write(settle_kept, kept, self._worker, now=self._clock())
        if is_for_good:
            self.gone += sum(outcome.reason == Fate.REFUSED for outcome in kept.values())
        for outcome in kept.values():
            self.count(outcome.state if is_for_good else DeliveryState.DEFERRED)


def _refusal(first: Outcome, *_others: Outcome) -> str:
    said = f"{first.reply.code} {first.reply.text}" if first.reply else first.reason
    return f"relay {first.relay}: {said}"
