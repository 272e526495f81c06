"""Reads large XML element by element; entities are never expanded."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from digest.errors import FeedError

#: Maximum depth of nested elements; freeing deeper trees may overflow the stack.
_MAX_DEPTH = 200
# Characters that XML 1.0 forbids (section 2.2), also as references.
_FORBIDDEN = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[1245-9]|2\d|3[01]));",
    re.IGNORECASE,
)
_UNQUOTED = re.compile(rb"(\s[\w:.-]{1,60}=)([\w.-]+)(?=\s*/?>)")
_USED = re.compile(rb"[<\s]/?([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")
_DECLARED = re.compile(rb"\bxmlns:([A-Za-z_][\w.-]{0,40})\s*=")
_ROOT = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->|(?!))*+<[A-Za-z][^\s/>]*", re.DOTALL)


def elements(body: bytes, name: str, wanted: frozenset[str]) -> Iterator[Element]:
    """Yield the outermost elements with the wanted local names.

    Raises:
        ParseError: the file is not well formed.
        FeedError: the file declares entities, or its elements are nested too deeply.
    """
    depth, inside = 0, 0
    # Editors and scripts may leave extra characters before or after the document.
    document = body[max(0, body.find(b"<")) : body.rfind(b">") + 1]
    try:
        for event, element in iterparse(io.BytesIO(document), events=("start", "end")):
            is_wanted = local(element.tag) in wanted
            if event == "start":
                depth, inside = depth + 1, inside + is_wanted
                if depth > _MAX_DEPTH:
                    raise FeedError(
                        name, "not an export: its elements are nested too deeply", transient=False
                    )
                continue
            depth, inside = depth - 1, inside - is_wanted
            if is_wanted and not inside:
                yield element
            if not inside:
                element.clear()
    except DefusedXmlException as error:
        raise FeedError(
            name, "not an export: it declares entities; remove them", transient=False
        ) from error
    except (LookupError, ValueError) as error:
        raise ParseError(str(error)) from error


def mended(body: bytes) -> bytes:
    """Return `body` without forbidden characters, with values quoted and prefixes declared."""
    body = _UNQUOTED.sub(rb'\1"\2"', _FORBIDDEN.sub(b"", body))
    root = _ROOT.match(body)
    missing = set(_USED.findall(body)) - set(_DECLARED.findall(body)) - {b"xml", b"xmlns"}
    if not root or not missing or len(missing) > 100:
        return body
    declared = b"".join(b' xmlns:%b="urn:%b"' % (prefix, prefix) for prefix in sorted(missing))
    return body[: root.end()] + declared + body[root.end() :]


def local(tag: object) -> str:
    """Return the name of a tag or attribute without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def fields(element: Element) -> dict[str, str]:
    """Return the text of an element's children by local name, the first of each name."""
    found: dict[str, str] = {}
    for child in element:
        found.setdefault(local(child.tag), (child.text or "").strip())
    return found


def identifier(element: Element) -> str:
    """Return the `id` attribute of any namespace; empty if there is none."""
    return next((value for key, value in element.attrib.items() if local(key) == "id"), "")
