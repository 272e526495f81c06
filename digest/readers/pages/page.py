"""The entry point for web pages: bytes in, the parts that feeds leave out come out."""

from __future__ import annotations

from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from digest.models import Document, ParsedPage
from digest.readers.pages.discover import find_category_feeds, find_feeds
from digest.readers.pages.fulltext import read_article
from digest.readers.pages.markup import decode_page
from digest.readers.pages.pageimage import page_image
from digest.readers.responses.pagecomments import read_page_comments
from digest.readers.responses.systems.detect import find_systems
from digest.readers.responses.wordpress import rest_url_of
from digest.text.html import limit_depth, plain_line
from digest.text.links import http_url

#: Characters of a page's markup; the rest is ignored.
MAX_CHARS = 2_000_000


def read_page(document: Document, now: datetime, *, wants_article: bool = True) -> ParsedPage:
    """Read a web page; never fails, parts that are not found are empty.

    Args:
        document: the page.
        now: the time; later dates are ignored.
        wants_article: whether to extract the article, which takes memory and time.
    """
    url = document.url
    markup = limit_depth(decode_page(document.body, document.content_type)[:MAX_CHARS])
    tree = LexborHTMLParser(markup)
    base_url = _base_of(tree, url)
    title = tree.css_first("title")
    image_url, image_alt = page_image(tree, base_url)
    return ParsedPage(
        url=_own_address(tree, base_url) or url,
        title=plain_line(title.text()) if title else "",
        feeds=find_feeds(tree, base_url),
        rest_url=rest_url_of(tree, base_url),
        comments=read_page_comments(tree, url, now),
        image_url=image_url,
        image_alt=image_alt,
        content_html=read_article(markup, base_url) if wants_article else "",
        category_feeds=find_category_feeds(tree, base_url),
        comment_systems=find_systems(tree, base_url, url),
    )


def _base_of(tree: LexborHTMLParser, url: str) -> str:
    base = tree.css_first("base[href]")
    return http_url((base.attributes.get("href") if base else "") or "", url) or url


def _own_address(tree: LexborHTMLParser, base_url: str) -> str:
    link = tree.css_first("link[rel=canonical][href]")
    return http_url((link.attributes.get("href") if link else "") or "", base_url)
