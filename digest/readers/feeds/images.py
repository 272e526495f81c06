"""Chooses the picture of a post: the one the feed names, else the first suitable in its text."""

from __future__ import annotations

import html as entities
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from digest.text.html import image_attributes, plain_line
from digest.text.links import http_url

#: Pictures with a side shorter than this, in pixels, are icons.
MIN_SIZE = 64
#: Minimum width of a picture that the feed names, in pixels; Blogger's icons have 72.
_MIN_NAMED = 112
#: A picture is no single post's if at least this many posts of a document, and this part, have it.
_MIN_REPEATS = 4
_REPEATED_SHARE = 0.1
#: Wider pictures are originals for print: used only if there is nothing smaller.
MAX_WIDTH = 2400

# Services and scripts that count readers, show ads or portraits.
_SERVICE = re.compile(
    r"gravatar\.com/|pixel\.wp\.com|stats\.wordpress\.com|feeds\.wordpress\.com|feedburner\.com/~"
    r"|feedsportal\.com|doubleclick\.net|googlesyndication\.com|amazon-adsystem\.com|adnxs\.com"
    r"|//(?:stats?|pixel|counter|analytics|track(?:er|ing)?|beacon)\d*\."
    r"|/(?:ads?|adserver|pixel|beacon|counter|smilies|emoji|wp-includes/images)[./?]"
    # Matomo.
    r"|[?&](?:idsite|action_name)="
    # Mail programs do not show drawings.
    r"|\.svgz?(?:[?#]|\Z)",
    re.IGNORECASE,
)
# A script is asked for a picture by its own name or by its parameters.
_SCRIPT = re.compile(r"/(?P<words>[^/?]*\.(?:php|aspx?|cgi|pl|jsp|ashx)(?:\?.*)?)\Z", re.IGNORECASE)
_OF_PICTURES = re.compile(
    r"ima?ge?|photo|pic|thumb|file|media|attach|upload|resize|crop|src=|url=|jpe?g|png|webp|gif"
    r"|avif|\bcdn\b|[=_]w\d{3,4}\b|googleusercontent",
    re.IGNORECASE,
)
# Folders with what is the same on every page, and names of portraits and of icons of sites; a
# picture of the post among them has its size.
_FURNITURE = re.compile(
    r"/wp-content/(?:themes|plugins)/|/(?:themes?|skins?|logos?|avatars?|icons?|sprites?|buttons?"
    r"|badges?|emoticons?|smileys?|file-?types?|share-buttons?)/"
    r"|[/_.-](?:avatar|favicon)(?:[_-]?\d[\d_x-]*)?\.[a-z]{3,4}(?:\?|\Z)",
    re.IGNORECASE,
)
#: A picture with both sides at least this long, in pixels, is no furniture.
_POST_SIZE = 300
#: File names of words from these lists alone, with one of the first, are no picture of a post.
_STAND_INS = frozenset(
    """blank spacer placeholder transparent pixel clear shim loading loader lazy spinner grey gray
    1x1""".split()  # noqa: SIM905
)
_MARKS = frozenset(
    """logo avatar favicon emoji sprite sprites icon icons counter beacon tracker noimage nopic jpg
    jpeg png gif pdf zip mp3 doc""".split()  # noqa: SIM905
)
_FILLING = frozenset(
    """site header footer default cropped main small large big white black dark light image img
    picture photo thumb thumbnail no apple author user profile member touch retina web
    mobile desktop 2x""".split()  # noqa: SIM905
)
_EMPTY = frozenset({"default", "no"})
_SHOWN = frozenset({"image", "img", "picture", "photo", "thumb", "thumbnail"})
_SIZE = re.compile(r"(\d{1,5})(?:px)?")
# 88x31.png
_NAMED_SIZE = re.compile(r"(?<!\d)(\d{1,4})x(\d{1,4})\.[a-z]{3,4}(?:\?|\Z)", re.IGNORECASE)
_IMAGE_PATH = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|\Z)", re.IGNORECASE)

_FILE_NAME = re.compile(r"[^/]*\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?|heic)", re.IGNORECASE)
# File names that cameras and telephones generate.
_CAMERA_NAME = re.compile(
    r"(?:img|dsc[fn]?|dscn|pxl|mvi|image|photo|picture|screen\s?shot|bild|foto|untitled)?"
    r"[\s_-]*\d[\d\s_.x-]*",
    re.IGNORECASE,
)
_RENDITION = re.compile(r"(?:-\d+x\d+|-scaled|-e\d+)+\Z")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedImage:
    """A picture that a feed names for a post."""

    #: Absolute link; empty if the feed's link is not a plain http(s) one.
    url: str
    #: In pixels; 0 if the feed does not state it.
    width: int = 0
    #: Whether the feed marks it as the default of several.
    is_default: bool = False


def choose_image(
    named: Iterable[str], *cleaned_html: str, repeated: Set[str] = frozenset()
) -> tuple[str, str]:
    """Return the address and the alternative text of a post's picture; both may be empty.

    Args:
        named: absolute links to pictures that the feed itself names, best first.
        cleaned_html: the post's texts, cleaned by `clean_html`; their pictures come second.
        repeated: keys of the pictures that many posts have, from `repeated_pictures`.
    """
    inline = _inline(cleaned_html)
    alts = {picture_key(image["src"]): image.get("alt", "") for image in reversed(inline)}
    possible = _possible(named, inline)
    chosen = next((url for url in possible if picture_key(url) not in repeated), "")
    return chosen, alt_text(alts.get(picture_key(chosen), ""), chosen)


def repeated_pictures(posts: Sequence[tuple[Iterable[str], tuple[str, ...]]]) -> Set[str]:
    """Return the keys of the pictures that are no single post's: a site's logo, a podcast's cover.

    Args:
        posts: the named pictures and the cleaned texts of each post of a document.
    """
    counts = Counter(
        key
        for named, texts in posts
        for key in {picture_key(url) for url in _possible(named, _inline(texts))}
    )
    least = max(_MIN_REPEATS, len(posts) * _REPEATED_SHARE)
    return frozenset(
        key for key, count in counts.items() if count >= least or 3 <= count == len(posts)
    )


def _inline(cleaned_html: Iterable[str]) -> list[dict[str, str]]:
    return [image for html in cleaned_html for image in image_attributes(html)]


def _possible(named: Iterable[str], inline: Iterable[dict[str, str]]) -> Iterator[str]:
    yield from filter(is_of_post, named)
    for image in inline:
        url = http_url(image["src"])
        if is_large(image) and is_of_post(url, image):
            yield url


def best_first(images: Iterable[NamedImage]) -> list[str]:
    """Return the addresses of one post's pictures: the feed's default first, then the widest.

    Icons are left out; a width over `MAX_WIDTH` counts as 0.
    """
    usable = (each for each in images if not 0 < each.width < _MIN_NAMED)
    ordered = sorted(usable, key=lambda each: (not each.is_default, -_sensible(each.width)))
    return [each.url for each in ordered]


def alt_text(written: str, url: str) -> str:
    """Return the alternative text as one line; empty if it is only the file name."""
    line = plain_line(written)
    if not line:
        return ""
    if _FILE_NAME.fullmatch(line) or _CAMERA_NAME.fullmatch(line):
        return ""
    stem = unquote(urlsplit(url).path).rpartition("/")[2].rpartition(".")[0]
    names = {_letters(stem), _letters(_RENDITION.sub("", stem))}
    # "Harbour" for harbour.jpg is a word; "harbour-2" is a copied file name.
    is_copied = " " not in line and _NO_WORD.search(line) and _letters(line) in names
    return "" if is_copied else line


def has_image_name(url: str) -> bool:
    """Return whether a link's path ends like a picture file's."""
    return _IMAGE_PATH.search(url) is not None


def picture_key(url: str) -> str:
    """Return a key that WordPress's addresses of one picture in several sizes have in common."""
    path = url.partition("?")[0]
    if not has_image_name(path):
        return url
    stem, _, ending = path.rpartition(".")
    return f"{_RENDITION.sub('', stem)}.{ending}"


def is_of_post(url: str, image: Mapping[str, str] | None = None) -> bool:
    """Return whether an address may be a post's picture: not a logo, portrait, counter or ad.

    Args:
        url: the absolute address; may be empty.
        image: the attributes of its `<img>`, if there is one.
    """
    if not url or _SERVICE.search(url) or _is_stock(url):
        return False
    script = _SCRIPT.search(url)
    if script and not _OF_PICTURES.search(script["words"]):
        return False
    if image is not None and not _is_described(image) and not _OF_PICTURES.search(url):
        # Nothing says that it is a picture: services count readers so.
        return False
    named = _NAMED_SIZE.search(url)
    if named and min(map(int, named.groups())) < MIN_SIZE:
        return False
    return _FURNITURE.search(url) is None or (image is not None and _is_wide(image))


def _is_stock(url: str) -> bool:
    """Return whether a file name says nothing but that it is a logo, an icon or a stand-in."""
    words = set(_words_of(url))
    if not words <= _STAND_INS | _MARKS | _FILLING:
        return False
    return bool(words & (_STAND_INS | _MARKS) or (words & _EMPTY and words & _SHOWN))


def _is_stand_in(url: str) -> bool:
    """Return whether a script replaces the picture of this address by the real one."""
    words = _words_of(url)
    return url.startswith(("data:", "about:")) or (bool(words) and _STAND_INS.issuperset(words))


def _words_of(url: str) -> list[str]:
    """Return the words of an address's file name, without sizes and numbers."""
    name = unquote(url.partition("?")[0].partition("#")[0]).rpartition("/")[2].casefold()
    stem = _RENDITION.sub("", name.rpartition(".")[0] if "." in name else name)
    return [word for word in _NO_WORD.split(stem) if word and not word.isdecimal()]


def _is_described(image: Mapping[str, str]) -> bool:
    told = ("alt", "title", "width", "height", "srcset")
    return any((image.get(name) or "").strip() for name in told)


def _is_wide(image: Mapping[str, str]) -> bool:
    sizes = [_SIZE.fullmatch(image.get(name) or "") for name in ("width", "height")]
    return all(size is not None and int(size[1]) >= _POST_SIZE for size in sizes)


def is_large(image: dict[str, str], least: int = MIN_SIZE) -> bool:
    """Return whether the declared sizes of an `<img>` are at least `least`; True without any."""
    sizes = (_SIZE.fullmatch(image.get(name, "")) for name in ("width", "height"))
    return all(int(size[1]) >= least for size in sizes if size)


def _sensible(width: int) -> int:
    return width if width <= MAX_WIDTH else 0


def _letters(text: str) -> str:
    return _NO_WORD.sub("", text).casefold()


#: Width that a mail shows at double density, in pixels; more only makes the file larger.
WANTED_WIDTH = 1200
#: Characters of a `srcset`; the rest is not read.
_MAX_CHARS = 20_000

# Attributes in which lazy-loading scripts keep the address, the most reliable first.
_LATE = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "data-hi-res-src")
_LATE_SETS = ("srcset", "data-srcset", "data-lazy-srcset")

_IMAGE = re.compile(r"<img\b(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*'|(?!))*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![\w-])([a-zA-Z][\w-]*+)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"
)
_SRCSET_SIZE = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)([wx])")


def show_late_images(html: str) -> str:
    """Return `html` with the real picture of each `<img>` in its `src`; the rest is unchanged.

    Call it before cleaning, which drops the attributes with the address.
    """
    return _IMAGE.sub(_with_source, html)


def source_of(attributes: Mapping[str, str | None]) -> str:
    """Return the address of the file to show for an `<img>`, as written; empty if it has none.

    The `srcset` counts if it offers a file that is large enough, or if `src` is a placeholder.
    """
    plain = attributes.get("src") or ""
    has_plain = bool(plain.strip()) and not _is_stand_in(plain.strip())
    sets = [value for name in _LATE_SETS if (value := attributes.get(name))]
    url, width = best_candidate(sets[0]) if sets else ("", 0)
    if url and (width >= WANTED_WIDTH or not has_plain):
        return url
    late = (value.strip() for name in _LATE if (value := attributes.get(name)))
    return plain if has_plain else next((v for v in late if not _is_stand_in(v)), "")


def best_candidate(srcset: str) -> tuple[str, int]:
    """Return the address and the width of the best file in a `srcset`.

    The smallest of at least `WANTED_WIDTH`, else the largest; empty and 0 if there is none.
    """
    found = [each for each in _candidates(srcset) if not _is_stand_in(each[0])]
    large = [each for each in found if each[1] >= WANTED_WIDTH]
    if large:
        return min(large, key=lambda each: each[1])
    return max(found, key=lambda each: each[1], default=("", 0))


def _candidates(srcset: str) -> Iterator[tuple[str, int]]:
    """Yield address and width of each file (HTML Standard, "parse a srcset attribute")."""
    words = deque(srcset[:_MAX_CHARS].split())
    while words:
        url = words.popleft().lstrip(",")
        size = ""
        if not url.endswith(",") and words:
            # Without a space after the comma, the next address is part of the same word.
            size, _, following = words.popleft().partition(",")
            words.extendleft([following] if following else ())
        if url.strip(","):
            yield url.rstrip(","), _width_of(size)


def _width_of(size: str) -> int:
    """Return the width in pixels; for a density, a number with the same order."""
    found = _SRCSET_SIZE.fullmatch(size)
    if not found:
        return 100
    return int(float(found[1]) * (1 if found[2] == "w" else 100))


def _with_source(found: re.Match[str]) -> str:
    attributes = {
        name.lower(): entities.unescape(a or b or c)
        for name, a, b, c in _ATTRIBUTE.findall(found["attributes"])
    }
    if attributes.keys().isdisjoint((*_LATE, *_LATE_SETS)):
        return found[0]
    attributes["src"] = source_of(attributes)
    kept = ((name, attributes.get(name)) for name in ("src", "alt", "width", "height"))
    written = (f'{name}="{entities.escape(value)}"' for name, value in kept if value)
    return f"<img {' '.join(written)}>"
