"""The signals that end a process cleanly."""

from __future__ import annotations

import signal


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return SIGTERM, Ctrl-C, and SIGHUP, which a terminal or a connection sends as it closes.

    SIGHUP is left out where the caller ignores it, as `nohup` does.
    """
    asked = (signal.SIGTERM, signal.SIGINT)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return asked
    return (*asked, signal.SIGHUP)
