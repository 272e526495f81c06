"""Making foreign HTML safe to store and show, and turning it into text.

Everything that a feed says goes through here before it is stored. The allow-list is nh3's work;
around it stand the limits that keep it fast, and what it does not do: dropping tracking pixels and
giving the same result when run again.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Set
from functools import cache, lru_cache, partial
from typing import Literal

import nh3

from digest.text.nesting import limit_depth

#: Of one post's HTML; longer is cut at a tag.
MAX_CHARS = 256 * 1024
#: Of a title or a name, markup included.
MAX_LINE_CHARS = 4000

ALLOWED_TAGS = frozenset(
    """a abbr b blockquote br caption cite code dd del div dl dt em figcaption figure h1 h2 h3 h4
    h5 h6 hr i img ins li ol p pre q s small strong sub sup table tbody td tfoot th thead tr u
    ul""".split()  # noqa: SIM905
)
ALLOWED_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
ALLOWED_SCHEMES = frozenset({"http", "https", "mailto"})

#: Cleaning changes the tree, and a changed tree may parse otherwise: repeated until it is stable.
_MAX_ROUNDS = 5

# In nh3's own output every value is quoted and every `<` of the text escaped, so these are exact.
_IMAGE = re.compile(r'<img(?P<attributes>(?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_STYLE = re.compile(r' style="[^"]*"')
_WORD = re.compile(r"\w")
# Of a picture that nobody is to see. `style` passes the cleaner of pictures for this alone.
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|\Z)",
    re.IGNORECASE,
)
# Their content is text to a parser that runs scripts; here markup in it stays markup.
_RAW = re.compile(r"</?(?:noscript|iframe|noembed|noframes)\b[^<>]*>", re.IGNORECASE)
_CLEAN_TAG = re.compile(r'<[^"<>]*(?:"[^"]*"[^"<>]*)*>')

# `<?xml encoding=…?>` before text that is decoded is an error to inscriptis' parser.
_INSTRUCTION = re.compile(r"<\?[^>]*>?")
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[!/?]?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_DROPPED_CONTENT = re.compile(
    r"<(script|style|title|textarea|noscript)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
# `<select>`, `vector<int>`: words of a title where no end tag follows.
_BARE_TAG = re.compile(r"<([a-z][a-z0-9-]*)>", re.IGNORECASE)
_END_TAG = re.compile(r"</([a-z][a-z0-9-]*)", re.IGNORECASE)
#: Markup also where it never ends: some need no end, others lost it where a title was cut.
_NO_WORDS = frozenset(
    """a b big br center dd dt em font hr i img li option p s small span strong sub sup td th tr u
    wbr""".split()  # noqa: SIM905
)
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[^\S\n]+")
# C0 and C1 controls (tab, line feed and carriage return are spaces), bidi overrides and isolates,
# zero-width space, byte order mark, halves of surrogate pairs (JSON may hold them; UTF-8 cannot).
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069"
    r"\ud800-\udfff\ufeff\ufffe\uffff]"
)


def clean_html(html: str, base_url: str) -> str:
    """Give `html` with allow-listed elements only, links absolute, tracking pixels dropped.

    Cleaning twice gives the same as cleaning once.

    Args:
        html: anything; beyond `MAX_CHARS` it is cut.
        base_url: what relative links count from; without an http(s) one they are dropped.
    """
    cleaner = _cleaner(base_url)
    for _ in range(_MAX_ROUNDS):
        cleaned = _clean_once(cleaner, html)
        if cleaned == html:
            return cleaned
        html = cleaned
    return entities.escape(html_to_text(html), quote=False)


def html_to_text(html: str) -> str:
    """Give the text of `html`: paragraphs parted by an empty line, line breaks kept.

    Links give their text, images nothing, list items a leading `* `.
    """
    text = _layout()(limit_depth(_INSTRUCTION.sub("", cut_html(html))))
    lines = (_SPACES.sub(" ", line).strip() for line in remove_invisible(text).splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def plain_line(text: str) -> str:
    """Give a title or a name as one line of plain text.

    Feeds escape titles once or twice and put tags into them: tags go, entities are decoded. A
    start tag alone is a word: "The <select> element".
    """
    text = text[:MAX_LINE_CHARS]
    for _ in range(2):
        text = entities.unescape(_without_tags(text))
    return " ".join(remove_invisible(_without_tags(text)).split())


def remove_invisible(text: str) -> str:
    """Give `text` without control characters and marks that reverse the reading direction."""
    return _INVISIBLE.sub("", text)


def bare_words(cleaned_html: str) -> str:
    """Give the words of what `clean_html` gave in one line, still escaped.

    To compare, not to show: thirty times faster than `html_to_text`.
    """
    return " ".join(_CLEAN_TAG.sub(" ", cleaned_html).split())


def image_attributes(cleaned_html: str) -> tuple[dict[str, str], ...]:
    """List the attributes of each `<img>` in what `clean_html` gave, decoded."""
    return tuple(_attributes_of(found) for found in _IMAGE.finditer(cleaned_html))


def _clean_once(cleaner: nh3.Cleaner, html: str) -> str:
    # Feeds leave the mark in; HTML parsers skip what follows it, `limit_depth` reads it as XML.
    html = _RAW.sub("", remove_invisible(html).replace("<![CDATA[", ""))
    cleaned = cleaner.clean(limit_depth(cut_html(html)))
    return _IMAGE.sub(_shown, cleaned)


@lru_cache(maxsize=16)  # a feed's posts have one base mostly
def _cleaner(base_url: str) -> nh3.Cleaner:
    has_base = base_url.startswith(("http://", "https://"))
    try:
        return _make_cleaner(("rewrite_with_base", base_url) if has_base else "deny")
    except ValueError:  # no name that a host can have
        return _make_cleaner("deny")


def _make_cleaner(
    relative: Literal["deny"] | tuple[Literal["rewrite_with_base"], str],
) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED_TAGS),
        attributes={**ALLOWED_ATTRIBUTES, "img": ALLOWED_ATTRIBUTES["img"] | {"style"}},
        url_schemes=set(ALLOWED_SCHEMES),
        url_relative=relative,
        link_rel=None,
    )


def cut_html(html: str, max_chars: int = MAX_CHARS) -> str:
    """Give the beginning of `html`, which does not end inside a tag."""
    if len(html) <= max_chars:
        return html
    cut = html[:max_chars]
    is_inside_tag = cut.rfind("<") > cut.rfind(">")
    return cut[: cut.rfind("<")] if is_inside_tag else cut


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    text = _BREAK.sub(" ", _DROPPED_CONTENT.sub("", _CDATA.sub(r"\1", text)))
    ended = {name.casefold() for name in _END_TAG.findall(text)} | _NO_WORDS
    return _TAG.sub(lambda tag: tag[0] if _is_word(tag[0], ended) else "", text)


def _is_word(tag: str, ended: Set[str]) -> bool:
    """Whether what looks like a tag is none, by the names of those that end in the text."""
    bare = _BARE_TAG.fullmatch(tag)
    return bare is not None and bare[1].casefold() not in ended


def _shown(image: re.Match[str]) -> str:
    """Give what stays of a picture: nothing of a tracking pixel, the sign of an emoji."""
    attributes = _attributes_of(image)
    style = attributes.pop("style", "")
    sizes = {attributes.get(name, "").removesuffix("px") for name in ("width", "height")}
    is_pixel = not sizes.isdisjoint({"0", "1"})
    if is_pixel or _UNSEEN.search(style) or not attributes.get("src"):
        return ""
    # WordPress writes the signs of its feeds as pictures, which text has none of.
    sign = attributes.get("alt", "")
    is_sign = "/emoji/" in attributes["src"] and sign != "" and not _WORD.search(sign)
    return entities.escape(sign, quote=False) if is_sign else _STYLE.sub("", image[0])


def _attributes_of(image: re.Match[str]) -> dict[str, str]:
    return {
        name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(image["attributes"])
    }


@cache
def _layout() -> Callable[[str], str]:
    """Give inscriptis, by which every block is a paragraph of its own.

    Imported when first needed: whoever only collects feeds does without.
    """
    from inscriptis import get_text
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.html_properties import Display
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement

    paragraphs = {
        name: HtmlElement(display=Display.block, margin_before=1, margin_after=1)
        for name in ("div", "blockquote", "figcaption", "ul", "ol", "dl", "pre")
    }
    css = {**STRICT_CSS_PROFILE, **paragraphs}
    config = ParserConfig(css=css, display_images=False, display_links=False)
    return partial(get_text, config=config)


def better_text(content_html: str, page_html: str) -> str:
    """Return the text to print: the page's, as long as the feed carries less."""
    if not page_html or len(bare_words(page_html)) <= len(bare_words(content_html)):
        return content_html
    return page_html
