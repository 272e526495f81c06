"""The headers of a letter, written so that every server and mail program reads them alike.

The standard library folds a long `List-Unsubscribe` into encoded words, which no mail program
acts on, and loses spaces in long subjects that are not ASCII (python/cpython#92081). So the
few forms that a letter needs are written here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote

from digest.letter.plain import one_line
from digest.models import Edition

#: Columns of a line (RFC 5322 section 2.1.1 asks for 78, RFC 2047 section 2 for 76).
_LINE = 76
#: A longer word cannot be folded, and no line may be over 998 octets.
_LONGEST_WORD = 900
_ENCODED = "=?utf-8?b?{}?="
_MARKS = len("=?utf-8?b??=")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """Who sends a newsletter, as its headers say it."""

    #: May be empty.
    from_name: str
    from_address: str
    #: A mailbox that is read; empty: `from_address`.
    reply_to: str
    #: Such as `weekly.example.org`; the same over all editions (RFC 2919).
    list_id: str


def opening_headers(facts: HeaderFacts, subject: str) -> list[str]:
    """Give the lines From, Subject and Reply-To, without line ends at the close."""
    return [
        f"From: {write_mailbox(facts.from_name, facts.from_address)}",
        f"Subject: {write_text(subject, used=len('Subject: '))}",
        f"Reply-To: {facts.reply_to or facts.from_address}",
    ]


def list_headers(facts: HeaderFacts, edition: Edition) -> list[str]:
    """Give the lines that tell a bulk mail from a person's, all but List-Unsubscribe."""
    return [
        f"List-Id: {write_list_id(edition.masthead.title, facts.list_id)}",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        # Nobody but its editors writes to the list (RFC 2369 sections 3.4 and 3.5).
        "List-Post: NO",
        f"List-Owner: <mailto:{quote(facts.reply_to or facts.from_address, safe='@+')}>",
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        f"Feedback-ID: {edition.number}:{edition.newsletter}:digest:{facts.list_id}",
    ]


def write_text(text: str, *, used: int) -> str:
    """Give words as a header carries them, folded; they read back as `one_line(text)`.

    Args:
        text: any words.
        used: characters that stand before them on the first line.
    """
    words = one_line(text)
    return _fold(words, used) if _is_plain(words) else _encode_words(words, used)


def write_mailbox(name: str, address: str) -> str:
    """Give a sender: `"The Lantern" <digest@example.org>`, folded where long."""
    words = one_line(name)
    if not words:
        return address
    if _is_plain(words):
        return _fold(f"{_quote(words)} <{address}>", len("From: "))
    return f"{_encode_words(words, len('From: '))}\r\n <{address}>"


def write_list_id(name: str, list_id: str) -> str:
    """Give the list's id after its name, which is left out where it would need encoding."""
    words = one_line(name)
    if not words or not _is_plain(words):
        return f"<{list_id}>"
    return _fold(f"{_quote(words)} <{list_id}>", len("List-Id: "))


def message_id(edition_id: int, subscriber_id: int, key: bytes, domain: str) -> str:
    """Give the Message-ID of one subscriber's mail: a repeat of the same mail has the same.

    Keyed, so that it does not tell who else is written to.
    """
    person = hmac.new(key, f"{edition_id}.{subscriber_id}".encode(), hashlib.sha256)
    return f"<e{edition_id}.{person.hexdigest()[:20]}@{domain}>"


def _is_plain(words: str) -> bool:
    """Whether a header may carry the words as they are; `=?` would be read as an encoded word."""
    is_foldable = all(len(word) <= _LONGEST_WORD for word in words.split(" "))
    return words.isascii() and "=?" not in words and is_foldable


def _quote(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fold(words: str, used: int) -> str:
    """Break before a space where a line would be too long, but never before the first word.

    A line of white space alone is not allowed, and a value that starts on the second line comes
    back from some subscribers with a space before it.
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
    """Give encoded words (RFC 2047), each of whole characters and within its line."""
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
    """Give the octets whose Base64 form fits, with the marks around it, in so many columns."""
    return (min(columns, 75) - _MARKS) // 4 * 3
