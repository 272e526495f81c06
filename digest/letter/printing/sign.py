"""Signs mails with DKIM (RFC 6376), by RSA keys and Ed25519 keys (RFC 8463).

A signature has no time, so that a repeated mail has the same bytes. Headers are canonicalised
`relaxed`, bodies `simple`: this program writes its bodies as they are to arrive.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from digest.models import Message

#: Signed also if a mail does not have them, so that none can be added (RFC 6376 section 8.15).
_ALWAYS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
)
#: Signed if a mail has them, because relays may add their own to a mail without.
_IF_PRESENT = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID")
#: Between two headers; a line that begins with a space continues its header.
_NEXT_HEADER = re.compile(rb"\r\n(?![ \t])")
_SPACES = re.compile(rb"[ \t\r\n]+")
#: Columns of a line of the signature.
_LINE = 72


class DkimAlgorithm(StrEnum):
    """The kind of a key, in the order in which their signatures stand in a mail."""

    RSA = "rsa-sha256"
    ED25519 = "ed25519-sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """A private key, and where receivers find its public key: `SELECTOR._domainkey.DOMAIN`."""

    domain: str
    selector: str
    algorithm: DkimAlgorithm
    #: Returns the signature of these bytes.
    sign: Callable[[bytes], bytes]

    def is_for(self, sender_domain: str) -> bool:
        """Whether it signs for a sender: its domain is the sender's, or above it."""
        return is_aligned(self.domain, sender_domain)


class DkimSigner:
    """Signs mails with every key that is for their sender; without one they stay as they are."""

    def __init__(self, keys: tuple[DkimKey, ...] = ()) -> None:
        """Keep the keys, those that every receiver understands first."""
        order = list(DkimAlgorithm)
        self._keys = sorted(keys, key=lambda key: order.index(key.algorithm))

    @property
    def has_keys(self) -> bool:
        """Whether it signs anything."""
        return bool(self._keys)

    def has_key_for(self, sender_domain: str) -> bool:
        """Return whether mails of a sender at this domain are signed."""
        return any(key.is_for(sender_domain) for key in self._keys)

    def sign(self, message: Message, sender_domain: str) -> Message:
        """Return the mail with its signatures in front; the same mail gives the same bytes.

        Args:
            message: a mail with CRLF line ends.
            sender_domain: the domain of the address in its From header.
        """
        keys = [key for key in self._keys if key.is_for(sender_domain)]
        if not keys:
            return message
        content = message.content
        head, body_at = _head_of(content)
        names, signed = _canonical_headers(head)
        body_hash = _body_hash(content, body_at)
        headers = (_signature_header(key, names, signed, body_hash) for key in keys)
        return replace(message, content=b"".join([*headers, content]))


#: Signs nothing.
UNSIGNED = DkimSigner()


def is_aligned(domain: str, sender_domain: str) -> bool:
    """Return whether a domain's signatures count for a sender (RFC 7489 section 3.1.1)."""
    domain, sender_domain = domain.lower(), sender_domain.lower()
    return sender_domain == domain or sender_domain.endswith(f".{domain}")


def _head_of(content: bytes) -> tuple[bytes, int]:
    """Return the headers without their last line end, and where the body begins."""
    at = content.index(b"\r\n\r\n")
    return content[:at], at + 4


def _canonical_headers(head: bytes) -> tuple[tuple[str, ...], bytes]:
    """Return the names for `h=`, and the bytes of these headers as they are signed."""
    found = dict(map(_relaxed, _NEXT_HEADER.split(head)))
    present = [name for name in _IF_PRESENT if name.lower() in found]
    # The second From means that there is no other: a forged one breaks the signature.
    names = (*_ALWAYS, *present, "From")
    return names, b"".join([found.get(name.lower(), b"") for name in (*_ALWAYS, *present)])


@lru_cache(maxsize=256)
def _relaxed(header: bytes) -> tuple[str, bytes]:
    """Return a header's name and its canonical form (RFC 6376 section 3.4.2), with its line end.

    Kept because most headers are the same in all mails of a letter.
    """
    name, _, value = header.partition(b":")
    name = name.strip().lower()
    return name.decode("ascii"), b"%b:%b\r\n" % (name, _SPACES.sub(b" ", value).strip())


def _body_hash(content: bytes, start: int) -> bytes:
    """Return `bh=` of a body: its empty lines at the end do not count (RFC 6376 section 3.4.3)."""
    end = len(content)
    while content.endswith(b"\r\n\r\n", start, end):
        end -= 2
    hashed = hashlib.sha256(memoryview(content)[start:end])
    if not content.endswith(b"\r\n", start, end):
        hashed.update(b"\r\n")
    return base64.b64encode(hashed.digest())


def _signature_header(
    key: DkimKey, names: tuple[str, ...], signed: bytes, body_hash: bytes
) -> bytes:
    opening = _opening(key.algorithm, key.domain, key.selector, names)
    unsigned = b"%b bh=%b;\r\n b=" % (opening, body_hash)
    signature = key.sign(signed + _relaxed.__wrapped__(unsigned)[1].removesuffix(b"\r\n"))
    letters = base64.b64encode(signature)
    lines = (letters[at : at + _LINE] for at in range(0, len(letters), _LINE))
    return unsigned + b"\r\n ".join(lines) + b"\r\n"


@lru_cache(maxsize=64)
def _opening(algorithm: DkimAlgorithm, domain: str, selector: str, names: tuple[str, ...]) -> bytes:
    """Return the header up to `h=`, folded."""
    lines = ["DKIM-Signature: v=1; c=relaxed/simple;", f"a={algorithm};", f"d={domain};"]
    lines += [f"s={selector};", *_fold_names(names)]
    return "".join(f"{line}\r\n " for line in lines)[:-1].encode("ascii")


def _fold_names(names: tuple[str, ...]) -> list[str]:
    """Return `h=` in short lines, each broken after a colon."""
    lines = ["h="]
    for name in (*(f"{name}:" for name in names[:-1]), f"{names[-1]};"):
        if len(lines[-1]) + len(name) > _LINE:
            lines.append("")
        lines[-1] += name
    return lines
