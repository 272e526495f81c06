"""Limits the speed of mails to a relay or a domain, and slows down when a server asks for it."""

from __future__ import annotations

#: Mails that may follow each other at once, in seconds of the rate.
_BURST_S = 0.1
#: A shorter wait is none: a clock in seconds may not even show it.
SOON_S = 1e-4
#: The first wait after a server said that mails come too fast, in seconds; it doubles.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
#: The lowest rate: a mail a minute.
_MIN_RATE = 1 / 60
#: After "too fast" the rate is multiplied by this …
_CUT = 0.5
#: … and grows by this share with each accepted mail; …
_GROWTH = 0.02
#: … by this near the rate that was refused, which is between these multiples of it.
_SLOW_GROWTH = 0.001
_NEAR, _PAST = 0.85, 1.15
#: A server's limit is forgotten once mails are accepted at this multiple of it.
_FORGOTTEN = 4
#: The time over which the rate of accepted mails is counted, in seconds.
_COUNTED_S = 1.0


class Throttle:
    """The mails per second that may go, of one relay or one domain.

    Times are seconds of a clock that is never set, such as `time.monotonic()`.
    """

    __slots__ = (
        "_count",
        "_count_before",
        "_counted_from_s",
        "_next_s",
        "_pause_s",
        "_rate",
        "_refused_rate",
        "_took",
        "_was_accepted",
        "configured",
    )

    def __init__(self, configured: float = 0.0) -> None:
        """Start at the configured rate, in mails per second; 0: no limit."""
        self.configured = configured
        self._rate = configured
        #: When the next mail would go if mails had gone evenly until now.
        self._next_s = 0.0
        #: The rate that the server refused; 0: none.
        self._refused_rate = 0.0
        self._pause_s = _FIRST_PAUSE_S
        #: Whether a mail went since the last cut: one server's burst of refusals is one cut.
        self._took = True
        #: Whether a mail was accepted since the last cut: until then only the pauses grow.
        self._was_accepted = True
        #: Accepted mails since this time, and in the time before.
        self._counted_from_s = 0.0
        self._count = self._count_before = 0

    def limit_to(self, configured: float) -> None:
        """Go on with another configured rate; a rate that was cut stays cut."""
        if configured == self.configured:
            return
        self.configured = configured
        if not self._refused_rate or self._rate > configured:
            self._rate, self._refused_rate = configured, 0.0

    @property
    def rate(self) -> float:
        """The mails per second that go now; 0: no limit."""
        return self._rate

    @property
    def is_slowed(self) -> bool:
        """Whether it is slower than configured because the server asked for it."""
        return self._refused_rate > 0

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until a mail may go; 0 if one may go now."""
        if not self._rate:
            return 0.0
        wait_s = self._next_s - self._burst_s - now_s
        return wait_s if wait_s > SOON_S else 0.0

    def take(self, now_s: float) -> None:
        """Count a mail that goes now."""
        self._took = True
        if self._rate:
            self._next_s = max(self._next_s, now_s) + 1 / self._rate

    def give_back(self) -> None:
        """Take back the count of a mail that did not go after all."""
        if self._rate and self._took:  # after a refusal the pause counts
            self._next_s -= 1 / self._rate

    def accepted(self, now_s: float) -> None:
        """Count an accepted mail; a rate that was cut grows."""
        if now_s - self._counted_from_s >= _COUNTED_S:
            self._counted_from_s, self._count_before, self._count = now_s, self._count, 0
        self._count += 1
        if self._refused_rate:
            self._grow()

    @property
    def accepted_rate(self) -> float:
        """The accepted mails per second of the last moments."""
        return max(self._count, self._count_before) / _COUNTED_S

    def refused(self, now_s: float, *, rate: float = 0.0) -> None:
        """Slow down: the server said that mails come too fast.

        Args:
            now_s: the time.
            rate: the mails per second that went, if they are not counted here.
        """
        if not self._took:
            return
        self._took = False
        if self._was_accepted:
            self._was_accepted = False
            self._pause_s = _FIRST_PAUSE_S
            self._refused_rate = self._rate or rate or self.accepted_rate or 1.0
            self._rate = max(_MIN_RATE, self._refused_rate * _CUT)
        # The whole pause counts: no burst right after it.
        self._next_s = now_s + self._pause_s + self._burst_s
        self._pause_s = min(_LONGEST_PAUSE_S, self._pause_s * 2)

    @property
    def _burst_s(self) -> float:
        return 0.0 if self._refused_rate else _BURST_S

    def _grow(self) -> None:
        self._was_accepted = True
        is_near = _NEAR <= self._rate / self._refused_rate < _PAST
        self._rate *= 1 + (_SLOW_GROWTH if is_near else _GROWTH)
        if self._rate >= (self.configured or self._refused_rate * _FORGOTTEN):
            self._rate, self._refused_rate = self.configured, 0.0
