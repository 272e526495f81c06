"""Comments of real pages, exports and interfaces, against counts made independently."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.errors import FeedError
from digest.models import CommentKind, Document, ParsedComments
from digest.readers.pages.markup import decode_page
from digest.readers.pages.page import read_page
from digest.readers.responses.exports import read_export
from digest.readers.responses.wordpress import read_rest
from digest.text.links import http_url

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
PAGES = CORPUS / "pages-with-comments"
NOW = datetime(2026, 11, 23, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of pages is not here")

#: These show a form for comments, or none at all, but no comment.
SILENT = {"gitarrebass.de-dieneue", "jagdoesterreich.at-Parkplätze"}


class Shown(NamedTuple):
    """The comments that a person sees on a page."""

    comments: int
    pings: int
    #: The author of the first comment; empty if all are pingbacks.
    first: str
    #: The numbers of a reply and of its parent; empty if nothing is threaded.
    answer: str = ""
    answered: str = ""


# Read manually in the markup; names as written there.
BY_HAND = {
    "models_testing": Shown(45, 0, "Guiery", "1428266", "1428238"),
    "pewresearch.org1": Shown(24, 0, "MA Sullivan", "593519", "591989"),
    "pixelmonkey.org1": Shown(1, 0, "Michael Holroyd"),
    "uproxx.com2": Shown(6, 0, "Verbal Kunt", "2519455", "2519331"),
    "002": Shown(2, 0, "Alexander Petrov", "17305", "17303"),
    "firefox-nightly-blog": Shown(2, 0, "Alan Goodale"),
    "wordpress": Shown(13, 0, "Sallie Goetsch (rhymes with sketch)", "215125", "215114"),
    "1337kultur.de.picard": Shown(2, 0, "Harm Otten", "288843", "288842"),
    "2gewinnt.wordpress.com.uns": Shown(1, 0, "Agi Joe"),
    "amazedmag.de.meinleben": Shown(1, 0, "Tanya"),
    "antary.de.wireshark": Shown(2, 0, "Burnsy", "66283", "66282"),
    "archive.org.the-pain.net.silkroad": Shown(33, 1, "ChillerXXL"),
    "archive.org.tv-orange.de.future": Shown(0, 1, ""),
    "basicthinking.de.tweets": Shown(1, 0, "Klaus-Peter Baumgardt"),
    "businessjargons.com.leadership": Shown(9, 0, "Chris Anamani"),
    "d32ad974a4b04657bb6e4d91852bd52d": Shown(18, 0, "Nibelung", "803475", "803441"),
    "de.creativecommons.org.endlich": Shown(3, 2, "Michael Blahm"),
    "erp-news.info.interview": Shown(0, 2, ""),
    "fifplay.com.settings": Shown(1, 0, "Mensah James"),
    "frolleinherr.com.lost": Shown(11, 0, "Aylin", "44138", "44137"),
    "geeks3d.com.hacklab": Shown(1, 0, "coulid"),
    "gormulus.wordpress.com.durfen": Shown(39, 6, "photobix"),
    "grossefragen.wordpress.com.projekt": Shown(23, 0, "Badenraser-1018"),
    "hearya.com.metal": Shown(38, 0, "Armanox"),
    "iloveponysmag.com.barbour": Shown(1, 0, "Ameise"),
    "it-learner.de.autotuning": Shown(2, 0, "Karl", "422", "421"),
    "journelles.de.westwing": Shown(1, 0, "Lena"),
    "kleinegruenemonster.wordpress.com.start": Shown(1, 0, "Isa"),
    "lapresse.tn.parite": Shown(1, 0, "Liberte"),
    "rete-mirabile.net.15jahre": Shown(4, 0, "-thh", "52175", "52174"),
    "spreeblick.com.habeck": Shown(1, 0, "Yalcin (Fehlpass.com)"),
    "stackoverflow.com.rust": Shown(1, 0, "Jeremy Banks"),
    "steinhau.com.zahlen": Shown(0, 1, ""),
    "stylegart.de.naturkosmetik": Shown(8, 0, "FAMILIE-TESTET", "27801", "27691"),
    "thenervousbreakdown.com.loneliest": Shown(11, 0, "Art Edwards", "148605", "148573"),
    "threatpost.com.android": Shown(1, 0, "Mm"),
    "unsere-zeitung.at.inklusion": Shown(1, 0, "Martin Mair"),
    "verfassungsblog.de.expertinnen": Shown(5, 0, "Josef Franz Lindner", "801120", "801057"),
    "wolfgangmichal.de.sorgfaltspflicht": Shown(2, 2, "Trockenduscher"),
    "wolfgangschmale.eu.duchhardt": Shown(1, 0, "Philipp Ther"),
}
#: Whether the page lists all comments, for pages that do not.
NOT_WHOLE = {
    "grossefragen.wordpress.com.projekt": False,
    "hearya.com.metal": False,
    "d32ad974a4b04657bb6e4d91852bd52d": False,
    "wordpress": None,  # a script may bring more
    "it-learner.de.autotuning": None,
}
_NUMBERED = re.compile(rb"""\sid=["']?(?:li-|div-)?comment-([0-9]+)["'\s>]""")
_NOT_WORDS = re.compile(
    r"\b(?:Reply|Antworten|Répondre|says:|sagt:|schreibt:|Pingback:)\Z|\A[•|·]", re.IGNORECASE
)


@pytest.fixture(scope="module")
def shown() -> dict[str, ParsedComments]:
    """Read every page with comments once."""
    return {path.stem: comments_of(path) for path in sorted(PAGES.rglob("*.html"))}


def comments_of(path: Path) -> ParsedComments:
    """Read a page as if it came from the address it names."""
    body = path.read_bytes()
    link = LexborHTMLParser(decode_page(body, "")).css_first("link[rel=canonical]")
    url = http_url((link.attributes.get("href") if link else "") or "")
    return read_page(
        Document(body=body, url=url or "https://base.invalid/2026/post/"), NOW
    ).comments


def test_pages_give_the_comments_that_a_person_sees(shown: dict[str, ParsedComments]) -> None:
    assert len(BY_HAND) >= 20
    found = {}
    for name, wanted in BY_HAND.items():
        said = [each for each in shown[name].comments if each.kind is CommentKind.COMMENT]
        parents = {each.external_id: each.parent_id for each in shown[name].comments}
        has_answer = parents.get(f"comment-{wanted.answer}") == f"comment-{wanted.answered}"
        found[name] = Shown(
            len(said),
            len(shown[name].comments) - len(said),
            said[0].author if said else "",
            wanted.answer if has_answer else "",
            wanted.answered if has_answer else "",
        )
    assert found == BY_HAND


def test_every_number_in_the_markup_is_a_comment(shown: dict[str, ParsedComments]) -> None:
    numbers = {
        path.stem: {f"comment-{number.decode()}" for number in _NUMBERED.findall(path.read_bytes())}
        for path in PAGES.rglob("*.html")
    }
    found = {name: {each.external_id for each in parsed.comments} for name, parsed in shown.items()}
    assert len(numbers) == 42
    assert {name for name in numbers if not numbers[name]} - SILENT == set()
    assert found == numbers


def test_comments_have_a_name_and_their_own_words(shown: dict[str, ParsedComments]) -> None:
    said = [
        each
        for parsed in shown.values()
        for each in parsed.comments
        if each.kind is CommentKind.COMMENT
    ]
    assert len(said) > 300
    assert [each for each in said if not (each.author and each.text)] == []
    assert [each.text[-40:] for each in said if _NOT_WORDS.search(each.text)] == []


def test_dates_are_read_wherever_the_page_shows_one(shown: dict[str, ParsedComments]) -> None:
    undated = Counter(
        name
        for name, parsed in shown.items()
        for each in parsed.comments
        if each.kind is CommentKind.COMMENT and each.posted_at is None
    )
    # The one says "50 minutes ago", the other 12.29.14.
    assert undated == {"d32ad974a4b04657bb6e4d91852bd52d": 18, "uproxx.com2": 6}


def test_pages_know_whether_they_list_all(shown: dict[str, ParsedComments]) -> None:
    found = {name: parsed.is_complete for name, parsed in shown.items() if name not in SILENT}
    assert found == {name: NOT_WHOLE.get(name, True) for name in found}
    assert {name for name, parsed in shown.items() if parsed.next_url} == {
        "grossefragen.wordpress.com.projekt",
        "hearya.com.metal",
    }
    assert shown["hearya.com.metal"].next_url.endswith("/comment-page-39/")


@pytest.mark.parametrize("folder", ["pages-articles", "email-templates"])
def test_pages_without_comments_give_none(folder: str) -> None:
    paths = [path for path in (CORPUS / folder).rglob("*") if path.is_file()]
    assert len(paths) >= 13
    assert {path.name for path in paths if comments_of(path).comments} == set()


def test_silent_pages_give_none(shown: dict[str, ParsedComments]) -> None:
    assert {name for name, parsed in shown.items() if not parsed.comments} == SILENT


def test_most_pages_of_wordpress_lead_to_its_interface() -> None:
    paths = [path for path in PAGES.rglob("*.html") if b"https://api.w.org/" in path.read_bytes()]
    bodies = {path.stem: path.read_bytes() for path in paths}
    urls = {
        name: read_page(Document(body=body, url=""), NOW).rest_url for name, body in bodies.items()
    }
    assert len(urls) >= 20
    # It has neither a short link nor a class nor a form with the post's number.
    assert {name for name, url in urls.items() if "/wp/v2/comments?post=" not in url} <= {
        "wordpress"
    }


def test_every_export_of_wordpress_gives_its_approved_comments() -> None:
    bodies = {path.name: path.read_bytes() for path in (CORPUS / "wxr").rglob("*.xml")}
    counts = {name: len(approved_in(body)) for name, body in bodies.items()}
    found = {
        name: sum(len(each.comments) for each in read_export(body, name, NOW))
        for name, body in bodies.items()
    }
    # This one is from Blogger, although it is in the folder.
    assert found.pop("pelican__bloggerexport.xml") == 1
    counts.pop("pelican__bloggerexport.xml")
    assert len(found) >= 55
    assert sum(counts.values()) >= 75
    assert found == counts


def approved_in(body: bytes) -> list[bytes]:
    """Find the approved comments of an export by their tags only."""
    listed = re.findall(rb"<wp:comment>(.*?)</wp:comment>", body, re.DOTALL)
    approved = re.compile(rb"<wp:comment_approved>(?:<!\[CDATA\[)?1\b")
    return [each for each in listed if approved.search(each)]


def test_kinds_and_threads_of_exports_are_kept() -> None:
    path = CORPUS / "wxr" / "wordpress-importer" / "theme-unit-test-data.xml"
    body = path.read_bytes()
    comments = [each for thread in read_export(body, "x", NOW) for each in thread.comments]
    kinds = Counter(re.findall(rb"<wp:comment_type>(\w+)back", body))
    assert Counter(each.kind for each in comments) == {
        CommentKind.COMMENT: len(comments) - kinds[b"ping"] - kinds[b"track"],
        CommentKind.PINGBACK: kinds[b"ping"],
        CommentKind.TRACKBACK: kinds[b"track"],
    }
    answers = [each for each in approved_in(body) if re.search(rb"<wp:comment_parent>[1-9]", each)]
    assert sum(bool(each.parent_id) for each in comments) == len(answers) == 9


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("isso__disqus.xml", [3, 1]),
        ("isso__generic.json", [1, 1]),
        ("remark42__commento.json", [1, 2]),
        ("remark42__disqus.xml", [2, 2]),
        ("remark42__disqus-deleted-post.xml", [2, 1]),
        ("remark42__disqus-deleted-thread.xml", [2]),
    ],
)
def test_exports_of_other_systems_give_their_comments(name: str, counts: list[int]) -> None:
    body = (CORPUS / "comments-other" / name).read_bytes()
    assert [len(each.comments) for each in read_export(body, name, NOW)] == counts


def test_a_file_that_is_only_named_like_an_export_is_refused() -> None:
    body = (CORPUS / "comments-other" / "disqusmailer__disqus.xml").read_bytes()
    with pytest.raises(FeedError, match="not an export"):
        read_export(body, "disqus.xml", NOW)


@pytest.mark.parametrize("name", ["comment.json", "comments-collection.json"])
def test_answers_of_the_interface_give_their_comments(name: str) -> None:
    body = (CORPUS / "wp-rest" / "wordpress-core" / name).read_bytes()
    (found,) = read_rest(Document(body=body, url="https://base.invalid/"), NOW).comments
    assert body.count(b'"author_name"') == 1
    assert (found.external_id, found.posted_at) == (
        "comment-2",
        datetime(2017, 2, 14, tzinfo=UTC),
    )


def test_answers_about_something_else_are_refused() -> None:
    paths = [
        path for path in (CORPUS / "wp-rest").rglob("*.json") if not path.name.startswith("comment")
    ]
    assert len(paths) >= 13
    for path in paths:
        with pytest.raises(FeedError, match="lists something else"):
            read_rest(Document(body=path.read_bytes(), url="https://base.invalid/"), NOW)
