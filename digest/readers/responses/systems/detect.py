"""Recognises the comment system of a page by its script, and finds its open interface.

Isso, Remark42, Commento and Discourse answer anybody in JSON, one request a post. The comments of
the others are only for browsers, or need a key: they are named, so that an operator knows why
there are none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.models import CommentSystem
from digest.text.links import http_url

#: Systems that cannot be read: what the address of their script, or their element's id, contains.
_CLOSED = {
    "Disqus": r"\.disqus\.com/embed\.js|^#disqus_thread$",
    "giscus": r"//giscus\.app/client\.js",
    "utterances": r"//utteranc\.es/client\.js",
    "Hyvor Talk": r"//talk\.hyvor\.com/",
    "Coral": r"/assets/js/embed\.js\b.*|^#coral_(?:talk_stream|thread)$",
    "Ghost": r"/comments-ui(?:@|\.min\.js)",
    "Substack": r"//substackcdn\.com/bundle/",
    "Facebook": r"^\.fb-comments$",
}
_CLOSED_FORMS = {name: re.compile(form) for name, form in _CLOSED.items()}
_CORAL = re.compile(r"Coral\.createStreamEmbed|coral_(?:talk_stream|thread)")
# `host: "https://…"`, `"site_id": 'blog'` in the settings that an inline script assigns.
_SETTING = r"""["']?\b%s\b["']?\s*[:=]\s*["']?([^"',\s}]+)"""
#: Characters of an inline script that are searched.
_MAX_SCRIPT = 20_000


def find_systems(tree: LexborHTMLParser, base_url: str, page_url: str) -> tuple[CommentSystem, ...]:
    """Return the comment systems of a page, each once.

    Args:
        tree: the page.
        base_url: the base of relative links.
        page_url: the page's address; without its query, its comments are kept under it.
    """
    page_url = urlunsplit((*urlsplit(page_url)[:3], "", ""))
    found = (finder(tree, base_url, page_url) for finder in _FINDERS)
    opened = {each.name: each for each in found if each}
    closed = {name: CommentSystem(name=name) for name in _closed_in(tree, base_url)}
    return tuple((closed | opened).values())


def body_of(url: str) -> bytes | None:
    """Return the JSON to send to an address; None if it is read by GET.

    The address of a POST carries its values behind the `#`, which is never sent.
    """
    parts = urlsplit(url)
    if not (parts.path.endswith(_COMMENTO_LIST) and parts.fragment):
        return None
    domain, _, path = parts.fragment.partition("/")
    return json.dumps(
        {"commenterToken": "anonymous", "domain": domain, "path": f"/{path}"}
    ).encode()


_COMMENTO_LIST = "/api/comment/list"


def _closed_in(tree: LexborHTMLParser, base_url: str) -> Iterator[str]:
    signs = [_source_of(script, base_url) for script in tree.css("script[src]")]
    signs += [f"#{node.attributes.get('id')}" for node in tree.css("div[id], section[id]")]
    signs += [".fb-comments"] if tree.css_first(".fb-comments") else []
    for name, form in _CLOSED_FORMS.items():
        if name == "Coral":
            is_there = any(form.search(sign) for sign in signs) and _is_coral(tree)
        else:
            is_there = any(form.search(sign) for sign in signs)
        if is_there:
            yield name


def _is_coral(tree: LexborHTMLParser) -> bool:
    """Whether a page starts Coral: its script has a common name."""
    return any(_CORAL.search(script) for script in _inline(tree))


# --- the open ones --------------------------------------------------------------------------------


def _find_isso(tree: LexborHTMLParser, base_url: str, page_url: str) -> CommentSystem | None:
    """Isso: `data-isso` names the server; the page's path is the thread (isso docs, "Client")."""
    script = tree.css_first("script[data-isso]")
    if script is None:
        return None
    root = http_url(script.attributes.get("data-isso") or "", base_url)
    thread = tree.css_first("[data-isso-id]")
    uri = (thread.attributes.get("data-isso-id") if thread else "") or urlsplit(page_url).path
    asked = urlencode({"uri": uri or "/"}, quote_via=quote, safe="")
    return _open("Isso", root and f"{root.rstrip('/')}/?{asked}")


def _find_remark42(tree: LexborHTMLParser, base_url: str, page_url: str) -> CommentSystem | None:
    """Remark42: `remark_config` names the host and the site (remark42 docs, "API")."""
    settings = next((script for script in _inline(tree) if "remark_config" in script), "")
    host, site = _setting(settings, "host"), _setting(settings, "site_id")
    if not settings:
        return None
    root, url = http_url(host, base_url), http_url(_setting(settings, "url"), base_url)
    asked = {"site": site or "remark", "url": url or page_url, "format": "plain"}
    query = urlencode(asked, quote_via=quote, safe="")
    return _open("Remark42", root and f"{root.rstrip('/')}/api/v1/find?{query}")


def _find_commento(tree: LexborHTMLParser, base_url: str, page_url: str) -> CommentSystem | None:
    """Commento: its script's host is the server; the page's host and path are the thread."""
    script = tree.css_first('script[src*="commento.js"]')
    if script is None:
        return None
    source, page = urlsplit(_source_of(script, base_url)), urlsplit(page_url)
    # The makers' own service keeps its scripts apart from its interface.
    host = source.netloc.replace("cdn.commento.io", "commento.io")
    folder = source.path.rpartition("/js/")[0]
    path = (script.attributes.get("data-page-id") or page.path or "/").lstrip("/")
    named = f"{page.netloc}/{path}"
    list_url = urlunsplit((source.scheme, host, f"{folder}{_COMMENTO_LIST}", "", named))
    return _open("Commento", list_url if host else "")


def _find_discourse(tree: LexborHTMLParser, base_url: str, _page_url: str) -> CommentSystem | None:
    """Discourse: a topic that the page embeds by its number, or that the page itself is."""
    settings = next((script for script in _inline(tree) if "DiscourseEmbed" in script), "")
    if settings:
        root = http_url(_setting(settings, "discourseUrl"), base_url)
        number = _setting(settings, "topicId")
        is_read = bool(root) and number.isdigit()
        return _open("Discourse", f"{root.rstrip('/')}/t/{number}.json" if is_read else "")
    generator = tree.css_first('meta[name="generator"][content^="Discourse"]')
    topic = _TOPIC.match(urlsplit(base_url).path) if generator else None
    return _open("Discourse", http_url(f"{topic[0]}.json", base_url)) if topic else None


_TOPIC = re.compile(r".*/t/(?:[^/]+/)?[0-9]+")

_Finder = Callable[[LexborHTMLParser, str, str], CommentSystem | None]
_FINDERS: tuple[_Finder, ...] = (_find_isso, _find_remark42, _find_commento, _find_discourse)


def _open(name: str, url: str) -> CommentSystem:
    return CommentSystem(name=name, url=url)


def _source_of(script: LexborNode, base_url: str) -> str:
    return http_url(script.attributes.get("src") or "", base_url)


def _inline(tree: LexborHTMLParser) -> Iterator[str]:
    for script in tree.css("script:not([src])"):
        yield script.text()[:_MAX_SCRIPT]


def _setting(script: str, name: str) -> str:
    found = re.search(_SETTING % name, script)
    return found[1] if found else ""
