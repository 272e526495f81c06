"""Bytes to text: the character encoding of a document, as far as it can be told surely.

A byte order mark is believed first, then what the bytes themselves prove, then what the server or
the document declares, then chardet's guess. A guess must decode every byte.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

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
# Under the names on the left, documents of the web hold what is on the right (WHATWG Encoding).
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
#: What a guess looks at; more makes it slower, not better.
_SAMPLE_BYTES = 64 * 1024
#: In a text of several bytes a character: broken ones to sound ones, at most.
_MAX_BROKEN = 0.05
_EIGHT_BITS = bytes(range(0x80, 0x100))
#: Fewer bytes of eight bits look like any language; they are mostly quotes pasted from Windows.
_MIN_SAMPLE = 16
#: So few characters of one byte may be UTF-8 by accident.
_MIN_PROOF = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a document, and how it was had."""

    text: str
    #: What was mended, in an operator's words; empty where the declared encoding was right.
    problem: str = ""


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Give a document's text; it never fails.

    Args:
        body: the document.
        content_type: the server's header; may be empty.
    """
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), "")
    if marked and marked != "utf-8":
        return Decoded(text=body.decode(marked, "replace").removeprefix("\ufeff"))
    body = body.removeprefix(codecs.BOM_UTF8)
    declared = ("utf-8",) if marked else tuple(_declared(body, content_type))
    if body.isascii():
        # The one encoding of the web in seven bits; its escapes are nothing in any other.
        japanese = _strict(body, "iso2022_jp") if b"\x1b$" in body else None
        if japanese is not None:
            return Decoded(text=japanese, problem=_say(declared, "iso2022_jp"))
        return Decoded(text=body.decode("ascii"))
    return _as_declared(body, declared) or _as_guessed(body, declared)


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """Give the encodings that are named, the server's first (RFC 7303 section 3.2)."""
    in_header, in_document = _CHARSET.search(content_type), _DECLARED.match(body)
    for name in (in_header and in_header[1], in_document and in_document[1].decode("ascii")):
        codec = _codec(name or "")
        # Bytes of eight bits were seen: it was recoded on its way, and kept its declaration.
        if codec and not codec.startswith(("utf-16", "utf-32")):
            yield codec


def _codec(name: str) -> str:
    """Give the codec meant by a name, by Python's name; empty where there is none."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError):
        return ""
    return _MEANT.get(found.name, found.name)


def _as_declared(body: bytes, declared: tuple[str, ...]) -> Decoded | None:
    """Decode as declared, or as UTF-8 where the bytes prove it; None where neither fits."""
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
            return Decoded(text=found, problem=f"some bytes are not {codec}; mended")
    return None


def _as_guessed(body: bytes, declared: tuple[str, ...]) -> Decoded:
    sample = _sample(body)
    is_enough = len(sample) - len(sample.translate(None, _EIGHT_BITS)) >= _MIN_SAMPLE
    guess = _guess(sample) if is_enough else ""
    for codec in (guess, "cp1252"):
        text = _strict(body, codec) if codec else None
        if text is not None:
            return Decoded(text=text, problem=_say(declared, codec))
    return Decoded(text=body.decode("cp1252", "replace"), problem="its characters are broken")


def _guess(sample: bytes) -> str:
    # Few documents need it, and to load it takes as long as to read one.
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
    """Count the characters of several bytes in what is valid UTF-8."""
    return sum(body.count(bytes((lead,))) for lead in range(0xC2, 0xF5))


def _is_nearly(body: bytes, codec: str) -> bool:
    """Whether a text has few bytes that its encoding does not know, and many that it does."""
    text = body.decode(codec, "replace")
    broken = text.count("\ufffd")
    sound = len(text) - len(text.encode("ascii", "ignore")) - broken
    return broken <= sound * _MAX_BROKEN


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as what it is mostly: pasted from Windows."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("digest-cp1252", _as_cp1252)


def _sample(body: bytes) -> bytes:
    """Give the stretches between tags that have more than ASCII."""
    taken, size = [], 0
    for part in re.split(rb"[<>]", body):
        if not part.isascii():
            taken.append(part[:_SAMPLE_BYTES])
            size += len(taken[-1])
            if size > _SAMPLE_BYTES:
                break
    return b" ".join(taken)[:_SAMPLE_BYTES]
