"""The mail's HTML is well formed: a parser has nothing to repair."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.letter.letter import render_web
from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from tests.support.arabic import arabic_edition
from tests.support.every_block import full_edition, full_letter, full_variant
from tests.support.samples import sample_personal, sample_renderer, sample_site

_VOID = frozenset({"img", "meta", "br", "hr", "input", "link"})
Tag = tuple[str, tuple[tuple[str, str | None], ...]]


class Subscriber(HTMLParser):
    """Reads tags as written, and records those without a partner."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Tag] = []
        self.faults: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        if len(set(names)) != len(names):
            self.faults.append(f"{tag}: an attribute twice")
        self.tags.append((tag, tuple(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def close(self) -> None:
        super().close()
        self.faults.extend(f"<{tag}> is left open" for tag in self._open)


def read(html: str) -> Subscriber:
    subscriber = Subscriber()
    subscriber.feed(html)
    subscriber.close()
    return subscriber


def understood(html: str) -> Iterator[Tag]:
    """Return the elements that an HTML5 parser finds, in the order of the page.

    A parser always adds a table's body, which the mail never writes.
    """
    root = LexborHTMLParser(html).root
    assert root is not None
    for node in root.traverse(include_text=False):
        tag = node.tag or ""
        if re.fullmatch(r"[a-z][a-z0-9]*", tag) and tag != "tbody":
            yield tag, tuple(node.attributes.items())


def mail(**chosen: str) -> str:
    edition = arabic_edition() if chosen.get("language") == "ar" else full_edition()
    letter = full_letter(edition, **chosen)
    return open_message(join(letter.pieces, sample_personal()).content).html


def page() -> str:
    edition = full_edition()
    return render_web(edition, full_variant(edition), sample_site(), sample_renderer())


@pytest.fixture(scope="module", params=["mail", "german", "arabic", "page"])
def html(request: pytest.FixtureRequest) -> str:
    match request.param:
        case "mail":
            return mail()
        case "german":
            return mail(language="de", text_size="large")
        case "arabic":
            return mail(language="ar")
        case _:
            return page()


def test_every_tag_is_closed_in_the_right_place(html: str) -> None:
    assert html.startswith("<!DOCTYPE html>")
    assert read(html).faults == []


def test_a_parser_finds_the_elements_that_were_written(html: str) -> None:
    assert list(understood(html)) == read(html).tags


def test_ids_are_unique_tables_are_for_looks_and_pictures_have_words(html: str) -> None:
    tags = [(tag, dict(attributes)) for tag, attributes in read(html).tags]
    ids = [attributes["id"] for _tag, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a.get("role") for tag, a in tags if tag == "table"} == {"presentation"}
    assert all("alt" in a and "width" in a for tag, a in tags if tag == "img")
    assert all(a.get("href") for tag, a in tags if tag == "a")
    levels = [int(tag[1]) for tag, _a in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p><b>x</p></b>", "</p> closes something else"),
        ("<p>x", "<p> is left open"),
        ('<p id="a" id="b">x</p>', "p: an attribute twice"),
    ],
)
def test_a_tag_out_of_place_would_be_found(html: str, fault: str) -> None:
    assert fault in read(html).faults


def test_an_element_moved_by_a_parser_would_be_found() -> None:
    html = "<!DOCTYPE html><html><head></head><body><table><tr><p>x</p></tr></table></body></html>"
    assert list(understood(html)) != read(html).tags
