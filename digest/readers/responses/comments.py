"""Comment feeds: bytes in, comments with ids out, pingbacks known by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from digest.models import CommentKind, Document, ParsedComment, ParsedComments
from digest.readers.feeds.dates import parse_date
from digest.readers.feeds.xml import parse_xml
from digest.readers.feeds.xmlfeed import author_of, html_of, longest, published_of, text_of
from digest.readers.limits import take_identifier, take_posts
from digest.text.html import html_to_text, plain_line
from digest.text.links import http_url

# "By: Anna", "Comment on The Ship by Anna", as WordPress titles them, in its larger languages.
_TITLE = re.compile(
    r"(?:By|Von|Par|Por|Door|Di|Da|Av|Af|Od|Автор|От)\s?:\s*(?P<short>.+)"
    r"|Comment on .+ by (?P<long>.+)",
    re.IGNORECASE,
)

# Labels before the name or the text: English, French, Spanish, Russian, Japanese, Chinese, Korean.
_PINGBACK = re.compile(
    r"(?:ping-?back|ping|уведомление|пингбэк|ピンバック|(?:pingback\s?)?引用通告|自動引用通知|핑백)\s?[:：]",
    re.IGNORECASE,
)
_TRACKBACK = re.compile(
    r"(?:track-?back|rétrolien|retroenlace|обратная ссылка|трекбэк|トラックバック|引用|트랙백)"
    r"\s?[:：]",
    re.IGNORECASE,
)

# WordPress prints the words around the link as `[...] words [...]`, by whatever dots it has.
_GAP = r"\[\s*(?:\.{3}|…)\s*\]"
_STARTS_CUT = re.compile(_GAP)
_ENDS_CUT = re.compile(_GAP + r"\s*\Z")
# feedparser keeps an unknown element's attributes or its text, not both.
_RANK = re.compile(rb"<re:rank\s[^<>]*(?<!/)>")
_BLOGGER_COMMENT = re.compile(r"/comments/default/([0-9]{1,25})\Z")
#: Between the title of a page and the name of its site.
_PAGE_TITLE = re.compile(r"\s[|«»–—]\s|\s(?:<<|>>)\s")


def read_comments(document: Document, now: datetime) -> ParsedComments:
    """Read an RSS or Atom comment feed, in its order.

    WordPress shows the newest ten or so: whether they are all is for `is_whole` to say, and a
    comment may answer one that the feed no longer has.

    Raises:
        FeedError: it is no feed.
    """
    parsed = parse_xml(replace(document, body=_RANK.sub(b"<re:rank>", document.body)))
    entries, _ = take_posts(parsed.entries)
    ids = {name_comment(text_of(entry, "id")) for entry in entries}
    is_atom = parsed.version.startswith("atom")
    found = (_read_comment(entry, document.url, ids, now, is_atom=is_atom) for entry in entries)
    once = {comment.external_id: comment for comment in found}
    return ParsedComments(comments=tuple(once.values()))


def classify(author: str, title: str, text: str) -> CommentKind:
    """Tell a person's comment from a note that another page links here.

    Conservative: a label before name, title or text is taken at its word; without one, only the
    shape `[...] words [...]` around the whole text counts, or one such end under a name that looks
    like a page's title (`Old ships | Harbour news`).
    """
    parts = (author, title, text)
    if any(_TRACKBACK.match(part) for part in parts):
        return CommentKind.TRACKBACK
    if any(_PINGBACK.match(part) for part in parts):
        return CommentKind.PINGBACK
    heading, _, rest = text.partition("\n\n")
    if rest and heading and author.startswith(heading) and _is_cut(rest, both=True):
        return CommentKind.TRACKBACK
    if _is_cut(text, both=_PAGE_TITLE.search(author) is None):
        return CommentKind.PINGBACK
    return CommentKind.COMMENT


def _read_comment(
    entry: Any, feed_url: str, ids: set[str], now: datetime, *, is_atom: bool
) -> ParsedComment:
    link = http_url(text_of(entry, "link"), feed_url)
    title = plain_line(text_of(entry, "title"))
    author = author_of(entry) or _author_in(title)
    detail = longest(entry.get("content") or ()) or entry.get("summary_detail") or {}
    text = html_to_text(html_of(detail, feed_url))
    date = published_of(entry, is_atom=is_atom)
    name = name_comment(text_of(entry, "id"), link) or link or f"{author} {date}"
    return ParsedComment(
        external_id=name,
        parent_id=_parent_of(entry, name, ids),
        author=author,
        posted_at=parse_date(date, now=now),
        text=text,
        kind=classify(author, title, text),
        url=link,
        votes=_votes(entry),
    )


def _author_in(title: str) -> str:
    found = _TITLE.fullmatch(title)
    return (found["short"] or found["long"]).strip() if found else ""


def _parent_of(entry: Any, name: str, ids: set[str]) -> str:
    """Give what is answered, by RFC 4685 or by Blogger's link; never the post.

    WordPress and Blogger name the post where no comment is answered.
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
    """Give the name of the comment that one of Blogger answers; empty where it answers none.

    Args:
        name: its own, `tag:blogger.com,1999:blog-1.post-2`.
        related: its link to the answered comment, `.../comments/default/3`.
    """
    found = _BLOGGER_COMMENT.search(related)
    blog, mark, _ = name.rpartition(".post-")
    return f"{blog}{mark}{found[1]}" if found and mark else ""


def _votes(entry: Any) -> int | None:
    """Give the rank of the Atom Ranking Extensions, as Stack Exchange's feeds have it."""
    written = text_of(entry, "re_rank").strip()
    return int(written) if re.fullmatch(r"[+-]?[0-9]{1,9}", written) else None


def _is_cut(text: str, *, both: bool) -> bool:
    ends = (_STARTS_CUT.match(text) is not None, _ENDS_CUT.search(text) is not None)
    return all(ends) if both else any(ends)


_MARK = "#comment-"
_NUMBER = re.compile(r"[0-9]{1,20}")
# `wpd-comm-12_7` is wpDiscuz's 12th comment, an answer to the 7th.
_NAME = re.compile(
    r"(?:(?:li-|div-)?comment-(?P<core>[0-9]{1,20})|(?:wc|wpd)-comm-(?P<discuz>[0-9]{1,20})_[0-9]+)"
)


def name_comment(identifier: str, link: str = "") -> str:
    """Give the name under which a comment is stored; empty where nothing identifies it.

    Args:
        identifier: as the source writes it: a guid, an `id` of the markup, a number of its own.
        link: the comment's address; it names a WordPress comment where the identifier does not.
    """
    number = wordpress_number(identifier) or wordpress_number(link)
    return f"comment-{number}" if number else take_identifier(identifier)


def wordpress_number(written: str) -> str:
    """Give the number in what names a WordPress comment; empty where it names none."""
    written = written.strip()
    _, mark, number = written.rpartition(_MARK)
    if mark and _NUMBER.fullmatch(number):
        return number
    found = _NAME.fullmatch(written)
    return (found["core"] or found["discuz"]) if found else ""


def tidy(comments: Iterable[ParsedComment]) -> tuple[ParsedComment, ...]:
    """Give each comment once, without parents that are not among them or that answer themselves."""
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
    """Give the names whose parents lead back to them; each is looked at once."""
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
