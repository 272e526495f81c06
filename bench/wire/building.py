"""Compares building one subscriber's mail with the standard library's `EmailMessage`."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from statistics import median
from time import process_time

from bench.wire.edition import Newspaper, Relay
from bench.wire.limits import Result, at_most, median_ratio
from digest.app import App
from digest.models import Delivery
from digest.pipeline.deliver import message_builder
from digest.store import editions
from digest.store.claims import claim_due

BUILT, PEERS = 2_000, 40


def building(paper: Newspaper, rounds: int) -> Result:
    """Compare the processor time; both mails have the same headers and parts.

    Ours starts with the row that was claimed, and signs the links of the subscriber.
    """
    project = paper.copy(BUILT, Relay(port=9))
    app = App.load(project.config)
    with app.database.read() as connection:
        (stored,) = editions.unsent_editions(connection, "weekly")
    rows = _claimed(app, stored.id)
    identity = app.newsletter_of().identity
    ours, peers = [], []
    for _ in range(rounds):
        build = message_builder(app.database, stored, identity, keys=app.keys)
        content = build(rows[0]).content  # also reads the stored pieces, once an edition
        started = process_time()
        for row in rows:
            build(row)
        ours.append((process_time() - started) / len(rows))
        peers.append(_seconds_of_peer(content))
    app.database.close()
    return Result(
        checks=(
            at_most(
                1 / 100,
                "building a mail, against EmailMessage",
                median_ratio(ours, peers),
                f"{median(ours) * 1e6:.0f} µs against {median(peers) * 1e6:.0f} µs,"
                f" {len(content) / 1000:.0f} KB",
            ),
        )
    )


def _claimed(app: App, edition_id: int) -> tuple[Delivery, ...]:
    with app.database.write() as connection:
        claim = claim_due(connection, edition_id, "bench", now=app.clock(), most=BUILT)
    if len(claim.deliveries) != BUILT:
        raise RuntimeError(f"{len(claim.deliveries)} of {BUILT} deliveries were claimed")
    return tuple(claim.deliveries)


def _seconds_of_peer(content: bytes) -> float:
    """Return the seconds in which the standard library builds the mail from its parts."""
    opened = message_from_bytes(content, policy=SMTP)
    headers = [
        (name, str(value))
        for name, value in opened.items()
        if not name.lower().startswith(("content-", "mime-"))
    ]
    text, html = (part.get_content() for part in opened.iter_parts())
    started = process_time()
    for _ in range(PEERS):
        message = EmailMessage(policy=SMTP)
        for name, value in headers:
            message[name] = value
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message.as_bytes()
    return (process_time() - started) / PEERS
