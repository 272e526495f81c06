"""Makes the links of a mail safe to click in a preview."""

from __future__ import annotations

import re

from digest.letter.looks.tags import change_tags, read_attribute, set_attribute, tag_pattern

#: The pages that belong to one subscriber: leaving, preferences, poll, own web page.
_PERSONAL = "upqv"
_LINK = tag_pattern("a|area")
_ACTIVE = tag_pattern("form|base|meta|link|object|embed|iframe|frame|script")
_REFRESH = re.compile(r"\bhttp-equiv\s*=", re.IGNORECASE)
_WEB = ("https://", "http://", "mailto:")
#: Leads nowhere, not even to the start of the page.
NOWHERE = "#in-a-preview-this-link-does-nothing"


def is_personal(href: str, base_url: str) -> bool:
    """Whether a link leads to a page of one subscriber, also if its author is a stranger."""
    rest = href.strip().lower().removeprefix(base_url.lower())
    is_ours = rest != href.strip().lower()
    return is_ours and bool(re.match(rf"/[{_PERSONAL}]/", rest))


def make_inert(html: str, base_url: str) -> str:
    """Return the mail with links that cannot vote, leave or run anything.

    The links of one subscriber do nothing. Links to the web open a page of their own, which does
    not learn where the click came from. All other links do nothing.

    Args:
        html: a finished mail.
        base_url: the address of the subscribers' pages, without a trailing slash.
    """

    def disarm(tag: str) -> str:
        href = read_attribute(tag, "href")
        if href is None:
            return tag
        if is_personal(href, base_url):
            tag = set_attribute(tag, "title", "In a preview, this link does nothing")
            return set_attribute(tag, "href", NOWHERE)
        if not href.strip().lower().startswith(_WEB):
            return set_attribute(tag, "href", NOWHERE)
        return set_attribute(set_attribute(tag, "target", "_blank"), "rel", "noopener noreferrer")

    html = change_tags(html, _LINK, disarm)
    return change_tags(html, _ACTIVE, _drop_if_active)


def _drop_if_active(tag: str) -> str:
    """Remove what a mail never has, but an operator's template might; keep `<meta charset>`."""
    is_harmless = tag[:5].lower() == "<meta" and not _REFRESH.search(tag)
    return tag if is_harmless else ""
