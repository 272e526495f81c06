"""Turns an HTTP response into a document, a redirect, or an error of one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import (
    ClientConnectorCertificateError,
    ClientHttpProxyError,
    ClientPayloadError,
    ClientResponse,
    ClientResponseError,
)

from digest.errors import FeedError, GoneError
from digest.models import Fetched, Validators
from digest.readers.web.connector import RefusedAddressError
from digest.readers.web.paging import find_next
from digest.readers.web.waiting import read_http_date, read_retry_after
from digest.text.links import http_url

PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}
#: Statuses with a document: OK, Accepted, and changed by a proxy on the way.
DOCUMENTS = frozenset({200, 202, 203})
#: Temporary client errors: timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})
#: Statuses that may come with `Retry-After`.
_WITH_WAIT = frozenset({429, 503})
_MAX_QUOTED = 300
_MAX_TARGET_CHARS = 8000
# A validator is sent back as a header and stored: it must not contain line ends, nor be huge.
_SANE_VALIDATOR = re.compile(r"[\x20-\x7e]{1,500}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One redirect: the absolute target address and the HTTP status."""

    target: str
    status: int


def redirect_of(url: str, here: str, response: ClientResponse) -> Redirect:
    """Return the redirect that `response` asks for.

    Raises:
        FeedError: the target is not an http(s) address, or leads from https to http.
    """
    target = http_url(response.headers["Location"][:_MAX_TARGET_CHARS], here).partition("#")[0]
    if not target:
        reason = "redirects to an address that is not a plain http(s) URL; check the address"
        raise FeedError(url, reason, transient=False)
    if here.startswith("https:") and not target.startswith("https:"):
        reason = "redirects from https to http, which is not allowed; check the address"
        raise FeedError(url, reason, transient=False)
    return Redirect(target=target, status=response.status)


def document_of(
    here: str, response: ClientResponse, body: bytes, validators: Validators
) -> Fetched:
    """Return the document; a 304 response may omit the validators that it confirms."""
    headers = response.headers
    return Fetched(
        url=here,
        status=response.status,
        body=body,
        content_type=headers.get("Content-Type", "")[:_MAX_QUOTED],
        validators=sane(
            Validators(
                etag=headers.get("ETag", validators.etag),
                last_modified=headers.get("Last-Modified", validators.last_modified),
            )
        ),
        next_url=find_next(headers, here),
    )


def sane(validators: Validators) -> Validators:
    """Return the validators; one that is huge or has unprintable characters becomes empty."""
    return Validators(etag=_sane(validators.etag), last_modified=_sane(validators.last_modified))


def refusal_of(url: str, status: int, headers: Mapping[str, str], *, now: datetime) -> FeedError:
    """Return the error for a response without a document.

    Args:
        url: the requested address.
        status: the HTTP status.
        headers: the response headers.
        now: the time, used if the response has no `Date`.
    """
    if status == 410:
        return GoneError(url)
    if status == 304:
        reason = "HTTP 304 to an unconditional request, a fault of the server; try later"
        return FeedError(url, reason, transient=True)
    if status == 401:
        reason = "HTTP 401; check its username and password_file"
        return FeedError(url, reason, transient=False)
    is_transient = status >= 500 or status in _PASSING
    advice = "try later" if is_transient else "check the address"
    wait = None
    if status in _WITH_WAIT:
        answered = read_http_date(headers.get("Date", "")) or now
        wait = read_retry_after(headers.get("Retry-After", ""), now=answered)
    return FeedError(url, f"HTTP {status}; {advice}", transient=is_transient, wait=wait)


def read_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the server's time; a cache adds the age of its answer (RFC 9111 section 5.1)."""
    date = read_http_date(headers.get("Date", ""))
    age = headers.get("Age", "")
    if date is None or not (age.isascii() and age.isdigit() and len(age) < 9):
        return date
    return date + timedelta(seconds=int(age))


def failure_of(url: str, error: Exception, advice: str) -> FeedError:
    """Return the error for an exception of the HTTP client.

    Args:
        url: the requested address.
        error: the exception.
        advice: what the operator can do about a private address.
    """
    cause = getattr(error, "os_error", error)
    if isinstance(cause, RefusedAddressError):
        return FeedError(url, f"{cause} ({advice})", transient=False)
    if isinstance(error, ClientPayloadError | ClientResponseError) and not isinstance(
        error, ClientHttpProxyError
    ):
        # Without a quotation: a reply may repeat the headers of the request, which are secret.
        reason = "cannot be read (the answer is not valid HTTP, or ended early); try later"
        return FeedError(url, reason, transient=True)
    # The client quotes the system's or the proxy's message, which may be of any length.
    said = " ".join(str(error).split())[:_MAX_QUOTED]
    if isinstance(error, ClientConnectorCertificateError):
        return FeedError(url, f"the server's certificate is not valid ({said})", transient=True)
    if isinstance(error, ValueError):
        reason = f"cannot be requested ({said}); check the address"
        return FeedError(url, reason, transient=False)
    return FeedError(url, f"cannot be reached ({said}); try later", transient=True)


def _sane(value: str) -> str:
    return value if _SANE_VALIDATOR.fullmatch(value) else ""
