"""Reads RSS 0.9x, 1.0, 2.0 and Atom: turns feedparser's dictionary into posts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from digest.models import Document, ParsedFeed, ParsedPost
from digest.readers.feeds.dates import DateEvidence, parse_post_date
from digest.readers.feeds.images import (
    NamedImage,
    alt_text,
    best_first,
    choose_image,
    has_image_name,
    repeated_pictures,
    show_late_images,
)
from digest.readers.feeds.manners import manners_of
from digest.readers.feeds.olderpages import linked_page, wordpress_page
from digest.readers.feeds.xml import parse_xml
from digest.readers.limits import join_authors, take_identifier, take_note, take_posts
from digest.text.html import clean_html, plain_line
from digest.text.links import http_url

_ESCAPED_TAG = re.compile(
    r"\s*&lt;(?:!--|(?:p|div|a|img|span|table|ul|ol|h[1-6]|b)\b)", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:mailto:)?[^\s<>()@,]+@[^\s<>()@,]+\.[^\s<>()@,]+")


def read_xml_feed(document: Document, now: datetime) -> ParsedFeed:
    """Read an RSS or Atom document.

    Raises:
        FeedError: the document is not RSS or Atom.
    """
    parsed, url = parse_xml(document), document.url
    is_atom = parsed.version.startswith("atom")
    raw_dates = [published_of(entry, is_atom=is_atom) for entry in parsed.entries]
    dates = DateEvidence.of(raw_dates)
    entries, problems = take_posts(
        parsed.entries,
        lambda entry: parse_post_date(
            published_of(entry, is_atom=is_atom), now=now, evidence=dates
        ),
    )
    if parsed.bozo:
        # The parser names the document `<unknown>`, because it gets a stream.
        said = str(parsed.get("bozo_exception", "")).removeprefix("<unknown>:")
        problems += (f"not well formed ({said}); only a part may have been read",)
    problems += (parsed["mended"],) if parsed["mended"] else ()
    context = _Context(
        url=url,
        author=author_of(parsed.feed) if is_atom else "",
        is_atom=is_atom,
        now=now,
        dates=dates,
    )
    posts = [_read_post(entry, context) for entry in entries]
    return ParsedFeed(
        title=plain_line(text_of(parsed.feed, "title")),
        site_url=http_url(text_of(parsed.feed, "link"), url),
        language=take_note(text_of(parsed.feed, "language")),
        format=parsed.version,
        posts=_with_pictures(entries, posts, url),
        problems=problems,
        manners=manners_of(parsed.feed, parsed["document"]),
        older_url=_older_url(parsed.feed, entries, url),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """Values that the entries of a document have in common."""

    #: The feed's address.
    url: str
    #: Atom's author of the feed, for entries without one (RFC 4287 section 4.2.1).
    author: str
    is_atom: bool
    now: datetime
    dates: DateEvidence


def _older_url(feed: Any, entries: Sequence[Any], url: str) -> str:
    links = feed.get("links") or ()
    linked = linked_page(((text_of(each, "rel"), text_of(each, "href")) for each in links), url)
    guid = text_of(entries[0], "id") if entries else ""
    return linked or wordpress_page(text_of(feed, "generator"), guid, url)


def _read_post(entry: Any, context: _Context) -> ParsedPost:
    """Return a post without its picture."""
    feed_url = context.url
    # The original link, which FeedBurner replaces with its own to count clicks.
    link = http_url(text_of(entry, "feedburner_origlink")) or http_url(
        text_of(entry, "link"), feed_url
    )
    content = html_of(longest(entry.get("content") or ()), feed_url)
    summary = html_of(entry.get("summary_detail") or {}, feed_url)
    if not summary and not content and _is_film(entry):
        summary = html_of({"value": text_of(entry, "media_caption")}, feed_url)
    published = published_of(entry, is_atom=context.is_atom)
    return ParsedPost(
        guid=take_identifier(text_of(entry, "id")),
        url=link,
        title=plain_line(text_of(entry, "title")),
        author=author_of(entry) or author_of(entry.get("source") or {}) or context.author,
        feed_categories=_categories(entry),
        published_raw=published,
        published_at=parse_post_date(published, now=context.now, evidence=context.dates),
        summary_html="" if summary == content else summary,
        content_html=content,
        comment_count=_count(text_of(entry, "slash_comments")),
        comment_feed_url=http_url(text_of(entry, "wfw_commentrss") or _replies(entry), feed_url),
    )


def _with_pictures(
    entries: Sequence[Any], posts: Sequence[ParsedPost], feed_url: str
) -> tuple[ParsedPost, ...]:
    """Return the posts with their pictures; one that many posts have is no post's."""
    named = [tuple(_named_images(entry, _base_of(entry, feed_url))) for entry in entries]
    texts = [(post.content_html, post.summary_html) for post in posts]
    repeated = repeated_pictures(tuple(zip(named, texts, strict=True)))
    return tuple(
        _with_picture(entry, post, choose_image(urls, *words, repeated=repeated), feed_url)
        for entry, post, urls, words in zip(entries, posts, named, texts, strict=True)
    )


def _with_picture(
    entry: Any, post: ParsedPost, chosen: tuple[str, str], feed_url: str
) -> ParsedPost:
    url, alt = chosen
    if not alt and _is_of_one_picture(entry, url, feed_url):
        alt = alt_text(text_of(entry, "media_caption"), url)
    size = _told_bytes(entry, url, feed_url)
    return replace(post, image_url=url, image_alt=alt, image_bytes=size)


def _is_film(entry: Any) -> bool:
    """Return whether the description of the media is the text: of a film, not of a photograph."""
    media = entry.get("media_content") or ()
    pictures = (*media, *(entry.get("enclosures") or ()), *(entry.get("media_thumbnail") or ()))
    return any(not _is_image(each) for each in media) or not any(map(_is_image, pictures))


def published_of(entry: Any, *, is_atom: bool) -> str:
    """Return the date of publication as written; `created` if Atom 0.3 has no `issued`.

    feedparser stores `dc:date` as `updated`, which in Atom is the last change instead.
    """
    # Not `entry.get`, which falls back to the other date with a warning.
    published = dict.get(entry, "published") or dict.get(entry, "created") or ""
    return take_note(str(published or ("" if is_atom else dict.get(entry, "updated") or "")))


def author_of(entry: Any) -> str:
    """Return the names from `dc:creator` or `author`, without any mail address.

    Where the last element that names an author is repeated, each is an author; another element
    repeats them in other words.
    """
    people: Sequence[Any] = entry.get("written_authors") or ()
    written = (name for element, name in people if element == people[-1][0])
    names = tuple(dict.fromkeys(filter(None, map(_name_in, written))))
    if len(names) > 1:
        return join_authors(names)
    # feedparser appends Atom's address to the name, also one such as "hidden".
    address = text_of(entry.get("author_detail") or {}, "email")
    return _name_in(text_of(entry, "author").removesuffix(f" ({address})"))


def _name_in(author: str) -> str:
    written = plain_line(author)
    if not _ADDRESS.search(written):
        return written
    return " ".join(_ADDRESS.sub(" ", written).split()).strip(" ()<>,")


def text_of(of: Any, name: str) -> str:
    """Return a field of one of feedparser's dictionaries; empty if it is not text."""
    # Not `of.get`, which tries other names and takes five times as long.
    value = dict.get(of, name)
    return value if isinstance(value, str) else ""


def longest(contents: Any) -> Any:
    """Return the longest of an entry's text constructs; empty if there is none."""
    return max(contents, key=lambda content: len(content.get("value") or ""), default={})


def html_of(detail: Any, feed_url: str) -> str:
    """Return one text construct as cleaned HTML; plain text becomes one paragraph.

    The base of relative links is `xml:base` if there is one, else the feed's address.
    """
    value = text_of(detail, "value")
    if text_of(detail, "type") == "text/plain" and value:
        value = f"<p>{html.escape(value, quote=False)}</p>"
    base_url = http_url(text_of(detail, "base"), feed_url) or feed_url
    return clean_html(show_late_images(_once_escaped(value)), base_url)


def _once_escaped(value: str) -> str:
    """Unescape HTML that was escaped twice: it starts with an escaped tag, and most tags are."""
    is_mostly = value.count("&lt;/") > value.count("<")
    is_twice = is_mostly and _ESCAPED_TAG.match(value) is not None
    return html.unescape(value) if is_twice else value


def _base_of(entry: Any, feed_url: str) -> str:
    """Return the base of an entry's relative links, from feedparser's details of its texts."""
    details = (entry.get("title_detail"), entry.get("summary_detail"))
    bases = (http_url(text_of(detail, "base"), feed_url) for detail in details if detail)
    return next((base for base in bases if base), feed_url)


def _categories(entry: Any) -> tuple[str, ...]:
    """Return the feed's categories and keywords, each once."""
    labels = (tag.get("term") or tag.get("label") or "" for tag in entry.get("tags") or ())
    return tuple(dict.fromkeys(name for label in labels if (name := plain_line(label))))


def _count(written: str) -> int | None:
    return int(written) if written.strip().isdecimal() and len(written) < 9 else None


def _replies(entry: Any) -> str:
    """Return the address of the comment feed from Atom's threading extension (RFC 4685)."""
    feeds = (
        text_of(link, "href")
        for link in entry.get("links") or ()
        if text_of(link, "rel") == "replies" and text_of(link, "type") == "application/atom+xml"
    )
    return next(feeds, "")


def _named_images(entry: Any, base_url: str) -> Iterator[str]:
    """Yield the named pictures: enclosures, Media RSS, thumbnails, then the podcast image."""
    for enclosure in entry.get("enclosures") or ():
        if _is_image(enclosure):
            yield http_url(_address(enclosure), base_url)
    media = (each for each in entry.get("media_content") or () if _is_image(each))
    yield from best_first(_named_image(each, base_url) for each in media)
    thumbnails = entry.get("media_thumbnail") or ()
    yield from best_first(_named_image(each, base_url) for each in thumbnails)
    # `itunes:image`, or an RSS 1.0 item's image; the channel's image is the same for every post.
    yield http_url(text_of(entry.get("image") or {}, "href"), base_url)


def _named_image(media: Any, base_url: str) -> NamedImage:
    return NamedImage(
        url=http_url(_address(media), base_url),
        width=_count(text_of(media, "width")) or 0,
        is_default=text_of(media, "isdefault") == "true",
    )


def _told_bytes(entry: Any, image_url: str, feed_url: str) -> int | None:
    """Return the chosen picture's size in bytes from an enclosure or Media RSS; None if unknown."""
    base_url = _base_of(entry, feed_url)
    named = (*(entry.get("enclosures") or ()), *(entry.get("media_content") or ()))
    told = (
        _count(text_of(each, "length") or text_of(each, "filesize"))
        for each in named
        if image_url and http_url(_address(each), base_url) == image_url
    )
    # Feeds write 0 for an unknown size.
    return next(filter(None, told), None)


def _is_of_one_picture(entry: Any, image_url: str, feed_url: str) -> bool:
    """Return whether the chosen picture is the only one in Media RSS."""
    base_url = _base_of(entry, feed_url)
    urls = [http_url(_address(each), base_url) for each in entry.get("media_content") or ()]
    return image_url != "" and urls == [image_url]


def _is_image(media: Any) -> bool:
    """Return whether it is a picture, by its type or medium, else by its file name."""
    kind = text_of(media, "type") or text_of(media, "medium")
    return kind.startswith("image") if kind else has_image_name(_address(media))


def _address(media: Any) -> str:
    return text_of(media, "href") or text_of(media, "url")
