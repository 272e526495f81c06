"""What mail servers say of recipients during a send, with the real commands and a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.desk_work import Desk
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
