"""Encodes text as quoted-printable, so that no line is long and none begins with a dot.

A dot at the start of a line would have to be doubled for SMTP (RFC 5321 section 4.5.2), in every
mail again; written as `=2E` (RFC 2045 section 6.7) it never has to be.
"""

from __future__ import annotations

import binascii
from string import ascii_letters, digits

#: Characters of a line (RFC 2045 section 6.7).
_LINE = 76
#: Letters that neither quoted-printable nor HTML writes in another way.
_UNCHANGED = (ascii_letters + digits + "_-.:/@+~").encode()


def quote_printable(text: str) -> bytes:
    """Encode text in lines of at most 76 characters, separated by CRLF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = binascii.b2a_qp(text.replace("\0", "").encode(), istext=True)
    if encoded.startswith(b".") or b"\n." in encoded:
        encoded = b"\n".join(map(_quote_dot, encoded.split(b"\n")))
    return encoded.replace(b"\n", b"\r\n")


def quote_plain(text: str) -> bytes | None:
    """Return what `quote_open` does for text that no part of a mail changes, such as most links.

    It takes a quarter of the time, and most values of a subscriber are links. None: the text has
    other characters.
    """
    plain = text.encode()
    if plain.translate(None, _UNCHANGED):
        return None
    if len(plain) < _LINE and not plain.startswith(b"."):
        return plain + b"=\r\n" if plain else b""
    lines = [plain[at : at + _LINE - 1] for at in range(0, len(plain), _LINE - 1)]
    encoded = b"=\r\n".join([*lines, b""])
    return None if encoded.startswith(b".") or b"\n." in encoded else encoded


def quote_open(text: str) -> bytes:
    """Encode text that continues, and end with a soft break: the next bytes start a new line.

    A placeholder for the next text makes the encoder leave room for the soft break.
    """
    encoded = quote_printable(f"{text}_")[:-1]
    is_broken = not encoded or encoded.endswith(b"\n")
    return encoded if is_broken else encoded + b"=\r\n"


def _quote_dot(line: bytes) -> bytes:
    """Write a dot at the start as `=2E`, and break the line again if it is now too long."""
    if not line.startswith(b"."):
        return line
    line = b"=2E" + line[1:]
    if len(line) <= _LINE:
        return line
    # Not within an encoded character, which has three letters.
    escape = line.rfind(b"=", _LINE - 3, _LINE - 1)
    at = escape if escape > 0 else _LINE - 1
    return line[:at] + b"=\n" + _quote_dot(line[at:])
