"""Decides how many connections a relay gets: few at first, more as it accepts mails."""

from __future__ import annotations

_START = 2
#: Accepted mails for one more connection.
_MAILS = 4
#: The same after the relay asked for fewer connections, for each that is open.
_MAILS_AFTER_CUT = 16
#: Connections that are refused together are one refusal, in seconds.
_TOGETHER_S = 5.0
#: After this time a refused number of connections is tried again, in seconds.
_FORGOTTEN_S = 600.0


class Window:
    """The number of connections that a relay gets now.

    Times are seconds of a clock that is never set, such as `time.monotonic()`.
    """

    __slots__ = ("_accepted", "_ceiling", "_ceiling_until_s", "_cut_s", "_is_cut", "_size", "most")

    def __init__(self, most: int) -> None:
        """Start with two connections, or `most` if that is less."""
        self.most = most
        self._size = min(_START, most)
        #: Accepted mails since the last change.
        self._accepted = 0
        self._is_cut = False
        self._cut_s = float("-inf")
        self._ceiling = most
        self._ceiling_until_s = float("-inf")

    def size(self, now_s: float) -> int:
        """Return the number of connections that may be open."""
        if self._ceiling < self.most and now_s >= self._ceiling_until_s:
            self._ceiling = self.most
        return min(self._size, self._ceiling)

    def accepted(self) -> None:
        """Count an accepted mail; after some of them there may be one more connection."""
        if self._size >= self._ceiling:
            return
        self._accepted += 1
        if self._accepted >= (_MAILS_AFTER_CUT * self._size if self._is_cut else _MAILS):
            self._accepted = 0
            self._size += 1

    def cut(self, now_s: float) -> None:
        """Halve the connections: the relay closed one, or said that mails come too fast."""
        if now_s - self._cut_s < _TOGETHER_S:
            return
        self._cut_s, self._is_cut, self._accepted = now_s, True, 0
        self._size = max(1, self.size(now_s) // 2)

    def refused(self, opened: int, now_s: float) -> None:
        """Stay at the connections that are open: the relay refused one more.

        Args:
            opened: the number that is open; at least one, else the relay is down.
            now_s: the time.
        """
        self._ceiling = max(1, min(opened, self._ceiling))
        self._ceiling_until_s = now_s + _FORGOTTEN_S
        self._size = min(self._size, self._ceiling)
        self._is_cut, self._accepted = True, 0
