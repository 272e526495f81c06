"""Hands mails over on one open connection.

Where the server offers PIPELINING (RFC 2920), MAIL, RCPT and DATA of a mail travel together, and
those of the next mail behind the content of this one: one round trip and one commit for each mail.
Else each command waits for its reply. Either way the mark `handing` is committed before the first
byte of its mail's content. The step, never the kind of error, decides what a broken connection
means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic

from digest.models import Reply
from digest.sender.attempt import Attempt, Fate
from digest.sender.relays import RelayState
from digest.sender.replies import CLOSING, LATER, SESSION_LIMIT, Phase, is_expected, judge
from digest.sender.smtp.envelope import (
    ENVELOPE,
    Envelope,
    Offer,
    content_of,
    envelope_of,
    why_unfit,
)
from digest.sender.smtp.wire import LostError, Wire
from digest.sender.work import Job, Work

_MAX_REPLY_CHARS = 500
_QUIT_TIMEOUT_S = 5.0
_RESET = b"RSET\r\n"
#: RFC 3463 section 3.6 has the code.
_TOO_MANY = re.compile(r"\A[45]\.5\.3\b|\btoo many (?:recipient|rcpt)s?\b", re.IGNORECASE)
#: Stands for a reply that a lost connection did not give.
_NO_REPLY = Reply(code=CLOSING, text="")


class Session:
    """One session with a relay: open, secured, logged in."""

    def __init__(self, state: RelayState, wire: Wire, offer: Offer) -> None:
        """Take over a session that is ready for commands."""
        relay = state.relay
        self._state = state
        self._relay = relay
        self._name = relay.name
        self._wire = wire
        self._offer = offer
        self._is_pipelined = offer.has_pipelining and relay.pipeline != "off"
        self._messages = 0
        self._has_accepted = False
        #: Whether the server takes no more mails in this session.
        self._is_spent = False
        self._job: Job | None = None
        #: The step that the mail in hand has reached.
        self._phase = Phase.MAIL
        #: The mail whose envelope travels behind the content of the one in hand.
        self._next: Job | None = None

    def can_send(self) -> bool:
        """Return whether another message may be sent over this connection."""
        return self._wire.is_open and self._has_room and not self._state.is_held(monotonic())

    @property
    def _has_room(self) -> bool:
        return self._messages < self._relay.messages_per_connection and not self._is_spent

    @property
    def _is_chained(self) -> bool:
        """Whether the next envelope travels behind the content of the mail in hand."""
        is_auto = self._is_pipelined and self._relay.pipeline == "auto"
        return is_auto and self._state.takes_chains

    async def send(self, work: Work) -> None:
        """Hand over mails until there is none, or this connection has done its part."""
        try:
            while self.can_send():
                job = work.take(self._state) or await work.next(self._state)
                if job is None:
                    break
                if not self.can_send():  # closed by the server meanwhile
                    work.put_back(job)
                    break
                is_open = await self._open(job, work)
                while is_open:
                    is_open = await self._hand_over(work)
        except LostError as lost:
            await self._part(work, lost)

    async def close(self) -> None:
        """Send QUIT if the session is in step, and close the connection."""
        if self._wire.is_open and self._job is None:
            with suppress(LostError):
                self._wire.send(b"QUIT\r\n", replies=1)
                await self._wire.reply(_QUIT_TIMEOUT_S)
        self._wire.end("closed")

    # --- the envelope -----------------------------------------------------------------------------

    async def _open(self, job: Job, work: Work) -> bool:
        """Send the envelope; return True if the server waits for the content, which is marked."""
        self._take(job)
        if unfit := why_unfit(job.message, self._offer):
            await self._end(work, replace(unfit, relay=self._name))
            return False
        envelope = envelope_of(job.message, self._offer)
        if not self._is_pipelined:
            return await self._open_in_steps(job, envelope, work)
        self._wire.send(envelope.commands, replies=len(ENVELOPE))
        replies = await self._envelope_replies()
        if are_expected(*replies):  # nearly always
            self._phase = Phase.DATA
            return await self._mark(work)
        if self._may_be_spent(*replies):
            return self._leave_to_another(job, work, replies[0])
        return await self._is_accepted(replies, work) and await self._mark(work)

    def _may_be_spent(self, mail: Reply, *others: Reply) -> bool:
        """Whether a mail is refused because the session has had its mails; a new one shows it.

        Some servers close the session then. Others refuse each further mail of it, with codes and
        words of their own, or its one recipient as one too many. A refusal counts in a session
        that has accepted no mail.
        """
        if mail.code == CLOSING:
            return self._messages > 1 and _is_end_of_session(mail)
        is_refused = mail.code >= 400 or any(map(is_one_too_many, others[:1]))
        return is_refused and self._has_accepted and all(reply.code >= 400 for reply in others)

    def _leave_to_another(self, job: Job, work: Work, mail: Reply) -> bool:
        """Put back a mail that this session does not take any more; return False."""
        if mail.code == CLOSING:
            self._wire.end("closed by the server")
        self._is_spent = True
        self._job = None
        work.put_back(job)
        return False

    async def _open_in_steps(self, job: Job, envelope: Envelope, work: Work) -> bool:
        replies: list[Reply] = []
        for phase, command in envelope.steps:
            if phase is Phase.DATA and not await self._mark(work):
                return False
            self._wire.send(command, replies=1)
            self._phase = phase
            reply = await self._envelope_reply(phase)
            replies.append(reply)
            if self._may_be_spent(*replies):
                return self._leave_to_another(job, work, replies[0])
            if not is_expected(phase, reply):
                await self._refuse(work, phase, reply)
                return False
        return True

    async def _envelope_reply(self, phase: Phase) -> Reply:
        timeouts = self._relay.timeouts
        return await self._wire.reply(
            timeouts.data_s if phase is Phase.DATA else timeouts.command_s
        )

    async def _envelope_replies(self) -> list[Reply]:
        """Return the replies to commands that travelled together.

        What the server said before it closed the connection counts; the rest is `_NO_REPLY`.
        """
        replies: list[Reply] = []
        for phase in ENVELOPE:
            # Nothing follows the closing word of a server (RFC 5321 section 3.8).
            if replies and replies[-1].code == CLOSING:
                replies.append(replies[-1])
                continue
            if replies and (rest := self._wire.ready(len(ENVELOPE) - len(replies))):
                return replies + rest
            try:
                replies.append(await self._envelope_reply(phase))
            except LostError:
                if self._wire.is_out_of_step:
                    raise
                replies.append(_NO_REPLY)
        return replies

    async def _is_accepted(self, replies: Sequence[Reply], work: Work) -> bool:
        """Read the replies to MAIL, RCPT and DATA that travelled together."""
        mail, rcpt, data = replies
        for phase, reply in zip(ENVELOPE, replies, strict=True):
            self._phase = phase
            if not is_expected(phase, reply):
                is_waiting = data.code < 400
                # Without a recipient a lone dot ends the transaction (RFC 2920 section 3.1); with
                # one it would mail an empty message.
                if is_waiting and (rcpt.code < 400 or not is_in_step(mail, rcpt, data)):
                    self._wire.end("out of step")
                await self._refuse(work, phase, reply, is_waiting=is_waiting)
                return False
        return True

    async def _refuse(
        self, work: Work, phase: Phase, reply: Reply, *, is_waiting: bool = False
    ) -> None:
        """End the mail in hand after a refused command, and leave its transaction."""
        attempt = self._attempt(phase, reply)
        if attempt.fate is Fate.RETURNED:  # closing, or out of step
            self._wire.end("closed by the server")
        await self._end(work, attempt)
        if self._wire.is_open:
            await self._leave(b".\r\n" if is_waiting else _RESET)

    async def _leave(self, command: bytes) -> None:
        """Leave the transaction; the next MAIL would be nested in it."""
        self._wire.send(command, replies=1)
        timeouts = self._relay.timeouts
        is_reset = command is _RESET
        reply = await self._wire.reply(timeouts.command_s if is_reset else timeouts.content_s)
        if reply.code == CLOSING or (is_reset and reply.code // 100 != 2):
            self._wire.end("RSET refused")

    # --- the content ------------------------------------------------------------------------------

    async def _mark(self, work: Work) -> bool:
        """Commit the mark; without it the transaction is left."""
        assert self._job is not None  # noqa: S101 - for the type checker
        if await work.hand(self._job):
            return True
        await self._end(work, Attempt(fate=Fate.SKIPPED))
        if self._is_pipelined:  # the server waits for content: there is no way back
            self._wire.end("not to be sent")
        else:
            await self._leave(_RESET)
        return False

    async def _hand_over(self, work: Work) -> bool:
        """Send the content, and the next envelope behind it.

        Returns:
            Whether the server waits for the content of the next mail, which is marked.
        """
        assert self._job is not None  # noqa: S101 - for the type checker
        commands = self._chain(work)
        content, end = content_of(self._job.message)
        asked = len(ENVELOPE) if commands else 0
        self._wire.send(content, end + commands, replies=1 + asked)
        self._phase = Phase.CONTENT
        reply = await self._wire.reply(self._relay.timeouts.content_s)
        refused = None if is_expected(Phase.CONTENT, reply) else self._attempt(Phase.CONTENT, reply)
        if refused and (reply.code == CLOSING or refused.fate is Fate.UNKNOWN):
            self._wire.end("closed by the server")
        # Before the record: a reply too many shows that this one may not be the content's.
        replies: Sequence[Reply] = ()
        if asked:
            replies = self._wire.ready(asked) or await self._envelope_replies()
        is_as_hoped = replies and are_expected(*replies)
        if replies and not is_as_hoped and not is_in_step(*replies):
            self._wire.end("unasked answer")
            raise LostError("unasked answer")
        if refused:
            await self._end(work, refused)
        else:
            self._has_accepted = True
            if work.sent(self._job, self._said(reply), self._name):
                self._job = None
            else:
                await self._end(work, self._attempt(Phase.CONTENT, reply))
        if self._next is None:
            return False
        following, self._next = self._next, None
        if is_as_hoped:  # nearly always
            self._take(following)
            self._phase = Phase.DATA
            return await self._mark(work)
        if replies[0] is _NO_REPLY or _is_end_of_session(replies[0]):
            self._wire.end("closed by the server")  # with the mail before it
            work.put_back(following)
            return False
        if may_be_out_of_place(*replies):
            self._state.takes_chains = False
            work.put_back(following)
            return False
        if self._may_be_spent(*replies):
            return self._leave_to_another(following, work, replies[0])
        self._take(following)
        return await self._is_accepted(replies, work) and await self._mark(work)

    def _chain(self, work: Work) -> bytes:
        """Take the next mail if its envelope can travel behind this content; return its commands.

        Without such a mail there are none.
        """
        if not self._is_chained or not self._has_room:
            return b""
        self._next = work.take(self._state)
        if self._next is None:
            return b""
        if why_unfit(self._next.message, self._offer):
            work.put_back(self._next)
            self._next = None
            return b""
        return envelope_of(self._next.message, self._offer).commands

    # --- ends -------------------------------------------------------------------------------------

    def _take(self, job: Job) -> None:
        self._job, self._phase = job, Phase.MAIL
        self._messages += 1

    async def _end(self, work: Work, attempt: Attempt) -> None:
        assert self._job is not None  # noqa: S101 - for the type checker
        job, self._job = self._job, None
        await work.end(job, attempt)

    async def _part(self, work: Work, lost: LostError) -> None:
        """End the mail in hand after a lost connection, and put the next one back."""
        if self._next is not None:
            following, self._next = self._next, None
            work.put_back(following)
        if self._job is None:
            return
        is_in_doubt = self._phase is Phase.CONTENT
        fate = Fate.UNKNOWN if is_in_doubt else Fate.RETURNED
        reason = f"{self._phase}: {lost}"
        await self._end(work, Attempt(fate=fate, reason=reason, relay=self._name))

    def _said(self, reply: Reply) -> Reply:
        """Return a reply as it is stored: without the recipient's address, and not too long.

        Servers repeat the address as it is, or in lower case.
        """
        if "@" not in reply.text and len(reply.text) <= _MAX_REPLY_CHARS:
            return reply
        assert self._job is not None  # noqa: S101 - for the type checker
        text, recipient = reply.text, self._job.message.recipient
        if recipient.lower() in text.lower():  # many name other addresses, such as the Message-ID
            text = re.sub(re.escape(recipient), "the recipient", text, flags=re.IGNORECASE)
        return Reply(code=reply.code, text=text[:_MAX_REPLY_CHARS])

    def _attempt(self, phase: Phase, reply: Reply) -> Attempt:
        assert self._job is not None  # noqa: S101 - for the type checker
        if reply is _NO_REPLY:
            reason = f"{phase}: {self._wire.fault}"
            return Attempt(fate=Fate.RETURNED, reason=reason, relay=self._name)
        said = self._said(reply)
        if phase is Phase.CONTENT and is_expected(phase, reply):
            return Attempt(fate=Fate.SENT, reply=said, relay=self._name)
        verdict = judge(phase, said)
        return Attempt(
            fate=verdict.fate,
            fault=verdict.fault,
            reply=said,
            relay=self._name,
            is_of_relay=phase is Phase.MAIL,
            is_only_later=verdict.rule == LATER and reply.code != CLOSING,
        )


def _is_end_of_session(mail: Reply) -> bool:
    """Whether a server closes a session after some mails, as many do; no other reason is given."""
    return mail.code == CLOSING and judge(Phase.MAIL, mail).rule in (LATER, SESSION_LIMIT)


def is_one_too_many(rcpt: Reply) -> bool:
    """Whether a recipient is refused as one too many: a mail has only one, a session more.

    552 says so for now as 452 does (RFC 5321 section 4.5.3.1.10).
    """
    is_for_now = rcpt.code // 100 == 4 or rcpt.code == 552
    return is_for_now and _TOO_MANY.search(rcpt.text) is not None


def are_expected(mail: Reply, rcpt: Reply, data: Reply) -> bool:
    """Whether the server waits for the content after these replies to MAIL, RCPT and DATA."""
    return mail.code // 100 == rcpt.code // 100 == 2 and data.code == 354


def may_be_out_of_place(mail: Reply, rcpt: Reply, data: Reply) -> bool:
    """Whether a server may refuse commands only because they came behind the content.

    Haraka does so against smuggled mails, although it offers PIPELINING. If the same commands are
    refused when they come apart, the refusal counts.
    """
    return mail.code >= 500 and min(rcpt.code, data.code) >= 400


def is_in_step(mail: Reply, rcpt: Reply, data: Reply) -> bool:
    """Whether three replies can be those to MAIL, RCPT and DATA."""
    is_asked = data.code == 354 or data.code >= 400
    # No server accepts a recipient of a mail that it has refused.
    is_ordered = mail.code < 400 or rcpt.code >= 400
    return is_asked and is_ordered and 3 not in (mail.code // 100, rcpt.code // 100)
