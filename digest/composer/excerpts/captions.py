"""Taking captions out of a post's HTML: words that stand with a picture in one box."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: A longer text beside a picture is the post's own.
_MAX_CAPTION_WORDS = 40
#: With fewer words than this around it, what stands by the picture is the post.
_MIN_WORDS_AROUND = 30
#: Looked at in one post; a page of thumbnails is no text.
_MAX_PICTURES = 40
#: Boxes that hold a picture and its caption.
_BOXES = frozenset({"div", "p", "dl", "center", "td", "blockquote"})
#: A paragraph beside a picture is a caption only if all of it is set apart by one of these.
_SET_APART = "em, i, small, cite, sub, sup"


def drop_captions(tree: LexborHTMLParser) -> None:
    """Take the boxes of pictures with captions out of `tree`."""
    if tree.body is None:
        return
    around = _count_words(tree.body)
    for picture in tree.css("img")[:_MAX_PICTURES]:
        box = _box_of(picture)
        if box is None:
            continue
        words = _count_words(box)
        if words <= _MAX_CAPTION_WORDS and around - words >= _MIN_WORDS_AROUND:
            around -= words
            box.decompose(recursive=True)


def _box_of(picture: LexborNode) -> LexborNode | None:
    """The element that holds a picture and its caption alone; None where it holds more."""
    node = picture.parent
    while node is not None and node.tag in ("a", "span", "strong", "b", "em", "i"):
        node = node.parent
    if node is None or node.tag not in _BOXES:
        return None
    if node.tag == "p":
        return node if _is_set_apart(node) else _div_around(node)
    return node if len(node.css("p")) <= 1 else None


def _div_around(paragraph: LexborNode) -> LexborNode | None:
    """A box of two paragraphs, the picture and its words."""
    box = paragraph.parent
    is_picture_alone = not _count_words(paragraph)
    is_box = box is not None and box.tag == "div" and len(box.css("p")) == 2
    return box if is_box and is_picture_alone else None


def _is_set_apart(paragraph: LexborNode) -> bool:
    said = _count_words(paragraph)
    return said > 0 and said == sum(_count_words(each) for each in paragraph.css(_SET_APART))


def _count_words(node: LexborNode) -> int:
    return len(node.text(deep=True, separator=" ").split())
