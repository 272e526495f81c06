"""E07: check that every mail program shows the pictures and that they have descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.letter.checks.css import image_kind
from digest.letter.checks.dom import Element
from digest.letter.checks.lint_context import LintContext
from digest.letter.planning.variants import lead_image
from digest.models import Finding, Story

#: Kinds that some mail programs do not show; all show JPEG, PNG and GIF.
_UNSHOWN = {"svg": "SVG", "svgz": "SVG", "webp": "WebP", "avif": "AVIF"}
#: Largest size for a mobile connection.
_MAX_BYTES = 150_000
_FILE_NAME = re.compile(
    r"\S+\.(?:jpe?g|png|gif|webp|svg|avif|bmp|tiff?|heic)|(?:IMG|DSC|DSCN|DSCF|PXL)[_-]?\d{3,}\S*",
    re.IGNORECASE,
)


def check_images(context: LintContext) -> Iterator[Finding]:
    """E07: description, width, secure address, a kind that is shown, and size in bytes."""
    owners = _owners(context)
    for element in context.elements:
        if element.tag == "img":
            src = element.attributes.get("src", "")
            yield from _check_image(element, src, owners.get(src, 0), context)
    yield from _check_weight(context)


def _owners(context: LintContext) -> dict[str, int]:
    """Return the post id of each story's picture, by address; other pictures are our own."""
    return {url: story.post_id for story in context.stories for url in _pictures_of(story) if url}


def _pictures_of(story: Story) -> tuple[str, str]:
    return story.image_url, lead_image(story)


def _check_image(
    element: Element, src: str, post_id: int, context: LintContext
) -> Iterator[Finding]:
    place = f"picture {src[:80]!r}"
    for fault in _template_faults(element):
        yield _finding(place, f"{fault}; fix the template")
    fault = _fault_of_source(src, is_development=context.site.is_development)
    if fault:
        yield _finding(place, fault, post_id, "image")
    if _FILE_NAME.fullmatch(element.attributes.get("alt", "").strip()):
        yield _finding(place, "the description is a file name", post_id, "alt")


def _check_weight(context: LintContext) -> Iterator[Finding]:
    """Warn of pictures that are large by their feed's data; our own copies are always small."""
    shown = {each.attributes.get("src", "") for each in context.elements if each.tag == "img"}
    for story in context.stories:
        if story.image_url in shown and (story.image_bytes or 0) > _MAX_BYTES:
            place = f"picture {story.image_url[:80]!r}"
            text = f'{story.image_bytes:,} bytes; set `images = "serve"` to mail small copies'
            yield Finding(rule="E07", is_error=False, place=place, text=text, post_id=story.post_id)


def _template_faults(element: Element) -> Iterator[str]:
    if "alt" not in element.attributes:
        yield "has no alt attribute, so screen readers read its address aloud"
    if not element.attributes.get("width", "").rstrip("%").isdigit():
        yield "has no width, so Outlook shows it in its full size"


def _fault_of_source(src: str, *, is_development: bool) -> str:
    kind = image_kind(src)
    if kind == "data:":
        return "a data: address; Gmail and Outlook do not show it"
    if kind in _UNSHOWN:
        return f"some mail programs do not show {_UNSHOWN[kind]}"
    schemes = ("https://", "http://") if is_development else ("https://",)
    return "" if src.lower().startswith(schemes) else "not https"


def _finding(place: str, text: str, post_id: int = 0, part: str = "") -> Finding:
    # A picture without a story has no part that can be left out.
    part = part if post_id else ""
    return Finding(rule="E07", is_error=True, place=place, text=text, post_id=post_id, part=part)
