"""Examines the DNS records of the domains that mails are sent from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from digest.models.checkups import Checkup, warning
from digest.newsroom.doctor import mail_dns
from digest.newsroom.doctor.mail_dns import AREA
from digest.newsroom.doctor.resolver import CannotAskError, Dns

#: Lookups after which no more are counted, so that a circle of included records ends.
_MOST_LOOKUPS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """The public half of a configured DKIM key."""

    domain: str
    selector: str
    #: `rsa` or `ed25519`.
    algorithm: str
    #: As its record must have it, in Base64.
    public_key: str

    @property
    def name(self) -> str:
        """The name of its record."""
        return f"{self.selector}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDomains:
    """The domains of an installation's mails."""

    #: Of the newsletters' `from`.
    senders: tuple[str, ...]
    #: Of the return addresses that name a delivery; empty if `from` is the return address.
    return_domain: str
    keys: tuple[PublishedKey, ...]
    #: The relays' hosts.
    relays: tuple[str, ...]


async def examine_domains(domains: MailDomains, dns: Dns) -> AsyncIterator[Checkup]:
    """Yield the findings about all domains; a question without an answer is a finding too."""
    for sender in domains.senders:
        async for each in _sender(sender, domains, dns):
            yield each
    for key in domains.keys:
        try:
            texts = await dns.texts(key.name)
        except CannotAskError as error:
            yield _unanswered(error)
            continue
        yield mail_dns.judge_dkim(
            key.name, texts, algorithm=key.algorithm, public_key=key.public_key
        )
    for host in domains.relays:
        try:
            yield await _names_of(host, dns)
        except CannotAskError as error:
            yield _unanswered(error)


async def _sender(sender: str, domains: MailDomains, dns: Dns) -> AsyncIterator[Checkup]:
    returns = domains.return_domain or sender
    try:
        texts = await dns.texts(returns)
        lookups, empty = await _follow_spf(texts, dns)
        yield mail_dns.judge_spf(returns, texts, lookups, empty=empty)
        place, found = await _dmarc_of(sender, dns)
        for each in mail_dns.judge_dmarc(sender, place, found):
            yield each
        tags = mail_dns.read_tags(found[0]) if found else {}
        yield mail_dns.judge_alignment(
            sender,
            [key.domain for key in domains.keys],
            returns,
            is_strict=tags.get("adkim", "r").lower() == "s",
        )
        purposes = {sender: "replies"} | ({returns: "bounces"} if domains.return_domain else {})
        for domain, purpose in purposes.items():
            hosts = await dns.mail_hosts(domain)
            has_address = bool(hosts) or bool(await dns.addresses(domain))
            yield mail_dns.judge_mx(domain, hosts, has_address=has_address, purpose=purpose)
    except CannotAskError as error:
        yield _unanswered(error)


async def _dmarc_of(sender: str, dns: Dns) -> tuple[str, tuple[str, ...]]:
    """Return the record of a domain or of the nearest domain above it, and its name."""
    labels = sender.split(".")
    for start in range(max(1, len(labels) - 1)):
        place = f"_dmarc.{'.'.join(labels[start:])}"
        if found := mail_dns.dmarc_records(await dns.texts(place)):
            return place, found
    return "", ()


async def _follow_spf(texts: Sequence[str], dns: Dns) -> tuple[int, tuple[str, ...]]:
    """Return how many names a check of these records looks up, in included records too.

    And the included names that have no record, with which a check ends (RFC 7208 section 5.2).
    """
    count, waiting = 0, [*mail_dns.spf_records(texts)[:1]]
    empty: dict[str, None] = {}
    while waiting and count < _MOST_LOOKUPS:
        for term in mail_dns.spf_lookups(waiting.pop()):
            count += 1
            _, _, name = term.partition(":" if "include:" in term else "=")
            if term.startswith("redirect=") or "include:" in term:
                if "%" in name:
                    continue
                found = mail_dns.spf_records(await dns.texts(name))
                waiting += found[:1]
                empty |= {} if found else {name: None}
    return count, tuple(empty)


async def _names_of(host: str, dns: Dns) -> Checkup:
    names = {address: await dns.names(address) for address in await dns.addresses(host)}
    back = {
        address: any([address in await dns.addresses(name) for name in found])
        for address, found in names.items()
    }
    return mail_dns.judge_ptr(host, names, back)


def _unanswered(error: CannotAskError) -> Checkup:
    return warning(AREA, f"no answer: {error}", "run this again when DNS answers")
