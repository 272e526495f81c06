"""Pauses a domain of recipients that refuses mails for reasons that are not its recipients'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.sender.brakes import MAX_REFUSALS
from digest.sender.throttle import SOON_S

#: Refusals in a row by one domain that pause it while other domains accept mails; …
MAX_STRIKES = 3
#: … while none does, the fault may be the relay's, and the run's own limit comes first.
_MAX_STRIKES_ALONE = MAX_REFUSALS
#: The pauses, one after the other, in seconds; then always the last.
_PAUSES_S = (60.0, 300.0, 900.0, 3600.0)
#: How soon to ask again while one mail tests a domain after its pause, in seconds.
_ASK_AGAIN_S = 0.5


@dataclass(slots=True)
class _Domain:
    #: Mails of all domains that were accepted when its first refusal came.
    accepted: int
    strikes: int = 0
    pauses: int = 0
    until_s: float = 0.0
    answer: str = ""
    #: Whether a mail goes that tests the domain after a pause.
    is_tested: bool = False


class Pauses:
    """The paused domains of one edition.

    After a pause a single mail goes first; the others follow when it is accepted. Times are
    seconds of a clock that is never set, such as `time.monotonic()`.
    """

    def __init__(self) -> None:
        """Start with no domain paused."""
        self._domains: dict[str, _Domain] = {}
        self._accepted = 0

    def left_s(self, domain: str, now_s: float) -> float:
        """Return the seconds that a domain is still paused; 0 if it is not."""
        found = self._domains.get(domain)
        left_s = found.until_s - now_s if found else 0.0
        return left_s if left_s > SOON_S else 0.0

    def wait_s(self, domain: str, now_s: float) -> float:
        """Return the seconds until a mail to a domain may go; 0 if one may go now."""
        found = self._domains.get(domain)
        if found is None:
            return 0.0
        return self.left_s(domain, now_s) or (_ASK_AGAIN_S if found.is_tested else 0.0)

    def take(self, domain: str) -> None:
        """Count a mail that goes now."""
        found = self._domains.get(domain)
        if found and found.pauses:
            found.is_tested = True

    def end(self, domain: str) -> None:
        """Count the end of a mail, whatever it was."""
        if found := self._domains.get(domain):
            found.is_tested = False

    def end_all(self) -> None:
        """Note that no mail is being handed over."""
        for found in self._domains.values():
            found.is_tested = False

    def accepted(self, domain: str) -> None:
        """Forget the refusals of a domain that accepted a mail."""
        self._accepted += 1
        if self._domains:
            self._domains.pop(domain, None)

    def refused(self, domain: str, answer: str, now_s: float) -> None:
        """Count a refusal that is not the recipient's; a few of them pause the domain."""
        found = self._domains.setdefault(domain, _Domain(accepted=self._accepted))
        if self.left_s(domain, now_s):  # it was sent before the pause
            return
        found.strikes += 1
        found.answer = answer
        others_accept = self._accepted > found.accepted
        if found.pauses or found.strikes >= (MAX_STRIKES if others_accept else _MAX_STRIKES_ALONE):
            found.until_s = now_s + _PAUSES_S[min(found.pauses, len(_PAUSES_S) - 1)]
            found.pauses += 1

    def paused(self, now_s: float) -> Iterator[tuple[str, str, float]]:
        """Yield the paused domains: name, last refusal, seconds left."""
        for name, found in self._domains.items():
            if found.until_s > now_s:
                yield name, found.answer, found.until_s - now_s
