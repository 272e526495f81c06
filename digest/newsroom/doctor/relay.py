"""Looks at each relay: connection, encryption, login, limits. Nothing is mailed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from digest.models.checkups import Checkup, fault, note, ok, warning
from digest.sender.relay import Relay
from digest.sender.smtp.look import RelayLook, look_at
from digest.sender.smtp.opening import CannotOpenError
from digest.text.counted import counted

AREA = "relay"
#: No letter is larger than this: mail programs cut longer ones.
_LETTER_BYTES = 256 * 1024
_CERTIFICATE_DAYS = timedelta(days=14)


async def examine_relay(relay: Relay, *, now: datetime) -> tuple[Checkup, ...]:
    """Connect to a relay and log in, and judge what it shows."""
    try:
        look = await look_at(relay)
    except CannotOpenError as error:
        return (fault(AREA, str(error), _advice(error)),)
    return tuple(judge(relay, look, now=now))


def judge(relay: Relay, look: RelayLook, *, now: datetime) -> Iterator[Checkup]:
    """Yield the findings about a relay that let us in."""
    login = f", logged in as {relay.username}" if relay.username else ", without a login"
    yield ok(AREA, f"{relay.name}: {look.tls or 'no encryption'}{login}")
    ends = look.certificate_ends_at
    if ends is not None and ends - now < _CERTIFICATE_DAYS:
        days = max(0, (ends - now).days)
        yield warning(
            AREA,
            f"{relay.name}: its certificate ends on {ends:%Y-%m-%d}, in {counted(days, 'day')}",
            "have it renewed in time: mails are not sent with an expired one",
        )
    most = look.offer.max_bytes
    if 0 < most < _LETTER_BYTES:
        yield fault(
            AREA,
            f"{relay.name}: takes mails of at most {most} bytes (SIZE)",
            "ask its operator for more, or set fewer max_posts_per_category",
        )
    if not look.offer.has_pipelining:
        yield note(
            AREA,
            f"{relay.name}: offers no PIPELINING, so each mail takes more round trips",
            "nothing to do; raise [[smtp]] connections if a send is too slow",
        )
    if not look.offer.has_smtputf8:
        yield note(AREA, f"{relay.name}: no SMTPUTF8, so addresses such as jörg@… cannot be mailed")


def _advice(error: CannotOpenError) -> str:
    if error.is_final:
        return "mend [[smtp]]; until then nothing is sent over this relay"
    return (
        "try again later; if it stays so, check that the relay runs and that this machine may reach"
        " it (firewall, port, DNS)"
    )
