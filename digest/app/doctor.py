"""Examines a whole installation for `digest doctor`; nothing is changed or mailed."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from digest.app import parts
from digest.app.wiring import App
from digest.config import Config
from digest.errors import ConfigError, DigestError, TemplateError
from digest.models.checkups import Checkup, fault, ok, warning
from digest.newsroom.doctor.domains import MailDomains, PublishedKey, examine_domains
from digest.newsroom.doctor.place import examine_database, examine_disk
from digest.newsroom.doctor.received import judge_received
from digest.newsroom.doctor.relay import examine_relay
from digest.newsroom.doctor.resolver import Dns
from digest.newsroom.doctor.versions import examine_versions
from digest.newsroom.doctor.web import examine_clock, examine_pages, examine_pictures
from digest.text.counted import counted

__all__ = ["examine", "judge_received", "published_keys"]

AREA = "configuration"


async def examine(path: Path, *, dns: str = "", is_offline: bool = False) -> AsyncIterator[Checkup]:
    """Yield every finding about the installation of a configuration file.

    Args:
        path: the configuration file.
        dns: the DNS server to ask, such as `127.0.0.1:5353`; empty for the system's.
        is_offline: whether to leave out what needs the network.

    Raises:
        UsageError: `dns` is not an address.
    """
    resolver = Dns(dns)
    for each in examine_versions():
        yield each
    try:
        app = App.load(path)
    except ConfigError as error:
        for problem in error.problems:
            yield fault(AREA, problem, f"correct it in {path}; the rest was not examined")
        return
    for each in await asyncio.to_thread(lambda: [*_configuration(path), *_place(app)]):
        yield each
    if is_offline:
        return
    async for each in _network(app):
        yield each
    for relay in parts.sending.relays_of(app.config):
        for each in await examine_relay(relay, now=app.clock()):
            yield each
    async for each in examine_domains(_domains(app), resolver):
        yield each


def _configuration(path: Path) -> Iterator[Checkup]:
    try:
        checked = parts.config_file.look(path)
    except ConfigError as error:
        for problem in error.problems:
            yield fault(AREA, problem, f"correct it in {path}")
        return
    except TemplateError as error:
        yield fault("templates", str(error), "correct the template")
        return
    for finding in checked.findings:
        what, _, advice = finding.rpartition("; ")
        yield fault(AREA, what or finding, advice if what else f"correct it in {path}")
    for each in checked.warnings:
        what, _, advice = each.rpartition("; ")
        yield warning(AREA, what or each, advice if what else f"correct it in {path}")
    if not checked.findings:
        names = ", ".join(checked.newsletters)
        yield ok(AREA, f"{path}: {counted(checked.feed_count, 'feed')}; newsletters: {names}")
    yield ok("templates", "every template can be read")


def _place(app: App) -> Iterator[Checkup]:
    yield from examine_database(app)
    try:
        database = app.unopened_database()
    except DigestError:
        return  # said above
    is_file = app.config.database.url.startswith("sqlite")
    yield from examine_disk(database.files if is_file else (), database.state_file)


async def _network(app: App) -> AsyncIterator[Checkup]:
    config = app.config
    logos = [each.theme.logo for each in config.newsletters if each.theme.logo]
    async with app.open_fetcher() as fetcher:
        yield await examine_clock(fetcher, [feed.url for feed in config.feeds], app.clock())
        yield await examine_pages(fetcher, f"{config.site.base_url.rstrip('/')}/")
        async for each in examine_pictures(fetcher, list(dict.fromkeys(logos))):
            yield each


def _domains(app: App) -> MailDomains:
    config = app.config
    senders = (each.sender_address.rpartition("@")[2].lower() for each in config.newsletters)
    return MailDomains(
        senders=tuple(dict.fromkeys(senders)),
        return_domain=app.return_domain,
        keys=published_keys(config),
        relays=tuple(dict.fromkeys(relay.host for relay in config.smtp)),
    )


def published_keys(config: Config) -> tuple[PublishedKey, ...]:
    """Return the public halves of the configured DKIM keys; needs the extra `dkim`."""
    if not config.dkim:
        return ()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    found = []
    for each in config.dkim:
        pem = each.private_key.get_secret_value().encode()
        key = load_pem_private_key(pem, password=None).public_key()
        is_short = isinstance(key, Ed25519PublicKey)  # published raw (RFC 8463 section 4)
        form = (
            (Encoding.Raw, PublicFormat.Raw)
            if is_short
            else (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )
        found.append(
            PublishedKey(
                domain=each.domain,
                selector=each.selector,
                algorithm="ed25519" if is_short else "rsa",
                public_key=base64.b64encode(key.public_bytes(*form)).decode(),
            )
        )
    return tuple(found)
