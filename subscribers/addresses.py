"""The grammar of mail addresses: what is accepted, how it is written, when two are one.

Stricter than RFC 5321 on purpose: comments, quoted local parts, address literals, source routes
and display names are refused, for each has carried mail to a mailbox other than the one shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from subscribers.errors import SubscriberError

#: RFC 5321 section 4.5.3.1.3: a path holds 256 octets, its angle brackets counted in.
MAX_OCTETS = 254
MAX_LOCAL_OCTETS = 64

#: Names that no public mailbox has (RFC 2606, RFC 6761).
_RESERVED = re.compile(r"(^|\.)(example|test|example\.(com|net|org))$")

#: Source routes, comments, quotes, lists, literals and the percent hack of old relays.
_REFUSED = re.compile(r"[\s\x00-\x1f\x7f\"(),:;<>\[\]\\%!|`]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mailbox."""

    #: To write to: local part as given, domain in lower case and as A-labels.
    address: str
    #: Equal for two spellings of one mailbox: the address with its local part in lower case.
    key: str


class AddressError(SubscriberError):
    """An address is refused; the message says why, without the address."""


def parse_address(text: str, *, allow_reserved: bool = False) -> Address:
    """Read one bare address.

    Args:
        text: the address alone, without a name or spaces around it.
        allow_reserved: accept `.test`, `.example` and `example.org`, for development.

    Raises:
        AddressError: it is not of the accepted form.
    """
    if len(text.encode(errors="replace")) > MAX_OCTETS:
        raise AddressError(f"longer than {MAX_OCTETS} octets")
    if refused := _REFUSED.search(text):
        raise AddressError(f"the character {refused[0]!r} is not accepted")
    local, domain = _split(text)
    if _RESERVED.search(domain) and not allow_reserved:
        raise AddressError("the domain is reserved for examples and tests")
    address = f"{local}@{domain}"
    # Once more: A-labels and accented letters are longer on the wire than they look.
    if len(address.encode()) > MAX_OCTETS or len(local.encode()) > MAX_LOCAL_OCTETS:
        raise AddressError(f"longer than {MAX_OCTETS} octets, or {MAX_LOCAL_OCTETS} before the @")
    return Address(address=address, key=f"{local.lower()}@{domain}")


def mask_address(text: str) -> str:
    """Give what a report may show of an address: `a…@example.org`."""
    local, at, domain = text.strip().rpartition("@")
    shown = f"{local[:1]}…@{domain}" if at else f"{domain[:1]}…"
    return "".join(character for character in shown[:60] if character.isprintable())


def _split(text: str) -> tuple[str, str]:
    try:
        # Reserved names are judged by the caller, so the library lets `.test` pass here.
        valid = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise AddressError(str(error).rstrip(".").split("\n")[0]) from error
    return valid.local_part, valid.ascii_domain.lower()
