"""Inlines the style sheet of a page, because many mail programs read no other styles."""

from __future__ import annotations

import logging
import re
from typing import Any

import cssutils

from digest.loading import setting, stand_in_for

# The library fetches style sheets with `requests`, which is off here; it takes 6 MB and 90 ms.
# The setting lets it keep the styles of many letters, where it would keep those of half a letter.
with stand_in_for("requests"), setting("PREMAILER_CACHE_MAXSIZE", "4096"):
    from premailer import Premailer

# The mail's tables already have the HTML attributes that Word needs; those made from CSS would
# duplicate them.
_ATTRIBUTES = ["width", "height", "align", "valign", "bgcolor"]

_STYLE_BLOCK = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CLASS_NAME = re.compile(r"\.([A-Za-z_][\w-]*)")
# Serialised HTML has no raw `<` in text and no raw quote in a value, so these match only tags.
_TAG = re.compile(r"<[a-z][^>]*>")
_CLASS_ATTRIBUTE = re.compile(r' class="([^"]*)"')
_STYLE_ATTRIBUTE = re.compile(r' style="([^"]*)"')


def inline_css(html: str) -> str:
    """Return the page with its first style sheet inlined and unused classes removed.

    Blocks marked `data-premailer="ignore"` do not change by a byte. Nothing is fetched.
    """
    return _shrink(_OfflinePremailer(html, **_SETTINGS).transform(pretty_print=False))


_SETTINGS: dict[str, Any] = {
    "remove_classes": False,
    "keep_style_tags": False,
    # The default strips `!important`, which media rules need to override inline styles.
    "strip_important": False,
    "disable_leftover_css": True,
    "disable_validation": True,
    "allow_network": False,
    "disable_link_rewrites": True,
    "preserve_internal_links": True,
    "align_floating_images": False,
    "disable_basic_attributes": _ATTRIBUTES,
    "cssutils_logging_level": logging.CRITICAL,
}


class _OfflinePremailer(Premailer):  # type: ignore[misc]  # the library has no types
    """Does not fetch `@import` either, which `allow_network=False` allows."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
        return cssutils.CSSParser(fetcher=_refuse).parseString(css_body, validate=validate)

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        key = css_body, ruleset_index
        if key not in _parsed:
            if len(_parsed) == _MOST_PARSED:
                _parsed.clear()
            _parsed[key] = super()._parse_style_rules(css_body, ruleset_index)
        rules, leftover = _parsed[key]
        return list(rules), list(leftover)


#: Rules by style sheet: letters share theirs, and to parse it takes half the time of inlining.
_parsed: dict[tuple[str, int], tuple[list[Any], list[Any]]] = {}
_MOST_PARSED = 8


def _refuse(_url: str) -> tuple[str, bytes]:
    """Answer every fetch with an empty style sheet."""
    return "utf-8", b""


def _shrink(html: str) -> str:
    used = _kept_classes(html)
    return _TAG.sub(lambda tag: _shrink_tag(tag.group(), used), html)


def _kept_classes(html: str) -> frozenset[str]:
    blocks = _STYLE_BLOCK.findall(_COMMENT.sub("", html))
    return frozenset(name for block in blocks for name in _CLASS_NAME.findall(block))


def _shrink_tag(tag: str, used: frozenset[str]) -> str:
    tag = _CLASS_ATTRIBUTE.sub(lambda found: _keep_classes(found.group(1), used), tag)
    return _STYLE_ATTRIBUTE.sub(lambda found: _tighten(found.group(1)), tag)


def _keep_classes(names: str, used: frozenset[str]) -> str:
    kept = " ".join(name for name in names.split() if name in used)
    return f' class="{kept}"' if kept else ""


def _tighten(style: str) -> str:
    declarations = (declaration.partition(":") for declaration in style.split(";"))
    tight = ";".join(
        f"{name.strip()}:{value.strip().replace(', ', ',')}" for name, _colon, value in declarations
    )
    return f' style="{tight}"'
