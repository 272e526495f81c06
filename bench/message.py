"""Compares making one subscriber's mail from pieces with the standard library from scratch."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from time import process_time

from bench.report import Figure, median_ratio
from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from tests.support.samples import sample_letter, sample_personal

ROUNDS = 5
JOINED, BUILT = 5_000, 50


def measure() -> Figure:
    """Return how many times faster joining is; both mails have the same content when parsed."""
    letter, personal = sample_letter(), sample_personal()
    opened = open_message(join(letter.pieces, personal).content)

    def build() -> bytes:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = letter.subject
        message["To"] = personal.address
        message.set_content(opened.text)
        message.add_alternative(opened.html, subtype="html")
        return message.as_bytes()

    again = open_message(build())
    if (again.text.strip(), again.html.strip()) != (opened.text.strip(), opened.html.strip()):
        raise RuntimeError("the peer's mail has other content")
    rounds = []
    for _ in range(ROUNDS):
        joined = _seconds_each(lambda: join(letter.pieces, personal), JOINED)
        built = _seconds_each(build, BUILT)
        rounds.append((built, joined))
    return Figure(
        name="making one mail",
        peer="email.message.EmailMessage from scratch",
        ratio=median_ratio(rounds),
        unit="times less processor time",
        detail=f"{rounds[-1][1] * 1e6:.0f} µs against {rounds[-1][0] * 1e6:.0f} µs",
    )


def _seconds_each(make: object, count: int) -> float:
    assert callable(make)
    started = process_time()
    for _ in range(count):
        make()
    return (process_time() - started) / count
