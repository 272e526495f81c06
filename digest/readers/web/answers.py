"""What an HTTP answer says: a document, a redirect, or an error in one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import ClientConnectorCertificateError, ClientResponse

from digest.errors import FeedError, GoneError
from digest.models import Fetched, Validators
from digest.readers.web.connector import RefusedAddressError
from digest.readers.web.paging import find_next
from digest.readers.web.waiting import read_http_date, read_retry_after
from digest.text.links import http_url

PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}
#: Client errors that pass: timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})
#: Those that may say for how long.
_WITH_WAIT = frozenset({429, 503})
_MAX_QUOTED = 300
# What is sent back as a header must not be able to end it, nor fill the database.
_SANE_VALIDATOR = re.compile(r"[\x20-\x7e]{1,500}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One hop."""

    target: str
    status: int


def redirect_of(url: str, here: str, response: ClientResponse) -> Redirect:
    """Read a redirect.

    Raises:
        FeedError: it leads where none is followed.
    """
    target = http_url(response.headers["Location"], here).partition("#")[0]
    if not target:
        raise FeedError(url, "redirects to what is no plain http(s) address", transient=False)
    if here.startswith("https:") and not target.startswith("https:"):
        raise FeedError(url, "redirects from https to http; refused", transient=False)
    return Redirect(target=target, status=response.status)


def document_of(
    here: str, response: ClientResponse, body: bytes, validators: Validators
) -> Fetched:
    """Give the document; a 304 may leave out the validators that it confirms."""
    headers = response.headers
    return Fetched(
        url=here,
        status=response.status,
        body=body,
        content_type=headers.get("Content-Type", ""),
        validators=sane(
            Validators(
                etag=headers.get("ETag", validators.etag),
                last_modified=headers.get("Last-Modified", validators.last_modified),
            )
        ),
        next_url=find_next(headers, here),
    )


def sane(validators: Validators) -> Validators:
    """Give the validators without those that no server needs: huge ones, and unprintable ones."""
    return Validators(etag=_sane(validators.etag), last_modified=_sane(validators.last_modified))


def refusal_of(url: str, status: int, headers: Mapping[str, str], *, now: datetime) -> FeedError:
    """Put an answer that brings no document into one line; `now` stands in for its `Date`."""
    if status == 410:
        return GoneError(url)
    if status == 304:
        reason = "HTTP 304, though it was not asked for changes; its server is at fault"
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


def failure_of(url: str, error: Exception) -> FeedError:
    """Turn what the HTTP client raises into one line."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, RefusedAddressError):
        return FeedError(url, str(cause), transient=False)
    # The client quotes what the server said, however much that was.
    said = " ".join(str(error).split())[:_MAX_QUOTED]
    if isinstance(error, ClientConnectorCertificateError):
        return FeedError(url, f"its certificate is not valid ({said})", transient=True)
    if isinstance(error, ValueError):
        return FeedError(url, f"cannot be asked for ({said})", transient=False)
    return FeedError(url, f"cannot be reached ({said}); try later", transient=True)


def _sane(value: str) -> str:
    return value if _SANE_VALIDATOR.fullmatch(value) else ""
