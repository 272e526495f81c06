"""E06: what law and mailbox providers ask for at the end of every mail."""

from __future__ import annotations

from collections.abc import Iterator

from digest.letter.checks.exhibit import Exhibit
from digest.letter.plain import one_line
from digest.models import Finding


def check_footer(exhibit: Exhibit) -> Iterator[Finding]:
    """E06: the way out, preferences, postal address and reason in both parts; the header pair."""
    for place, missing in (*_missing_in_html(exhibit), *_missing_in_text(exhibit)):
        yield _finding(place, f"{missing} is missing; mend the template or the configuration")
    yield from _check_headers(exhibit)


def _missing_in_html(exhibit: Exhibit) -> Iterator[tuple[str, str]]:
    shown = {
        each.attributes.get("href", "")
        for each in exhibit.elements
        if each.tag == "a" and each.is_shown
    }
    hrefs = {link.href for link in exhibit.page.links if link.text} & shown
    words = " ".join(exhibit.page.texts)
    yield from _missing("HTML", exhibit, hrefs, words)


def _missing_in_text(exhibit: Exhibit) -> Iterator[tuple[str, str]]:
    text = exhibit.mail.text
    yield from _missing("text part", exhibit, set(text.splitlines()), " ".join(text.split()))


def _missing(
    place: str, exhibit: Exhibit, links: set[str], words: str
) -> Iterator[tuple[str, str]]:
    address = one_line(exhibit.site.postal_address)
    if exhibit.reader.leave_url not in links:
        yield place, "the unsubscribe link"
    if exhibit.reader.preferences_url not in links:
        yield place, "the preferences link"
    if not address or address not in words:
        yield place, "the postal address"
    if exhibit.reader.address not in words:
        yield place, "the line that says why the reader gets this"


def _check_headers(exhibit: Exhibit) -> Iterator[Finding]:
    headers = exhibit.mail.headers
    if [v for n, v in headers if n == "List-Unsubscribe"] != [f"<{exhibit.reader.one_click_url}>"]:
        yield _finding("headers", "List-Unsubscribe is missing, double or unreadable")
    posts = [v for n, v in headers if n == "List-Unsubscribe-Post"]
    if posts != ["List-Unsubscribe=One-Click"]:
        yield _finding("headers", "List-Unsubscribe-Post is missing, double or unreadable")


def _finding(place: str, text: str) -> Finding:
    return Finding(rule="E06", is_error=True, place=place, text=text)
