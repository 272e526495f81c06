"""Finds and reads a post's comments in WordPress's REST API."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from digest.errors import FeedError
from digest.models import CommentKind, Document, ParsedComment, ParsedComments
from digest.readers.feeds.dates import parse_date
from digest.readers.limits import MAX_COMMENTS
from digest.readers.responses.commentids import name_comment
from digest.readers.responses.comments import classify
from digest.text.html import clean_html, html_to_text, plain_line
from digest.text.links import http_url

#: The maximum that WordPress allows.
_PER_PAGE = 100
_ROUTE = re.compile(r"(?P<root>.*?)/?wp/v2/(?P<type>[\w-]+)/(?P<id>[0-9]{1,20})/?\Z", re.DOTALL)
#: Routes that do not lead to a post, a page or another type of content.
_NO_POSTS = frozenset(
    "categories tags users media comments types taxonomies statuses menus".split()  # noqa: SIM905
)
_BODY = re.compile(r"(?:^|\s)(?:postid|page-id)-([0-9]{1,20})(?:\s|$)")
_PUBLIC = frozenset({"", "1", "approve", "approved"})
#: Editors' notes on blocks, and shops' notes on orders.
_INTERNAL = frozenset({"note", "order_note", "action_log"})
#: Types that IndieWeb plugins store as comments: links, likes and reposts.
_LINKING = frozenset({"webmention", "mention", "like", "repost", "bookmark", "favorite"})


def rest_url_of(tree: LexborHTMLParser, base_url: str) -> str:
    """Return the REST address of the comments of a page's post; empty if it has none.

    Args:
        tree: the page.
        base_url: the base of relative links.
    """
    route = _route_of(tree, base_url)
    root = _link(tree, 'link[rel="https://api.w.org/"][href]', base_url)
    if not root and route:
        root = route["root"]
    number = (route["id"] if route else "") or _post_number(tree, base_url)
    return _comments_url(urlsplit(root), number) if root and number else ""


def read_rest(document: Document, now: datetime) -> ParsedComments:
    """Read the approved comments in one response of `wp/v2/comments`.

    The caller must read from the headers whether more pages follow.

    Args:
        document: JSON in UTF-8; the content type is ignored.
        now: the time; later dates are ignored.

    Raises:
        FeedError: the document is not a list of comments.
    """
    listed, url = _listed(document), document.url
    comments = (_read_comment(found, url, now) for found in listed[:MAX_COMMENTS])
    once = {comment.external_id: comment for comment in comments if comment}
    return ParsedComments(comments=tuple(once.values()))


def _route_of(tree: LexborHTMLParser, base_url: str) -> dict[str, str] | None:
    """Return root, type and id from the post's REST address; None if the page has none."""
    for link in tree.css('link[rel~=alternate][type="application/json"][href]'):
        url = http_url(link.attributes.get("href") or "", base_url)
        found = _ROUTE.fullmatch(unquote(url))
        if found and found["type"] not in _NO_POSTS:
            return found.groupdict()
    return None


def _post_number(tree: LexborHTMLParser, base_url: str) -> str:
    """Return the post's number from short link, body class or comment form; empty if unknown."""
    short = _link(tree, "link[rel~=shortlink][href]", base_url)
    asked = dict(parse_qsl(urlsplit(short).query))
    field = tree.css_first("input[name=comment_post_ID][value]")
    body = tree.css_first("body[class]")
    classes = _BODY.search((body.attributes.get("class") if body else "") or "")
    for number in (
        asked.get("p") or asked.get("page_id") or "",
        classes[1] if classes else "",
        (field.attributes.get("value") if field else "") or "",
    ):
        if re.fullmatch(r"[0-9]{1,20}", number):
            return number
    return ""


def _comments_url(root: SplitResult, number: str) -> str:
    """Return the address of the comments; the route is in the path or in `rest_route`."""
    asked = dict(parse_qsl(root.query, keep_blank_values=True))
    wanted = {"post": number, "per_page": str(_PER_PAGE), "order": "asc"}
    path = root.path
    if "rest_route" in asked:
        asked["rest_route"] = f"{asked['rest_route'].rstrip('/')}/wp/v2/comments"
    else:
        path = f"{path.rstrip('/')}/wp/v2/comments"
    query = urlencode({**asked, **wanted}, safe="/")
    return http_url(urlunsplit((root.scheme, root.netloc, path, query, "")))


def _link(tree: LexborHTMLParser, selector: str, base_url: str) -> str:
    found = tree.css_first(selector)
    return http_url((found.attributes.get("href") if found else "") or "", base_url)


def _listed(document: Document) -> list[dict[str, Any]]:
    """Return the comment objects of a response.

    Raises:
        FeedError: the response is not JSON, is an error, or lists something else.
    """
    try:
        answer = json.loads(document.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise FeedError(
            document.url, f"no comments: invalid JSON ({error})", transient=False
        ) from error
    if isinstance(answer, dict) and isinstance(answer.get("code"), str):
        said = plain_line(f"{answer['code']}: {answer.get('message', '')}")[:200]
        raise FeedError(document.url, f"no comments: the site reports {said}", transient=False)
    listed = [answer] if isinstance(answer, dict) else answer
    is_list = isinstance(listed, list) and all(_is_comment(found) for found in listed)
    if not is_list:
        raise FeedError(
            document.url, "no comments: JSON that lists something else", transient=False
        )
    return list(listed)


def _is_comment(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and _number(found.get("id")) != ""
        and isinstance(found.get("content"), dict | str)
        and ("author_name" in found or "post" in found)
    )


def _read_comment(found: dict[str, Any], url: str, now: datetime) -> ParsedComment | None:
    kind = _text(found.get("type"))
    if _text(found.get("status")) not in _PUBLIC or kind in _INTERNAL:
        return None
    content = found["content"]
    rendered = content.get("rendered") if isinstance(content, dict) else content
    text = html_to_text(clean_html(_text(rendered), url))
    author = plain_line(_text(found.get("author_name")))
    parent = _number(found.get("parent"))
    return ParsedComment(
        external_id=name_comment(f"comment-{_number(found['id'])}"),
        parent_id=f"comment-{parent}" if parent.strip("0") else "",
        author=author,
        # `date` is the site's local time; the response does not contain its zone.
        posted_at=parse_date(_text(found.get("date_gmt")), now=now),
        text=text,
        kind=kind_of(kind, author, text),
        url=http_url(_text(found.get("link")), url),
    )


def kind_of(kind: str, author: str, text: str) -> CommentKind:
    """Return the kind of a WordPress comment by its type, else by its form."""
    if kind in {CommentKind.PINGBACK, CommentKind.TRACKBACK}:
        return CommentKind(kind)
    return CommentKind.PINGBACK if kind in _LINKING else classify(author, "", text)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> str:
    """Return a number as digits; empty if the value is not a number."""
    written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return written if re.fullmatch(r"[0-9]{1,20}", written) else ""
