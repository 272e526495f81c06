"""Chooses the picture of a web page: the one for sharing, else the first of its article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.readers.feeds.images import alt_text, is_large, is_of_post, picture_key, source_of
from digest.text.links import http_url

#: Characters of a JSON-LD block; a longer one is not read.
_MAX_JSON = 200_000
#: Pictures in an article with a smaller side, in pixels, are decoration.
_MIN_SIZE = 150
#: Pictures of an article that are examined.
_MAX_IMAGES = 50

# Open Graph (ogp.me) specifies `property`; pages use both attributes for both families.
_SHARED = tuple(
    (f"meta[{attribute}='{name}']", f"meta[{attribute}='{family}:alt']")
    for family, names in (
        ("og:image", ("og:image", "og:image:url", "og:image:secure_url")),
        ("twitter:image", ("twitter:image", "twitter:image:src")),
    )
    for name in names
    for attribute in ("property", "name")
)
_ARTICLE = "article img, main img, .entry-content img, .post-content img, .hentry img, #content img"
# Pictures in these elements do not belong to the article.
_AROUND = "nav img, aside img, footer img, #comments img, .comment img, .avatar, .emoji"

#: Ends of the schema.org type names of articles and pages.
_ARTICLE_TYPES = ("Article", "Posting", "WebPage", "Report", "Review")


def page_image(tree: LexborHTMLParser, base_url: str) -> tuple[str, str]:
    """Return the address and the alternative text of a page's picture; both may be empty.

    Args:
        tree: the page.
        base_url: the base of relative links.
    """
    for found, alt, image in _named(tree):
        url = http_url(found, base_url)
        if is_of_post(url, image):
            return url, alt_text(alt or _alt_in(tree, url, base_url), url)
    return "", ""


def _named(tree: LexborHTMLParser) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield address, alternative text and attributes of each picture, the best first."""
    for selector, alt_selector in _SHARED:
        alt = _attribute(tree, alt_selector, "content")
        for each in tree.css(selector):
            yield each.attributes.get("content") or "", alt, {}
    yield _attribute(tree, "link[rel~=image_src]", "href"), "", {}
    for url, alt in _linked_data(tree):
        yield url, alt, {}
    for attributes in _inline(tree):
        yield source_of(attributes), attributes.get("alt", ""), attributes


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    found = tree.css_first(selector)
    return (found.attributes.get(name) if found else "") or ""


def _alt_in(tree: LexborHTMLParser, url: str, base_url: str) -> str:
    """Return the alternative text of the same picture in the page; empty if it is not shown."""
    shown = tree.css("img[alt][src]")[:_MAX_IMAGES]
    alts = (each.attributes["alt"] for each in shown if _key_of(each, base_url) == picture_key(url))
    return next((alt for alt in alts if alt), "")


def _key_of(image: LexborNode, base_url: str) -> str:
    return picture_key(http_url(image.attributes["src"] or "", base_url))


def _linked_data(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Yield the pictures of articles in the page's JSON-LD (schema.org)."""
    for script in tree.css("script[type='application/ld+json']"):
        text = script.text()
        try:
            found = json.loads(text, strict=False) if len(text) <= _MAX_JSON else None
        except (ValueError, RecursionError):
            continue
        for thing in _things(found):
            if str(thing.get("@type", "")).rstrip("']").endswith(_ARTICLE_TYPES):
                yield from _images_of(thing.get("image"))


def _things(found: Any) -> Iterator[dict[str, Any]]:
    listed = found if isinstance(found, list) else [found]
    for each in listed:
        if isinstance(each, dict):
            yield each
            graph = each.get("@graph")
            parts = graph if isinstance(graph, list) else ()
            yield from (part for part in parts if isinstance(part, dict))


def _images_of(image: Any) -> Iterator[tuple[str, str]]:
    for each in image if isinstance(image, list) else [image]:
        if isinstance(each, str):
            yield each, ""
        elif isinstance(each, dict):
            url, alt = each.get("url"), each.get("caption")
            yield url if isinstance(url, str) else "", alt if isinstance(alt, str) else ""


def _inline(tree: LexborHTMLParser) -> Iterator[dict[str, str]]:
    around = {each.mem_id for each in tree.css(_AROUND)}
    for each in tree.css(_ARTICLE)[:_MAX_IMAGES]:
        attributes = {name: value or "" for name, value in each.attributes.items()}
        if each.mem_id not in around and is_large(attributes, _MIN_SIZE):
            yield attributes
