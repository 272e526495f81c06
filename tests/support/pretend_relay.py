"""A pretend relay in pretend time, and a send loop over it that asks the pace for each mail."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from digest.errors import RelayError
from digest.models import Reply
from digest.sender.attempt import Attempt, Fate, Fault
from digest.sender.lanes import Lanes
from digest.sender.pace import Pace
from digest.sender.relay import Relay
from digest.sender.relays import Relays, RelayState
from digest.sender.retry import retry_wait

TOO_FAST = Attempt(
    fate=Fate.TRANSIENT,
    reply=Reply(code=450, text="4.7.28 too fast"),
    relay="relay:25",
    fault=Fault.RATE,
)
ACCEPTED = Attempt(fate=Fate.SENT, reply=Reply(code=250, text="ok"), relay="relay:25")
#: Answers a mail to a domain at a time.
Answer = Callable[[str, float], Attempt]


@dataclass
class RateLimit:
    """Accepts mails up to a rate that may change with the time."""

    #: Mails per second at a time.
    rate: Callable[[float], float]
    #: Whose refusals these are: only one domain is limited if it is set.
    domain: str = ""
    _tokens: float = 10.0
    _at_s: float = 0.0

    def __call__(self, domain: str, now_s: float) -> Attempt:
        """Answer one mail."""
        if self.domain not in ("", domain):
            return ACCEPTED
        rate = self.rate(now_s)
        self._tokens = min(max(1.0, rate), self._tokens + (now_s - self._at_s) * rate)
        self._at_s = now_s
        if self._tokens < 1:
            return TOO_FAST
        self._tokens -= 1
        return ACCEPTED


@dataclass
class Row:
    """One mail."""

    number: int
    domain: str
    attempts: int = 0


@dataclass
class Loop:
    """Sends rows over as many connections as the pace allows."""

    rows: list[str]
    answer: Answer
    connections: int = 16
    #: How long a mail takes.
    trip_s: float = 0.05
    is_of_relay: bool = False
    relays: Relays | None = None
    now_s: float = 0.0
    sent: int = 0
    put_off: int = 0
    #: Questions to the pace.
    asked: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    stop: RelayError | None = None
    #: The connections that were open at once, by the number of accepted mails before.
    opened: dict[int, int] = field(default_factory=dict)

    def run(self, *, until_s: float = 1e6) -> Loop:
        """Send until nothing is left, the run stops, or the time is over."""
        relay = Relay(host="relay", port=25, connections=self.connections)
        relays = self.relays or Relays((relay,))
        self.pace = Pace(relays, edition_id=1)
        state = relays.pick(self.now_s)
        assert isinstance(state, RelayState)
        relays.worked(state)
        self._state = state
        self._due = deque(Row(number, domain) for number, domain in enumerate(self.rows))
        self._later: list[tuple[float, int, Row]] = []
        self._busy: list[tuple[float, int, Row]] = []
        self._lanes: Lanes[Row] = Lanes()
        self._domains = len(set(self.rows))
        while not self.stop and self.now_s < until_s and self._step():
            pass
        self.pace.close()
        return self

    def _step(self) -> bool:
        """Do what is due now, then go to the next time; return whether anything is left."""
        while self._busy and self._busy[0][0] <= self.now_s:
            self._end(heapq.heappop(self._busy)[2])
        while self._later and self._later[0][0] <= self.now_s:
            self._due.append(heapq.heappop(self._later)[2])
        if self.stop:
            return False
        wait_s = float("inf")
        while len(self._busy) < self.pace.connections(self.now_s):
            row, wait_s = self._next()
            if row is None:
                break
            heapq.heappush(self._busy, (self.now_s + self.trip_s, row.number, row))
            self.opened[self.sent] = len(self._busy)
        times = [
            self.now_s + wait_s,
            *(queue[0][0] for queue in (self._busy, self._later) if queue),
        ]
        if min(times) == float("inf"):
            return False
        if min(times) <= self.now_s and not self._busy:
            raise AssertionError("the loop is told to wait, but for no time")
        self.now_s = max(self.now_s, min(times))
        return True

    def _next(self) -> tuple[Row | None, float]:
        """Return the row that goes now, or the seconds until one may go."""
        row, wait_s = self._lanes.take(self._admit)
        while row is None and self._due:
            row = self._due.popleft()
            wait_s = self._admit(row.domain)
            if not wait_s:
                return row, 0.0
            ahead = self._lanes.waiting(row.domain)
            put_off_s = self.pace.put_off_s(row.domain, self.now_s, ahead=ahead)
            if put_off_s is not None:
                self.put_off += 1
                heapq.heappush(self._later, (self.now_s + put_off_s, row.number, row))
            elif not self.pace.may_wait(self._state, self.now_s):
                self._due.appendleft(row)
                return None, wait_s
            else:
                self._lanes.add(row.domain, row)
            row = None
        return row, wait_s

    def _admit(self, domain: str) -> float:
        self.asked += 1
        return self.pace.admit(self._state, domain, self.now_s)

    def _end(self, row: Row) -> None:
        attempt = replace(self.answer(row.domain, self.now_s), is_of_relay=self.is_of_relay)
        self.tried[row.domain] += 1
        self.fates[attempt.fate] += 1
        self.pace.done(self._state, attempt, row.domain, self.now_s)
        row.attempts += 1
        if attempt.fate is Fate.SENT:
            self.sent += 1
        elif attempt.fate is not Fate.REFUSED:
            wait = retry_wait(row.number, row.attempts).total_seconds()
            heapq.heappush(self._later, (self.now_s + wait, row.number, row))
        self.stop = self.pace.why_stop(attempt, is_one_domain=self._domains == 1)
