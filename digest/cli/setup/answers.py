"""Puts the answers of `digest init` together, in the order of its questions."""

from __future__ import annotations

from dataclasses import dataclass

from digest.app import parts
from digest.cli.setup.asking import Asker
from digest.cli.setup.feeds import find_feeds, to_configured
from digest.cli.setup.relay import GivenRelay, ask_relay
from digest.models import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options; what is empty is asked for, or stays a placeholder."""

    site: str
    feeds: tuple[str, ...]
    categories: tuple[str, ...]
    name: str
    title: str
    base_url: str
    postal_address: str
    sender: str
    schedule: str
    timezone: str
    relay: GivenRelay


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The values of a new configuration."""

    setup: Setup
    #: The relay's password as typed; empty if none was.
    password: str


def collect_answers(asker: Asker, given: Given) -> Answers:
    """Find the feeds of the site, then take or ask the other values.

    Raises:
        UsageError: an option has a wrong value.
        DigestError: the site has no feed.
    """
    proposals = parts.setup
    home, found = find_feeds(asker, given.site, given.feeds)
    feeds = to_configured(asker, found, given.categories)
    name = asker.value(
        "name", "--name", "Name of the publisher", given.name, known=found[0].title if found else ""
    )
    title = asker.value("title", "--title", "Title of the newsletter", given.title, known=name)
    base_url = asker.value(
        "base_url",
        "--public-url",
        "Address for the subscribers' pages, served by `digest serve`",
        given.base_url,
        guess=proposals.propose_base_url(home),
    )
    postal_address = asker.value(
        "postal_address",
        "--postal-address",
        "Postal address, printed in every mail",
        given.postal_address,
    )
    sender = asker.value(
        "sender",
        "--from",
        "Sender of the mails",
        given.sender,
        guess=proposals.propose_sender(name, home),
    )
    schedule = asker.value(
        "schedule", "--schedule", "Day and time of the mails", given.schedule, guess="Mon 07:00"
    )
    timezone = asker.value(
        "timezone",
        "--time-zone",
        "Time zone",
        given.timezone,
        known=proposals.machine_zone() if found else "",
    )
    relay, password = ask_relay(asker, given.relay)
    setup = Setup(
        home_url=home,
        feeds=feeds,
        name=name,
        title=title,
        base_url=base_url,
        postal_address=postal_address,
        sender=sender,
        schedule=schedule,
        timezone=timezone,
        language=proposals.propose_language(found[0].language) if found else "",
        relay=relay,
    )
    return Answers(setup=setup, password=password)
