"""Reads comment feeds: bytes in, comments with ids out; pingbacks are recognized by their form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from digest.models import CommentKind, Document, ParsedComment, ParsedComments
from digest.readers.feeds.dates import parse_date
from digest.readers.feeds.xml import parse_xml
from digest.readers.feeds.xmlfeed import author_of, html_of, longest, published_of, text_of
from digest.readers.limits import take_posts
from digest.readers.responses.commentids import name_comment, wordpress_number
from digest.readers.responses.credits import is_reblog
from digest.readers.responses.notices import is_reblog_of, part_answer
from digest.text.html import html_to_text, plain_line
from digest.text.links import http_url

# WordPress's titles "By: Anna", "Comment on The Ship by Anna", in its most common languages.
_TITLE = re.compile(
    r"(?:By|Von|Par|Por|Door|Di|Da|Av|Af|Od|Автор|От)\s?:\s*(?P<short>.+)"
    r"|Comment on .+ by (?P<long>.+)",
    re.IGNORECASE,
)

# Labels before name or text: English, French, Spanish, Russian, Japanese, Chinese, Korean.
_PINGBACK = re.compile(
    r"(?:ping-?back|ping|уведомление|пингбэк|ピンバック|(?:pingback\s?)?引用通告|自動引用通知|핑백)\s?[:：]",
    re.IGNORECASE,
)
_TRACKBACK = re.compile(
    r"(?:track-?back|rétrolien|retroenlace|обратная ссылка|трекбэк|トラックバック|引用|트랙백)"
    r"\s?[:：]",
    re.IGNORECASE,
)

# WordPress prints the words around the link as `[...] words [...]`, with three dots or `…`.
_GAP = r"\[\s*(?:\.{3}|…)\s*\]"
_STARTS_CUT = re.compile(_GAP)
_ENDS_CUT = re.compile(_GAP + r"\s*\Z")
# feedparser keeps an unknown element's attributes or its text, not both.
_RANK = re.compile(rb"<re:rank\s[^<>]*(?<!/)>")
_BLOGGER_COMMENT = re.compile(r"/comments/default/([0-9]{1,25})\Z")
#: Separates the title of a page from the name of its site.
_PAGE_TITLE = re.compile(r"\s[|«»–—]\s|\s(?:<<|>>)\s")


def read_comments(document: Document, now: datetime) -> ParsedComments:
    """Read an RSS or Atom comment feed, in feed order.

    WordPress shows about the newest ten: `is_whole` decides whether they are all, and a comment
    may answer one that the feed no longer has.

    Raises:
        FeedError: the document is not a feed.
    """
    parsed = parse_xml(replace(document, body=_RANK.sub(b"<re:rank>", document.body)))
    entries, _ = take_posts(parsed.entries)
    authors = {name_comment(text_of(entry, "id")): _author(entry) for entry in entries}
    is_atom = parsed.version.startswith("atom")
    found = (_read_comment(entry, document.url, authors, now, is_atom=is_atom) for entry in entries)
    once = {comment.external_id: comment for comment in found}
    return ParsedComments(comments=tuple(once.values()))


def classify(author: str, title: str, text: str) -> CommentKind:
    """Return whether a comment was written by a person, or is a pingback or trackback.

    Conservative: a label before name, title or text decides; without one, only the form
    `[...] words [...]` of the whole text counts, or one such end if the name looks like a page
    title (`Old ships | Harbour news`).
    """
    parts = (author, title, text)
    if any(_TRACKBACK.match(part) for part in parts):
        return CommentKind.TRACKBACK
    if any(_PINGBACK.match(part) for part in parts):
        return CommentKind.PINGBACK
    heading, _, rest = text.partition("\n\n")
    if rest and heading and author.startswith(heading) and _is_cut(rest, both=True):
        return CommentKind.TRACKBACK
    if is_reblog(text) or _is_cut(text, both=_PAGE_TITLE.search(author) is None):
        return CommentKind.PINGBACK
    return CommentKind.COMMENT


def _read_comment(
    entry: Any, feed_url: str, authors: Mapping[str, str], now: datetime, *, is_atom: bool
) -> ParsedComment:
    link = http_url(text_of(entry, "link"), feed_url)
    title = plain_line(text_of(entry, "title"))
    author = _author(entry)
    detail = longest(entry.get("content") or ()) or entry.get("summary_detail") or {}
    date = published_of(entry, is_atom=is_atom)
    name = name_comment(text_of(entry, "id"), link) or link or f"{author} {date}"
    markup, answered = part_answer(html_of(detail, feed_url), name, authors)
    text = _without_reblog(html_to_text(markup))
    is_notice = is_reblog_of(markup, author)
    return ParsedComment(
        external_id=name,
        parent_id=_parent_of(entry, name, authors.keys()) or answered,
        author=author,
        posted_at=parse_date(date, now=now),
        text=text,
        kind=CommentKind.PINGBACK if is_notice else classify(author, title, text),
        url=link,
        votes=_votes(entry),
    )


def _without_reblog(text: str) -> str:
    """Return what a person wrote after "Reblogged this on Quay and commented:"."""
    heading, _, rest = text.partition("\n")
    return rest.strip() if rest.strip() and is_reblog(heading) else text


def _author(entry: Any) -> str:
    return author_of(entry) or _author_in(plain_line(text_of(entry, "title")))


def _author_in(title: str) -> str:
    found = _TITLE.fullmatch(title)
    return (found["short"] or found["long"]).strip() if found else ""


def _parent_of(entry: Any, name: str, ids: Collection[str]) -> str:
    """Return the name of the answered comment, by RFC 4685 or by Blogger's link; never the post.

    WordPress and Blogger refer to the post if no comment is answered.
    """
    reply = entry.get("thr_in-reply-to")
    if isinstance(reply, dict):
        for written in (text_of(reply, "ref"), text_of(reply, "href")):
            answered = name_comment(written)
            is_comment = answered in ids or wordpress_number(written)
            if answered and is_comment and answered != name:
                return answered
    related = (text_of(link, "href") for link in entry.get("links") or () if _is_related(link))
    answered = blogger_parent(name, next(related, ""))
    return answered if answered != name else ""


def _is_related(link: Any) -> bool:
    return text_of(link, "rel") == "related"


def blogger_parent(name: str, related: str) -> str:
    """Return the name of the comment that a Blogger comment answers; empty if it answers none.

    Args:
        name: the comment's own name, `tag:blogger.com,1999:blog-1.post-2`.
        related: the link to the answered comment, `.../comments/default/3`.
    """
    found = _BLOGGER_COMMENT.search(related)
    blog, mark, _ = name.rpartition(".post-")
    return f"{blog}{mark}{found[1]}" if found and mark else ""


def _votes(entry: Any) -> int | None:
    """Return the rank of the Atom Ranking Extensions, which Stack Exchange uses; None if absent."""
    written = text_of(entry, "re_rank").strip()
    return int(written) if re.fullmatch(r"[+-]?[0-9]{1,9}", written) else None


def _is_cut(text: str, *, both: bool) -> bool:
    ends = (_STARTS_CUT.match(text) is not None, _ENDS_CUT.search(text) is not None)
    return all(ends) if both else any(ends)


def tidy(comments: Iterable[ParsedComment]) -> tuple[ParsedComment, ...]:
    """Return each comment once; parents that are missing or circular are removed."""
    once: dict[str, ParsedComment] = {}
    for comment in comments:
        once.setdefault(comment.external_id, comment)
    parents = {name: found.parent_id for name, found in once.items() if found.parent_id in once}
    for name in _circling(parents):
        del parents[name]
    return tuple(
        replace(comment, parent_id=parents.get(name, "")) for name, comment in once.items()
    )


def _circling(parents: dict[str, str]) -> set[str]:
    """Return the names whose parents lead back to them; each name is visited once."""
    seen_from: dict[str, str] = {}
    circling: set[str] = set()
    for start in parents:
        name = start
        while name in parents and name not in seen_from:
            seen_from[name] = start
            name = parents[name]
        while seen_from.get(name) == start and name not in circling:
            circling.add(name)
            name = parents[name]
    return circling
