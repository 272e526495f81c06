"""Judges a mail as it was received: its authentication, its signature, its links to leave.

The headers that the receiver added say more than any question to DNS: they name what passed
(RFC 8601) and what was signed (RFC 6376 section 5.4; RFC 8058 section 4 for leaving).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

from digest.models.checkups import Checkup, fault, note, ok, warning
from digest.newsroom.doctor.mail_dns import common_parent, is_aligned, read_tags

AREA = "received mail"
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\b(spf|dkim|dmarc|arc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(?:header\.(?:d|i|from)|smtp\.mailfrom)\s*=\s*([^\s;]+)", re.IGNORECASE)
#: What receivers demand of bulk mail.
_METHODS = ("spf", "dkim", "dmarc")
_LEAVING = ("list-unsubscribe", "list-unsubscribe-post")


def judge_received(mail: bytes) -> tuple[Checkup, ...]:
    """Judge a mail with the headers of its receiver, as "show original" gives it."""
    message = message_from_bytes(mail)
    if not message.get("From"):
        return (
            fault(
                AREA,
                "this is not a mail: it has no From header",
                'save the whole mail ("show original", "view source"), headers first',
            ),
        )
    sender = parseaddr(str(message["From"]))[1].rpartition("@")[2].lower()
    return (
        *_results(message),
        *_signatures(message, sender),
        *_leaving(message),
    )


def _results(message: Message) -> Iterator[Checkup]:
    # The topmost is of the receiver itself; those below may be anybody's.
    results = [str(each) for each in message.get_all("Authentication-Results", [])][:1]
    if not results:
        yield warning(
            AREA,
            "it has no Authentication-Results, so nothing shows what the receiver found",
            "judge a mail as the mailbox received it, not a sent copy",
        )
        return
    text = _COMMENT.sub(" ", " ".join(results[0].split()))
    by = text.partition(";")[0].split() or ["the receiver"]
    found: dict[str, set[str]] = {}
    for method, result in _RESULT.findall(text):
        found.setdefault(method.lower(), set()).add(result.lower())
    for method in _METHODS:
        verdicts = found.get(method, set())
        name = method.upper()
        if "pass" in verdicts:
            yield ok(AREA, f"{name}: pass, says {by[0]}")
        elif verdicts:
            yield fault(AREA, f"{name}: {', '.join(sorted(verdicts))}, says {by[0]}", _MEND[method])
        else:
            yield warning(AREA, f"{name}: {by[0]} did not judge it", _MEND[method])


_MEND = {
    "spf": "add the address of your relay to the SPF record of the return address's domain",
    "dkim": "compare the key in DNS with [[dkim]] (`digest doctor` does), or let the relay sign",
    "dmarc": "SPF or DKIM must pass for the domain of From, or one above it",
}


def _signatures(message: Message, sender: str) -> Iterator[Checkup]:
    signatures = [
        read_tags(" ".join(str(each).split())) for each in message.get_all("DKIM-Signature", [])
    ]
    if not signatures:
        yield fault(AREA, "it has no DKIM signature", "set [[dkim]], or let your relay sign")
        return
    own = [tags for tags in signatures if is_aligned(sender, tags.get("d", ""))]
    if not own:
        yield _of_another(sender, sorted({tags.get("d", "?") for tags in signatures}))
        own = [tags for tags in signatures if common_parent(sender, tags.get("d", ""))]
    if not own:
        return
    signed = [{name.strip().lower() for name in tags.get("h", "").split(":")} for tags in own]
    if any(set(_LEAVING) <= names for names in signed):
        yield ok(AREA, f"the signature of {own[0].get('d')} covers the headers for leaving")
    else:
        yield fault(
            AREA,
            "no signature covers List-Unsubscribe and List-Unsubscribe-Post, so mailbox providers"
            " do not offer one-click leaving",
            "sign here by [[dkim]], or have the relay sign these headers (h=)",
        )
    if any("l" in tags for tags in own):
        yield warning(
            AREA,
            "a signature covers only the beginning of the mail (l=)",
            "sign the whole: anything can be added behind",
        )


def _of_another(sender: str, domains: Sequence[str]) -> Checkup:
    said = f"its signature is of {', '.join(domains)}, not of {sender}"
    advice = f"sign with d={sender}, here by [[dkim]] or at the relay"
    parent = next(filter(None, (common_parent(sender, each) for each in domains)), "")
    if parent:  # see RFC 7489 section 3.2
        return warning(AREA, f"{said}; it counts only if {parent} is your own domain", advice)
    return fault(AREA, said, advice)


def _leaving(message: Message) -> Iterator[Checkup]:
    ways = str(message.get("List-Unsubscribe", ""))
    post = str(message.get("List-Unsubscribe-Post", "")).strip()
    if not ways:
        yield fault(
            AREA,
            "it has no List-Unsubscribe header",
            "digest writes it: was it removed on the way, or is this another mail?",
        )
    elif "<https://" not in ways or post != "List-Unsubscribe=One-Click":
        yield fault(
            AREA,
            "one-click leaving is not offered: it needs an https address and"
            " List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "set site.base_url to an https address",
        )
    else:
        yield ok(AREA, "one-click leaving is offered")
    if message.get("X-Spam-Flag", "").strip().upper() == "YES":
        yield note(AREA, "the receiver's filter took it for spam (X-Spam-Flag)")
