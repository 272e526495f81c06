"""Writes the headers of a letter so that all servers and mail programs read them the same way.

The standard library folds a long `List-Unsubscribe` into encoded words, which no mail program
understands, and loses spaces in long non-ASCII subjects (python/cpython#92081). So this module
writes the few forms that a letter needs.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from digest.letter.plain import one_line
from digest.models import Edition
from subscribers.macs import KeyedHash

#: Columns of a line: RFC 5322 section 2.1.1 allows 78, RFC 2047 section 2 only 76.
_LINE = 76
#: A longer word is encoded, because it cannot be folded and no line may be over 998 octets.
_LONGEST_WORD = 900
#: Characters of a URL that `quote` would encode (RFC 3986 section 2.2); `%` is already encoded.
_URL_MARKS = "%:/?#[]@!$&'()*+,;=~"
#: Where the signed id of a mail belongs in `HeaderFacts.delivery_headers`.
DELIVERY_MARK = "{id}"
_ENCODED = "=?utf-8?b?{}?="
_MARKS = len("=?utf-8?b??=")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """The sender of a newsletter, as shown in its headers."""

    #: May be empty.
    from_name: str
    from_address: str
    #: A mailbox that people read; empty for `from_address`.
    reply_to: str
    #: The list id, such as `weekly.example.org`; the same for all editions (RFC 2919).
    list_id: str
    #: The page where anybody can subscribe, which also explains how to change and to leave; empty
    #: if there is none.
    subscribe_url: str = ""
    #: The page of the past editions; empty if they are not public.
    archive_url: str = ""
    #: Lines with `DELIVERY_MARK` where the signed id of a mail belongs, for providers whose events
    #: do not repeat the Message-ID. They return these lines instead.
    delivery_headers: tuple[str, ...] = ()


def opening_headers(facts: HeaderFacts, subject: str) -> list[str]:
    """Return the lines From, Subject and Reply-To, without line ends."""
    return [
        f"From: {write_mailbox(facts.from_name, facts.from_address)}",
        f"Subject: {write_text(subject, used=len('Subject: '))}",
        f"Reply-To: {facts.reply_to or facts.from_address}",
    ]


def list_headers(facts: HeaderFacts, edition: Edition) -> list[str]:
    """Return the lines that mark a bulk mail, except List-Unsubscribe."""
    return [
        f"List-Id: {write_list_id(edition.masthead.title, facts.list_id)}",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        # Only editors write to the list (RFC 2369 sections 3.4 and 3.5).
        "List-Post: NO",
        f"List-Owner: <mailto:{quote(facts.reply_to or facts.from_address, safe='@+')}>",
        *_page_headers(facts),
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        f"Feedback-ID: {edition.number}:{edition.newsletter}:digest:{_sender_id(facts)}",
    ]


def _sender_id(facts: HeaderFacts) -> str:
    """Return the last field of Feedback-ID, the same in all mails of a sender.

    Gmail reads one of 5 to 15 characters (support.google.com/mail/answer/6254652), and most domains
    are longer.
    """
    domain = facts.from_address.rpartition("@")[2].lower()
    return hashlib.sha256(domain.encode()).hexdigest()[:12]


def _page_headers(facts: HeaderFacts) -> list[str]:
    """Return the lines of the public pages (RFC 2369 section 3), without personal links.

    Programs that publish mails, such as list archives, keep these headers. So List-Help names the
    page for everybody, not the subscriber's preferences.
    """
    pages = (
        ("List-Help", facts.subscribe_url),
        ("List-Subscribe", facts.subscribe_url),
        ("List-Archive", facts.archive_url),
    )
    return [f"{name}: {write_link(url)}" for name, url in pages if url]


def write_link(url: str) -> str:
    """Return a URL in angle brackets, in one line: programs do not decode anything else here."""
    return f"<{quote(url, safe=_URL_MARKS)}>"


def write_text(text: str, *, used: int) -> str:
    """Return text as a folded header value; it is read back as `one_line(text)`.

    Args:
        text: any text.
        used: the number of characters before it on the first line.
    """
    words = one_line(text)
    return _fold(words, used) if _is_plain(words) else _encode_words(words, used)


def write_mailbox(name: str, address: str) -> str:
    """Return a mailbox such as `"The Lantern" <digest@example.org>`, folded if long."""
    words = one_line(name)
    if not words:
        return address
    if _is_plain(words):
        return _fold(f"{_quote(words)} <{address}>", len("From: "))
    return f"{_encode_words(words, len('From: '))}\r\n <{address}>"


def write_list_id(name: str, list_id: str) -> str:
    """Return the list's name and id; the name is left out if it would need encoding."""
    words = one_line(name)
    if not words or not _is_plain(words):
        return f"<{list_id}>"
    return _fold(f"{_quote(words)} <{list_id}>", len("List-Id: "))


def message_id(edition_id: int, subscriber_id: int, key: bytes, domain: str) -> str:
    """Return the Message-ID of one subscriber's mail; a repeated mail has the same id.

    It is a keyed hash, so that it does not reveal other subscribers.
    """
    return MessageIds(edition_id, key, domain).of(subscriber_id)


class MessageIds:
    """The Message-IDs of one edition's mails."""

    def __init__(self, edition_id: int, key: bytes, domain: str) -> None:
        """Prepare the keyed hash."""
        self._hash = KeyedHash(key, f"{edition_id}.".encode())
        self._start, self._end = f"<e{edition_id}.", f"@{domain}>"

    def of(self, subscriber_id: int) -> str:
        """Return the Message-ID of one subscriber's mail; see `message_id`."""
        person = self._hash.digest(str(subscriber_id).encode()).hex()[:20]
        return f"{self._start}{person}{self._end}"


def _is_plain(words: str) -> bool:
    """Whether a header may contain the words unencoded; `=?` would begin an encoded word."""
    is_foldable = all(len(word) <= _LONGEST_WORD for word in words.split(" "))
    return words.isascii() and "=?" not in words and is_foldable


def _quote(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fold(words: str, used: int) -> str:
    """Break before a space if a line would be too long, but never before the first word.

    A line of white space alone is not allowed, and some mail programs read a value that starts on
    the second line with a space before it.
    """
    lines, line, room = [], "", _LINE - used
    for word in words.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, _LINE - 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _encode_words(words: str, used: int) -> str:
    """Return encoded words (RFC 2047), each with whole characters and within one line."""
    chunks, chunk, room = [], b"", _room(_LINE - used)
    for character in words:
        octets = character.encode()
        if len(chunk) + len(octets) > room:
            chunks.append(chunk)
            chunk, room = b"", _room(_LINE - 1)
        chunk += octets
    encoded = (_ENCODED.format(base64.b64encode(chunk).decode()) for chunk in [*chunks, chunk])
    return "\r\n ".join(encoded)


def _room(columns: int) -> int:
    """Return the octets that fit in `columns` as Base64 with the marks around it."""
    return (min(columns, 75) - _MARKS) // 4 * 3
