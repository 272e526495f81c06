"""Compares sending with the ledger to aiosmtplib alone, with the same server.

The peer records nothing, like a simple script, and its message is already built. Ours claims each
delivery, marks it `handing` on the disk before the content is sent, and records the result.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

import aiosmtplib

from bench.report import Figure, median_ratio
from bench.sink import running_sink
from digest.models import Delivery, Message
from digest.sender.relay import Relay
from digest.sender.request import SendRequest
from digest.sender.run import run_edition
from digest.sender.smtp.mailer import SmtpMailer
from tests.support.ledger_rows import build, fixed_clock, open_ledger

ROUNDS, SUBSCRIBERS, CONNECTIONS, SIZE = 4, 2_000, 4, 30_000


def measure() -> Figure:
    """Return our rate relative to the peer's."""
    rounds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_sink(folder) as port:
            for number in range(ROUNDS):
                peer_s = asyncio.run(_send_plainly(port))
                ours_s = asyncio.run(_send_with_ledger(folder / f"{number}.db", port))
                rounds.append((peer_s, ours_s))
    peer_s, ours_s = rounds[-1]
    return Figure(
        name=f"sending {SUBSCRIBERS:,} mails of {SIZE // 1000} KB over {CONNECTIONS} connections",
        peer="aiosmtplib's `sendmail`, which records nothing",
        ratio=median_ratio(rounds),
        unit="of its rate, with the whole ledger",
        detail=f"{SUBSCRIBERS / ours_s:.0f} per second against {SUBSCRIBERS / peer_s:.0f}",
    )


_FILLER = b"Words of a post, as they stand in a mail of this size.\r\n" * (SIZE // 56)


def _sized(delivery: Delivery) -> Message:
    message = build(delivery)
    return Message(
        message_id=message.message_id,
        sender=message.sender,
        recipient=message.recipient,
        content=message.content + _FILLER,
    )


async def _send_with_ledger(path: Path, port: int) -> float:
    database = open_ledger(path, SUBSCRIBERS)
    relay = Relay(host="127.0.0.1", port=port, security="none")
    request = SendRequest(
        edition_id=1,
        build=_sized,
        open_mailer=lambda: SmtpMailer((relay,)),
        connections=CONNECTIONS,
    )
    started = perf_counter()
    report = await run_edition(database, request, clock=fixed_clock())
    if report.sent != SUBSCRIBERS:
        raise RuntimeError(f"only {report.sent} of {SUBSCRIBERS} mails were sent")
    return perf_counter() - started


async def _send_plainly(port: int) -> float:
    content = b"Message-ID: <x@example.org>\r\nSubject: x\r\n\r\n" + _FILLER
    waiting = iter(range(SUBSCRIBERS))

    async def work() -> None:
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, use_tls=False, start_tls=False
        ) as client:
            for number in waiting:
                await client.sendmail("a@example.org", [f"r{number}@example.org"], content)

    started = perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return perf_counter() - started
