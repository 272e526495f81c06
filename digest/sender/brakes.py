"""Decides when a run must stop because the fault is the relay's or ours, not a subscriber's."""

from __future__ import annotations

from collections import Counter, deque

from digest.errors import RelayError, RelayRefusal, RelaySetupError
from digest.sender.attempt import Attempt, Fate, Fault
from digest.sender.replies import is_login_required, is_of_rate, wants_encryption

#: Connections that may break during one delivery before it is deferred.
MAX_BREAKS_OF_ROW = 3
#: Consecutive connections that may break, whatever the delivery.
MAX_BREAKS = 10
#: Refusals and unanswered handovers in a row, with nothing accepted between, that stop a run.
MAX_REFUSALS = 20
#: Of the last mails, so many may be refused for reasons that are not their recipients'.
LAST_MAILS = 50
MAX_REFUSED_OF_LAST = 10
#: Faults of ours or of the relay. Greylisting and rate limits are none: they end by waiting.
_OURS = frozenset({Fault.MESSAGE, Fault.SENDER, Fault.RELAY})


def is_ours(attempt: Attempt) -> bool:
    """Return whether a mail was refused because of the message, the sender or the relay."""
    return attempt.fault in _OURS or attempt.fate in (Fate.POLICY, Fate.BLOCKED)


class Brakes:
    """Counts the failures of one run."""

    def __init__(self) -> None:
        """Start with no failures."""
        self._breaks_of_row: Counter[int] = Counter()
        self._breaks = 0
        #: Refusals and unanswered handovers since the last accepted mail.
        self.refusals = 0
        #: The recipients' domains of these.
        self.domains: set[str] = set()
        #: For each of the last mails: the domain if it was refused by a fault of ours, else empty.
        self._last: deque[str] = deque(maxlen=LAST_MAILS)

    def may_go_again(self, attempt: Attempt, delivery_id: int) -> bool:
        """Whether a row goes back to the queue: its connection broke or the relay refuses us."""
        if attempt.fate is Fate.RETURNED:
            self._breaks_of_row[delivery_id] += 1
            return self._breaks_of_row[delivery_id] < MAX_BREAKS_OF_ROW
        return attempt.fate is Fate.BLOCKED

    def count(self, attempt: Attempt, domain: str) -> None:
        """Count an attempt; `domain` is the recipient's."""
        if attempt.fate is Fate.SENT:
            self.accepted()
            return
        self._breaks = self._breaks + 1 if attempt.fate is Fate.RETURNED else 0
        if attempt.fate not in (Fate.RETURNED, Fate.SKIPPED):
            self._last.append(domain if is_ours(attempt) else "")
        if _is_refusal(attempt):
            self.refusals += 1
            self.domains.add(domain)

    def accepted(self) -> None:
        """Count an accepted mail."""
        self._breaks = self.refusals = 0
        self._last.append("")
        if self.domains:
            self.domains.clear()

    def why_stop(self, attempt: Attempt, *, is_one_domain: bool) -> RelayError | None:
        """Return why the run must stop after this counted attempt; None if it continues.

        Args:
            attempt: the attempt.
            is_one_domain: whether all recipients of the edition have the same domain; if not, the
                refusals of a single domain are that domain's, and do not stop the run. It matters
                only if `needs_domains`.
        """
        relay = f"relay {attempt.relay}"
        if wants_encryption(attempt.reply):
            return RelaySetupError(
                f"{relay}: wants encryption: {attempt.answer}; check [[smtp]] port, security"
            )
        if is_login_required(attempt.reply):
            return RelaySetupError(
                f"{relay}: wants a login: {attempt.answer}; check [[smtp]] username, password"
            )
        if attempt.fate is Fate.BLOCKED:
            return RelayRefusal(f"{relay}: refuses us: {attempt.answer}")
        if self._breaks >= MAX_BREAKS:
            return RelayRefusal(f"{relay}: every connection breaks ({attempt.answer})")
        if self.is_at_limit and (is_one_domain or len(self.domains) > 1):
            return RelayRefusal(
                f"{relay}: {self.refusals} mails in a row were not accepted, the last one:"
                f" {attempt.answer}; the run was stopped"
            )
        refused = self._refused_of_last
        if len(refused) > MAX_REFUSED_OF_LAST and (is_one_domain or len(set(refused)) > 1):
            return RelayRefusal(
                f"{relay}: {len(refused)} of the last {LAST_MAILS} mails were refused, and not"
                f" because of their recipients, the last one: {attempt.answer}; the run was stopped"
            )
        return None

    @property
    def is_at_limit(self) -> bool:
        """Whether the refusals in a row are enough to stop, whatever their domains."""
        return self.refusals >= MAX_REFUSALS

    @property
    def needs_domains(self) -> bool:
        """Whether it matters to `why_stop` if the edition has recipients of one domain only."""
        return self.is_at_limit or len(self._refused_of_last) > MAX_REFUSED_OF_LAST

    @property
    def _refused_of_last(self) -> list[str]:
        """The domains of the last mails that were refused; empty before there are enough mails."""
        return list(filter(None, self._last)) if len(self._last) == LAST_MAILS else []


def _is_refusal(attempt: Attempt) -> bool:
    if attempt.fate is Fate.UNKNOWN:
        return True
    # Greylisting and rate limits end by waiting: only rows tried already are accepted then.
    if attempt.fault is Fault.RATE:
        return False
    is_refused = attempt.fate in (Fate.POLICY, Fate.REFUSED, Fate.FULL, Fate.TRANSIENT)
    return is_refused and attempt.reply is not None and not is_of_rate(attempt.reply)
