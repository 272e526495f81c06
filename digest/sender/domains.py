"""The limits of recipients' domains: mails per second and mails at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from digest.sender.share import Share
from digest.sender.throttle import Throttle

#: How soon to ask again if the domain has enough mails at the same time, in seconds.
_ASK_AGAIN_S = 0.05
#: The time between two mails that go back to the ledger if the domain has no rate, in seconds.
_TURN_S = 0.1
#: The time that a test of a domain may take, in seconds.
_TEST_S = 30.0


@dataclass(slots=True)
class _Domain:
    throttle: Throttle
    #: Whether the mails at the same time are limited, and to this number.
    is_limited: bool = False
    most: int = 0
    in_hand: int = 0
    #: Until when the mails that went back to the ledger have their turns.
    booked_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLimits:
    """The configured limits, by domain in lower case."""

    #: Mails per second.
    rates: Mapping[str, float] = field(default_factory=dict)
    #: Mails being handed over at the same time.
    connections: Mapping[str, int] = field(default_factory=dict)


class Domains:
    """The speed of mails to each domain, for all runs of this process.

    Only domains with a limit, or that asked for fewer mails, are kept. Times are seconds of a
    clock that is never set, such as `time.monotonic()`.
    """

    def __init__(self, limits: DomainLimits | None = None) -> None:
        """Set the configured limits."""
        self.limits = limits or DomainLimits()
        self._known: dict[str, _Domain] = {}
        for domain in (*self.limits.rates, *self.limits.connections):
            self._known[domain] = self._new(domain)

    def share(self, share: Share) -> None:
        """Keep to this process' share of the configured limits."""
        for domain, rate in self.limits.rates.items():
            self._known[domain].throttle.limit_to(rate * share.part)
        for domain, most in self.limits.connections.items():
            self._known[domain].most = share.of(most)

    def wait_s(self, domain: str, now_s: float) -> float:
        """Return the seconds until a mail to a domain may go; 0 if one may go now."""
        known = self._known.get(domain)
        if known is None:
            return 0.0
        if known.is_limited and known.in_hand >= known.most:
            return _ASK_AGAIN_S
        return known.throttle.wait_s(now_s)

    def take(self, domain: str, now_s: float) -> None:
        """Count a mail that goes now."""
        if known := self._known.get(domain):
            known.in_hand += 1
            known.throttle.take(now_s)

    def end(self, domain: str) -> None:
        """Count the end of a mail, whatever it was."""
        known = self._known.get(domain)
        if known and known.in_hand:
            known.in_hand -= 1

    def end_all(self) -> None:
        """Note that no mail is being handed over."""
        for known in self._known.values():
            known.in_hand = 0

    def dropped(self, domain: str) -> None:
        """Count a mail that did not go after all; another may go instead."""
        if known := self._known.get(domain):
            known.throttle.give_back()
        self.end(domain)

    def accepted(self, domain: str, now_s: float) -> None:
        """Count an accepted mail; a domain that was slowed down gets faster."""
        if known := self._known.get(domain):
            known.throttle.accepted(now_s)
            has_limit = known.is_limited or known.throttle.configured
            if not known.throttle.is_slowed and not has_limit:
                del self._known[domain]

    def slow_down(self, domain: str, now_s: float, *, rate: float) -> None:
        """Send fewer mails per second to a domain that said that they come too fast.

        Args:
            domain: the domain.
            now_s: the time.
            rate: the mails per second that went; of all domains, if this one was not counted.
        """
        if domain not in self._known:
            self._known[domain] = self._new(domain)
        self._known[domain].throttle.refused(now_s, rate=rate)

    def rate(self, domain: str) -> float:
        """Return the mails per second that go to a domain now; 0: no limit."""
        known = self._known.get(domain)
        return known.throttle.rate if known else 0.0

    def book_s(self, domain: str, wait_s: float, now_s: float) -> float:
        """Return for how long a mail goes back to the ledger, each a turn after the one before.

        Args:
            domain: the domain.
            wait_s: the seconds that the mail would have to wait now.
            now_s: the time.
        """
        known = self._known.get(domain)
        if known is None:  # it has no limit; one mail tests it after a pause
            return max(wait_s, _TEST_S)
        turn_s = 1 / known.throttle.rate if known.throttle.rate else _TURN_S
        known.booked_s = max(known.booked_s, now_s + wait_s) + turn_s
        return known.booked_s - now_s

    def slowed(self) -> Iterator[tuple[str, float]]:
        """Yield the domains that asked for fewer mails, with the mails per second that go now."""
        for domain, known in self._known.items():
            if known.throttle.is_slowed:
                yield domain, known.throttle.rate

    def _new(self, domain: str) -> _Domain:
        rate, most = self.limits.rates.get(domain, 0.0), self.limits.connections.get(domain, 0)
        return _Domain(Throttle(rate), most > 0, most)
