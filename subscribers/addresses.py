"""Checks and normalises mail addresses.

Stricter than RFC 5321 on purpose: comments, quoted local parts, address literals, source routes
and display names are refused because each has sent mail to a mailbox other than the one shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from subscribers.errors import SubscriberError

#: RFC 5321 section 4.5.3.1.3: a path has at most 256 octets, including its angle brackets.
MAX_OCTETS = 254
MAX_LOCAL_OCTETS = 64

#: Domains that no public mailbox has (RFC 2606, RFC 6761).
_RESERVED = re.compile(r"(^|\.)(example|test|example\.(com|net|org))$")

#: Source routes, comments, quotes, lists, literals and the percent hack of old relays.
_REFUSED = re.compile(r"[\s\x00-\x1f\x7f\"(),:;<>\[\]\\%!|`]")
#: The start of an encoded word (RFC 2047): some servers decode it to the address of somebody else.
_ENCODED = "=?"

#: A plain address, without A-labels. The library accepts each of them as it is, with its domain in
#: lower case, but takes fifty times as long.
_ATOM = r"[A-Za-z0-9_+=#$&'*?^{}~/-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(
    rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>(?:{_LABEL}\.)+(?P<last>[A-Za-z]{{2,63}}))"
)
#: The last labels of domains that the library may refuse.
_SPECIAL = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mailbox."""

    #: The address to mail to: local part as given, domain in lower case and as A-labels.
    address: str
    #: Equal for two spellings of one mailbox: the address with its local part in lower case.
    key: str


class AddressError(SubscriberError):
    """An address is refused; the message has the reason, without the address."""


def parse_address(text: str, *, allow_reserved: bool = False) -> Address:
    """Parse one address.

    Args:
        text: the address alone, without a name or surrounding spaces.
        allow_reserved: whether to accept `.test`, `.example` and `example.org`, for development.

    Raises:
        AddressError: the address does not have the accepted form.
    """
    local, domain = split_plain(text) or split_any(text)
    if _RESERVED.search(domain) and not allow_reserved:
        raise AddressError("the domain is reserved for examples and tests")
    return Address(address=f"{local}@{domain}", key=f"{local.lower()}@{domain}")


def parse_typed(text: str, *, allow_reserved: bool = False) -> Address:
    """Parse an address that a person gave, perhaps among others.

    Raises:
        AddressError: the address does not have the accepted form; the message names it, masked.
    """
    try:
        return parse_address(text, allow_reserved=allow_reserved)
    except AddressError as error:
        raise AddressError(f"{mask_address(text)}: {error}") from error


def mask_address(text: str) -> str:
    """Return the part of an address that a report may show: `a…@example.org`."""
    local, at, domain = text.strip().rpartition("@")
    shown = (f"{local[:1]}…@{domain}" if at else f"{domain[:1]}…")[:60]
    if shown.isprintable():
        return shown
    return "".join(character for character in shown if character.isprintable())


def split_plain(text: str) -> tuple[str, str] | None:
    """Return what `split_any` returns for a plain address; None for any other text."""
    found = _PLAIN.fullmatch(text) if len(text) <= MAX_OCTETS else None
    if found is None or _ENCODED in text:
        return None
    local, domain = found["local"], found["domain"].lower()
    if len(local) > MAX_LOCAL_OCTETS or "--" in domain or found["last"].lower() in _SPECIAL:
        return None
    # The library writes names of functions, such as `Postmaster`, in lower case (RFC 2142).
    return None if local.isalpha() and not local.islower() else (local, domain)


def split_any(text: str) -> tuple[str, str]:
    """Return the local part and the domain of an address, as they are stored.

    Raises:
        AddressError: the address does not have the accepted form.
    """
    if len(text.encode(errors="replace")) > MAX_OCTETS:
        raise AddressError(f"longer than {MAX_OCTETS} octets")
    if refused := _REFUSED.search(text):
        raise AddressError(f"the character {refused[0]!r} is not accepted")
    if _ENCODED in text:
        raise AddressError("an encoded word is not accepted")
    try:
        # The caller checks reserved domains, so the library accepts `.test` here.
        valid = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise AddressError(str(error).rstrip(".").split("\n")[0]) from error
    local, domain = valid.local_part, valid.ascii_domain.lower()
    # Checked again because A-labels and accented letters have more octets than characters.
    if len(f"{local}@{domain}".encode()) > MAX_OCTETS or len(local.encode()) > MAX_LOCAL_OCTETS:
        raise AddressError(f"longer than {MAX_OCTETS} octets, or {MAX_LOCAL_OCTETS} before the @")
    return local, domain
