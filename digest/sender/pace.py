"""Decides for each mail of a run whether it may go now, and learns from each answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.errors import RelayError, RelaySetupError
from digest.sender.attempt import Attempt, Fate, Fault
from digest.sender.brakes import Brakes, is_ours
from digest.sender.holds import Hold, HoldKind
from digest.sender.relays import Relays, RelayState
from digest.sender.replies import CLOSING, is_login_required

#: How soon to ask again while the daily limit is read, in seconds.
_ASK_AGAIN_S = 0.1
#: A mail that would wait longer for its domain goes back to the ledger, in seconds.
_LONGEST_WAIT_S = 30.0
#: At most this number of mails waits for one domain; others go back.
_MOST_WAITING = 100
#: A mail goes back for at most this time, in seconds.
_LONGEST_PUT_OFF_S = 3600.0
#: "Too fast" from two domains within this time is the relay's affair, in seconds.
_SAME_CAUSE_S = 10.0


class Pace:
    """The brakes of one run over the relays that all runs of the process share.

    Times in seconds are those of a clock that is never set, such as `time.monotonic()`.
    """

    def __init__(self, relays: Relays, *, edition_id: int) -> None:
        """Begin a run; `close` ends it."""
        self.relays = relays
        self.brakes = Brakes()
        self._domains = relays.domains
        self._pauses = relays.pauses_of(edition_id)
        #: The last domain that said "too fast", and when.
        self._slow: tuple[str, float] = ("", float("-inf"))
        relays.runs += 1

    def close(self) -> None:
        """End the run: its share of the connections goes to the others."""
        self.relays.runs -= 1
        if not self.relays.runs:
            self.relays.end_all()

    def connections(self, now_s: float) -> int:
        """Return the number of connections that this run may have open now; at least one."""
        state = self.relays.current(now_s)
        if not state.is_proven:
            return 1
        return max(1, state.window.size(now_s) // max(1, self.relays.runs))

    # --- before a mail --------------------------------------------------------------------------

    def admit(self, state: RelayState, domain: str, now_s: float) -> float:
        """Return 0 if a mail to a domain may go over a relay now, and count it; else the wait.

        Args:
            state: the relay of the connection.
            domain: the recipient's domain, in lower case.
            now_s: the time.
        """
        wait_s = state.throttle.wait_s(now_s) or self._domain_wait_s(domain, now_s)
        if wait_s:
            return wait_s
        if state.allowance is not None:
            if not state.allowance:
                return _ASK_AGAIN_S
            state.allowance -= 1
        state.throttle.take(now_s)
        self._domains.take(domain, now_s)
        self._pauses.take(domain)
        return 0.0

    def put_off_s(self, domain: str, now_s: float, *, ahead: int = 0) -> float | None:
        """Return for how long a mail goes back to the ledger; None if it can wait here.

        It is not an attempt. A mail goes back if its domain is paused, or so slow that the mail
        would wait long, or if many wait for it already.

        Args:
            domain: the recipient's domain, in lower case.
            now_s: the time.
            ahead: the mails to this domain that wait before it.
        """
        if left_s := self._pauses.left_s(domain, now_s):
            return min(left_s, _LONGEST_PUT_OFF_S)
        rate = self._domains.rate(domain)
        wait_s = self._domains.wait_s(domain, now_s) + (ahead / rate if rate else 0.0)
        if wait_s <= _LONGEST_WAIT_S and ahead < _MOST_WAITING:
            return None
        return min(self._domains.book_s(domain, wait_s, now_s), _LONGEST_PUT_OFF_S)

    def may_wait(self, state: RelayState, now_s: float) -> bool:
        """Return whether the wait that `admit` named is the domain's, not the relay's."""
        return not state.throttle.wait_s(now_s) and state.allowance != 0

    def _domain_wait_s(self, domain: str, now_s: float) -> float:
        return self._domains.wait_s(domain, now_s) or self._pauses.wait_s(domain, now_s)

    # --- after a mail ---------------------------------------------------------------------------

    def done(self, state: RelayState, attempt: Attempt, domain: str, now_s: float) -> None:
        """Learn from an attempt that `admit` let go.

        Args:
            state: the relay of the connection.
            attempt: how it ended.
            domain: the recipient's domain, in lower case.
            now_s: the time.
        """
        if attempt.fate is Fate.SENT:
            self.accepted(state, domain, now_s)
            return
        self.brakes.count(attempt, domain)
        self._domains.end(domain)
        is_of_relay = attempt.is_of_relay
        if state.allowance is not None and attempt.fate is not Fate.UNKNOWN:
            state.allowance += 1  # no content has left
        self._pauses.end(domain)
        if attempt.fate is Fate.RETURNED:
            self._broke(state, attempt, now_s)
        if is_too_fast(attempt):
            self._slow_down(state, domain, now_s, is_of_relay=is_of_relay)
        elif is_login_required(attempt.reply):
            self.relays.hold(
                state, f"relay {attempt.relay}: {attempt.answer}", now_s, is_final=True
            )
        elif is_ours(attempt) and not is_of_relay:
            self._pauses.refused(domain, attempt.answer, now_s)

    def accepted(self, state: RelayState, domain: str, now_s: float) -> None:
        """Learn that a mail was accepted, see `done`."""
        self.brakes.accepted()
        self.relays.accepted(state)
        state.throttle.accepted(now_s)
        state.window.accepted()
        self._domains.end(domain)
        self._domains.accepted(domain, now_s)
        self._pauses.accepted(domain)

    def dropped(self, state: RelayState, domain: str) -> None:
        """Note that a mail that `admit` let go was not tried: its connection was lost before."""
        if state.allowance is not None:
            state.allowance += 1
        # Else a server that closes its connections between two mails never gets one.
        state.throttle.give_back()
        self._domains.dropped(domain)
        self._pauses.end(domain)

    def why_stop(self, attempt: Attempt, *, is_one_domain: bool) -> RelayError | None:
        """Return why the run must stop after this attempt; see `Brakes.why_stop`."""
        return self.brakes.why_stop(attempt, is_one_domain=is_one_domain)

    def fall_back(self, state: RelayState, reason: RelayError, now_s: float) -> bool:
        """Use another relay after what `why_stop` returned; return False if there is none."""
        if not self.relays.has_other(state, now_s):
            return False
        is_final = isinstance(reason, RelaySetupError)
        self.relays.hold(state, str(reason), now_s, is_final=is_final)
        self.brakes = Brakes()
        return True

    def _broke(self, state: RelayState, attempt: Attempt, now_s: float) -> None:
        if attempt.reply and attempt.reply.code == CLOSING:
            state.window.cut(now_s)
        self.relays.broke(state, f"relay {attempt.relay}: {attempt.answer}", now_s)

    def _slow_down(
        self, state: RelayState, domain: str, now_s: float, *, is_of_relay: bool
    ) -> None:
        """Slow down the domain; the relay too if it says so itself, or of another domain."""
        other, at_s = self._slow
        self._slow = (domain, now_s)
        if is_of_relay or (other not in ("", domain) and now_s - at_s < _SAME_CAUSE_S):
            state.throttle.refused(now_s)
            state.window.cut(now_s)
        if not is_of_relay:
            self._domains.slow_down(domain, now_s, rate=state.throttle.accepted_rate)

    # --- what holds -----------------------------------------------------------------------------

    def holds(self, now: datetime, now_s: float) -> tuple[Hold, ...]:
        """Return what holds mails of this run back now."""
        paused = (
            Hold(
                kind=HoldKind.DOMAIN_PAUSED,
                reason=f"{domain}: refuses these mails: {answer}",
                until=now + timedelta(seconds=left_s),
                release="Ends by itself: then one mail is tried, and the others follow if it is"
                " accepted.",
            )
            for domain, answer, left_s in self._pauses.paused(now_s)
        )
        return (*self.relays.holds(now, now_s), *paused)


def is_too_fast(attempt: Attempt) -> bool:
    """Return whether a server refused a mail because mails come too fast; greylisting does not."""
    is_of_rate = attempt.fault is Fault.RATE and attempt.fate is not Fate.GREYLISTED
    return is_of_rate and not attempt.is_only_later
