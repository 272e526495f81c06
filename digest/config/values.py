"""The types of configuration values; each check's message names the right form."""

from __future__ import annotations

import difflib
import re
from datetime import timedelta
from email.utils import getaddresses
from ipaddress import ip_network
from typing import Annotated, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from digest.readers.web.origin import parse_proxy
from digest.scheduler.slots import parse_schedule
from digest.text.languages import LANGUAGES, OF_POSTS, is_known
from subscribers.addresses import AddressError, parse_address

_DURATION = re.compile(r"(\d+)\s*([mhdw])")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_T = TypeVar("_T")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SECONDS = re.compile(r"(\d+)\s*([smh])")
_IN_SECONDS = {"s": 1, "m": 60, "h": 3600}
_LONGEST_TIMEOUT_S = 3600
#: `a@b.org <a@b.org>`, which newer versions of Python do not read.
_NAMED_LIKE_ITSELF = re.compile(r'\s*"?(?P<address>[^\s<>"]+@[^\s<>"]+)"?\s*<(?P=address)>\s*')
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*([smhd])")
_PER_SECONDS = _IN_SECONDS | {"d": 86_400}


def _read_duration(value: object) -> object:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write a number and m, h, d or w: '24h'")
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError as error:
        raise ValueError(f"{value!r} is too long") from error


def _read_timeout(value: object) -> object:
    match = _SECONDS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a time; write a number and s, m or h: '90s'")
    seconds = int(match[1]) * _IN_SECONDS[match[2]]
    if not 1 <= seconds <= _LONGEST_TIMEOUT_S:
        raise ValueError(f"{value!r} must be from '1s' to '1h'")
    return timedelta(seconds=seconds)


def read_rate(value: object) -> object:
    """Return the mails per second of a number, or of text such as `100/m`."""
    if not isinstance(value, str):
        return value
    if match := _RATE.fullmatch(value.strip()):
        return float(match[1]) / _PER_SECONDS[match[2]]
    try:
        return float(value)  # from the environment
    except ValueError as error:
        raise ValueError(
            f"{value!r} is not a rate; write mails per second, or '100/m', '1000/h'"
        ) from error


def matching(pattern: str, message: str) -> AfterValidator:
    """Return a check that refuses text without a match of `pattern`, with this message."""

    def check(value: str) -> str:
        if not re.search(pattern, value):
            raise ValueError(message)
        return value

    return AfterValidator(check)


def _checked_schedule(value: str) -> str:
    parse_schedule(value)
    return value


def _checked_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(
            f"{value!r} is not a time zone; write one such as 'Europe/Paris'"
        ) from error
    return value


def _checked_http(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not a web address; it starts with https://")
    return value


def _checked_host(value: str) -> str:
    try:
        value.encode("idna")
    except UnicodeError as error:
        raise ValueError(f"{value!r} is not a host name") from error
    return value


def with_ascii_domain(value: str) -> str:
    """Return a domain as it stands in stored addresses: in lower case and ASCII (RFC 5890)."""
    try:
        return parse_address(f"x@{value}", allow_reserved=True).address.partition("@")[2].lower()
    except AddressError as error:
        raise ValueError(f"{value!r} is not the domain of an address ({error})") from error


def with_ascii_host(value: str) -> str:
    """Return a web address with its host in ASCII (RFC 5890), for the headers of a mail."""
    parts = urlsplit(value)
    host = parts.hostname or ""
    if host.isascii():
        return value
    try:
        ascii_host = parse_address(f"x@{host}", allow_reserved=True).address.partition("@")[2]
    except AddressError as error:
        raise ValueError(f"{value!r} is not a web address ({error})") from error
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{ascii_host}{port}").geturl()


def _checked_mailbox(value: str) -> str:
    """Return a name and an address; the address in the form of `_checked_sender`."""
    if (same := _NAMED_LIKE_ITSELF.fullmatch(value)) is not None:
        return _checked_sender(same["address"])
    found = [address for _, address in getaddresses([value]) if address]
    if len(set(found)) > 1:
        raise ValueError(f"{value!r} must be one address; put quotes around a name with commas")
    address = found[0] if found and found[0] in value else ""
    checked = _checked_sender(address or value)
    if len(found) > 1:  # the same address again
        return checked
    name, _, end = value.rpartition(address)
    return f"{name}{checked}{end}"


def _checked_sender(value: str) -> str:
    """Return an address of ours, all ASCII: it stands in headers and envelopes of every mail."""
    address = _checked_address(value)
    if not address.isascii():
        raise ValueError(
            f"{value!r} has letters beyond ASCII before the @, which many servers refuse;"
            " use an ASCII address"
        )
    return address


def _checked_address(value: str) -> str:
    """Return an address with its domain in ASCII (RFC 5890)."""
    try:
        return parse_address(value, allow_reserved=True).address
    except AddressError as error:
        raise ValueError(f"{value!r} is not a mail address ({error})") from error


def not_empty(value: tuple[_T, ...]) -> tuple[_T, ...]:
    """Refuse an empty list."""
    if not value:
        raise ValueError("must not be empty")
    return value


def not_blank(value: str) -> str:
    """Refuse text that is only white space."""
    if not value.strip():
        raise ValueError("must not be empty; it is printed in every mail")
    return value


def _checked_pattern(value: str) -> str:
    if not value.replace("*", "").strip():
        raise ValueError(f"{value!r} matches everything or nothing; write some words")
    return value


def as_tuple(value: object) -> object:
    """Turn a single text into a list of one."""
    return (value,) if isinstance(value, str) else value


def _checked_language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value) or not is_known(value):
        known = ", ".join(sorted((*LANGUAGES, *OF_POSTS)))
        raise ValueError(f"{value!r} is not a known language; use {known}")
    return value


def _checked_days(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("must be '1d' or more")
    return value


Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
#: A duration from a second to an hour.
Timeout = Annotated[timedelta, BeforeValidator(_read_timeout)]
#: A duration of at least one day.
Days = Annotated[Duration, AfterValidator(_checked_days)]
ScheduleText = Annotated[str, AfterValidator(_checked_schedule)]
Language = Annotated[str, AfterValidator(_checked_language)]
ZoneName = Annotated[str, AfterValidator(_checked_zone)]


def _checked_proxy(value: SecretStr) -> SecretStr:
    parse_proxy(value.get_secret_value())
    return value


WebAddress = Annotated[str, AfterValidator(_checked_http)]
Name = Annotated[
    str, matching(r"\A[a-z0-9-]{1,64}\Z", "must be 1 to 64 of the characters a-z, 0-9 and -")
]
Line = Annotated[str, Field(max_length=500), matching(r"\A[^\r\n\x00]*\Z", "must be one line")]
Category = Annotated[str, Field(max_length=200), matching(r"\S", "must not be empty")]
Pattern = Annotated[Line, Field(max_length=200), AfterValidator(_checked_pattern)]
Mailbox = Annotated[Line, AfterValidator(_checked_mailbox)]
ProxyAddress = Annotated[SecretStr, AfterValidator(_checked_proxy)]
MailAddress = Annotated[str, AfterValidator(_checked_address)]
SenderAddress = Annotated[str, AfterValidator(_checked_sender)]
HostName = Annotated[
    str,
    matching(
        r"\A(?=.)[^\s\x00-\x1f/@:\[\]]*\Z|\A[0-9A-Fa-f:.]+\Z",
        "must be a host name or an IP address; the port is a key of its own",
    ),
    AfterValidator(_checked_host),
]


def _checked_network(value: str) -> str:
    try:
        return str(ip_network(value.strip()))
    except ValueError as error:
        raise ValueError(
            f"{value!r} is not an address or a network; write '10.0.0.5' or '10.0.0.0/8'"
        ) from error


Network = Annotated[str, AfterValidator(_checked_network)]
Listener = Annotated[
    str, matching(r"\A[^:\s]+:[0-9]{1,5}\Z", "must be a host and a port: '127.0.0.1:8000'")
]


def nearest(word: str, known: set[str]) -> str:
    """Return the end of a message: the most similar known word, else all known words."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; use one of {', '.join(sorted(known))}" if known else ""
