"""The state of the relays in one process: which one to use now, and how many mails it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.errors import RelayError, RelaySetupError
from digest.sender.domains import Domains
from digest.sender.holds import Hold, HoldKind
from digest.sender.pauses import Pauses
from digest.sender.relay import Relay
from digest.sender.share import Share
from digest.sender.throttle import Throttle
from digest.sender.window import Window
from digest.text.counted import counted

#: The waits after a relay could not be reached, in seconds; then always the last.
_STEPS_S = (0.2, 1.0, 5.0, 30.0, 60.0, 300.0, 900.0)
#: While one connection tries a relay that may be down, the others ask again after this time.
_ASK_AGAIN_S = 0.1
#: How soon to ask for more mails of a daily limit that is reached, in seconds.
_LOOK_AGAIN_S = 600.0
#: Sessions in a row that may break, with nothing accepted between, before the next relay is used.
_MAX_BREAKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """No relay can be used before this time."""

    until_s: float
    #: Each relay and its fault.
    reason: str
    #: Whether another connection tries a relay at this moment: its result comes in time.
    is_tried: bool = False


class RelayState:
    """The state of one relay, shared by all connections to it."""

    def __init__(self, relay: Relay) -> None:
        """Know nothing yet."""
        self.relay = relay
        self.throttle = Throttle(relay.rate)
        self.window = Window(relay.connections)
        #: Mails of the daily limit that were reserved and not sent; None: there is no limit.
        self.allowance: int | None = 0 if relay.daily_limit else None
        self.kind = HoldKind.RELAY_DOWN
        #: Why it cannot be used; empty if it can.
        self.reason = ""
        #: Not before this time; infinite: not with this configuration.
        self.until_s = 0.0
        #: When the daily limit lets more mails go, if it is reached.
        self.free_s = 0.0
        self.failures = 0
        self.breaks = 0
        #: Whether the last connection to it worked.
        self.is_proven = False
        #: Whether it reads commands that travel behind a mail's content (RFC 2920 section 3.1).
        self.takes_chains = True
        #: Until when a single connection tries it; the others wait.
        self.tried_until_s = 0.0
        #: The connections to it that are open.
        self.opened = 0

    def is_held(self, now_s: float) -> bool:
        """Return whether it must not be used now: down, refused by it, or its day's limit."""
        return self.until_s > now_s

    @property
    def account(self) -> str:
        """Its name for the count of a day's mails: two logins at one relay have two limits."""
        login = f"{self.relay.username}@" if self.relay.username else ""
        return f"{login}{self.relay.name}"

    @property
    def is_refused(self) -> bool:
        """Whether only another configuration can help."""
        return self.until_s == float("inf")


class Relays:
    """The relays in the order in which they are tried.

    One value lives as long as its process, so that a run knows what an earlier one was told. It
    is used by one event loop. Times are seconds of a clock that is never set, such as
    `time.monotonic()`.
    """

    def __init__(self, relays: tuple[Relay, ...], domains: Domains | None = None) -> None:
        """Set the relays, and the limits of recipients' domains."""
        self.domains = domains or Domains()
        self.states = tuple(map(RelayState, relays))
        #: The runs that share the connections now.
        self.runs = 0
        #: Their workers' names.
        self.workers: set[str] = set()
        self._pauses: dict[int, Pauses] = {}

    def take_over(self, other: Relays) -> None:
        """Keep what is known of each relay, and of the domains, whose configuration is the same."""
        known = {state.relay: state for state in other.states}
        self.states = tuple(known.get(state.relay, state) for state in self.states)
        self._pauses = other._pauses
        if self.domains.limits == other.domains.limits:
            self.domains = other.domains

    def pauses_of(self, edition_id: int) -> Pauses:
        """Return the paused domains of an edition."""
        return self._pauses.setdefault(edition_id, Pauses())

    def forget_edition(self, edition_id: int) -> None:
        """Forget the paused domains of an edition that is finished."""
        self._pauses.pop(edition_id, None)

    def end_all(self) -> None:
        """Count the ends of mails that a run could not count, because the ledger failed."""
        self.domains.end_all()
        for pauses in self._pauses.values():
            pauses.end_all()

    # --- shared limits ----------------------------------------------------------------------------

    @property
    def has_limits(self) -> bool:
        """Whether a rate, or a limit of a domain, is configured."""
        limits = self.domains.limits
        rates = any(state.relay.rate for state in self.states)
        return rates or bool(limits.rates or limits.connections)

    def share(self, share: Share) -> None:
        """Keep to this process' share of the configured limits."""
        for state in self.states:
            state.throttle.limit_to(state.relay.rate * share.part)
        self.domains.share(share)

    # --- which relay ----------------------------------------------------------------------------

    def pick(self, now_s: float) -> RelayState | Wait:
        """Return the first relay that can be used now, to open a connection to it.

        A relay that is not known to work is given to one caller; the others get the next relay, or
        wait, until `worked` or `failed` is called.

        Raises:
            RelaySetupError: every relay needs another configuration.
        """
        for state in self.states:
            if state.until_s > now_s or state.tried_until_s > now_s:
                continue
            if not state.is_proven:
                state.tried_until_s = now_s + state.relay.timeouts.connect_s
            return state
        if all(state.is_refused for state in self.states):
            raise RelaySetupError(self._reasons())
        if any(state.tried_until_s > now_s for state in self.states):
            reason = "another connection tries the relay"
            return Wait(until_s=now_s + _ASK_AGAIN_S, reason=reason, is_tried=True)
        return Wait(until_s=min(state.until_s for state in self.states), reason=self._reasons())

    def has_other(self, state: RelayState, now_s: float) -> bool:
        """Return whether another relay can be used now."""
        return any(each is not state and not each.is_held(now_s) for each in self.states)

    def current(self, now_s: float) -> RelayState:
        """Return the relay that most connections use: the first that is known to work."""
        first = self.states[0]
        if first.is_proven and first.until_s <= now_s:  # nearly always
            return first
        usable = [state for state in self.states if state.until_s <= now_s]
        proven = (state for state in usable if state.is_proven)
        return next(proven, usable[0] if usable else self.states[0])

    def error(self) -> RelayError:
        """Return the error for a run that cannot wait any longer."""
        is_setup = all(state.is_refused for state in self.states)
        return (RelaySetupError if is_setup else RelayError)(self._reasons())

    # --- what happened --------------------------------------------------------------------------

    def worked(self, state: RelayState) -> None:
        """Note that a connection is open, secured and logged in."""
        state.is_proven, state.tried_until_s = True, 0.0
        state.reason, state.until_s = "", 0.0

    def failed(self, state: RelayState, reason: str, now_s: float, *, is_final: bool) -> None:
        """Note that a connection cannot be opened; if others are open, it only takes no more.

        Args:
            state: the relay.
            reason: why, as `relay HOST:PORT: …`.
            now_s: the time.
            is_final: whether only another configuration can help: a refused password, a
                certificate that is not trusted.
        """
        state.tried_until_s = 0.0
        if state.opened and not is_final:
            state.window.refused(state.opened, now_s)
        else:
            self.hold(state, reason, now_s, is_final=is_final)

    def hold(self, state: RelayState, reason: str, now_s: float, *, is_final: bool) -> None:
        """Use another relay for a while, or until the configuration changes."""
        state.is_proven, state.reason = False, reason
        state.kind = HoldKind.RELAY_REFUSES if is_final else HoldKind.RELAY_DOWN
        state.until_s = float("inf") if is_final else now_s + self._step_s(state)
        state.failures += 1

    def accepted(self, state: RelayState) -> None:
        """Note an accepted mail."""
        state.failures = state.breaks = 0

    def broke(self, state: RelayState, reason: str, now_s: float) -> None:
        """Note that an open connection broke; after some in a row the next relay is used."""
        state.breaks += 1
        if state.breaks >= _MAX_BREAKS and len(self.states) > 1:
            state.breaks = 0
            self.hold(state, reason, now_s, is_final=False)

    def spent(self, state: RelayState, free_s: float, now_s: float) -> None:
        """Note that a relay's daily limit is reached; the next relay is used.

        Until the oldest mails do not count any more; but another process may have reserved mails
        that it does not use, so the ledger is asked again sooner.
        """
        state.kind, state.free_s = HoldKind.DAILY_LIMIT, free_s
        state.until_s = min(free_s, now_s + _LOOK_AGAIN_S)
        state.reason = (
            f"relay {state.relay.name}: the daily limit of"
            f" {counted(state.relay.daily_limit, 'mail')} is reached"
        )

    # --- what holds -----------------------------------------------------------------------------

    def holds(self, now: datetime, now_s: float) -> Iterator[Hold]:
        """Yield what holds mails back at the relays and the domains."""
        for state in self.states:
            if state.until_s > now_s:
                is_limit = state.kind is HoldKind.DAILY_LIMIT
                ends_s = (state.free_s if is_limit else state.until_s) - now_s
                ends = None if state.is_refused else now + timedelta(seconds=ends_s)
                yield Hold(
                    kind=state.kind, reason=state.reason, until=ends, release=_RELEASE[state.kind]
                )
            elif state.throttle.is_slowed:
                yield _slowed(
                    HoldKind.RELAY_SLOWED, f"relay {state.relay.name}", state.throttle.rate
                )
        for domain, rate in self.domains.slowed():
            yield _slowed(HoldKind.DOMAIN_SLOWED, domain, rate)

    def _reasons(self) -> str:
        return "; ".join(state.reason for state in self.states if state.reason)

    def _step_s(self, state: RelayState) -> float:
        return _STEPS_S[min(state.failures, len(_STEPS_S) - 1)]


_RELEASE = {
    HoldKind.RELAY_DOWN: "It is tried again by itself; `digest send` tries at once.",
    HoldKind.RELAY_REFUSES: "Correct its [[smtp]] table; it is not tried again before.",
    HoldKind.DAILY_LIMIT: "Ends by itself, as mails become older than 24 hours; or raise"
    " daily_limit in [[smtp]].",
}


def _slowed(kind: HoldKind, name: str, rate: float) -> Hold:
    speed = (
        f"{rate:.1f} mails a second"
        if rate >= 1
        else f"{counted(round(rate * 60), 'mail')} a minute"
    )
    return Hold(
        kind=kind,
        reason=f"{name}: says that mails come too fast; it gets {speed} now",
        release="Gets faster by itself as mails are accepted.",
    )
