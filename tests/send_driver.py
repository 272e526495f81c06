"""Sends edition 1 of a database, as a process that a test can kill.

`python -m tests.send_driver DATABASE PORT CONNECTIONS`
"""

from __future__ import annotations

import asyncio
import sys

from digest.sender.plan import RunReport, SendPlan
from digest.sender.relay import Relay
from digest.sender.run import run_edition
from digest.sender.smtp import SmtpMailer
from digest.store.engine import Database
from tests.ledger_rows import build, fixed_clock


def send(path: str, port: str, connections: str) -> RunReport:
    """Send what is due."""
    relay = Relay(host="127.0.0.1", port=int(port), security="none")
    plan = SendPlan(
        edition_id=1,
        build=build,
        open_mailer=lambda: SmtpMailer((relay,)),
        connections=int(connections),
    )
    return asyncio.run(run_edition(Database(f"sqlite:///{path}"), plan, clock=fixed_clock()))


if __name__ == "__main__":
    send(*sys.argv[1:])
