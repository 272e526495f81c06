"""Compares addressing one subscriber's mail with the standard library from scratch."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from itertools import cycle
from time import process_time

from bench.report import Figure, median_ratio
from digest.letter.printing.opened import open_message
from tests.support.samples import sample_addresser, sample_letter, sample_personal, sample_recipient

ROUNDS = 5
ADDRESSED, BUILT = 5_000, 50


def measure() -> Figure:
    """Return how many times faster addressing is; both mails have the same content when parsed.

    Addressing signs the links, encodes the subscriber's values and joins them with the pieces of
    the letter. The peer gets finished texts, so its part of this work is free.
    """
    letter, addresser, date = sample_letter(), sample_addresser(), sample_personal().date
    recipients = cycle([sample_recipient(number) for number in range(1, ADDRESSED + 1)])

    def address() -> bytes:
        return addresser.address(letter.pieces, next(recipients), date).content

    opened = open_message(address())

    def build() -> bytes:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = letter.subject
        message["To"] = next(recipients).address
        message.set_content(opened.text)
        message.add_alternative(opened.html, subtype="html")
        return message.as_bytes()

    again = open_message(build())
    if (again.text.strip(), again.html.strip()) != (opened.text.strip(), opened.html.strip()):
        raise RuntimeError("the peer's mail has other content")
    rounds = []
    for _ in range(ROUNDS):
        addressed = _seconds_each(address, ADDRESSED)
        built = _seconds_each(build, BUILT)
        rounds.append((built, addressed))
    return Figure(
        name="making one mail",
        peer="email.message.EmailMessage from scratch",
        ratio=median_ratio(rounds),
        unit="times less processor time",
        detail=f"{rounds[-1][1] * 1e6:.0f} µs against {rounds[-1][0] * 1e6:.0f} µs",
    )


def _seconds_each(make: Callable[[], bytes], times: int) -> float:
    started = process_time()
    for _ in range(times):
        make()
    return (process_time() - started) / times
