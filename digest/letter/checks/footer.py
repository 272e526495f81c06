"""E06: check the footer and headers that laws and mailbox providers require in every mail."""

from __future__ import annotations

from collections.abc import Iterator

from digest.letter.checks.lint_context import LintContext
from digest.letter.plain import one_line
from digest.models import Finding


def check_footer(context: LintContext) -> Iterator[Finding]:
    """E06: unsubscribe, preferences, postal address and reason in both parts; two headers."""
    for place, missing in (*_missing_in_html(context), *_missing_in_text(context)):
        yield _finding(place, f"{missing} is missing; fix the template or the configuration")
    yield from _check_headers(context)


def _missing_in_html(context: LintContext) -> Iterator[tuple[str, str]]:
    shown = {
        each.attributes.get("href", "")
        for each in context.elements
        if each.tag == "a" and each.is_shown
    }
    hrefs = {link.href for link in context.page.links if link.text} & shown
    words = " ".join(context.page.texts)
    yield from _missing("HTML", context, hrefs, words)


def _missing_in_text(context: LintContext) -> Iterator[tuple[str, str]]:
    text = context.mail.text
    yield from _missing("text part", context, set(text.splitlines()), " ".join(text.split()))


def _missing(
    place: str, context: LintContext, links: set[str], words: str
) -> Iterator[tuple[str, str]]:
    address = one_line(context.site.postal_address)
    if context.subscriber.leave_url not in links:
        yield place, "the unsubscribe link"
    if context.subscriber.preferences_url not in links:
        yield place, "the preferences link"
    if not address or address not in words:
        yield place, "the postal address"
    if context.subscriber.address not in words:
        yield place, "the reason why the subscriber gets this mail"


def _check_headers(context: LintContext) -> Iterator[Finding]:
    headers = context.mail.headers
    if [v for n, v in headers if n == "List-Unsubscribe"] != [
        f"<{context.subscriber.one_click_url}>"
    ]:
        yield _finding("headers", "List-Unsubscribe is missing, duplicated or invalid")
    posts = [v for n, v in headers if n == "List-Unsubscribe-Post"]
    if posts != ["List-Unsubscribe=One-Click"]:
        yield _finding("headers", "List-Unsubscribe-Post is missing, duplicated or invalid")


def _finding(place: str, text: str) -> Finding:
    return Finding(rule="E06", is_error=True, place=place, text=text)
