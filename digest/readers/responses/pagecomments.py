"""Reads the comments in the markup of an article's page."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.models import CommentKind, ParsedComment, ParsedComments
from digest.readers.limits import MAX_COMMENTS
from digest.readers.responses.commentfields import Fields, take_fields
from digest.readers.responses.commentids import name_comment, wordpress_number
from digest.readers.responses.commentitems import Item, find_items
from digest.readers.responses.commentpaging import own_addresses, post_key, read_extent
from digest.readers.responses.comments import classify, tidy
from digest.readers.responses.jsonld import read_json_ld_comments
from digest.readers.responses.profiles import PROFILE, Family
from digest.readers.responses.writtendates import with_order
from digest.text.links import url_key

#: The link of a Blogger page for editing posts; it contains the blog's number.
_BLOGGER = "link[rel='service.post'][href*='blogger.com/feeds/']"
_BLOGGER_NUMBER = re.compile(r"/feeds/([0-9]{1,25})/")
_BLOGGER_ANCHOR = re.compile(r"c([0-9]{1,25})")


def read_page_comments(tree: LexborHTMLParser, url: str, now: datetime) -> ParsedComments:
    """Read the comments in a page's markup, else in its JSON-LD.

    Args:
        tree: the page, its nesting limited; it is not changed.
        url: the page's address, the base of relative links.
        now: the time; later dates are ignored.
    """
    for family in PROFILE.families:
        found = _read_family(tree, family, url, now)
        if found.comments:
            return found
    comments = tidy(read_json_ld_comments(tree, url, now))
    return _with_extent(tree, url, comments, is_plain_list=False, is_cut=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One comment of the page, before its parent is resolved."""

    item: Item
    fields: Fields
    name: str


def _read_family(tree: LexborHTMLParser, family: Family, url: str, now: datetime) -> ParsedComments:
    if not tree.css_first(family.items):
        return ParsedComments(comments=())
    # A copy, because comments are removed while they are read.
    own = LexborHTMLParser(tree.html or "")
    items = find_items(own, family)
    shown = " ".join(node.text() for item in items for node in item.nodes)
    language = with_order(_language(own), shown)
    found = _read_items(items[:MAX_COMMENTS], url, language, _blog_number(own), now)
    is_cut = len(items) > MAX_COMMENTS
    others = _of_other_posts(found, own_addresses(tree, url))
    comments = tidy(each for each in _named(found) if each.external_id not in others)
    return _with_extent(tree, url, comments, is_plain_list=family.is_plain_list, is_cut=is_cut)


def _with_extent(
    tree: LexborHTMLParser,
    url: str,
    comments: tuple[ParsedComment, ...],
    *,
    is_plain_list: bool,
    is_cut: bool,
) -> ParsedComments:
    if not comments:
        return ParsedComments(comments=())
    shown = len(comments)
    extent = read_extent(tree, url, shown=shown, is_plain_list=is_plain_list, is_cut=is_cut)
    return ParsedComments(
        comments=comments, is_complete=extent.is_complete, next_url=extent.next_url
    )


def _read_items(
    items: tuple[Item, ...], url: str, language: str, blog: str, now: datetime
) -> tuple[_Found, ...]:
    """Read the comments, last one first, because answers are inside the comment they answer."""
    found = []
    for item in reversed(items):
        fields = take_fields(item, url, language, now)
        found.append(_Found(item=item, fields=fields, name=_name(item, fields, blog)))
    return tuple(reversed(found))


def _of_other_posts(found: tuple[_Found, ...], own: frozenset[str]) -> frozenset[str]:
    """Return the names of comments whose own address is of another post of the site.

    They are in a list of recent comments. If most comments of the page agree on one other
    address, it is the post's, too.
    """
    hosts, keys = {urlsplit(each).hostname for each in own}, {post_key(each) for each in own}
    addressed = {
        each.name: key
        for each in found
        if (number := wordpress_number(each.fields.url))
        and urlsplit(each.fields.url).hostname in hosts
        # Drupal's `/comment/3#comment-3` does not name the post.
        and not (key := post_key(each.fields.url)).endswith(f"/{number}")
    }
    central = [addressed.get(each.name, "") for each in found if not each.item.is_beside]
    keys.update(key for key, times in Counter(central).items() if times * 2 > len(central))
    return frozenset(name for name, key in addressed.items() if key not in keys)


def _named(found: tuple[_Found, ...]) -> Iterator[ParsedComment]:
    by_link = {url_key(each.fields.url, keep_fragment=True): each.name for each in found}
    for each in found:
        fields = each.fields
        ping = each.item.ping or fields.notice
        kind = CommentKind(ping) if ping else classify(fields.author, "", fields.text)
        is_said = fields.text and (fields.author or fields.posted_at)
        if fields.is_held or not (is_said or (ping and fields.author)):
            continue
        yield ParsedComment(
            external_id=each.name,
            parent_id=_parent(each, found, by_link),
            author=fields.author,
            posted_at=fields.posted_at,
            text=fields.text,
            kind=kind,
            url=fields.url,
            votes=fields.votes,
        )


def _parent(each: _Found, found: tuple[_Found, ...], by_link: dict[str, str]) -> str:
    if each.item.parent is not None:
        return found[each.item.parent].name
    answers = each.fields.answers
    if not answers:
        return ""
    number = wordpress_number(answers)
    return f"comment-{number}" if number else by_link.get(url_key(answers, keep_fragment=True), "")


def _name(item: Item, fields: Fields, blog: str) -> str:
    """Return its name: the one in its feed, markup or link, else a hash of its content."""
    number = _BLOGGER_ANCHOR.fullmatch(item.anchor) if blog else None
    if number:
        return f"tag:blogger.com,1999:blog-{blog}.post-{number[1]}"
    name = name_comment(item.anchor, fields.url)
    if name or fields.url:
        return name or fields.url
    said = f"{fields.author}\0{fields.posted_at}\0{fields.text}"
    return "said-" + hashlib.sha256(said.encode()).hexdigest()[:20]


def _blog_number(tree: LexborHTMLParser) -> str:
    """Return the number of a Blogger blog, which is part of the comment names in its feeds."""
    link = tree.css_first(_BLOGGER)
    found = _BLOGGER_NUMBER.search((link.attributes.get("href") if link else "") or "")
    return found[1] if found else ""


def _language(tree: LexborHTMLParser) -> str:
    root = tree.css_first("html[lang]")
    return (root.attributes.get("lang") if root else "") or ""
