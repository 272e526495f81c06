"""Return addresses that name one delivery, signed, so that no bounce can be forged.

A return address is `b+{edition}.{subscriber}.{mac}@domain` (variable envelope return path). The MAC
is a keyed hash; without it anyone could have a subscriber suppressed. An address for requests to
unsubscribe begins with `u` in place of `b` and has another MAC. That of a mail outside an edition
begins with `n` and names the mail in place of an edition. Base32 because mail servers may
change the case of an address.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from subscribers.macs import KeyedHash

#: 100 bits fill 20 letters exactly. With two numbers of 19 digits the local part has 62 octets,
#: and 64 are allowed (RFC 5321 section 4.5.3.1.1).
_MAC_LETTERS = 20

#: Anything in a mail that may be such an address, or the Message-ID of a delivery.
TRACES = re.compile(
    r"(?<![\w+])[bun]\+[0-9]{1,19}\.[0-9]{1,19}\.[a-z2-7]{20}@[\w.-]{1,255}"
    r"|<e[0-9]{1,19}\.[0-9a-f]{20}@[\w.-]{1,255}>",
    re.IGNORECASE,
)
_LOCAL_PART = re.compile(
    r"(?P<purpose>[bun])\+(?P<edition>[1-9][0-9]{0,18})\.(?P<subscriber>[1-9][0-9]{0,18})"
    r"\.(?P<mac>[a-z2-7]{20})",
    re.ASCII,
)


class ReturnPurpose(StrEnum):
    """The purpose of a return address; a MAC is valid for one purpose only."""

    BOUNCE = "b"
    UNSUBSCRIBE = "u"
    #: A mail outside an edition came back.
    NOTE = "n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPath:
    """The delivery that a return address names."""

    purpose: ReturnPurpose
    #: For a mail outside an edition, the id of its notice.
    edition_id: int
    subscriber_id: int


class ReturnPathSigner:
    """Signs the return addresses of one key and domain."""

    def __init__(self, key: str, domain: str) -> None:
        """Prepare the keyed hash of each purpose.

        Args:
            key: the key that the edition was frozen with.
            domain: the domain whose mail `digest bounces ingest` reads.
        """
        self._domain = domain
        self._hashes = {
            purpose: (
                purpose.value,
                KeyedHash(key.encode(), b"digest.return-path\0%b." % purpose.encode()),
            )
            for purpose in ReturnPurpose
        }

    def sign(self, purpose: ReturnPurpose, edition_id: int, subscriber_id: int) -> str:
        """Return the address of a delivery; always the same for the same key."""
        letter, keyed = self._hashes[purpose]
        named = f"{edition_id}.{subscriber_id}"
        # 15 bytes are 24 letters without padding.
        mac = base64.b32encode(keyed.digest(named.encode("ascii"))[:15])[:_MAC_LETTERS]
        return f"{letter}+{named}.{mac.decode('ascii').lower()}@{self._domain}"


def sign_return_path(path: ReturnPath, key: str, domain: str) -> str:
    """Return the address of one delivery; for many, use a `ReturnPathSigner`."""
    return ReturnPathSigner(key, domain).sign(path.purpose, path.edition_id, path.subscriber_id)


def read_return_path(address: str, keys: Sequence[str], domain: str) -> ReturnPath | None:
    """Return the delivery that an address names; None if it was not signed with any of the keys.

    Args:
        address: any address.
        keys: the secret keys.
        domain: the domain that the addresses were signed for.
    """
    address = address.lower()
    local, _, host = address.rpartition("@")
    match = _LOCAL_PART.fullmatch(local)
    if match is None or host != domain.lower():
        return None
    path = ReturnPath(
        purpose=ReturnPurpose(match["purpose"]),
        edition_id=int(match["edition"]),
        subscriber_id=int(match["subscriber"]),
    )
    signed = (sign_return_path(path, key, host) for key in keys)
    return path if any(hmac.compare_digest(each, address) for each in signed) else None
