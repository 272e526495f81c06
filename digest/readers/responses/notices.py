"""Recognizes by their form the lines that a site adds to comments, in any language."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from digest.readers.responses.commentids import wordpress_number
from digest.text.html import plain_line

#: Characters beside the link in a line that the site adds.
_MAX_WORDS = 40
_WORD = re.compile(r"\w")
_OPEN = r"\s*(?:<(?:p|div)\b[^<>]*>\s*)?"
_LINK = r'<a\b[^<>]*\bhref="(?P<href>[^"]*)"[^<>]*>(?P<name>[^<>]{1,200})</a>'
_CLOSE = r"\s*(?:</(?:p|div)>|<br\b[^<>]*>|\n|\Z)"
#: "In reply to Anna." as a line of its own, or in front of the text if a summary is one line.
_ANSWER = re.compile(
    rf"{_OPEN}(?P<before>[^<>]{{0,{_MAX_WORDS}}}){_LINK}"
    rf"(?P<after>[^<>.。！!?]{{0,{_MAX_WORDS}}})(?P<end>[.。।]{_CLOSE}|[.。।]\s|{_CLOSE})"
)
_ONE_LINK = re.compile(
    rf"{_OPEN}(?P<before>[^<>]{{0,{_MAX_WORDS}}}){_LINK}(?P<after>[^<>]{{0,{_MAX_WORDS}}})"
    r"\s*(?:</(?:p|div)>)?\s*"
)


#: "Reblogged", in the languages that borrow the word, and those that do not.
_PASSED_ON = re.compile(
    r"reblog|riblog|herblog|ripubblic|republi[cq]|репост|リブログ|리블로그|转发|轉發|转载|轉載",
    re.IGNORECASE,
)


def part_answer(markup: str, name: str, authors: Mapping[str, str]) -> tuple[str, str]:
    """Return a comment's HTML without the line that names its parent, and the parent's name.

    WordPress begins the answers in its comment feeds with "In reply to Anna.", in the site's
    language; the name links to the answered comment. If that comment is in the feed too, the link
    must have its author's name.

    Args:
        markup: allow-listed HTML.
        name: the comment's own name.
        authors: the authors of the feed's comments by the comments' names.

    Returns:
        The HTML as it was and an empty name if there is no such line.
    """
    found = _ANSWER.match(markup)
    if found is None:
        return markup, ""
    number = wordpress_number(html.unescape(found["href"]))
    parent = f"comment-{number}"
    shown = plain_line(found["name"])
    author = authors.get(parent, "")
    is_named = not author or author.casefold() == shown.casefold()
    # "See Anna's remark" is a person's; no language puts words of this line on both sides.
    is_one_sided = not (_WORD.search(found["before"]) and _WORD.search(found["after"]))
    if not number or parent == name or not (is_named and is_one_sided):
        return markup, ""
    return markup[found.end() :], parent


def is_reblog_of(markup: str, author: str) -> bool:
    """Return whether a comment is only the notice that its author's site passed the post on.

    Its whole text is one short line with one link, to the start page of a site; the link shows
    the author's name, or an address with it, or the line says so.
    """
    found = _ONE_LINK.fullmatch(markup)
    if found is None:
        return False
    address = urlsplit(html.unescape(found["href"]))
    shown = plain_line(found["name"]).casefold()
    is_site = address.path in {"", "/"} and not address.query
    beside = f"{found['before']}{found['after']}"
    is_sentence = bool(beside.strip(" .:。")) and not re.search(r"[.!?]\s", found["before"])
    host = (address.hostname or "").removeprefix("www.")
    author = "".join(re.findall(r"\w", author.casefold()))
    is_own = bool(author) and (
        author == "".join(re.findall(r"\w", shown))
        or (shown == host and author in host.replace("-", ""))
    )
    return is_site and is_sentence and (is_own or _PASSED_ON.search(beside) is not None)
