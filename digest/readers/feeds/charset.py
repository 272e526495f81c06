"""Decodes a document: finds its character encoding.

A byte order mark counts first, then evidence in the bytes themselves, then the declaration of the
server or the document, then chardet's guess. A guess must decode every byte.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from digest.readers.feeds.twice import undo_twice

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"{\0\0\0", "utf-32-le"),
    (b"\0\0\0{", "utf-32-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
)
# Web documents that declare the encoding on the left use the one on the right (WHATWG Encoding).
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_SEVERAL_BYTES = ("utf-8", "gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "iso2022_jp")
_DECLARED = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
#: Halves of characters outside the first 65,536, which UTF-8 forbids.
_HALF = re.compile(rb"(?:\xed[\xa0-\xbf][\x80-\xbf])+")
# The first byte of a character before a mark that a title was cut.
_CUT = re.compile(rb"\s*(?:\.\.\.|\xe2\x80\xa6|\[|<|\]\]>|\Z)")
#: Bytes that the guess examines; more makes it slower, not better.
_SAMPLE_BYTES = 64 * 1024
#: In a multi-byte encoding: the maximum ratio of invalid to valid non-ASCII characters.
_MAX_BROKEN = 0.05
#: First bytes of a character in UTF-8.
_LEADS = range(0xC2, 0xF5)
_EIGHT_BITS = bytes(range(0x80, 0x100))
#: With fewer non-ASCII bytes no guess is made; they are mostly quotes pasted from Windows.
_MIN_SAMPLE = 16
#: Fewer sequences than this may be valid UTF-8 by accident in a one-byte encoding.
_MIN_PROOF = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a document, and the problem found while decoding it."""

    text: str
    #: What was repaired, for the operator; empty if the declared encoding was right.
    problem: str = ""


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Return a document's text, decoded once more if it was encoded twice; never fails.

    Args:
        body: the document.
        content_type: the server's `Content-Type` header; may be empty.
    """
    decoded = _decode(body, content_type)
    text, code_page = undo_twice(decoded.text.replace("ï¿½", "\ufffd"))
    if not code_page:
        return Decoded(text=text, problem=decoded.problem)
    return Decoded(text=text, problem=f"encoded twice, by way of {code_page}; repaired")


def _decode(body: bytes, content_type: str) -> Decoded:
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), "")
    if marked and marked != "utf-8":
        return Decoded(text=body.decode(marked, "replace").removeprefix("\ufeff"))
    body = body.removeprefix(codecs.BOM_UTF8)
    # Only UTF-8 may have them, and only if nothing else is wrong.
    joined = _HALF.sub(_whole, body) if b"\xed" in body else body
    body = joined if _strict(joined, "utf-8") is not None else body
    declared = ("utf-8",) if marked else tuple(_declared(body, content_type))
    if body.isascii():
        # The only 7-bit encoding of the web; no other encoding uses its escape sequences.
        japanese = _strict(body, "iso2022_jp") if b"\x1b$" in body else None
        if japanese is not None:
            return Decoded(text=japanese, problem=_say(declared, "iso2022_jp"))
        return Decoded(text=body.decode("ascii"))
    return _as_declared(body, declared) or _as_guessed(body, declared)


def _whole(found: re.Match[bytes]) -> bytes:
    """Return two halves of a character, each encoded as one, as the character (CESU-8)."""
    halves = found[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le", "replace").encode()


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """Yield the declared encodings, the server's first (RFC 7303 section 3.2)."""
    in_header, in_document = _CHARSET.search(content_type), _DECLARED.match(body)
    for name in (in_header and in_header[1], in_document and in_document[1].decode("ascii")):
        codec = _codec(name or "")
        # The bytes are not UTF-16 or UTF-32: the text was converted, the declaration was not.
        if codec and not codec.startswith(("utf-16", "utf-32")):
            yield codec


def _codec(name: str) -> str:
    """Return Python's name of the codec meant by a name; empty if it is unknown."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError):
        return ""
    return _MEANT.get(found.name, found.name)


def _as_declared(body: bytes, declared: tuple[str, ...]) -> Decoded | None:
    """Decode as declared, or as UTF-8 if the bytes prove it; None if neither fits."""
    text = _strict(body, "utf-8")
    first = declared[0] if declared else ""
    if text is not None and (
        first in {"", "utf-8"} or (first not in _SEVERAL_BYTES and _sequences(body) >= _MIN_PROOF)
    ):
        return Decoded(text=text, problem=_say(declared, "utf-8"))
    for codec in declared:
        found = _strict(body, codec)
        if found is not None:
            return Decoded(text=found, problem=_say(declared, codec))
    for codec in (*declared, "utf-8"):
        if codec in _SEVERAL_BYTES and _is_nearly(body, codec):
            found = body.decode(codec, "digest-cp1252" if codec == "utf-8" else "replace")
            return Decoded(text=found, problem=f"some bytes are not {codec}; they were replaced")
    return None


def _as_guessed(body: bytes, declared: tuple[str, ...]) -> Decoded:
    sample = _sample(body)
    is_enough = len(sample) - len(sample.translate(None, _EIGHT_BITS)) >= _MIN_SAMPLE
    guess = _guess(sample) if is_enough else ""
    for codec in (guess, "cp1252"):
        text = _strict(body, codec) if codec else None
        if text is not None:
            return Decoded(text=text, problem=_say(declared, codec))
    return Decoded(
        text=body.decode("cp1252", "replace"), problem="its character encoding is damaged"
    )


def _guess(sample: bytes) -> str:
    # Few documents need it, and loading it takes as long as reading a document.
    import chardet

    return _codec(str(chardet.detect(sample)["encoding"] or ""))


def _say(declared: tuple[str, ...], codec: str) -> str:
    if declared:
        return "" if codec == declared[0] else f"declared as {declared[0]}, read as {codec}"
    return "" if codec == "utf-8" else f"declares no character encoding, read as {codec}"


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _sequences(body: bytes) -> int:
    """Count the multi-byte characters in valid UTF-8."""
    return sum(body.count(bytes((lead,))) for lead in range(0xC2, 0xF5))


def _is_nearly(body: bytes, codec: str) -> bool:
    """Return whether a text has few invalid and many valid characters in an encoding."""
    text = body.decode(codec, "replace")
    broken = text.count("\ufffd")
    sound = len(text) - len(text.encode("ascii", "ignore")) - broken
    return broken <= sound * _MAX_BROKEN


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Decode a byte that is not UTF-8 as Windows-1252, its most common origin.

    The first bytes of a character that was cut off become U+FFFD.
    """
    # It is named by nothing that encodes.
    found = cast("UnicodeDecodeError", error)
    wrong = found.object[found.start : found.end]
    is_lead = wrong[0] in _LEADS
    if is_lead and (len(wrong) > 1 or _CUT.match(found.object, found.end)):
        return "\ufffd", found.end
    return wrong.decode("cp1252", "replace"), found.end


codecs.register_error("digest-cp1252", _as_cp1252)


def _sample(body: bytes) -> bytes:
    """Return the text between tags that is not only ASCII, up to `_SAMPLE_BYTES`."""
    taken, size = [], 0
    for part in re.split(rb"[<>]", body):
        if not part.isascii():
            taken.append(part[:_SAMPLE_BYTES])
            size += len(taken[-1])
            if size > _SAMPLE_BYTES:
                break
    return b" ".join(taken)[:_SAMPLE_BYTES]
