"""Classifies and guesses feeds by address and title, without a request."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from digest.text.links import http_url

#: Usual paths of feeds, the most common first.
_USUAL = ("feed/", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json", "rss", "feed")

# The end of a path that is clearly a feed's; in capitals it is an article about RSS.
_FEED_PATH = re.compile(
    r"/(?:feeds?(?:/(?:rss2?|atom|rdf|json))?|rss2?|atom|rdf"
    r"|(?i:(?:[\w.-]*[._-])?(?:rss|atom|feed|rdf|index)2?\.(?:xml|rdf|json|rss|atom))"
    r"|(?i:[\w.-]+\.(?:rss|atom|rdf))|feeds/posts/default)/?"
)
_FEED_HOSTS = frozenset({"feeds.feedburner.com", "feeds2.feedburner.com", "feeds.feedblitz.com"})
_COMMENTS_PATH = re.compile(
    r"/(?:comments|kommentare|commentaires|comentarios)(?:/|[._-](?:rss2?|feed|atom|xml)|\Z)",
    re.IGNORECASE,
)
# Singular forms are left out if they are names of opinion columns ("Comment is free").
_COMMENTS = (
    r"(?:comments|kommentar(?:e|er|s)?|commentaires?|comentarios|comentários|comentarii|commenti"
    r"|reacties|kommenttien|komentarz\w{0,4}|komentář\w{0,4}|komentár\w{0,4}|komentar"
    r"|hozzászólás\w{0,6}|комментари\w{1,2}|коментар\w{1,2}|yorum(?:lar)?|σχολίων|bình luận"
    r"|コメント|评论|評論|迴響|留言|댓글|תגובות|ال?تعليقات)"
)
_FEED = (
    r"(?:rss|feeds?|atom|flux|kanal\w{0,3}|kanał|syöte|strøm|flöde|лента|стрічка|поток"
    r"|hírcsatorna|beslemesi|ροή|dòng|フィード|피드|خلاصة|订阅|資訊提供|פיד)"
)
_SHORT_GAP = r"[\W_]{0,3}(?:\w{1,4}[\W_]{1,2}){0,2}"
_COMMENTS_TITLE = re.compile(
    rf"\b{_COMMENTS}{_SHORT_GAP}{_FEED}|{_FEED}{_SHORT_GAP}{_COMMENTS}\b"
    r"|\A(?:comments (?:on|for)|kommentare (?:zu|für)|commentaires (?:sur|pour|à)"
    r"|comentarios (?:en|de)|comentários (?:sobre|em|para)|commenti (?:a|su|per)|reacties op)\b",
    re.IGNORECASE,
)
_CATEGORIES = (
    r"categor(?:y|ies|ia|ía|ie)|catégorie|kategorien?|kategoria|rubrik|topics?|sections?|thema"
)
_CATEGORY_PATH = re.compile(rf"/(?:{_CATEGORIES})/[^/]", re.IGNORECASE)
_TAG_PATH = re.compile(r"/(?:tags?|schlagwort|etiqueta|etiket)/[^/]", re.IGNORECASE)
_CATEGORY_TITLE = re.compile(rf"\b(?:{_CATEGORIES})[\W_]{{1,3}}feed\b", re.IGNORECASE)
_CATEGORY_WORDS = re.compile(
    rf"\b(?:{_CATEGORIES}|tags?|schlagwort|rss|feeds?|atom)\b[-\s]?", re.IGNORECASE
)
#: Query parameters of WordPress without pretty permalinks.
_CATEGORY_QUERY = frozenset({"cat", "category_name", "tag"})


def is_feed_address(url: str) -> bool:
    """Return whether a link is clearly a feed's, by its address alone."""
    parts = urlsplit(url)
    if parts.hostname in _FEED_HOSTS:
        return parts.path.strip("/") != ""
    path = unquote(parts.path)
    start = max(path.rstrip("/").rfind("/", 0, path.rstrip("/").rfind("/")), 0)
    tail = path[start:]
    names = {name for name, _ in parse_qsl(parts.query)}
    return any(_FEED_PATH.fullmatch(tail, at) for at in _slashes(tail)) or "feed" in names


def is_comments_feed(title: str, url: str) -> bool:
    """Return whether a feed lists comments, by its title in a page or by its address."""
    # WordPress: "Site » Title of the post Comments Feed"; the title may contain any words.
    named = title.rpartition("»")[2].strip()
    parts = urlsplit(url)
    return (
        _COMMENTS_TITLE.search(named) is not None
        or _COMMENTS_PATH.search(parts.path) is not None
        or "comments" in parts.query
    )


def is_category_feed(title: str, url: str) -> bool:
    """Return whether a feed lists one category or tag of a site."""
    return is_archive(url) or _CATEGORY_TITLE.search(title) is not None


def is_archive(url: str) -> bool:
    """Return whether an address lists the posts of a category or tag."""
    return is_category(url) or _TAG_PATH.search(urlsplit(url).path) is not None


def is_category(url: str) -> bool:
    """Return whether an address lists the posts of a category."""
    parts = urlsplit(url)
    names = {name for name, _ in parse_qsl(parts.query)}
    return _CATEGORY_PATH.search(parts.path) is not None or not names.isdisjoint(_CATEGORY_QUERY)


def archive_feed(url: str) -> str:
    """Return the feed of a category or tag page in WordPress's address scheme."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] in _CATEGORY_QUERY]
    if kept:
        query = "&".join(f"{name}={value}" for name, value in (("feed", "rss2"), *kept))
        return http_url(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")))
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/feed/", "", ""))


def archive_name(url: str) -> str:
    """Return a category's name from its address: `Foreign Policy` for `/foreign-policy/feed/`."""
    segments = [part for part in unquote(urlsplit(url).path).split("/") if part]
    while segments and is_feed_address(f"https://x/{segments[-1]}"):
        segments.pop()
    words = re.split(r"[-_+\s]+", segments[-1].partition(".")[0]) if segments else []
    return " ".join(word[:1].upper() + word[1:] for word in words if word)


def category_name(title: str, url: str) -> str:
    """Return a category's name from a title (`Site » Security Category Feed`), else its address."""
    named = _CATEGORY_WORDS.sub(" ", title.rpartition("»")[2])
    return " ".join(named.split()) or archive_name(url)


def guess_feeds(url: str) -> tuple[str, ...]:
    """Return the likely addresses of a site's feed, for pages without a link to it; best first.

    For a page below the front page (a category, a blog in a folder) its own feed comes first.
    """
    url = http_url(url)
    if not url:
        return ()
    parts = urlsplit(url)
    root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    own = (archive_feed(url),) if parts.path.strip("/") or parts.query else ()
    return tuple(dict.fromkeys((*own, *(root + name for name in _USUAL), f"{root}?feed=rss2")))


def _slashes(path: str) -> tuple[int, ...]:
    return tuple(found.start() for found in re.finditer("/", path))
