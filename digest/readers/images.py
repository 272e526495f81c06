"""The picture of a post: the one its author chose, else the first that is worth showing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.text.html import image_attributes, plain_line
from digest.text.links import http_url

#: Smaller ones are icons.
_MIN_SIZE = 64

# Smilies, counters and buttons that WordPress, FeedBurner and their like put into posts, and the
# portraits that WordPress.com names as a post's media.
_NOT_OF_THE_POST = re.compile(
    r"/smilies/|/emoji/|/wp-includes/images/|gravatar\.com/|pixel\.wp\.com|stats\.wordpress\.com"
    r"|feeds\.wordpress\.com|feedburner\.com/~|feedsportal\.com|doubleclick\.net|share-buttons?/"
    r"|/1x1|spacer\.(?:gif|png)",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(\d{1,5})(?:px)?")
_IMAGE_PATH = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|\Z)", re.IGNORECASE)


def choose_image(named: Iterable[str], *cleaned_html: str) -> tuple[str, str]:
    """Give the address and the alternative text of a post's picture; both may be empty.

    Args:
        named: absolute links to pictures that the feed itself names, best first.
        cleaned_html: what `clean_html` gave for the post; its pictures come second.
    """
    inline = [image for html in cleaned_html for image in image_attributes(html)]
    alts = {image["src"]: plain_line(image.get("alt", "")) for image in reversed(inline)}
    shown = [http_url(image["src"]) for image in inline if _is_large(image)]
    chosen = next((url for url in (*named, *shown) if url and _is_of_post(url)), "")
    return chosen, alts.get(chosen, "")


def has_image_name(url: str) -> bool:
    """Whether a link's path ends like a picture's."""
    return _IMAGE_PATH.search(url) is not None


def _is_of_post(url: str) -> bool:
    return _NOT_OF_THE_POST.search(url) is None


def _is_large(image: dict[str, str]) -> bool:
    sizes = (_SIZE.fullmatch(image.get(name, "")) for name in ("width", "height"))
    return all(int(size[1]) >= _MIN_SIZE for size in sizes if size)
