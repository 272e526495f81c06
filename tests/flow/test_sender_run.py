from __future__ import annotations

from pathlib import Path

import pytest

from digest.models import DeliveryState
from digest.sender.plan import SendPlan
from digest.sender.relay import Relay
from digest.sender.run import run_edition
from digest.sender.smtp import SmtpMailer
from tests.ledger_rows import address, build, fixed_clock, open_ledger, states
from tests.smtp_sink import ScriptedSink


def plan_to(*relays: Relay, connections: int = 2) -> SendPlan:
    return SendPlan(
        edition_id=1,
        build=build,
        open_mailer=lambda: SmtpMailer(relays),
        connections=connections,
    )


def relay_to(port: int) -> Relay:
    return Relay(host="127.0.0.1", port=port, security="none")


@pytest.mark.anyio
async def test_everybody_is_sent_one_mail(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 300)
    async with ScriptedSink() as sink:
        report = await run_edition(database, plan_to(relay_to(sink.port)), clock=fixed_clock())
    assert report.sent == 300
    assert set(states(database).values()) == {DeliveryState.SENT}
    assert sink.accepted == {address(number): 1 for number in range(1, 301)}
