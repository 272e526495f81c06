"""Removes shortcodes such as `[slideshow_deploy]` and `[caption width="3"]…[/caption]`.

A blog's plugins replace them on its pages; in its feed they remain. Brackets that people write
stay: `[sic]`, `[...]`, `[1]`, `[t]he`, `the [video] was`.
"""

from __future__ import annotations

import re
from collections import defaultdict

# Atomic groups: a text full of brackets and quotation marks is read only once. A quoted value may
# contain brackets; its length is limited, because its end may be missing.
_QUOTED = r"(?>=\s?(?:\"[^\"]{0,300}\"|'[^']{0,300}'|[“”″„][^“”″„]{0,300}[“”″]))"
_TAG = re.compile(
    rf"\[(?P<slash>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:[\s=:/](?:{_QUOTED}|[^\[\]]|(?!))*+)?)\]",
    re.ASCII,
)
# `[gallery ids="1,2"` and no bracket at its end, or `[contact_form`.
_UNCLOSED = re.compile(
    r"\[(?:(?P<name>[a-z][\w-]*)(?P<rest>(?:\s{1,3}[\w-]{1,40}=(?>\"[^\"\[\]]{0,300}\""
    r"|'[^'\[\]]{0,300}'|[“”″„][^“”″„\[\]]{0,300}[“”″]|[^\s\[\]]{1,300})|(?!))++)"
    r"|[a-z][a-z0-9-]{0,40}_[a-z0-9_-]{1,40}(?![^\s\[]))\s?/?",
    re.ASCII,
)
#: A name with an underscore is not an English word.
_PLUGIN_NAME = re.compile(r"[a-z][a-z0-9-]*_[a-z0-9_-]*[a-z0-9]")
_ATTRIBUTE = re.compile(r"\s[\w-]{1,40}=\s?[\"'“”‘’″„&\w]")
_EMPTY = re.compile(r"\[\s*\]")

#: Shortcodes that are removed with their content: a caption, an address, a note or code.
_ENCLOSING = frozenset(
    """audio caption code contact-form embed flickr footnote gallery googlemaps img instagram map
    mappress playlist poll pullquote ref slideshow soundcloud sourcecode spoiler spotify tweet
    twitter url video videopress vimeo wp_caption youtube""".split()  # noqa: SIM905
)
#: Shortcodes that are removed without their content, which is the author's text.
_WRAPPING = frozenset(
    """accordion blockquote blog_subscription_form button column columns contact-form-7
    contact-field csswrap dropcap formidable gravityform highlight jetpack-related-posts
    archives row section sharing sidebar tab tabs toc toggle url wpforms quote""".split()  # noqa: SIM905
)
#: These contain a formula, without which its sentence has no sense.
_FORMULAS = frozenset("equation katex latex math mathjax tex".split())  # noqa: SIM905


def strip_shortcodes(text: str) -> str:
    """Return `text` without shortcodes, and without the captions and addresses inside them.

    If nothing else would be left, what is inside them stays. The time is linear in the length of
    the text.
    """
    if "[" not in text:
        return text
    tags = _find_tags(text)
    if not tags:
        return text
    left = _without(text, _dropped_spans(tags))
    return left if left.strip() else _without(text, [found.span() for found in tags])


def _find_tags(text: str) -> list[re.Match[str]]:
    closed = [found for found in _TAG.finditer(text) if found["name"] not in _FORMULAS]
    pairs = {found["name"] for found in closed if found["slash"]}
    tags = [found for found in closed if _is_shortcode(found, pairs)]
    taken = {found.start() for found in closed}
    unclosed = [found for found in _UNCLOSED.finditer(text) if found.start() not in taken]
    return sorted(tags + unclosed, key=re.Match.start)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    kept, at = [], 0
    for start, end in spans:
        if start >= at:
            kept.append(text[at:start])
        at = max(at, end)
    kept.append(text[at:])
    return _EMPTY.sub("", "".join(kept))


def _is_shortcode(tag: re.Match[str], pairs: set[str]) -> bool:
    name, rest = tag["name"], tag["rest"]
    if _PLUGIN_NAME.fullmatch(name) or _ATTRIBUTE.match(rest) or name in pairs:
        return True
    if name not in _ENCLOSING and name not in _WRAPPING:
        return False
    return "-" in name or "/" in rest or _stands_apart(tag)


def _stands_apart(tag: re.Match[str]) -> bool:
    """Whether a tag begins a line or a word, or ends a line: no word of the author does."""
    before = tag.string[max(0, tag.start() - 2) : tag.start()].rstrip(" ")
    after = tag.string[tag.end() : tag.end() + 2]
    if not before or before[-1] in "\n[]":
        return True
    return not before[-1].isalnum() and (after[:1].isalnum() or not after.strip(" \n[]"))


def _dropped_spans(tags: list[re.Match[str]]) -> list[tuple[int, int]]:
    """Return the spans to remove: each tag, or from an enclosing tag to its own closing tag."""
    opened: defaultdict[str, list[int]] = defaultdict(list)
    ends = [tag.end() for tag in tags]
    for number, tag in enumerate(tags):
        groups = tag.groupdict()
        if not groups.get("slash"):
            opened[tag["name"]].append(number)
        elif opened[tag["name"]]:
            opener = opened[tag["name"]].pop()
            if tag["name"] in _ENCLOSING:
                ends[opener] = tag.end()
    return [(tag.start(), end) for tag, end in zip(tags, ends, strict=True)]
