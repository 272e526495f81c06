"""Splits a mail into its parts, within limits and without recursion.

The mails come from anyone, and many of them are malformed: CR line endings, wrong boundaries, text
outside every part. The standard parser raises `RecursionError` on 2,000 nested parts and needs
seconds for many small ones, so this one walks the lines with a stack and stops at its limits.
"""

from __future__ import annotations

import binascii
import html
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from quopri import decodestring

#: Longer mails are cut: a report comes before the mail that it returns.
MAX_BYTES = 1_000_000
MAX_PARTS = 20
MAX_DEPTH = 10
#: Header lines longer than this are cut.
MAX_HEADER = 4_000
MAX_HEADERS = 500

_FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:[ \t]?(.*)", re.DOTALL)
_KIND = re.compile(r"[\w.+-]+/[\w.+-]+")
_PARAMETER = r'(?:^|;)\s*%s\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))'
_GUESSED_BOUNDARY = re.compile(
    r"^--(\S{4,70})\n(?=content-[a-z-]+\s*:)", re.IGNORECASE | re.MULTILINE
)
#: The charsets of mails; Python has other codecs, some of them slow.
_CHARSETS = re.compile(
    r"us-ascii|ascii|utf-?(?:8|16|32)(?:[bl]e)?|(?:iso|windows|cp|koi8|euc|gb|big5|ks|hz|latin|tis)"
    r"[\w-]{0,20}|shift[_-]?jis|sjis|macintosh",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_UNSEEN = re.compile(r"<(?:style|script)\b", re.IGNORECASE)
_UNSEEN_END = re.compile(r"</(?:style|script)\b", re.IGNORECASE)
_BREAK = re.compile(r"<\s*/?(?:br|p|div|tr|li|h\d)\b[^<>]{0,500}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a mail that contains no other parts, or an attached mail's headers."""

    #: Field names in lower case with unfolded, undecoded values, in order.
    headers: tuple[tuple[str, str], ...]
    #: The content type in lower case, such as `text/plain`.
    kind: str
    #: The content, decoded; markup is taken out of HTML.
    text: str
    #: 0 for the mail itself and its own parts, 1 within an attached mail.
    attached: int = 0

    def header(self, name: str) -> str:
        """Return the first value of a header field, decoded; empty if there is none."""
        return next((decode_words(value) for key, value in self.headers if key == name), "")


def read_parts(raw: bytes) -> tuple[Part, ...]:
    """Return the mail and its parts in order; the first part has the headers of the mail.

    A part that contains others has the text outside of them (preamble and epilogue). Parts past
    the limits of number and depth are left out.
    """
    return tuple(_walk(_lines(raw)))


def split_headers(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the header fields at the start of a text, and what follows them."""
    head, _, body = text.lstrip("\n").partition("\n\n")
    fields: list[list[str]] = []
    for number, line in enumerate(head.split("\n")):
        if number == 0 and line.startswith(("From ", ">From ")):
            continue
        if line[:1] in (" ", "\t") and fields:
            fields[-1].append(line)
        elif (match := _FIELD.fullmatch(line[:MAX_HEADER])) and len(fields) < MAX_HEADERS:
            fields.append([match[1].lower(), match[2]])
        elif not fields:
            # The text starts without a header.
            return (), text
    return tuple((name, "".join(rest)[:MAX_HEADER].strip()) for name, *rest in fields), body


def decode_words(value: str) -> str:
    """Return a header value with its encoded words decoded (RFC 2047); bad ones are kept."""
    if "=?" not in value:
        return value
    try:
        return _storable(str(make_header(decode_header(value))))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _lines(raw: bytes) -> str:
    """Return a mail as text whose bytes are Latin-1 characters, with LF line endings."""
    text = raw[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _walk(text: str) -> Iterator[Part]:
    # Each entry: the text, whether it starts with headers, depth, number of mails around it.
    waiting = [(text, 0, 0)]
    found = 0
    while waiting and found < MAX_PARTS:
        entity, depth, attached = waiting.pop()
        found += 1
        headers, body = split_headers(entity)
        kind, declared = _content_type(headers)
        inside, outside = _split(kind, declared, body) if depth < MAX_DEPTH else ([], body)
        if depth < MAX_DEPTH and not inside and _is_mail(kind):
            inside, outside = [_decode_bytes(headers, body)], ""
        here = attached + _is_mail(kind)
        waiting.extend((each, depth + 1, here) for each in reversed(inside[:MAX_PARTS]))
        content = outside if inside else _decode(headers, kind, body)
        yield Part(headers=headers, kind=kind, text=content, attached=attached)


def _is_mail(kind: str) -> bool:
    return kind in ("message/rfc822", "message/global")


def _content_type(headers: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Return the content type of a part and its boundary."""
    value = next((value for name, value in headers if name == "content-type"), "")
    kind = _KIND.match(value)
    return kind.group().lower() if kind else "text/plain", _parameter(value, "boundary")


def _parameter(value: str, name: str) -> str:
    match = re.search(_PARAMETER % name, value, re.IGNORECASE)
    return (match[1] or match[2] or "") if match else ""


def _split(kind: str, boundary: str, body: str) -> tuple[list[str], str]:
    """Return the parts of a body and the text outside of them; no parts if there are none."""
    if not kind.startswith("multipart/") and not _GUESSED_BOUNDARY.match(body.lstrip("\n")):
        return [], body
    parts, outside = _cut(boundary, body)
    if not parts and (guess := _GUESSED_BOUNDARY.search(body)):
        parts, outside = _cut(guess[1], body)
    return parts, outside


def _cut(boundary: str, body: str) -> tuple[list[str], str]:
    if not boundary:
        return [], body
    delimiter = re.compile(rf"^--{re.escape(boundary)}(--)?[ \t]*$\n?", re.MULTILINE)
    parts: list[str] = []
    outside: list[str] = []
    start, is_inside = 0, False
    for match in delimiter.finditer(body):
        (parts if is_inside else outside).append(body[start : match.start()])
        start, is_inside = match.end(), match[1] is None
        if len(parts) >= MAX_PARTS:
            break
    (parts if is_inside else outside).append(body[start:])
    return parts, "\n".join(outside)


def _decode_bytes(headers: tuple[tuple[str, str], ...], body: str) -> str:
    """Undo the transfer encoding; the result still has one character for each byte."""
    encoding = next((v for name, v in headers if name == "content-transfer-encoding"), "").lower()
    raw = body.encode("latin-1", "replace")
    if "quoted-printable" in encoding:
        raw = decodestring(raw)
    elif "base64" in encoding:
        try:
            raw = b64decode(re.sub(rb"[^A-Za-z0-9+/]", b"", raw) + b"===")
        except binascii.Error:
            return body
    return _lines(raw)


def _decode(headers: tuple[tuple[str, str], ...], kind: str, body: str) -> str:
    if not kind.startswith(("text/", "message/", "multipart/")):
        return ""
    content = _decode_bytes(headers, body)
    value = next((value for name, value in headers if name == "content-type"), "")
    text = _decode_charset(content.encode("latin-1", "replace"), _parameter(value, "charset"))
    return strip_markup(text) if kind == "text/html" else text


def _decode_charset(raw: bytes, declared: str) -> str:
    guesses = ("iso-2022-jp",) if b"\x1b$" in raw else ()
    allowed = (declared,) if _CHARSETS.fullmatch(declared) else ()
    for charset in (*guesses, *allowed, "utf-8"):
        try:
            return _storable(raw.decode(charset))
        except (LookupError, ValueError):
            continue
    return raw.decode("latin-1")


def _storable(text: str) -> str:
    """Replace what no database stores: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def strip_markup(text: str) -> str:
    """Return the words of an HTML text, one line for each paragraph."""
    first, *others = _UNSEEN.split(text)
    seen = [first, *(_UNSEEN_END.split(other, maxsplit=1)[-1] for other in others)]
    return html.unescape(_MARKUP.sub(" ", _BREAK.sub("\n", "<".join(seen))))
