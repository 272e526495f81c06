"""Recognises a page that asks the visitor to prove that a person is there.

Sites show it in place of a document to programs they do not know. It is recognised by its form, not
by the product that makes it: a web page with nothing of its own to read, which runs a script or
waits, and speaks of a check. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: For the operator: what happened and what to do.
CHALLENGED = (
    "the site asks robots to prove themselves, which digest cannot do; ask its owner to let this"
    " feed through, or set what lets you in (user_agent, headers or cookie) in its [[feeds]]"
)

#: Bytes of a page that are searched.
_MAX_BYTES = 100_000
#: Words and links that a challenge may have; a page with something to read has more.
_MAX_WORDS = 150
_MAX_LINKS = 8

_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|title|script|meta|noscript)\b",
    re.IGNORECASE | re.DOTALL,
)
#: The statuses that come with a challenge; others mean what they say.
_STATUSES = frozenset({200, 202, 203, 403, 405, 406, 429, 503})
#: The values of headers that firewalls send with a challenge.
_HEADER_VALUES = frozenset({"challenge", "captcha"})
#: The marks of a page that has something of its own: an article, a feed, a place in a site.
_OWN = re.compile(
    r"<article\b|\brel\s*=\s*[\"']?(?:alternate|canonical)\b|\bproperty\s*=\s*[\"']?og:",
    re.IGNORECASE,
)
_ACTS = re.compile(r"<script\b|<noscript\b|http-equiv\s*=\s*[\"']?refresh", re.IGNORECASE)
#: What its words say.
_WORDS = re.compile(
    r"challenge|captcha|proof.of.work|\bbots?\b|robot|робот|机器人|機器人|ロボット|로봇|\bhuman\b"
    r"|\bddos\b|just a moment|checking (?:your|the) (?:browser|connection)"
    r"|java-?script\b.{0,40}\bcookies?\b|\bcookies?\b.{0,40}\bjava-?script",
    re.IGNORECASE | re.DOTALL,
)
#: What its scripts are called, or do: set a cookie and load the page again.
_WORK = re.compile(
    r"challenge|captcha|proof.of.work|\bpow\b|document\.cookie\s*=.{0,2000}?\blocation\b",
    re.IGNORECASE | re.DOTALL,
)
_UNSHOWN = re.compile(r"<(script|style|svg)\b(.*?)(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


def is_web_page(body: bytes) -> bool:
    """Return whether a document is a web page, by its first bytes."""
    return _PAGE.match(body[:2000]) is not None


def is_challenge(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether a response asks for a person in place of its document.

    Args:
        status: the HTTP status.
        headers: the response headers.
        body: the decompressed body; may be only its beginning.
    """
    if status not in _STATUSES:
        return False
    # Some firewalls accept a request, send no document and wait for a script's answer.
    if status == 202 and not body.strip():
        return True
    if any(value.strip().lower() in _HEADER_VALUES for value in headers.values()):
        return True
    if not is_web_page(body):
        return False
    page = body[:_MAX_BYTES].decode("utf-8", "replace")
    if _OWN.search(page) or not _ACTS.search(page) or page.lower().count("<a ") > _MAX_LINKS:
        return False
    scripts = " ".join(match[2] for match in _UNSHOWN.finditer(page))
    words = _TAG.sub(" ", _UNSHOWN.sub(" ", page)).split()
    if len(words) > _MAX_WORDS:
        return False
    return bool(_WORDS.search(" ".join(words)) or _WORK.search(scripts))
