"""A mail server for tests that answers as a script says.

A script names an address and a step and the action there: bytes to write, seconds to
wait, `close` or `reset`. Everything else is answered as a good server would. Run as a program
(`python -m tests.support.smtp_sink PORT_FILE LOG [EXTENSION]`) it is a slow server that writes each
Message-ID to a file before it answers.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import re
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

#: The action at one step of a script.
Action = bytes | float | Literal["close", "reset"]
#: MAIL is keyed by the sender, RCPT, DATA, `middle` and `dot` by the recipient; `*` is anyone.
#: `greeting` and `EHLO` have only `*`.
Key = tuple[str, str]

_ADDRESS = re.compile(r"<([^>]*)>")
_GOOD = {
    "greeting": b"220 sink ESMTP\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go on\r\n",
    "dot": b"250 2.0.0 queued\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "NOOP": b"250 2.0.0 ok\r\n",
}


def say(line: str) -> bytes:
    """Return one line of an answer."""
    return line.encode() + b"\r\n"


def _hello(*words: str) -> bytes:
    """Return the answer to EHLO: a name, and extensions."""
    lines = [f"250-{word}" for word in words[:-1]] + [f"250 {words[-1]}"]
    return say("\r\n".join(lines))


class _Gone(Exception):
    """The script ended the connection."""


@dataclass(kw_only=True)
class ScriptedSink:
    """`async with ScriptedSink(...) as sink:` serves on `sink.port`."""

    script: Mapping[Key, tuple[Action, ...]] = field(default_factory=dict)
    #: Keys of the script that hold for their first time only.
    once: frozenset[Key] = frozenset()
    extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8")
    #: Encrypt from the first byte.
    tls: ssl.SSLContext | None = None
    #: Offer STARTTLS.
    starttls: ssl.SSLContext | None = None
    #: The required `name:password`; empty if no login is required.
    login: str = ""
    #: After this many accepted mails, `*` of the script holds; before, everything is accepted.
    kind_for: int = 0
    #: What AUTH is answered; None: by `login`.
    auth_answer: bytes | None = None
    #: Further connections get 421.
    most_connections: int = 1000
    #: How often content was accepted, by recipient; a script's `dot` that starts with 2 counts.
    accepted: Counter[str] = field(default_factory=Counter)
    contents: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def __aenter__(self) -> Self:
        self._done: set[Key] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, ssl=self.tls, limit=1 << 20
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(_Session(self, subscriber, writer).serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def actions(self, who: str, step: str) -> tuple[Action, ...] | None:
        """Return the script's answer for a step; None if it has none."""
        if self.accepted.total() < self.kind_for:
            return None
        for key in ((who, step), ("*", step)):
            if key in self.script and key not in self._done:
                if key in self.once:
                    self._done.add(key)
                return self.script[key]
        return None


@contextmanager
def serving(sink: ScriptedSink) -> Iterator[ScriptedSink]:
    """Serve in a thread of its own, for a client that is another process."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(30)

    run(sink.__aenter__())
    try:
        yield sink
    finally:
        run(sink.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


class _Session:
    def __init__(
        self, sink: ScriptedSink, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._sink = sink
        self._subscriber = subscriber
        self._writer = writer
        self._is_secure = sink.tls is not None
        self._has_mail = False
        self._recipient = ""

    async def serve(self) -> None:
        try:
            if self._sink.connections > self._sink.most_connections:
                await self._act((say("421 4.7.0 too many connections"), "close"))
            await self._answer("*", "greeting")
            while line := await self._subscriber.readline():
                self._sink.commands.append(line.decode("utf-8", "replace").rstrip())
                await self._obey(self._sink.commands[-1])
        except (_Gone, OSError):
            return
        finally:
            self._writer.close()

    async def _obey(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        found = _ADDRESS.search(line)
        who = found.group(1) if found else self._recipient or "*"
        match verb:
            case "EHLO":
                await self._act(self._sink.actions("*", "EHLO") or (self._extensions(),))
            case "STARTTLS" if self._sink.starttls:
                await self._act((say("220 go"),))
                await self._writer.start_tls(self._sink.starttls)
                self._is_secure = True
            case "AUTH":
                await self._act((self._sink.auth_answer or self._login_answer(line),))
            case "MAIL" if self._has_mail:
                await self._act((say("503 5.5.1 nested MAIL command"),))
            case "MAIL":
                self._has_mail = (await self._answer(who, verb)).startswith(b"2")
            case "RCPT":
                said = await self._answer(who, verb)
                self._recipient = who if said.startswith(b"2") else ""
            case "DATA":
                if (await self._answer(who, verb)).startswith(b"3"):
                    await self._take_content()
            case "RSET":
                self._has_mail, self._recipient = False, ""
                await self._answer("*", verb)
            case "QUIT":
                await self._act((say("221 bye"), "close"))
            case _:
                await self._act((_GOOD.get(verb, say("502 5.5.1 no such command")),))

    async def _take_content(self) -> None:
        lines: list[bytes] = []
        while (line := await self._subscriber.readline()) != b".\r\n":
            if not line:
                raise _Gone
            lines.append(line)
            if len(lines) == 1 and (actions := self._sink.actions(self._recipient, "middle")):
                await self._act(actions)
        actions = self._sink.actions(self._recipient, "dot") or (_GOOD["dot"],)
        words = [action for action in actions if isinstance(action, bytes)]
        if not words or words[0].startswith((b"2", b"OK")):
            self._sink.accepted[self._recipient] += 1
            self._sink.contents.append(b"".join(lines))
        self._has_mail, self._recipient = False, ""
        await self._act(actions)

    async def _answer(self, who: str, step: str) -> bytes:
        actions = self._sink.actions(who, step) or (_GOOD[step],)
        await self._act(actions)
        return b"".join(action for action in actions if isinstance(action, bytes))

    async def _act(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            if isinstance(action, bytes):
                self._writer.write(action)
                await self._writer.drain()
            elif isinstance(action, float):
                await asyncio.sleep(action)
            else:
                if action == "reset":
                    self._writer.transport.abort()
                raise _Gone

    def _extensions(self) -> bytes:
        offered = ["sink", *self._sink.extensions]
        if self._sink.starttls and not self._is_secure:
            offered.append("STARTTLS")
        if self._sink.login:
            offered.append("AUTH PLAIN")
        return _hello(*offered)

    def _login_answer(self, line: str) -> bytes:
        name, _, password = self._sink.login.partition(":")
        given = base64.b64decode(line.split()[-1]).decode()
        is_right = given == f"\0{name}\0{password}"
        return say("235 2.7.0 welcome") if is_right else say("535 5.7.8 wrong")


# --- the slow server as a program ---------------------------------------------------------------


#: Bytes of one line in the log of the slow server, so that a file's size tells how many mails.
LOG_LINE = 256


def gate_of(log: Path) -> Path:
    """Return the file with the number of mails after which the slow server waits; it may lack."""
    return log.with_suffix(".gate")


class SlowSink:
    """Accepts the content, logs its Message-ID and recipient, and answers up to 10 ms later.

    At its gate it answers only when the gate was moved, so that a client is not done before the
    test has looked.
    """

    def __init__(self, log: Path, *extensions: str) -> None:
        self._hello = _hello("sink", *extensions)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._gate = gate_of(log)

    async def serve(self, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it disconnects."""
        writer.write(_GOOD["greeting"])
        recipient = b""
        try:
            while line := await subscriber.readline():
                verb = line[:4].upper().decode()
                if verb == "RCPT":
                    recipient = line[line.index(b"<") + 1 : line.index(b">")]
                if verb == "DATA":
                    await self._take_content(recipient, subscriber, writer)
                else:
                    writer.write(_GOOD.get(verb, say("221 bye") if verb == "QUIT" else self._hello))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client was killed, as the test intends
        finally:
            writer.close()

    async def _take_content(
        self, recipient: bytes, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(_GOOD["DATA"])
        content = await subscriber.readuntil(b"\r\n.\r\n")
        found = re.search(rb"^Message-ID:\s*(\S+)", content, re.MULTILINE | re.IGNORECASE)
        message_id = found.group(1) if found else b"none"
        os.write(self._log, (message_id + b" " + recipient).ljust(LOG_LINE - 1) + b"\n")
        await asyncio.sleep(random.uniform(0, 0.01))
        while self._is_at_gate():  # noqa: ASYNC110  # the gate is a file of another process
            await asyncio.sleep(0.01)
        writer.write(_GOOD["dot"])

    def _is_at_gate(self) -> bool:
        try:
            most = int(self._gate.read_text("ascii"))
        except FileNotFoundError:
            return False
        return os.fstat(self._log).st_size // LOG_LINE > most


async def _serve_slowly(port_file: Path, log: Path, *extensions: str) -> None:
    sink = SlowSink(log, *extensions)
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=1 << 22)
    part = port_file.with_suffix(".part")
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(port_file)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve_slowly(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
