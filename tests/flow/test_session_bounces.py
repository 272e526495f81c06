"""What mail servers say of recipients during a send: the commands, and weeks of `digest run`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.models import Message, Reply
from digest.sender.attempt import Attempt, Fate, Fault
from tests.support.desk_work import Desk
from tests.support.life import SLOT, Letterbox, Life
from tests.support.mailers import Mark
from tests.support.smtp_sink import Action, ScriptedSink, say, serving


def address(number: int) -> str:
    return f"subscriber{number}@example.net"


SCRIPT: dict[tuple[str, str], tuple[Action, ...]] = {
    (address(0), "RCPT"): (say("550 5.1.1 user unknown"),),
    (address(1), "RCPT"): (say("552 5.2.2 mailbox full"),),
    (address(2), "dot"): (say("554 5.7.1 spam"),),
    (address(3), "RCPT"): (say("550 5.1.1 user unknown, IP listed at bl.example.org"),),
}


def bounces_of(desk: Desk, number: int) -> list[tuple[Any, ...]]:
    found = desk.run("subscribers", "show", address(number), "--json").data
    rows = found["bounces"]
    return [(row["bounce_class"], row["is_scored"], row["outcome"]) for row in rows]


def test_only_the_recipients_own_fault_counts_against_a_subscriber(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    desk.add_post("A bridge is mended")
    desk.add_subscribers(8)
    desk.compose()
    with serving(ScriptedSink(script=SCRIPT)) as sink:
        desk.project.change_config("port = 9", f"port = {sink.port}")
        desk.run("send", "--now")
        assert bounces_of(desk, 0) == [("hard-recipient", False, "suppressed")]
        assert bounces_of(desk, 1) == [("soft-recipient", True, "counted")]
        assert [bounces_of(desk, number) for number in range(2, 8)] == [[]] * 6
        desk.run("send", "1")
        assert len(bounces_of(desk, 1)) == 1
    shown = [desk.run("subscribers", "show", address(number)).out for number in range(4)]
    assert [number for number in range(4) if "suppressed" in shown[number]] == [0]
    assert "suppressed: bounced" in shown[0]
    assert "no such mailbox" in shown[0]
    assert "mailbox full" in shown[1]
    status = desk.run("status", "1").out
    for words in ("no such mailbox", "mailbox full or not reachable", "refused by their mail"):
        assert words in status


@dataclass
class Choosy(Letterbox):
    """A relay that refuses some recipients before it takes their mails."""

    refused: dict[str, tuple[Fate, str]] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Accept or refuse one mail."""
        self.tries[message.recipient] += 1
        fate, said = self.refused.get(message.recipient, (Fate.SENT, "250 2.0.0 queued"))
        if fate is Fate.SENT and not await mark():
            return Attempt(fate=Fate.SKIPPED)
        fault = Fault.NONE if fate is Fate.SENT else Fault.RECIPIENT
        reply = Reply(code=int(said[:3]), text=said[4:])
        return Attempt(fate=fate, reply=reply, relay="relay:25", fault=fault)


@pytest.mark.anyio
async def test_weeks_of_refusals_end_the_mails_to_a_mailbox(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=5)
    life.letterbox = relay = Choosy()
    relay.refused[address(1)] = (Fate.REFUSED, "550 5.1.1 user unknown")
    relay.refused[address(2)] = (Fate.REFUSED, "550 no such user")
    relay.refused[address(3)] = (Fate.FULL, "552 5.2.2 mailbox full")
    await life.look()
    for week in range(7):
        # For one week it has room.
        relay.refused[address(4)] = (
            (Fate.SENT, "250 queued") if week == 3 else (Fate.FULL, "552 5.2.2 mailbox full")
        )
        life.now = SLOT + timedelta(weeks=week)
        await life.look()
    assert life.edition_states() == ["finished"] * 7
    assert [relay.tries[address(number)] for number in range(1, 6)] == [1, 2, 5, 7, 7]
