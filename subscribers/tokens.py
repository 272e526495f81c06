"""Signed links: who may open which page, without a session and without a stored token.

A token is `public id . newsletter [. edition] . signature`, all of it safe in a URL. It does not
expire: an unsubscribe link in an old mail must work. Keys are listed newest first; every listed
key verifies, so that a key may be added at any time and none may be taken away.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import HMACAlgorithm

from subscribers.errors import SubscriberError

#: 144 bits fill their 24 letters wholly, so a signature has one spelling only.
_SIGNATURE_BYTES = 18

_TOKEN = re.compile(
    r"(?P<public_id>[A-Za-z0-9_-]{22})\.(?P<newsletter>[a-z0-9-]{1,64})"
    r"(\.(?P<edition>[1-9][0-9]{0,17}))?\.[A-Za-z0-9_-]{24}",
    re.ASCII,
)


class Purpose(StrEnum):
    """What a token lets its holder do; one for another purpose never verifies."""

    LEAVE = "leave"
    PREFERENCES = "preferences"
    VIEW = "view"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a token says."""

    #: The person's random id.
    public_id: str
    newsletter: str
    #: For the web view; None elsewhere.
    edition_id: int | None = None


class _ShortHMAC(HMACAlgorithm):
    """HMAC-SHA256, truncated (RFC 2104 section 5), for links short enough for a mail header."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_SIGNATURE_BYTES]


class LinkSigner:
    """Signs links with one key."""

    def __init__(self, key: str) -> None:
        """Prepare one signer a purpose, each with a salt of its own."""
        self._signers = {purpose: _signer((key,), purpose) for purpose in Purpose}

    def sign(self, purpose: Purpose, link: Link) -> str:
        """Give the token for a link; the same every time."""
        parts = [link.public_id, link.newsletter]
        if link.edition_id is not None:
            parts.append(str(link.edition_id))
        return self._signers[purpose].sign(".".join(parts)).decode()


class LinkReader:
    """Reads tokens that any of the keys signed."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Prepare one verifier a purpose.

        Args:
            keys: newest first.
        """
        self._signers = {purpose: _signer(tuple(keys), purpose) for purpose in Purpose}

    def read(self, purpose: Purpose, token: str) -> Link | None:
        """Give what a token says, or None for one that was not signed for this purpose."""
        match = _TOKEN.fullmatch(token)
        if match is None or (match["edition"] is not None) != (purpose is Purpose.VIEW):
            return None
        try:
            self._signers[purpose].unsign(token)
        except BadSignature:
            return None
        return Link(
            public_id=match["public_id"],
            newsletter=match["newsletter"],
            edition_id=int(match["edition"]) if match["edition"] else None,
        )


def find_key(keys: Sequence[str], wanted_id: str) -> str:
    """Give the key of that name, such as the one that an edition was frozen with.

    Raises:
        SubscriberError: the key is not listed any more.
    """
    for key in keys:
        if key_id(key) == wanted_id:
            return key
    raise SubscriberError(
        f"signing key {wanted_id} is not listed any more; put it back into the secret keys"
    )


def key_id(key: str) -> str:
    """Name a key without telling it: 8 hex digits."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def new_public_id() -> str:
    """Make a random name for a person: 128 bits, 22 letters."""
    return secrets.token_urlsafe(16)


def _signer(keys: tuple[str, ...], purpose: Purpose) -> Signer:
    return Signer(
        # The library signs with the last key of its list.
        list(reversed(keys)),
        salt=f"digest.link.{purpose}",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
        algorithm=_ShortHMAC(hashlib.sha256),
    )
