"""Judges DNS records of a mail domain: SPF, DKIM, DMARC, MX (RFC 7208, 6376, 7489, 7505)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from digest.models.checkups import Checkup, fault, note, ok, warning

AREA = "dns"
#: Names that an SPF check may look up (RFC 7208 section 4.6.4).
MAX_SPF_LOOKUPS = 10
_SPF = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_TAG = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=\s*(.*?)\s*\Z", re.IGNORECASE | re.DOTALL)
_LOOKS_UP = re.compile(r"[+?~-]?(?:include:|a(?=$|[:/])|mx(?=$|[:/])|ptr|exists:)|redirect=")


def spf_records(texts: Sequence[str]) -> tuple[str, ...]:
    """Return those of a name's TXT records that are SPF records."""
    return tuple(text for text in texts if _SPF.match(text))


def spf_lookups(record: str) -> tuple[str, ...]:
    """Return the terms of an SPF record that cost a lookup, lower case."""
    return tuple(term.lower() for term in record.split()[1:] if _LOOKS_UP.match(term.lower()))


def judge_spf(
    domain: str, texts: Sequence[str], lookups: int, *, empty: Sequence[str] = ()
) -> Checkup:
    """Judge the SPF records of a domain.

    Args:
        domain: the domain of the return address.
        texts: its TXT records.
        lookups: how many names a check looks up, those of included records too.
        empty: the names that are included and have no SPF record of their own.
    """
    found = spf_records(texts)
    if not found:
        return warning(
            AREA,
            f"SPF: {domain} has no record",
            f'add a TXT record at {domain}: "v=spf1 include:YOUR-RELAY -all" (your relay names it)',
        )
    if len(found) > 1:
        return fault(
            AREA,
            f"SPF: {domain} has {len(found)} records, which counts as an error",
            "join them into one",
        )
    terms = found[0].lower().split()[1:]
    if {"+all", "all"} & set(terms):
        return fault(
            AREA,
            f"SPF: the record of {domain} allows everybody (+all)",
            "end it with -all or ~all",
        )
    if empty:
        return fault(
            AREA,
            f"SPF: the record of {domain} names {', '.join(empty)}, where no SPF record is, which"
            " counts as an error",
            "correct the name, as your relay's manual gives it, or remove it",
        )
    if terms and all(term.startswith(("-", "~", "exp=")) for term in terms):
        return fault(
            AREA,
            f"SPF: the record of {domain} lets no server send",
            'name your relay: "v=spf1 include:YOUR-RELAY -all" (your relay names it)',
        )
    if lookups > MAX_SPF_LOOKUPS:
        return fault(
            AREA,
            f"SPF: the record of {domain} needs {lookups} lookups; receivers stop at"
            f" {MAX_SPF_LOOKUPS}",
            "remove includes that you do not use",
        )
    is_closed = {"-all", "~all"} & set(terms) or any(t.startswith("redirect=") for t in terms)
    if not is_closed:
        return warning(
            AREA, f"SPF: the record of {domain} refuses nobody", "end it with -all or ~all"
        )
    return ok(AREA, f"SPF: {domain}: {found[0]}")


def judge_dkim(name: str, texts: Sequence[str], *, algorithm: str, public_key: str) -> Checkup:
    """Judge the record of a DKIM key.

    Args:
        name: such as `digest2026._domainkey.example.org`.
        texts: its TXT records.
        algorithm: `rsa` or `ed25519`.
        public_key: our key as the record must have it, in Base64.
    """
    wanted = f'"v=DKIM1; k={algorithm}; p={public_key}"'
    tags = next((tags for tags in map(read_tags, texts) if "p" in tags), None)
    if tags is None:
        return fault(AREA, f"DKIM: {name} has no key", f"add this TXT record there: {wanted}")
    given = re.sub(r"\s", "", tags["p"])
    if not given:
        return fault(AREA, f"DKIM: the key at {name} is revoked", f"publish {wanted}, or a new key")
    if tags.get("k", "rsa").lower() != algorithm or given != public_key:
        return fault(
            AREA,
            f"DKIM: the key at {name} is another one, so our signatures are wrong",
            f"replace it by {wanted}, or use its private key",
        )
    if "y" in tags.get("t", "").lower().split(":"):
        return warning(
            AREA, f"DKIM: the key at {name} is in test mode (t=y)", "remove t=y from the record"
        )
    return ok(AREA, f"DKIM: {name} has our {algorithm} key")


def judge_dmarc(domain: str, place: str, texts: Sequence[str]) -> Iterator[Checkup]:
    """Judge the DMARC record that holds for a domain.

    Args:
        domain: the domain of `from`.
        place: the name at which the record was found; empty if at none.
        texts: the TXT records of that name.
    """
    found = dmarc_records(texts)
    if not found:
        yield warning(
            AREA,
            f"DMARC: {domain} has no record; large mailbox providers refuse bulk mail without",
            f'add a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:YOU@{domain}"',
        )
        return
    if len(found) > 1:
        yield fault(
            AREA, f"DMARC: {place} has {len(found)} records, so none counts", "leave only one"
        )
        return
    tags = read_tags(found[0])
    policy = tags.get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        yield fault(
            AREA, f"DMARC: the record at {place} has no valid policy", "add p=none, or stricter"
        )
        return
    yield ok(AREA, f"DMARC: {domain}: p={policy}, from {place}")
    if policy == "none":
        yield note(
            AREA,
            f"DMARC: the policy of {domain} is only watching (p=none)",
            "when the reports show your mails pass, use p=quarantine",
        )


def dmarc_records(texts: Sequence[str]) -> tuple[str, ...]:
    """Return those of a name's TXT records that are DMARC records."""
    return tuple(text for text in texts if re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", text))


def judge_alignment(
    sender: str, signers: Sequence[str], return_domain: str, *, is_strict: bool
) -> Checkup:
    """Judge whether DMARC can pass: a signature, or the return address, of the domain of `from`.

    Args:
        sender: the domain of `from`.
        signers: the domains of our DKIM keys; empty if the relay signs.
        return_domain: the domain of the return address.
        is_strict: whether the DMARC record asks for equal domains (adkim=s).
    """
    if any(is_aligned(sender, each, is_strict=is_strict) for each in signers):
        return ok(AREA, f"alignment: our signature is of {sender}'s own domain")
    if not signers:
        return note(
            AREA,
            f"alignment: mails from {sender} are not signed here",
            f"let your relay sign with d={sender}, or set [[dkim]]; judge a received mail with"
            " --mail",
        )
    if is_aligned(sender, return_domain, is_strict=is_strict):
        return note(
            AREA, f"alignment: no key of [[dkim]] is for {sender}; DMARC rests on SPF alone"
        )
    if not is_strict and (parent := common_parent(sender, return_domain)):
        return warning(
            AREA,
            f"alignment: DMARC rests on SPF of {return_domain} alone, and only if {parent} is your"
            " own domain",
            f"add a [[dkim]] with domain = {sender!r}",
        )
    return fault(
        AREA,
        f"alignment: neither a key of [[dkim]] nor the return address is of {sender}",
        f"add a [[dkim]] with domain = {sender!r}",
    )


def is_aligned(sender: str, other: str, *, is_strict: bool = False) -> bool:
    """Return whether two domains belong together, as DMARC asks: equal, or one above the other."""
    one, two = sender.lower().rstrip("."), other.lower().rstrip(".")
    if one == two:
        return True
    return not is_strict and (one.endswith(f".{two}") or two.endswith(f".{one}")) and "." in two


def common_parent(one: str, two: str) -> str:
    """Return the longest domain, of at least two labels, that both are below; empty if none.

    Under relaxed alignment they belong together if it is registered to one owner. Without a list
    of the registries' domains, such as `co.uk`, that is not known.
    """
    shared: list[str] = []
    for mine, other in zip(
        reversed(one.lower().rstrip(".").split(".")),
        reversed(two.lower().rstrip(".").split(".")),
        strict=False,
    ):
        if mine != other:
            break
        shared.insert(0, mine)
    return ".".join(shared) if len(shared) > 1 else ""


def judge_mx(domain: str, hosts: Sequence[str], *, has_address: bool, purpose: str) -> Checkup:
    """Judge the mail servers of a domain that must receive mail.

    Args:
        domain: the domain.
        hosts: the hosts of its MX records; a single `.` means that it takes no mail.
        has_address: whether the domain has an address record, which counts without MX.
        purpose: what comes there, such as `bounces`.
    """
    if list(hosts) == ["."]:
        return fault(
            AREA,
            f"MX: {domain} says that it takes no mail, so {purpose} are lost",
            "publish an MX record, or use another domain",
        )
    if not hosts and not has_address:
        return fault(
            AREA,
            f"MX: {domain} has no mail server, so {purpose} are lost",
            "publish an MX record, or use another domain",
        )
    if not hosts:
        return note(AREA, f"MX: {domain} has no MX record; its address record serves")
    return ok(AREA, f"MX: {domain}: {', '.join(hosts)} ({purpose})")


def judge_ptr(host: str, names: Mapping[str, tuple[str, ...]], back: Mapping[str, bool]) -> Checkup:
    """Judge the names of a relay's addresses.

    Args:
        host: the relay.
        names: for each address its PTR names.
        back: for each address whether one of these names leads back to it.
    """
    bad = [address for address in names if not back.get(address)]
    if not names:
        return fault(AREA, f"PTR: {host} has no address", "check [[smtp]] host")
    if bad:
        return note(
            AREA,
            f"PTR: {', '.join(bad)} ({host}) has no name that leads back to it",
            "if mails leave from this address, ask your provider for a PTR record",
        )
    return ok(
        AREA, f"PTR: {host}: {', '.join(sorted({n for all_ in names.values() for n in all_}))}"
    )


def read_tags(record: str) -> dict[str, str]:
    """Return the tags of a record such as `v=DKIM1; k=rsa; p=…`, names in lower case."""
    found = (match for part in record.split(";") if (match := _TAG.match(part)))
    return {match[1].lower(): match[2] for match in found}
