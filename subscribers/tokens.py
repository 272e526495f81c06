"""Signs and reads the tokens of links, which work without a session or a stored token.

A token is `public id . newsletter [. number] . signature`, all of it safe in a URL. It does not
expire because an unsubscribe link in an old mail must work. Keys are listed newest first; every
listed key verifies, so a key may be added at any time, and none may be removed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import SigningAlgorithm

from subscribers.errors import SubscriberError
from subscribers.macs import KeyedHash

#: 144 bits fill 24 base64 letters exactly, so that each signature has only one spelling.
_SIGNATURE_BYTES = 18
_SAFE_IN_URL = bytes.maketrans(b"+/", b"-_")

_TOKEN = re.compile(
    r"(?P<public_id>[A-Za-z0-9_-]{22})\.(?P<newsletter>[a-z0-9-]{1,64})"
    r"(\.(?P<number>[1-9][0-9]{0,17}))?\.[A-Za-z0-9_-]{24}",
    re.ASCII,
)


class Purpose(StrEnum):
    """The action that a token allows; a token for another purpose never verifies."""

    LEAVE = "leave"
    PREFERENCES = "preferences"
    #: The number is the edition's id, as for `VOTE`.
    VIEW = "view"
    VOTE = "vote"
    #: Confirms a sign-up.
    CONFIRM = "confirm"
    #: Confirms a change of address, at either end; the number is that of the change.
    MOVE_OLD = "move-old"
    MOVE_NEW = "move-new"
    #: Shows or erases what is stored about the person; the number is the hour at which it ends.
    PRIVATE = "private"

    @property
    def is_numbered(self) -> bool:
        """Whether its tokens contain a number."""
        return self in (
            Purpose.VIEW,
            Purpose.VOTE,
            Purpose.MOVE_OLD,
            Purpose.MOVE_NEW,
            Purpose.PRIVATE,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The data in a token."""

    #: The person's random id.
    public_id: str
    newsletter: str
    #: What it counts depends on the purpose; None for a purpose without a number.
    number: int | None = None


class _ShortHMAC(SigningAlgorithm):
    """HMAC-SHA256, truncated (RFC 2104 section 5), for links short enough for a mail header."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")[:_SIGNATURE_BYTES]


class LinkSigner:
    """Signs links with one key, as itsdangerous does; each key is derived and hashed once."""

    def __init__(self, key: str) -> None:
        """Prepare a hash per purpose, each with its own salt."""
        self._hashes = {
            purpose: KeyedHash(_signer((key,), purpose).derive_key()) for purpose in Purpose
        }

    def sign(self, purpose: Purpose, link: Link) -> str:
        """Return the token of a link; always the same for the same link."""
        payload = f"{link.public_id}.{link.newsletter}"
        if link.number is not None:
            payload = f"{payload}.{link.number}"
        return self.sign_payload(purpose, payload)

    def sign_payload(self, purpose: Purpose, payload: str) -> str:
        """Return the token of a link's data, joined by dots; for many links of one person."""
        signature = self._hashes[purpose].digest(payload.encode())[:_SIGNATURE_BYTES]
        # As `urlsafe_b64encode`, which takes longer than the hash; 18 bytes need no padding.
        letters = b2a_base64(signature, newline=False).translate(_SAFE_IN_URL)
        return f"{payload}.{letters.decode()}"


class LinkReader:
    """Reads tokens signed with any of the keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Create one verifier per purpose.

        Args:
            keys: the secret keys, newest first.
        """
        self._signers = {purpose: _signer(tuple(keys), purpose) for purpose in Purpose}

    def read(self, purpose: Purpose, token: str) -> Link | None:
        """Return the data of a token; None if it was not signed for this purpose."""
        match = _TOKEN.fullmatch(token)
        if match is None or (match["number"] is not None) != purpose.is_numbered:
            return None
        try:
            self._signers[purpose].unsign(token)
        except BadSignature:
            return None
        return Link(
            public_id=match["public_id"],
            newsletter=match["newsletter"],
            number=int(match["number"]) if match["number"] else None,
        )


def find_key(keys: Sequence[str], wanted_id: str) -> str:
    """Return the key with this id, such as the one that an edition was frozen with.

    Raises:
        SubscriberError: the key is not configured any more.
    """
    for key in keys:
        if key_id(key) == wanted_id:
            return key
    raise SubscriberError(
        f"signing key {wanted_id} is not configured any more; add it to the secret keys again"
    )


def key_id(key: str) -> str:
    """Return the id of a key, which does not reveal it: 8 hex digits."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def new_public_id() -> str:
    """Return a random id for a person: 128 bits, 22 letters."""
    return secrets.token_urlsafe(16)


def _signer(keys: tuple[str, ...], purpose: Purpose) -> Signer:
    # The library signs with the last key of its list.
    return Signer(
        list(reversed(keys)),
        salt=f"digest.link.{purpose}",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
        algorithm=_ShortHMAC(),
    )
