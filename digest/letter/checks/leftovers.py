"""E04: find marks, template code and placeholders that were not replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from digest.letter.checks.lint_context import LintContext
from digest.letter.plain import shorten
from digest.letter.printing.message import MARK_START
from digest.letter.printing.places import FORMS
from digest.models import Finding, Story
from digest.text.shortcodes import strip_shortcodes

#: The start of a mark, which a template may have changed.
_OPEN_MARK = re.compile(rf"{MARK_START}|(?i:place.?[0-9a-f]{{8}})")
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
#: What is meant as a place for a subscriber's own value, but is none.
_OWN_PLACE = re.compile(r"[{%]\s*subscriber\.\w", re.IGNORECASE)
_NO_PLACE = (
    f"is no place for a subscriber's value: intro, custom and support may have {FORMS}, with name,"
    " address or a name that `digest subscribers fields` lists"
)
_EMPTY_VALUES = frozenset({"None", "undefined"})
_PLACEHOLDER = re.compile(r"\blorem ipsum\b", re.IGNORECASE)
#: Hosts reserved by RFC 2606 and RFC 6761; subscribers cannot open pages there.
_RESERVED = ("localhost", "example", "test", "invalid", "example.com", "example.net", "example.org")


def check_leftovers(context: LintContext) -> Iterator[Finding]:
    """E04: marks, template code, empty values, shortcodes, placeholder text and hosts."""
    yield from _check_own_words(context)
    yield from _check_text_part(context)
    for story in (*context.stories, *context.titles):
        yield from _check_story(story)
    yield from _check_host(context)


def _check_own_words(context: LintContext) -> Iterator[Finding]:
    edition = context.edition
    typed = (edition.subject, edition.preheader) if edition.typed_for else ()
    hrefs = (link.href for link in context.page.links)
    for words in (*context.own_words(), *typed, *hrefs):
        if _OPEN_MARK.search(words):
            yield _finding(words, "a personal value is not filled in; fix the template")
        if _OWN_PLACE.search(words):
            yield _finding(words, _NO_PLACE)
        elif _TEMPLATE.search(words):
            yield _finding(words, "shows template code; fix the template")
        if words in _EMPTY_VALUES:
            yield _finding(words, "shows an empty value; fix the template")
        if strip_shortcodes(words) != words:
            yield _finding(words, "shows a shortcode; edit the text")
        if _PLACEHOLDER.search(words):
            yield _finding(words, "shows placeholder text; edit the text", is_error=False)


def _check_text_part(context: LintContext) -> Iterator[Finding]:
    """Find leftovers of the text part's own template."""
    own = context.own_text()
    if _OPEN_MARK.search(own):
        yield _in_text("a personal value is not filled in; fix the template")
    if _OWN_PLACE.search(own):
        yield _in_text(_NO_PLACE)
    elif _TEMPLATE.search(own):
        yield _in_text("shows template code; fix the template")
    lines = {line.strip() for line in context.mail.text.splitlines()}
    if lines & _EMPTY_VALUES - set(context.foreign_words):
        yield _in_text("shows an empty value; fix the template")


def _in_text(text: str) -> Finding:
    return Finding(rule="E04", is_error=True, place="text part", text=text)


def _check_story(story: Story) -> Iterator[Finding]:
    for part, text in _parts_of(story):
        if strip_shortcodes(text) != text:
            yield _finding(text, "shows a shortcode", post_id=story.post_id, part=part)
        if _PLACEHOLDER.search(text):
            reason = "shows placeholder text"
            yield _finding(text, reason, is_error=False, post_id=story.post_id, part=part)


def _parts_of(story: Story) -> Iterator[tuple[str, str]]:
    yield "", story.title
    yield "excerpt", story.excerpt
    yield "excerpt", story.lead_excerpt
    yield "author", story.author
    yield "alt", story.image_alt
    for quote in story.quotes:
        yield f"quote:{quote.comment_id}", quote.text
        yield f"quote:{quote.comment_id}", quote.name


def _check_host(context: LintContext) -> Iterator[Finding]:
    base_url = context.site.base_url
    if not context.site.is_development and _is_unreachable(urlsplit(base_url).hostname or ""):
        yield Finding(
            rule="E04",
            is_error=True,
            place=base_url,
            text="subscribers cannot open this address; set site.base_url, or"
            " site.development = true",
        )


def _is_unreachable(host: str) -> bool:
    if any(host == name or host.endswith(f".{name}") for name in _RESERVED):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:  # a name, not an address
        return not host


def _finding(
    words: str, text: str, *, is_error: bool = True, post_id: int = 0, part: str = ""
) -> Finding:
    place = f"“{shorten(words, 60)}”"
    return Finding(
        rule="E04", is_error=is_error, place=place, text=text, post_id=post_id, part=part
    )
