"""Lists the links of a finished mail, and what each is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.letter.checks.dom import read_page
from digest.letter.looks.inert import is_personal
from digest.letter.plain import one_line
from digest.models import Finding, Story

_PERSONAL = {
    "u": "Unsubscribe (personal)",
    "p": "Preferences (personal)",
    "v": "The subscriber’s web page (personal)",
    "q": "Poll (personal)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLink:
    """One target of the links in a mail."""

    href: str
    #: The texts of its links, or the description of its picture; each once.
    texts: tuple[str, ...]
    #: How many links lead there.
    count: int
    #: What it is, such as `Post` or `Comment`.
    kind: str
    #: What the checks found, one line each; empty if nothing.
    faults: tuple[str, ...]
    #: Whether any of the faults blocks the edition.
    is_error: bool

    @property
    def is_web(self) -> bool:
        """Whether it is a page that anybody can open."""
        return self.href.lower().startswith(("https://", "http://")) and "(personal)" not in (
            self.kind
        )


def list_links(
    html: str, base_url: str, stories: tuple[Story, ...], findings: tuple[Finding, ...]
) -> tuple[MailLink, ...]:
    """Return the links of a mail by target, in the order of the mail; nothing is fetched.

    Args:
        html: the finished mail.
        base_url: the address of the subscribers' pages.
        stories: the stories of its edition.
        findings: the findings of its letter.
    """
    links = read_page(html).links
    counts = Counter(link.href for link in links)
    texts: dict[str, dict[str, None]] = {}
    for link in links:
        if words := one_line(link.text or link.label):
            texts.setdefault(link.href, {})[words] = None
    kinds = _kinds(stories)
    return tuple(
        _link(href, tuple(texts.get(href, ())), count, _kind(href, base_url, kinds), findings)
        for href, count in counts.items()
    )


def _link(
    href: str, texts: tuple[str, ...], count: int, kind: str, findings: tuple[Finding, ...]
) -> MailLink:
    place = f"link {href[:120]!r}"
    found = [finding for finding in findings if finding.place == place]
    return MailLink(
        href=href,
        texts=texts,
        count=count,
        kind=kind,
        faults=tuple(dict.fromkeys(finding.text for finding in found)),
        is_error=any(finding.is_error for finding in found),
    )


def _kinds(stories: tuple[Story, ...]) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for story in stories:
        for quote in story.quotes:
            kinds[quote.url] = "Comment"
        for place in story.also_at:
            kinds[place.url] = "The same story elsewhere"
    # A comment without an address of its own leads to the post.
    return kinds | {story.url: "Post" for story in stories}


def _kind(href: str, base_url: str, kinds: dict[str, str]) -> str:
    if known := kinds.get(href):
        return known
    bare = href.partition("#")[0]
    if is_personal(href, base_url):
        return _PERSONAL.get(bare[len(base_url) + 1 : len(base_url) + 2].lower(), "Personal page")
    if href.startswith(f"{base_url}/") or href == base_url:
        return "Your subscribers’ pages"
    if href.lower().startswith("mailto:"):
        return "Mail address"
    if bare in kinds:
        return f"{kinds[bare]}: a place in its page"
    try:
        host = urlsplit(href).hostname
    except ValueError:
        host = None
    return f"Page of {host}" if host else "Not an address"
