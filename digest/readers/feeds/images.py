"""Chooses the picture of a post: the one the feed names, else the first suitable in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from digest.text.html import image_attributes, plain_line
from digest.text.links import http_url

#: Pictures with a side shorter than this, in pixels, are icons.
MIN_SIZE = 64
#: Minimum width of a picture that the feed names, in pixels; Blogger's icons have 72.
_MIN_NAMED = 112
#: Wider pictures are originals for print: used only if there is nothing smaller.
MAX_WIDTH = 2400

# Smilies, counters and buttons that WordPress, FeedBurner and others put into posts, and the
# author portraits that WordPress.com lists as a post's media.
_NOT_OF_THE_POST = re.compile(
    r"/smilies/|/emoji/|/wp-includes/images/|gravatar\.com/|pixel\.wp\.com|stats\.wordpress\.com"
    r"|feeds\.wordpress\.com|feedburner\.com/~|feedsportal\.com|doubleclick\.net|share-buttons?/"
    r"|/1x1|spacer\.(?:gif|png)"
    # Pictures of themes and plugins are the same on every page.
    r"|/wp-content/(?:themes|plugins)/|/logos?/|/avatars?/|/icons?/|/sprites?/|/ads?/|/adserver/"
    r"|googlesyndication\.com|amazon-adsystem\.com|adnxs\.com|/pixel[./?]"
    # By the file name: at its start or as a whole word in it.
    r"|/(?:(?:site|header|footer|default|cropped)-)?(?:logo|blank|placeholder|transparent|sprite"
    r"|default-image|no-image)[^/]*\Z"
    r"|/[^/]*(?<![a-z])(?:avatar|favicon|emoji|sprites?|apple-touch-icon)(?![a-z])[^/]*\Z"
    # Mail programs do not show drawings.
    r"|\.svgz?(?:[?#]|\Z)",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(\d{1,5})(?:px)?")
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


def choose_image(named: Iterable[str], *cleaned_html: str) -> tuple[str, str]:
    """Return the address and the alternative text of a post's picture; both may be empty.

    Args:
        named: absolute links to pictures that the feed itself names, best first.
        cleaned_html: the post's texts, cleaned by `clean_html`; their pictures come second.
    """
    inline = [image for html in cleaned_html for image in image_attributes(html)]
    alts = {picture_key(image["src"]): image.get("alt", "") for image in reversed(inline)}
    shown = [http_url(image["src"]) for image in inline if is_large(image)]
    chosen = next((url for url in (*named, *shown) if is_of_post(url)), "")
    return chosen, alt_text(alts.get(picture_key(chosen), ""), chosen)


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


def is_of_post(url: str) -> bool:
    """Return whether an address may be a post's picture: not a logo, portrait, counter or ad."""
    return bool(url) and _NOT_OF_THE_POST.search(url) is None


def is_large(image: dict[str, str], least: int = MIN_SIZE) -> bool:
    """Return whether the declared sizes of an `<img>` are at least `least`; True without any."""
    sizes = (_SIZE.fullmatch(image.get(name, "")) for name in ("width", "height"))
    return all(int(size[1]) >= least for size in sizes if size)


def _sensible(width: int) -> int:
    return width if width <= MAX_WIDTH else 0


def _letters(text: str) -> str:
    return _NO_WORD.sub("", text).casefold()
