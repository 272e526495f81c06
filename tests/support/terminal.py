"""A program at a terminal: what the screen shows is read, answers are typed."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self


@dataclass
class Terminal:
    """A program that runs at a terminal; leave its context to wait for its end."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    #: Everything that was shown.
    shown: str = ""
    code: int | None = None
    _read: int = 0
    _screen: int = field(default=-1, init=False)

    def __enter__(self) -> Self:
        self._screen, keyboard = pty.openpty()
        self._process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=os.environ | self.environment,
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
            start_new_session=True,
            # A shell starts its background jobs without Ctrl-C.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        os.close(keyboard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if error is not None:
            self._process.kill()
        while self._show(120):
            pass
        self.code = self._process.wait(timeout=120)
        os.close(self._screen)

    def answer(self, question: str, line: str) -> None:
        """Wait until the screen shows a question that was not answered yet, then type a line."""
        self.wait_for(question)
        os.write(self._screen, f"{line}\n".encode())

    def interrupt(self, question: str) -> None:
        """Wait for a question, then interrupt the program as Ctrl-C does."""
        self.wait_for(question)
        time.sleep(0.5)  # a person is not faster; by then the program waits for the answer
        self._process.send_signal(signal.SIGINT)

    def wait_for(self, words: str) -> None:
        """Wait until the screen shows these words after those that were waited for last."""
        end = time.monotonic() + 120
        while words not in self.shown[self._read :]:
            assert time.monotonic() < end, f"{words!r} was not shown:\n{self.shown}"
            assert self._show(end - time.monotonic()), f"ended before {words!r}:\n{self.shown}"
        self._read = self.shown.index(words, self._read) + len(words)

    def _show(self, timeout_s: float) -> bool:
        """Read more of the screen; return False at the end."""
        ready, _, _ = select.select([self._screen], [], [], max(timeout_s, 0))
        if not ready:
            return False
        try:
            more = os.read(self._screen, 65536)
        except OSError:  # Linux, when the program has ended
            return False
        self.shown += more.decode("utf-8", "replace")
        return bool(more)
