"""Makes foreign HTML safe to store and show, and converts it to text.

All content of feeds passes through this module before it is stored. nh3 applies the allow-list;
this module adds the limits that keep it fast, removes tracking pixels, and makes sure that cleaning
twice gives the same result.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Set
from functools import cache, lru_cache, partial
from html.entities import html5
from itertools import starmap
from typing import Literal

import nh3

from digest.text.formulas import write_scripts
from digest.text.invisible import remove_invisible
from digest.text.unseen import CONTROLS, drop_unseen

#: Characters of one post's HTML; longer HTML is cut at a tag.
MAX_CHARS = 256 * 1024
#: Characters of a title or a name, markup included.
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

#: Cleaning changes the tree, which may then be parsed differently: repeat until it is stable.
_MAX_ROUNDS = 5

# nh3's output has every value quoted and every `<` in text escaped, so these are exact.
_IMAGE = re.compile(r'<img(?P<attributes>(?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_STYLE = re.compile(r' style="[^"]*"')
_WORD = re.compile(r"\w")
# The style of an invisible picture. The cleaner keeps `style` of pictures only for this check.
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|\Z)",
    re.IGNORECASE,
)
# Servers that draw a formula; its TeX is the picture's description.
_FORMULA_SOURCE = re.compile(r"latex|/math/render/|mathtex|codecogs\.com", re.IGNORECASE)
# A parser with scripts enabled reads their content as text; here it stays markup.
_RAW = re.compile(r"</?(?:noscript|iframe|noembed|noframes)\b[^<>]*>", re.IGNORECASE)
# Blocks that are not allow-listed: their words must not run into the next one's.
_BLOCK = re.compile(
    r"<(/?)(?:address|article|center|details|dialog|fieldset|footer|header|hgroup|main|section"
    r"|summary)(?=[\s>/])",
    re.IGNORECASE,
)
# A film or a frame after a colon: its place is kept, so that the colon is seen to announce it.
_ANNOUNCED = re.compile(
    r"[:：]\s{0,9}(?:<[^<>]{0,300}>\s{0,9}){0,8}?(?=<(?:iframe|video|audio|object|embed)\b)",
    re.IGNORECASE,
)
_VERSE = re.compile(
    r"<pre\b[^<>]*\bclass\s*=\s*[\"'][^\"'<>]*\bverse\b[^<>]*>(.*?)</pre>",
    re.DOTALL | re.IGNORECASE,
)
_CLEAN_TAG = re.compile(r'<[^"<>]*(?:"[^"]*"[^"<>]*)*>')

# inscriptis' parser rejects `<?xml encoding=…?>` before decoded text.
_INSTRUCTION = re.compile(r"<\?[^>]*>?")
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[!/?]?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_DROPPED_CONTENT = re.compile(
    r"<(script|style|title|textarea|noscript)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
# `<select>`, `vector<int>`: words of a title if there is no end tag.
_BARE_TAG = re.compile(r"<([a-z][a-z0-9-]*)>", re.IGNORECASE)
_END_TAG = re.compile(r"</([a-z][a-z0-9-]*)", re.IGNORECASE)
#: Always markup, even without an end tag: it is optional, or was lost when a title was cut.
_NO_WORDS = frozenset(
    """a b big br center dd dt em font hr i img li option p s small span strong sub sup td th tr u
    wbr""".split()  # noqa: SIM905
)
_ENTITY = re.compile(
    r"&(?:#(?:[xX][0-9a-fA-F]{1,8}|\d{1,8});?|(?P<name>[a-zA-Z][a-zA-Z0-9]{1,31};))"
)
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[^\S\n]+")


def clean_html(html: str, base_url: str) -> str:
    """Return `html` with allow-listed elements only, absolute links and no tracking pixels.

    Cleaning twice gives the same result as cleaning once.

    Args:
        html: any text; it is cut after `MAX_CHARS`.
        base_url: the base of relative links; if it is not http(s), they are dropped.
    """
    cleaner = _cleaner(base_url)
    for _ in range(_MAX_ROUNDS):
        cleaned = _clean_once(cleaner, html)
        if cleaned == html:
            return cleaned
        html = cleaned
    return entities.escape(html_to_text(html), quote=False)


def html_to_text(html: str) -> str:
    """Return the text of `html`, with an empty line between paragraphs and line breaks kept.

    Links become their text, images are dropped, list items start with `* `.
    """
    markup = write_scripts(limit_depth(_INSTRUCTION.sub("", cut_html(html))))
    text = _layout()(markup)
    lines = (_SPACES.sub(" ", line).strip() for line in remove_invisible(text).splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def plain_line(text: str) -> str:
    """Return a title or a name as one line of plain text.

    Feeds escape titles once or twice and put tags into them: tags are removed, entities decoded.
    A start tag without an end tag is a word: "The <select> element", and so is a name without a
    semicolon: "Q&not A". The mark of a character that was lost (U+FFFD) is left out.
    """
    text = text[:MAX_LINE_CHARS]
    for _ in range(2):
        text = _ENTITY.sub(_as_character, _without_tags(text))
    return " ".join(remove_invisible(_without_tags(text)).replace("\ufffd", "").split())


def _as_character(entity: re.Match[str]) -> str:
    is_known = entity["name"] is None or entity["name"] in html5
    return entities.unescape(entity[0]) if is_known else entity[0]


def bare_words(cleaned_html: str) -> str:
    """Return the words of HTML cleaned by `clean_html` in one line, still escaped.

    For comparison, not for display: thirty times faster than `html_to_text`.
    """
    return " ".join(_CLEAN_TAG.sub(" ", cleaned_html).split())


def image_attributes(cleaned_html: str) -> tuple[dict[str, str], ...]:
    """Return the decoded attributes of each `<img>` in HTML cleaned by `clean_html`."""
    return tuple(_attributes_of(found) for found in _IMAGE.finditer(cleaned_html))


def _clean_once(cleaner: nh3.Cleaner, html: str) -> str:
    # Feeds may leave CDATA marks in; HTML parsers skip the text after one, `limit_depth` does not.
    html = _ANNOUNCED.sub(r"\g<0><figure></figure>", remove_invisible(html))
    html = _open_verse(_RAW.sub("", html.replace("<![CDATA[", "")))
    cleaned = cleaner.clean(_BLOCK.sub(r"<\1div", drop_unseen(limit_depth(cut_html(html)))))
    return _IMAGE.sub(_shown, cleaned)


def _open_verse(html: str) -> str:
    """Return `html` with the verse blocks of WordPress as paragraphs; other `<pre>` is code."""
    end = html.rfind("</pre>")  # each start tag before it has an end: linear time
    if end < 0 or "verse" not in html:
        return html
    head = html[: end + len("</pre>")]
    return _VERSE.sub(_as_paragraph, head) + html[len(head) :]


def _as_paragraph(verse: re.Match[str]) -> str:
    return f"<p>{verse[1].strip().replace(chr(10), '<br>')}</p>"


@lru_cache(maxsize=16)  # the posts of a feed usually have one base
def _cleaner(base_url: str) -> nh3.Cleaner:
    has_base = base_url.startswith(("http://", "https://"))
    try:
        return _make_cleaner(("rewrite_with_base", base_url) if has_base else "deny")
    except ValueError:  # not a valid host name
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
        clean_content_tags={"script", "style"} | CONTROLS,
    )


def cut_html(html: str, max_chars: int = MAX_CHARS) -> str:
    """Return the first `max_chars` characters of `html`; the cut is never inside a tag."""
    if len(html) <= max_chars:
        return html
    cut = html[:max_chars]
    is_inside_tag = cut.rfind("<") > cut.rfind(">")
    return cut[: cut.rfind("<")] if is_inside_tag else cut


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    text = write_scripts(_BREAK.sub(" ", _DROPPED_CONTENT.sub("", _CDATA.sub(r"\1", text))))
    ended = {name.casefold() for name in _END_TAG.findall(text)} | _NO_WORDS
    return _TAG.sub(lambda tag: tag[0] if _is_word(tag[0], ended) else "", text)


def _is_word(tag: str, ended: Set[str]) -> bool:
    """Return whether a tag is a word in angle brackets: its name is not in `ended`."""
    bare = _BARE_TAG.fullmatch(tag)
    return bare is not None and bare[1].casefold() not in ended


def _shown(image: re.Match[str]) -> str:
    """Return the picture's markup; empty for a tracking pixel, the character for an emoji."""
    attributes = _attributes_of(image)
    style = attributes.pop("style", "")
    sizes = {attributes.get(name, "").removesuffix("px") for name in ("width", "height")}
    is_pixel = not sizes.isdisjoint({"0", "1"})
    if is_pixel or _UNSEEN.search(style) or not attributes.get("src"):
        return ""
    sign = attributes.get("alt", "")
    if sign and _FORMULA_SOURCE.search(attributes["src"]):
        return entities.escape(rf"\({sign}\)", quote=False)
    # WordPress's feeds contain emoji as pictures, which would be missing from the text.
    is_sign = "/emoji/" in attributes["src"] and sign != "" and not _WORD.search(sign)
    return entities.escape(sign, quote=False) if is_sign else _STYLE.sub("", image[0])


def _attributes_of(image: re.Match[str]) -> dict[str, str]:
    return {
        name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(image["attributes"])
    }


@cache
def _layout() -> Callable[[str], str]:
    """Return inscriptis' converter, set to make every block a paragraph.

    Imported when first needed, because collecting feeds alone does not need it.
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
    """Return the text to print: the page's if it is longer than the feed's, else the feed's."""
    if not page_html or len(bare_words(page_html)) <= len(bare_words(content_html)):
        return content_html
    return page_html


#: Maximum depth; pages written by people have less.
MAX_DEPTH = 100

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
#: A second one closes the first if the end tag was left out.
_SELF_CLOSING = frozenset("p li dt dd tr td th option".split())  # noqa: SIM905

# A quoted value may contain `<` and `>`. Possessive, so that an unclosed tag is read only once;
# `(?!)` ends each such group because Python before 3.11.5 does not take its last, failed try back.
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?-->|.*)"
    r"|<!\[CDATA\[(?:.*?\]\]>|.*)"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/<>]*)"
    r"(?:[^/<>\"']|/(?!>)|\"[^\"]*\"|'[^']*'|(?!))*+(?:(?P<closed>/)?>)?",
    re.DOTALL,
)


def limit_depth(markup: str, limit: int = MAX_DEPTH) -> str:
    """Return `markup` without the tags nested deeper than `limit`; text stays.

    The depth is an estimate (end tags may be missing): deeper markup that passes is bounded by the
    limits on size and parsing time.
    """
    if not is_deeper(markup, limit):
        return markup
    nesting = _Nesting(limit)
    return _TOKEN.sub(lambda found: found[0] if nesting.admits(*found.groups()) else "", markup)


def is_deeper(markup: str, limit: int) -> bool:
    """Return whether elements are nested deeper than `limit`."""
    if markup.count("<") <= limit:
        return False
    nesting = _Nesting(limit)
    tags = map(re.Match.groups, _TOKEN.finditer(markup))
    return not all(starmap(nesting.admits, tags))


class _Nesting:
    """The open elements during a scan, never more than `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: list[str] = []

    def admits(self, end: str | None, name: str | None, closed: str | None) -> bool:
        """Process one tag; return False if it is nested too deeply.

        Args:
            end: the slash of an end tag; empty for a start tag.
            name: the element's name; None for a comment or CDATA section.
            closed: the slash of a self-closing tag; None if there is none.
        """
        name = name.lower() if name else ""
        if not name or closed or name in _VOID:
            return True
        if end:
            if name in self._open:
                while self._open.pop() != name:
                    pass
            return True
        if name in _SELF_CLOSING and self._open and self._open[-1] == name:
            return True
        if len(self._open) >= self._limit:
            return False
        self._open.append(name)
        return True
