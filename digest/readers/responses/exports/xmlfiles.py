"""Reading large XML element by element; no entity is ever expanded."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from digest.errors import FeedError

#: Elements within elements; freeing deeper trees takes the stack.
_MAX_DEPTH = 200
# What XML 1.0 forbids (section 2.2), also as a reference.
_FORBIDDEN = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[1245-9]|2\d|3[01]));",
    re.IGNORECASE,
)
_UNQUOTED = re.compile(rb"(\s[\w:.-]{1,60}=)([\w.-]+)(?=\s*/?>)")
_USED = re.compile(rb"[<\s]/?([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")
_DECLARED = re.compile(rb"\bxmlns:([A-Za-z_][\w.-]{0,40})\s*=")
_ROOT = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*+<[A-Za-z][^\s/>]*", re.DOTALL)


def elements(body: bytes, name: str, wanted: frozenset[str]) -> Iterator[Element]:
    """Give the outermost elements with these local names, one after the other.

    Raises:
        ParseError: it is not well formed.
        FeedError: it declares entities, or nests absurdly.
    """
    depth, inside = 0, 0
    # Files pass through editors and scripts that leave a mark before or behind the document.
    document = body[max(0, body.find(b"<")) : body.rfind(b">") + 1]
    try:
        for event, element in iterparse(io.BytesIO(document), events=("start", "end")):
            is_wanted = local(element.tag) in wanted
            if event == "start":
                depth, inside = depth + 1, inside + is_wanted
                if depth > _MAX_DEPTH:
                    raise FeedError(
                        name, "no export: its elements nest too deeply", transient=False
                    )
                continue
            depth, inside = depth - 1, inside - is_wanted
            if is_wanted and not inside:
                yield element
            if not inside:
                element.clear()
    except DefusedXmlException as error:
        raise FeedError(
            name, "no export: it declares entities; take them out", transient=False
        ) from error
    except (LookupError, ValueError) as error:
        raise ParseError(str(error)) from error


def mended(body: bytes) -> bytes:
    """Give `body` without characters that XML forbids, values quoted and prefixes declared."""
    body = _UNQUOTED.sub(rb'\1"\2"', _FORBIDDEN.sub(b"", body))
    root = _ROOT.match(body)
    missing = set(_USED.findall(body)) - set(_DECLARED.findall(body)) - {b"xml", b"xmlns"}
    if not root or not missing or len(missing) > 100:
        return body
    declared = b"".join(b' xmlns:%b="urn:%b"' % (prefix, prefix) for prefix in sorted(missing))
    return body[: root.end()] + declared + body[root.end() :]


def local(tag: object) -> str:
    """Give a tag or an attribute without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def fields(element: Element) -> dict[str, str]:
    """Give the text of an element's children by their local names, the first of each."""
    found: dict[str, str] = {}
    for child in element:
        found.setdefault(local(child.tag), (child.text or "").strip())
    return found


def identifier(element: Element) -> str:
    """Give the `id` attribute, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if local(key) == "id"), "")
