"""Reduces the replies of mail servers to the words that they have in common."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"<?[^\s<>@:;,()]+@[^\s<>@:;,()]+>?")
_URL = re.compile(r"(https?://[^\s/]+)/\S*")
_WORD = re.compile(r"[\w.:+=/-]*\d[\w.:+=/-]*")
#: A status code (RFC 3463), or a provider's own code for a reason, such as `S3140` or `RP-001`.
_MEANS_SOMETHING = re.compile(r"[245]\.\d{1,3}\.\d{1,3}:?|[A-Za-z]{1,4}-?\d{1,4}")
#: The reply's own code.
_CODE = re.compile(r"\d{3}\b[ -]?")


def without_ids(reply: str) -> str:
    """Return a reply without what differs from mail to mail, so that equal reasons are equal.

    Addresses become `<…>`; numbers, networks and ids become `…`. The reply's code, status codes
    (`5.1.1`) and a provider's own reason codes (`S3140`) stay.
    """
    code = _CODE.match(reply)
    start = code.end() if code else 0
    words = _ADDRESS.sub("<…>", reply[start:])
    words = _URL.sub(r"\1/…", words)
    return reply[:start] + " ".join(_WORD.sub(_shorten, words).split())


def _shorten(word: re.Match[str]) -> str:
    core = word[0].rstrip(".:")
    return word[0] if _MEANS_SOMETHING.fullmatch(core) else "…" + word[0][len(core) :]
