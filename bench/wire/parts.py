"""The parts of the comparison with other senders, and the limit of each figure."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench.wire.building import building
from bench.wire.certificate import write_certificate, write_rsa_key
from bench.wire.edition import DOMAIN, SHORT, Newspaper, Relay
from bench.wire.limits import Check, Result, at_least, at_most
from bench.wire.postgres import postgres, postgres_million
from bench.wire.rounds import Rounds, Slopes, run_rounds, run_slopes, say
from bench.wire.senders import Aiosmtplib, Nodemailer, Ours, Sender, SmtpSource
from bench.wire.servers import far_away, running_sink, running_tls_sink
from bench.wire.start import start

#: Milliseconds that a proxy delays each direction: a round trip takes twice as long.
DELAY_MS = 10
OURS, SOURCE, NODEMAILER = "digest send", "smtp-source", "nodemailer"
AIOSMTPLIB, AIOSMTPLIB_UVLOOP = "aiosmtplib", "aiosmtplib, uvloop"
TWO_TRIPS, SIGNED = "digest send, two trips", "digest send, DKIM"
MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How much is measured."""

    mails: int = 10_000
    rounds: int = 4


def speed(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare the rates over 16 connections."""
    mail = paper.mail()
    with running_sink() as port:
        relay = Relay(port=port)
        senders: dict[str, tuple[Sender, Relay]] = {
            SOURCE: (SmtpSource(mail), relay),
            OURS: (Ours(paper), relay),
            TWO_TRIPS: (Ours(paper, lines='pipeline = "message"'), relay),
            NODEMAILER: (Nodemailer(mail), relay),
            AIOSMTPLIB: (Aiosmtplib(mail), relay),
            AIOSMTPLIB_UVLOOP: (Aiosmtplib(mail, "uvloop"), relay),
        }
        found = run_rounds(senders, amounts.mails, amounts.rounds, label="speed")
    return Result(
        checks=(
            *_rate(found, 0.85, OURS, SOURCE, "rate against smtp-source, 16 connections"),
            *_rate(found, 0.6, TWO_TRIPS, SOURCE, "two trips a mail: rate against smtp-source"),
            *_rate(found, 2.2, OURS, NODEMAILER, "rate against nodemailer's pool"),
        ),
        values=_rates(found),
        missing=found.reasons(),
    )


def connections(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare the rates over one connection and over 64."""
    mail = paper.mail()
    checks: list[Check] = []
    missing: list[str] = []
    with running_sink() as port:
        for count, limit in ((64, 0.9), (1, 0.5)):
            relay = Relay(port=port, connections=count)
            senders: dict[str, tuple[Sender, Relay]] = {
                SOURCE: (SmtpSource(mail), relay),
                OURS: (Ours(paper), relay),
            }
            label = f"{count} connections"
            found = run_rounds(senders, amounts.mails, amounts.rounds, label=label)
            name = f"rate against smtp-source, connections: {count}"
            checks += _rate(found, limit, OURS, SOURCE, name)
            missing += found.reasons()
    return Result(checks=tuple(checks), missing=tuple(missing))


def distance(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare the rates if a round trip to the server takes 20 ms."""
    mail = paper.mail()
    with running_sink() as near, far_away(near, DELAY_MS) as port:
        relay = Relay(port=port)
        senders: dict[str, tuple[Sender, Relay]] = {
            SOURCE: (SmtpSource(mail), relay),
            OURS: (Ours(paper), relay),
            AIOSMTPLIB: (Aiosmtplib(mail), relay),
        }
        # The way takes the time, not the machine: fewer mails show it as well.
        found = run_rounds(senders, max(amounts.mails // 4, 1), amounts.rounds, label="20 ms")
    return Result(
        checks=_rate(found, 3, OURS, AIOSMTPLIB, "rate against aiosmtplib at 20 ms a round trip"),
        values=_rates(found),
        missing=found.reasons(),
    )


def tls(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare the rates over TLS, with a server that can encrypt."""
    mail = paper.mail()
    with tempfile.TemporaryDirectory() as name:
        server, trusted = write_certificate(Path(name))
        with running_tls_sink(server) as port:
            relay = Relay(port=port, lines=f'security = "tls"\nca_file = "{trusted}"')
            senders: dict[str, tuple[Sender, Relay]] = {
                OURS: (Ours(paper), relay),
                AIOSMTPLIB: (Aiosmtplib(mail, trusted=trusted), relay),
            }
            found = run_rounds(senders, amounts.mails, amounts.rounds, label="TLS")
    return Result(
        checks=_rate(found, 3, OURS, AIOSMTPLIB, "rate against aiosmtplib over TLS"),
        values=_rates(found),
    )


def cpu(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare the processor time of a thousand mails, without that of the start."""
    mail, mails = paper.mail(), amounts.mails
    # The peers' cost does not depend on the number; node compiles its code in the first half.
    long, short = (mails, 10 * mails), (mails // 2, 2 * mails)
    with running_sink() as port:
        relay = Relay(port=port)
        found = run_slopes(
            {
                SOURCE: (SmtpSource(mail), relay, long),
                OURS: (Ours(paper), relay, long),
                NODEMAILER: (Nodemailer(mail), relay, short),
                AIOSMTPLIB: (Aiosmtplib(mail), relay, short),
            },
            amounts.rounds,
            label="processor",
        )
    return Result(
        checks=(
            *_cost(found, 2.5, SOURCE, "processor time against smtp-source"),
            *_cost(found, 1 / 3, NODEMAILER, "processor time against nodemailer's pool"),
            *_cost(found, 1 / 4, AIOSMTPLIB, "processor time against aiosmtplib's pool"),
        ),
        values={name: {"cpu_s_per_1000": found.cost(name)} for name in found.costs},
        missing=found.reasons(),
    )


def dkim(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare the processor time with that of mails signed with an RSA key of 2048 bits."""
    mails = (amounts.mails // 2, 2 * amounts.mails)
    with tempfile.TemporaryDirectory() as name, running_sink() as port:
        signing = (
            f'[[dkim]]\ndomain = "{DOMAIN}"\nselector = "bench"\n'
            f'private_key_file = "{write_rsa_key(Path(name))}"'
        )
        relay = Relay(port=port)
        found = run_slopes(
            {
                OURS: (Ours(paper), relay, mails),
                SIGNED: (Ours(paper, tables=signing), relay, mails),
            },
            amounts.rounds,
            label="DKIM",
        )
    ratio, detail = found.ratio(SIGNED, OURS), found.against(SIGNED, OURS)
    return Result(
        checks=(at_most(5, "processor time with DKIM (RSA) against without", ratio, detail),)
    )


def memory(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare the peak memory of a long run with that of a run of a tenth."""
    return _long_run(paper, amounts.mails, 10 * amounts.mails)


def million(paper: Newspaper, amounts: Amounts) -> Result:
    """Compare a run for a million subscribers with that for 10,000."""
    return _long_run(paper, amounts.mails, MILLION)


def _long_run(paper: Newspaper, few: int, many: int) -> Result:
    with running_sink() as port:
        send, relay = Ours(paper, posts=SHORT), Relay(port=port)
        # The short run before and after the long one, because the machine's load may change.
        before, long, after = (send(count, relay) for count in (few, many, few))
    short_s = (before.seconds + after.seconds) / (2 * few)
    long_s = long.seconds / many
    short_mb = max(before.peak_mb, after.peak_mb)
    named = f"{many:,} subscribers against {few:,}"
    say(f"{many:,}: {long.rate:,.0f} a second, {long.peak_mb:.0f} MB")
    return Result(
        checks=(
            at_most(
                1.2,
                f"peak memory, {named}",
                long.peak_mb / short_mb,
                f"{long.peak_mb:.0f} MB against {short_mb:.0f} MB",
            ),
            at_most(75, f"peak memory in MB, {many:,} subscribers", long.peak_mb),
            at_most(
                1.15,
                f"time of a mail, {named}",
                long_s / short_s,
                f"{long_s * 1e6:.0f} µs against {short_s * 1e6:.0f} µs",
            ),
        )
    )


#: In the order in which they run.
PARTS: Mapping[str, Callable[[Newspaper, Amounts], Result]] = MappingProxyType(
    {
        "speed": speed,
        "connections": connections,
        "cpu": cpu,
        "dkim": dkim,
        "distance": distance,
        "tls": tls,
        "building": lambda paper, amounts: building(paper, amounts.rounds),
        "memory": memory,
        "start": lambda paper, amounts: start(paper, amounts.rounds),
        "postgres": lambda paper, amounts: postgres(paper, amounts.mails, amounts.rounds),
        "million": million,
        "postgres-million": lambda paper, amounts: postgres_million(paper, amounts.mails, MILLION),
    }
)

# --- shared -------------------------------------------------------------------------------------


def _rate(found: Rounds, limit: float, name: str, peer: str, title: str) -> tuple[Check, ...]:
    """Return the check of a rate, or nothing if one of the two did not run."""
    if not found.has(name, peer):
        return ()
    value, detail = found.rate_ratio(name, peer), found.against(name, peer)
    return (at_least(limit, title, value, detail),)


def _cost(found: Slopes, limit: float, peer: str, title: str) -> tuple[Check, ...]:
    """Return the check of our processor time, or nothing if the peer did not run."""
    if not found.has(OURS, peer):
        return ()
    return (at_most(limit, title, found.ratio(OURS, peer), found.against(OURS, peer)),)


def _rates(found: Rounds) -> dict[str, dict[str, float]]:
    return {name: {"mails_a_second": found.rate(name)} for name in found.runs}
