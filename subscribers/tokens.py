"""Signs and reads the tokens of links, which work without a session or a stored token.

A token is `public id . newsletter [. number] . signature`, all of it safe in a URL. It does not
expire because an unsubscribe link in an old mail must work. Keys are listed newest first; every
listed key verifies, so a key may be added at any time, and none may be removed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import want_bytes
from itsdangerous.signer import SigningAlgorithm

from subscribers.errors import SubscriberError
from subscribers.macs import KeyedHash

#: 144 bits fill 24 base64 letters exactly, so that each signature has only one spelling.
_SIGNATURE_BYTES = 18

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

    def __init__(self) -> None:
        self._hashes: dict[bytes, KeyedHash] = {}

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        found = self._hashes.get(key)
        if found is None:
            found = self._hashes[key] = KeyedHash(key)
        return found.digest(value)[:_SIGNATURE_BYTES]


class _KeptKeySigner(Signer):
    """A signer that derives each key once, because it signs several links in every mail."""

    def __init__(self, keys: tuple[str, ...], salt: str) -> None:
        # The library signs with the last key of its list.
        super().__init__(list(reversed(keys)), salt=salt, algorithm=_ShortHMAC())
        self._derived = {key: hmac.digest(key, self.salt, "sha256") for key in self.secret_keys}
        self._newest = self._derived[self.secret_key]

    def get_signature(self, value: str | bytes) -> bytes:
        """Return the signature in letters that are safe in a URL; 18 bytes need no padding."""
        signature = self.algorithm.get_signature(self._newest, want_bytes(value))
        return base64.urlsafe_b64encode(signature)

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        """Return the key for this salt, as the library's `hmac` derivation does."""
        return self._newest if secret_key is None else self._derived[want_bytes(secret_key)]


class LinkSigner:
    """Signs links with one key."""

    def __init__(self, key: str) -> None:
        """Create one signer per purpose, each with its own salt."""
        self._signers = {purpose: _signer((key,), purpose) for purpose in Purpose}

    def sign(self, purpose: Purpose, link: Link) -> str:
        """Return the token of a link; always the same for the same link."""
        payload = f"{link.public_id}.{link.newsletter}"
        if link.number is not None:
            payload = f"{payload}.{link.number}"
        return self.sign_payload(purpose, payload)

    def sign_payload(self, purpose: Purpose, payload: str) -> str:
        """Return the token of a link's data, joined by dots; for many links of one person."""
        signature = self._signers[purpose].get_signature(payload)
        return f"{payload}.{signature.decode('ascii')}"


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
    return _KeptKeySigner(keys, f"digest.link.{purpose}")
