"""The picture of a post: the one its author chose, else the first that is worth showing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from digest.text.html import image_attributes, plain_line
from digest.text.links import http_url

#: Smaller ones are icons.
MIN_SIZE = 64
#: A feed's narrower pictures are icons, and fill no place in a mail: those of Blogger have 72.
_MIN_NAMED = 112
#: Wider ones are originals for print: taken only where there is nothing smaller.
MAX_WIDTH = 2400

# Smilies, counters and buttons that WordPress, FeedBurner and their like put into posts, and the
# portraits that WordPress.com names as a post's media.
_NOT_OF_THE_POST = re.compile(
    r"/smilies/|/emoji/|/wp-includes/images/|gravatar\.com/|pixel\.wp\.com|stats\.wordpress\.com"
    r"|feeds\.wordpress\.com|feedburner\.com/~|feedsportal\.com|doubleclick\.net|share-buttons?/"
    r"|/1x1|spacer\.(?:gif|png)"
    # A theme's and a plugin's own pictures are the same on every page.
    r"|/wp-content/(?:themes|plugins)/|/logos?/|/avatars?/|/icons?/|/sprites?/|/ads?/|/adserver/"
    r"|googlesyndication\.com|amazon-adsystem\.com|adnxs\.com|/pixel[./?]"
    # By the file's own name, from its start or as a whole word in it.
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
# What cameras and telephones call their files.
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

    #: Absolute; empty where it is no plain link.
    url: str
    #: In pixels; 0 where the feed does not say.
    width: int = 0
    #: Whether the feed says that it stands for the others.
    is_default: bool = False


def choose_image(named: Iterable[str], *cleaned_html: str) -> tuple[str, str]:
    """Give the address and the alternative text of a post's picture; both may be empty.

    Args:
        named: absolute links to pictures that the feed itself names, best first.
        cleaned_html: what `clean_html` gave for the post; its pictures come second.
    """
    inline = [image for html in cleaned_html for image in image_attributes(html)]
    alts = {picture_key(image["src"]): image.get("alt", "") for image in reversed(inline)}
    shown = [http_url(image["src"]) for image in inline if is_large(image)]
    chosen = next((url for url in (*named, *shown) if is_of_post(url)), "")
    return chosen, alt_text(alts.get(picture_key(chosen), ""), chosen)


def best_first(images: Iterable[NamedImage]) -> list[str]:
    """Order the sizes and pictures of one post: what the feed calls its default, then the widest.

    Icons are left out; the widths of originals count as none.
    """
    usable = (each for each in images if not 0 < each.width < _MIN_NAMED)
    ordered = sorted(usable, key=lambda each: (not each.is_default, -_sensible(each.width)))
    return [each.url for each in ordered]


def alt_text(written: str, url: str) -> str:
    """Give the alternative text as one line; empty where it is only the name of the file."""
    line = plain_line(written)
    if not line:
        return ""
    if _FILE_NAME.fullmatch(line) or _CAMERA_NAME.fullmatch(line):
        return ""
    stem = unquote(urlsplit(url).path).rpartition("/")[2].rpartition(".")[0]
    names = {_letters(stem), _letters(_RENDITION.sub("", stem))}
    # "Harbour" under harbour.jpg is a word; "harbour-2" is what the computer wrote.
    is_copied = " " not in line and _NO_WORD.search(line) and _letters(line) in names
    return "" if is_copied else line


def has_image_name(url: str) -> bool:
    """Whether a link's path ends like a picture's."""
    return _IMAGE_PATH.search(url) is not None


def picture_key(url: str) -> str:
    """Give what the addresses of one picture in several sizes share, as WordPress writes them."""
    path = url.partition("?")[0]
    if not has_image_name(path):
        return url
    stem, _, ending = path.rpartition(".")
    return f"{_RENDITION.sub('', stem)}.{ending}"


def is_of_post(url: str) -> bool:
    """Whether a picture may belong to a post, by its address: no logo, portrait, counter or ad."""
    return bool(url) and _NOT_OF_THE_POST.search(url) is None


def is_large(image: dict[str, str], least: int = MIN_SIZE) -> bool:
    """Whether the sizes that an `<img>` names are at least `least`; one without may be."""
    sizes = (_SIZE.fullmatch(image.get(name, "")) for name in ("width", "height"))
    return all(int(size[1]) >= least for size in sizes if size)


def _sensible(width: int) -> int:
    return width if width <= MAX_WIDTH else 0


def _letters(text: str) -> str:
    return _NO_WORD.sub("", text).casefold()
