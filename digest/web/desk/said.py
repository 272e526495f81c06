"""The line that the next page shows once, such as `Approved.`, in a signed cookie."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "digest-said"
#: Seconds until a line that no page has shown is forgotten.
MAX_AGE_S = 120
#: More would not fit a cookie.
_MOST_CHARACTERS = 600


def pack(words: str, key: str) -> str:
    """Return the cookie's value for a line."""
    return str(_signer(key).dumps(words[:_MOST_CHARACTERS]))


def unpack(value: str, key: str) -> str:
    """Return the line of a cookie's value; empty if there is none, or it is not ours."""
    try:
        return str(_signer(key).loads(value, max_age=MAX_AGE_S)) if value else ""
    except BadSignature:
        return ""


def _signer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="desk-said")
