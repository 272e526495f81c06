"""A mail server for tests that answers as a script says.

A script names an address and a step and the action there: bytes to write, seconds to
wait, `close` or `reset`. Everything else is answered as a good server would.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

#: The action at one step of a script.
Action = bytes | float | Literal["close", "reset"]
#: MAIL is keyed by the sender, RCPT, DATA, `middle`, `dot` and `lone dot` by the recipient; `*` is
#: anyone. `greeting`, EHLO, STARTTLS, AUTH, RSET and QUIT have only `*`.
Key = tuple[str, str]

_TOO_BIG = b"552 5.3.4 message too big\r\n"
_OFFERED_SIZE = re.compile(r"^SIZE (\d+)$", re.MULTILINE)
_SIZE = re.compile(r"\bSIZE=(\d+)")
_ADDRESS = re.compile(r"<([^>]*)>")
#: What a good server says.
GOOD = {
    "greeting": b"220 sink ESMTP\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go on\r\n",
    "dot": b"250 2.0.0 queued\r\n",
    #: The end of content that has no recipient (RFC 2920 section 3.1).
    "lone dot": b"554 5.5.1 no valid recipients\r\n",
    "STARTTLS": b"220 2.0.0 go on\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "NOOP": b"250 2.0.0 ok\r\n",
}


def say(line: str) -> bytes:
    """Return one line of an answer."""
    return line.encode() + b"\r\n"


class _Gone(Exception):
    """The script ended the connection."""


@dataclass(kw_only=True)
class ScriptedSink:
    """`async with ScriptedSink(...) as sink:` serves on `sink.port`.

    Each command gets its own reply, in order, also if several arrive in one packet (RFC 2920).
    """

    script: Mapping[Key, tuple[Action, ...]] = field(default_factory=dict)
    #: Keys of the script that hold for their first time only.
    once: frozenset[Key] = frozenset()
    extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8")
    #: Encrypt from the first byte.
    tls: ssl.SSLContext | None = None
    #: Offer STARTTLS, and a login only after it.
    starttls: ssl.SSLContext | None = None
    #: The required `name:password`; empty if no login is required.
    login: str = ""
    #: What is offered for the login.
    mechanisms: str = "PLAIN"
    #: After this many accepted mails, `*` of the script holds; before, everything is accepted.
    kind_for: int = 0
    #: Further connections get 421.
    most_connections: int = 1000
    #: Mails of one connection; each further MAIL, or RCPT, is answered with `no_more`.
    most_mails: int = 1_000_000
    no_more_at: str = "MAIL"
    #: After 421 the connection is closed.
    no_more: bytes = say("421 4.7.0 too many mails in one connection")
    #: The answer to each command that comes behind content; empty: it is read.
    refuses_chains: str = ""
    #: Recipients in each second since the first, the last number for all seconds that follow.
    per_second: tuple[int, ...] = ()
    #: What the recipients over this limit are answered.
    too_fast: tuple[Action, ...] = (b"450 4.7.1 too fast\r\n",)
    #: How often content was accepted, by recipient; a script's `dot` of 2yz counts.
    accepted: Counter[str] = field(default_factory=Counter)
    #: How often a recipient's content was asked for.
    begun: Counter[str] = field(default_factory=Counter)
    #: As the client meant them: without the dots that it added.
    contents: list[bytes] = field(default_factory=list)
    #: The recipient of each of these.
    recipients: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    #: The verbs of those that came without encryption.
    in_clear: set[str] = field(default_factory=set)
    connections: int = 0
    port: int = 0

    async def __aenter__(self) -> Self:
        self._done: set[Key] = set()
        self._seconds: Counter[int] = Counter()
        self._first_at = 0.0
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

    def is_too_big(self, size: int) -> bool:
        """Whether a mail is larger than the SIZE that is offered (RFC 1870)."""
        found = _OFFERED_SIZE.search("\n".join(self.extensions))
        return found is not None and size > int(found.group(1)) > 0

    def is_too_fast(self) -> bool:
        """Count one more recipient in this second; whether it is over the limit."""
        if not self.per_second:
            return False
        now = asyncio.get_running_loop().time()
        self._first_at = self._first_at or now
        second = int(now - self._first_at)
        is_over = self._seconds[second] >= self.per_second[min(second, len(self.per_second) - 1)]
        self._seconds[second] += not is_over
        return is_over


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


def _is_acceptance(actions: tuple[Action, ...]) -> bool:
    """Whether content was accepted: by the last line but a closing 421, or if none was said."""
    words = b"".join(action for action in actions if isinstance(action, bytes))
    lines = words.splitlines()
    final = [line for line in lines if not line.startswith(b"421")] or lines
    return not words or final[-1].startswith((b"2", b"OK"))


class _Session:
    def __init__(
        self, sink: ScriptedSink, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._sink = sink
        self._subscriber = subscriber
        self._writer = writer
        self._is_secure = sink.tls is not None
        self._mails = 0
        self._has_mail = False
        #: The recipient named last, and the one that was accepted.
        self._named = "*"
        self._recipient = ""

    async def serve(self) -> None:
        try:
            if self._sink.connections > self._sink.most_connections:
                await self._act((say("421 4.7.0 too many connections"), "close"))
            await self._answer("*", "greeting")
            while line := await self._subscriber.readline():
                self._sink.commands.append(line.decode("utf-8", "replace").rstrip())
                await self._obey(self._sink.commands[-1])
        except (_Gone, OSError, ValueError):  # ValueError: a line over the limit
            return
        finally:
            self._writer.close()

    async def _obey(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        if not self._is_secure:
            self._sink.in_clear.add(verb)
        found = _ADDRESS.search(line)
        who = found.group(1) if found else "*"
        match verb:
            case "EHLO":
                await self._act(self._sink.actions("*", "EHLO") or (self._extensions(),))
            case "STARTTLS" if self._sink.starttls:
                if (await self._answer("*", verb)).startswith(b"2"):
                    await self._writer.start_tls(self._sink.starttls)
                    self._is_secure = True
            case "AUTH":
                await self._log_in(line)
            case "MAIL":
                await self._mail(who, line)
            case "RCPT":
                await self._rcpt(who)
            case "DATA":
                await self._data()
            case "RSET":
                if (await self._answer("*", verb)).startswith(b"2"):
                    self._has_mail, self._recipient = False, ""
            case "QUIT":
                await self._answer("*", verb)
                raise _Gone
            case _:
                await self._act((GOOD.get(verb, say("502 5.5.1 no such command")),))

    async def _mail(self, sender: str, line: str) -> None:
        if self._has_mail:
            await self._act((say("503 5.5.1 nested MAIL command"),))
        elif self._is_at_most("MAIL"):
            is_end = self._sink.no_more.startswith(b"421")
            await self._act((self._sink.no_more, "close") if is_end else (self._sink.no_more,))
        elif (found := _SIZE.search(line)) and self._sink.is_too_big(int(found.group(1))):
            await self._act((_TOO_BIG,))
        else:
            self._has_mail = (await self._answer(sender, "MAIL")).startswith(b"2")

    def _is_at_most(self, step: str) -> bool:
        return self._mails >= self._sink.most_mails and self._sink.no_more_at == step

    async def _rcpt(self, who: str) -> None:
        self._named = who
        if not self._has_mail:
            await self._act((say("503 5.5.1 MAIL first"),))
        elif self._is_at_most("RCPT"):
            await self._act((self._sink.no_more,))
        elif self._sink.is_too_fast():
            await self._act(self._sink.too_fast)
        elif (await self._answer(who, "RCPT")).startswith(b"2"):
            self._recipient = who

    async def _data(self) -> None:
        refusal = say("554 5.5.1 no valid recipients")
        actions = self._sink.actions(self._named, "DATA") if self._has_mail else (refusal,)
        default = GOOD["DATA"] if self._recipient else refusal
        actions = actions or (default,)
        if any(isinstance(action, bytes) and action[:1] == b"3" for action in actions):
            # Noted first: the script may end the connection.
            self._mails += 1
            self._sink.begun[self._recipient or "no recipient"] += 1
            await self._act(actions)
            await self._take_content()
        else:
            await self._act(actions)

    async def _take_content(self) -> None:
        lines: list[bytes] = []
        while (line := await self._subscriber.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                raise _Gone
            lines.append(line.removeprefix(b"."))
            if len(lines) == 1 and (actions := self._sink.actions(self._named, "middle")):
                await self._act(actions)
        step = "dot" if lines or self._recipient else "lone dot"
        is_too_big = self._sink.is_too_big(sum(map(len, lines)))
        usual = _TOO_BIG if is_too_big else GOOD[step]
        actions = self._sink.actions(self._named, step) or (usual,)
        if step == "dot" and _is_acceptance(actions):
            self._sink.recipients.append(self._recipient or "no recipient")
            self._sink.accepted[self._sink.recipients[-1]] += 1
            self._sink.contents.append(b"".join(lines))
        self._has_mail, self._recipient = False, ""
        refusals = await self._refuse_chained() if self._sink.refuses_chains else ()
        await self._act((*actions, *refusals))

    async def _refuse_chained(self) -> tuple[Action, ...]:
        """Skip the commands that have come with the content; return their refusals."""
        refusals: list[Action] = []
        with suppress(TimeoutError):
            while await asyncio.wait_for(self._subscriber.readline(), 0.05):
                refusals.append(say(self._sink.refuses_chains))
        return tuple(refusals)

    async def _answer(self, who: str, step: str) -> bytes:
        return await self._act(self._sink.actions(who, step) or (GOOD[step],))

    async def _act(self, actions: tuple[Action, ...]) -> bytes:
        """Do the actions; return the bytes that were written."""
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
        return b"".join(action for action in actions if isinstance(action, bytes))

    def _extensions(self) -> bytes:
        offered = ["sink", *self._sink.extensions]
        is_waiting_for_tls = self._sink.starttls is not None and not self._is_secure
        if is_waiting_for_tls:
            offered.append("STARTTLS")
        elif self._sink.login:
            offered.append(f"AUTH {self._sink.mechanisms}")
        lines = [f"250-{word}" for word in offered[:-1]] + [f"250 {offered[-1]}"]
        return say("\r\n".join(lines))

    async def _log_in(self, line: str) -> None:
        """Answer AUTH PLAIN, or ask for the two lines of AUTH LOGIN."""
        if actions := self._sink.actions("*", "AUTH"):
            await self._act(actions)
            return
        if line.upper().startswith("AUTH LOGIN"):
            words = line.split()[2:]
            for question in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n")[len(words) :]:
                await self._act((question,))
                words.append((await self._subscriber.readline()).decode("ascii").strip())
            given = b"\0".join((b"", *map(base64.b64decode, words)))
        else:
            given = base64.b64decode(line.split()[-1])
        is_right = given.decode() == "\0" + self._sink.login.replace(":", "\0", 1)
        await self._act((say("235 2.7.0 welcome") if is_right else say("535 5.7.8 wrong"),))
