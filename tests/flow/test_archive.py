"""The public archive over real HTTP: pages, feed, and what is never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from digest.models import DeliveryState, EditionState, Poll
from digest.store.tables import variants
from subscribers.preferences import State
from tests.support.every_block import full_edition
from tests.support.mastheads import change_edition
from tests.support.past_editions import FIRST, TWO_CADENCES, PastEditions
from tests.support.samples import sample_edition, sample_story
from tests.support.web_attacks import PAYLOADS
from tests.support.web_server import Answer, Site

BASE = "http://127.0.0.1/archive/weekly"
ATOM = "{http://www.w3.org/2005/Atom}"
PERSONAL = ("/u/", "/p/", "/v/", "/q/", "@example", "PLACE_")


@pytest.fixture
def past(tmp_path: Path) -> PastEditions:
    return PastEditions.open(tmp_path)


@pytest.fixture
def site(past: PastEditions) -> Iterator[Site]:
    with past.served() as site:
        yield site


def headings(answer: Answer) -> list[str]:
    """Return the subjects of the list, with the link of each."""
    return re.findall(r'<h2><a href="([^"]+)">', answer.text)


def links(answer: Answer, rel: str) -> list[str]:
    return re.findall(rf'<link rel="{rel}"[^>]* href="([^"]+)"', answer.text)


def metas(answer: Answer) -> dict[str, str]:
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', answer.text)
    return {name: unescape(value) for name, value in found}


# --- the list -----------------------------------------------------------------------------------


def test_the_list_has_the_newest_first_with_a_page_for_each(past: PastEditions, site: Site) -> None:
    for number in (1, 2, 3):
        past.publish(number)
    page = site.ask("/archive/weekly")
    assert page.status == 200
    assert headings(page) == [f"{BASE}/{number}" for number in (3, 2, 1)]
    assert "August 17, 2026" in page.text
    assert "No. 3" in page.text
    for url in headings(page):
        assert site.ask(url.removeprefix("http://127.0.0.1")).status == 200


def test_the_list_says_that_nothing_was_sent_yet(site: Site) -> None:
    page = site.ask("/archive/weekly")
    assert (page.status, headings(page)) == (200, [])
    assert "The first edition is still to come." in page.text
    assert site.ask("/archive/weekly/feed.xml").status == 200


def test_a_long_list_has_pages_of_twenty(past: PastEditions, site: Site) -> None:
    for number in range(1, 42):
        past.publish(number)
    first, second, third = (site.ask(f"/archive/weekly?page={n}") for n in (1, 2, 3))
    assert [len(headings(page)) for page in (first, second, third)] == [20, 20, 1]
    assert (links(first, "prev"), links(first, "next")) == ([], [f"{BASE}?page=2"])
    assert (links(second, "prev"), links(second, "next")) == ([BASE], [f"{BASE}?page=3"])
    assert (links(third, "prev"), links(third, "next")) == ([f"{BASE}?page=2"], [])
    assert links(second, "canonical") == [f"{BASE}?page=2"]
    for wrong in ("page=4", "page=0", "page=-1", "page=x", "page=99999999999", "cadence=no"):
        assert site.ask(f"/archive/weekly?{wrong}").status == 404, wrong


def test_each_cadence_has_a_list_because_a_monthly_edition_repeats_the_weekly_ones(
    tmp_path: Path,
) -> None:
    past = PastEditions.open(tmp_path, schedule=TWO_CADENCES)
    for number, cadence in enumerate(("weekly", "monthly", "weekly", "gone"), 1):
        past.publish(number, cadence=cadence)
    with past.served() as site:
        first = site.ask("/archive/weekly")
        assert headings(first) == [f"{BASE}/{number}" for number in (4, 3, 1)]
        assert "on the first Monday of the month" in first.text
        monthly = site.ask("/archive/weekly?cadence=monthly")
        assert headings(monthly) == [f"{BASE}/2"]
        assert links(monthly, "alternate") == [f"{BASE}/feed.xml?cadence=monthly"]
        assert links(monthly, "canonical") == [f"{BASE}?cadence=monthly"]
        page = site.ask("/archive/weekly/3")
        assert (links(page, "prev"), links(page, "next")) == ([f"{BASE}/1"], [f"{BASE}/4"])


def test_extra_editions_are_listed_too(past: PastEditions, site: Site) -> None:
    past.publish(1)
    past.publish(2, is_extra=True)
    assert headings(site.ask("/archive/weekly")) == [f"{BASE}/2", f"{BASE}/1"]


# --- what is public -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "fates"),
    [
        (EditionState.DRAFT, ()),
        (EditionState.APPROVED, ()),
        (EditionState.CANCELLED, (DeliveryState.SENT, DeliveryState.SKIPPED)),
        (EditionState.PAUSED, (DeliveryState.SENT, DeliveryState.PENDING)),
        (EditionState.SENDING, (DeliveryState.PENDING,)),
        (EditionState.FINISHED, (DeliveryState.FAILED,)),
    ],
)
def test_an_edition_that_was_not_sent_is_nowhere(
    past: PastEditions, site: Site, state: EditionState, fates: tuple[DeliveryState, ...]
) -> None:
    past.publish(1, state=state, fates=fates)
    assert site.ask("/archive/weekly/1").status == 404
    assert headings(site.ask("/archive/weekly")) == []
    assert "<entry>" not in site.ask("/archive/weekly/feed.xml").text


def test_an_edition_that_is_being_sent_is_shown_from_the_first_mail(
    past: PastEditions, site: Site
) -> None:
    fates = (DeliveryState.SENT, DeliveryState.PENDING)
    past.publish(1, state=EditionState.SENDING, fates=fates)
    assert site.ask("/archive/weekly/1").status == 200


def test_without_the_key_there_is_no_archive(past: PastEditions) -> None:
    edition = past.publish(1)
    past.project.change_config("archive = true", "archive = false")
    with past.served() as site:
        for path in ("", "/weekly", "/weekly/1", "/weekly/feed.xml"):
            assert site.ask(f"/archive{path}").status == 404, path
        view = site.ask(past.view_path(edition))
    assert view.status == 200
    assert "/archive" not in view.text


def test_unknown_pages_get_the_page_of_every_unknown_link(past: PastEditions, site: Site) -> None:
    past.publish(1)
    paths = ("no", "weekly/2", "weekly/01", "weekly/0", "weekly/x", "weekly/1/2", "weekly/%00")
    answers = [site.ask(f"/archive/{path}") for path in (*paths, f"weekly/{'9' * 40}")]
    answers.append(site.ask("/u/x"))
    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1


def test_the_shortened_address_leads_to_the_only_archive(past: PastEditions, site: Site) -> None:
    answer = site.ask("/archive")
    assert (answer.status, answer.headers["location"]) == (302, "/archive/weekly")


def test_the_links_have_the_path_of_the_public_address(past: PastEditions) -> None:
    past.publish(1)
    past.project.change_config("http://127.0.0.1", "http://127.0.0.1/news")
    with past.served() as site:
        for prefix in ("", "/news"):
            page = site.ask(f"{prefix}/archive/weekly")
            assert headings(page) == ["http://127.0.0.1/news/archive/weekly/1"]
            assert site.ask(f"{prefix}/archive").headers["location"] == "/news/archive/weekly"


# --- an edition ---------------------------------------------------------------------------------


def test_an_edition_is_everybodys_and_nobodys(past: PastEditions, site: Site) -> None:
    poll = Poll(question="Should it stay open?", choices=("Yes", "No"), note="")
    past.publish(112, change_edition(full_edition(), poll=poll))
    page = site.ask("/archive/weekly/112")
    for words in ("Security", "Economy", "Culture", "No.\u00a0112", "Who guards the water meter?"):
        assert words in page.text
    assert not [word for word in PERSONAL if word in page.text]
    assert "Should it stay open?" not in page.text
    assert "Forwarded to you?" not in page.text
    assert 'href="http://127.0.0.1/weekly">Subscribe</a>' in page.text


def test_an_edition_shows_only_the_posts_since_the_last_of_its_cadence(
    past: PastEditions, site: Site
) -> None:
    stories = (sample_story(1, title="An old one"), sample_story(9, title="A new one"))
    past.publish(2, sample_edition(stories=stories, last_cut_seq=105))
    page = site.ask("/archive/weekly/2")
    assert "A new one" in page.text
    assert "An old one" not in page.text


def test_an_edition_leads_to_its_neighbours_and_home(past: PastEditions, site: Site) -> None:
    for number in (1, 2, 3):
        past.publish(number)
    page = site.ask("/archive/weekly/2")
    assert (links(page, "prev"), links(page, "next")) == ([f"{BASE}/1"], [f"{BASE}/3"])
    assert f'<a class="step" href="{BASE}">Past editions</a>' in page.text
    assert '<a class="home" href="http://127.0.0.1/weekly">' in page.text
    newest = site.ask("/archive/weekly/3")
    assert links(newest, "next") == []
    assert "Next edition" not in newest.text


def test_a_purged_edition_is_still_shown(past: PastEditions, site: Site) -> None:
    edition = past.publish(1)
    before = site.ask("/archive/weekly/1").body
    with past.app.database.write() as connection:
        connection.execute(variants.update().values(pieces=None))
    with past.served() as again:
        assert again.ask("/archive/weekly/1").body == before
        assert again.ask(past.view_path(edition)).status == 200


def test_social_networks_get_a_title_a_picture_and_the_address(
    past: PastEditions, site: Site
) -> None:
    past.publish(1)
    page = site.ask("/archive/weekly/1")
    found = metas(page)
    assert found["og:type"] == "article"
    assert found["og:title"] == re.findall("<title>(.*?)</title>", page.text)[0]
    assert found["og:url"] == f"{BASE}/1"
    assert found["og:site_name"] == "The Lantern Weekly"
    assert found["og:image"].startswith("https://lantern.example/img/")
    assert found["og:description"]
    assert found["twitter:card"] == "summary_large_image"
    assert found["article:published_time"] == "2026-08-03T07:00:00+00:00"
    assert links(page, "canonical") == [f"{BASE}/1"]
    assert links(page, "alternate") == [f"{BASE}/feed.xml"]
    past.publish(2, sample_edition(stories=(sample_story(1),)))
    plain = metas(site.ask("/archive/weekly/2"))
    assert (plain["twitter:card"], "og:image" in plain) == ("summary", False)
    assert metas(site.ask("/archive/weekly"))["og:type"] == "website"


@pytest.mark.parametrize("is_hidden", [False, True])
def test_search_engines_list_the_archive_unless_it_is_hidden(
    tmp_path: Path, is_hidden: bool
) -> None:
    past = PastEditions.open(tmp_path, *(["archive_noindex = true"] if is_hidden else []))
    edition = past.publish(1)
    with past.served() as site:
        for path in ("/archive/weekly", "/archive/weekly/1"):
            page = site.ask(path)
            assert ('content="noindex' in page.text) == is_hidden
            assert ("noindex" in page.headers["x-robots-tag"]) == is_hidden
        feed = site.ask("/archive/weekly/feed.xml")
        assert ("noindex" in feed.headers["x-robots-tag"]) == is_hidden
        view = site.ask(past.view_path(edition))
    assert "noindex" in view.headers["x-robots-tag"]
    assert 'content="noindex"' in view.text


def test_no_script_can_run_and_no_form_can_be_sent(past: PastEditions, site: Site) -> None:
    past.publish(1)
    for path in ("/archive/weekly", "/archive/weekly/1"):
        policy = site.ask(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
    assert "sandbox" in site.ask("/archive/weekly/1").headers["content-security-policy"]


class Elements(HTMLParser):
    """Collects what could act: elements that a page must not have, handlers, odd links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KNOWN.split():
            self.found.append(tag)
        for name, value in attrs:
            is_odd = name in ("href", "src") and not (value or "").startswith(SAFE)
            if is_odd or name.startswith(("on", "formaction", "srcdoc")):
                self.found.append(f"{tag} {name}={value}")


_KNOWN = (
    "html head meta title style link body header footer main nav div span p h1 h2 h3 a img ol ul li"
    " table tr td time blockquote br bdi section"
)
SAFE = ("https://", "http://127.0.0.1", "/", "#")


def test_hostile_words_stay_words(past: PastEditions, site: Site) -> None:
    for number, words in enumerate(PAYLOADS, 1):
        stories = (sample_story(1, title=words, excerpt=words, author=words),)
        past.publish(number, sample_edition(stories=stories, title=words, intro=(words,)))
    paths = [f"/archive/weekly/{number}" for number in range(1, len(PAYLOADS) + 1)]
    for path in [*paths, *(f"/archive/weekly?page={page}" for page in (1, 2, 3))]:
        assert Elements(site.ask(path).text).found == [], path
    for entry in entries(site):
        content = entry.findtext(f"{ATOM}content") or ""
        assert content.count("<h3>") == 1
        assert Elements(content).found == []


def test_what_could_act_would_be_found() -> None:
    assert Elements("<p><a href=javascript:x onclick=y>").found == [
        "a href=javascript:x",
        "a onclick=y",
    ]
    assert Elements("<script>").found == ["script"]


# --- the feed -----------------------------------------------------------------------------------


def read(answer: Answer) -> ET.Element:
    return ET.fromstring(answer.body)  # noqa: S314 - written by this program


def entries(site: Site, path: str = "/archive/weekly/feed.xml") -> list[ET.Element]:
    return list(read(site.ask(path)).iter(f"{ATOM}entry"))


def check_feed(feed: ET.Element) -> None:
    """Check the rules of RFC 4287 section 4.1 that apply to this feed."""
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (only,) = element.findall(f"{ATOM}{name}")
            assert only.text
        stamp = element.findtext(f"{ATOM}updated") or ""
        assert datetime.fromisoformat(stamp).tzinfo is not None
        kinds = [(link.get("rel"), link.get("type")) for link in element.findall(f"{ATOM}link")]
        assert len(kinds) == len(set(kinds))
        assert ("alternate", "text/html") in kinds
    assert len(feed.findall(f"{ATOM}author")) == 1
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def test_the_feed_is_valid_atom_with_the_newest_twenty(past: PastEditions, site: Site) -> None:
    for number in range(1, 23):
        past.publish(number)
    answer = site.ask("/archive/weekly/feed.xml")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = read(answer)
    check_feed(feed)
    found = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert found == [f"{BASE}/{number}" for number in range(22, 2, -1)]
    assert feed.findtext(f"{ATOM}updated") == "2026-12-28T07:00:00Z"


def test_an_entry_has_the_posts_with_their_links(past: PastEditions, site: Site) -> None:
    past.publish(1)
    (entry,) = entries(site)
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert '<a href="https://lantern.example/2026/11/' in (content.text or "")
    assert "<h2>Economy</h2>" in (content.text or "")
    assert not [word for word in PERSONAL if word in (content.text or "")]
    assert entry.findtext(f"{ATOM}title")


def test_the_ids_of_the_feed_stay_when_editions_are_added(past: PastEditions, site: Site) -> None:
    past.publish(1)
    before = ET.tostring(entries(site)[0])
    past.publish(2)
    assert ET.tostring(entries(site)[1]) == before


def test_an_empty_feed_and_odd_characters_are_valid(past: PastEditions, site: Site) -> None:
    check_feed(read(site.ask("/archive/weekly/feed.xml")))
    odd = "A & B <i> \x0b\x1b[2J \ufffe ]]> \U0001f980 “é” ‮abc"
    past.publish(1, sample_edition(stories=(sample_story(1, title=odd, excerpt=odd),)))
    answer = site.ask("/archive/weekly/feed.xml")
    check_feed(read(answer))
    assert "A & B <i>" in (entries(site)[0].findtext(f"{ATOM}title") or "")


# --- caches -------------------------------------------------------------------------------------

CACHED = ("/archive/weekly", "/archive/weekly/1", "/archive/weekly/feed.xml")


@pytest.mark.parametrize("path", CACHED)
def test_an_unchanged_page_is_not_sent_again(past: PastEditions, site: Site, path: str) -> None:
    past.publish(1)
    first = site.ask(path)
    assert first.headers["cache-control"] == "public, max-age=300"
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    assert parsedate_to_datetime(changed) == FIRST
    for headers in (
        {"if-none-match": tag},
        {"if-none-match": f'"other", W/{tag}'},
        {"if-none-match": "*"},
        {"if-modified-since": changed},
    ):
        again = site.ask(path, headers=headers)
        assert (again.status, again.body) == (304, b""), headers
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "public, max-age=300"
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    earlier = "Mon, 03 Aug 2026 06:59:59 GMT"
    for headers in (
        {"if-none-match": '"other"'},
        {"if-none-match": '"other"', "if-modified-since": changed},
        {"if-modified-since": earlier},
        {"if-modified-since": "yesterday"},
    ):
        assert site.ask(path, headers=headers).body == first.body, headers
    past.publish(2)
    assert site.ask(path, headers={"if-none-match": tag}).status == 200
    assert site.ask(path, headers={"if-modified-since": changed}).status == 200


def test_head_is_answered_like_get_without_a_body(past: PastEditions, site: Site) -> None:
    past.publish(1)
    for path in CACHED:
        got, head = site.ask(path), site.ask(path, "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["etag"] == got.headers["etag"]
        assert head.headers["content-length"] == str(len(got.body))
        assert site.ask(path, "POST").status == 405


# --- a subscriber's own page --------------------------------------------------------------------


def test_a_welcome_shows_an_edition_from_before_in_the_subscribers_categories(
    past: PastEditions, site: Site
) -> None:
    edition = past.publish(1)
    page = site.ask(past.view_path(edition, categories=("Economy",)))
    assert page.status == 200
    assert "Economy" in page.text
    assert "Reading rooms after dark" not in page.text
    assert "Forwarded\u00a0to\u00a0you?\u00a0Subscribe" in page.text
    assert f'<a class="step" href="{BASE}">Past editions</a>' in page.text
    german = site.ask(past.view_path(edition, language="de", text_size="large"))
    assert 'lang="de"' in german.text


@pytest.mark.parametrize("state", [each for each in State if each is not State.CONFIRMED])
def test_nobody_else_sees_an_edition_from_before(
    past: PastEditions, site: Site, state: State
) -> None:
    edition = past.publish(1)
    assert site.ask(past.view_path(edition, state=state)).status == 404


@pytest.mark.parametrize("state", State)
def test_who_got_an_edition_sees_it_also_after_leaving(
    past: PastEditions, site: Site, state: State
) -> None:
    edition = past.publish(1, state=EditionState.CANCELLED)
    assert site.ask(past.view_path(edition, state=state, got_it=True)).status == 200


def test_an_edition_that_is_not_finished_is_no_welcome(past: PastEditions, site: Site) -> None:
    for number, state in enumerate((EditionState.SENDING, EditionState.PAUSED), 1):
        edition = past.publish(number, state=state)
        assert site.ask(past.view_path(edition)).status == 404


def test_the_day_of_the_list_is_that_of_the_newsletters_zone(tmp_path: Path) -> None:
    past = PastEditions.open(tmp_path)
    late = datetime(2026, 8, 4, 2, 0, tzinfo=UTC)
    past.publish(1, at=late)
    past.publish(2, at=late + timedelta(hours=3))
    with past.served() as site:
        text = site.ask("/archive/weekly").text
    # The sample's zone is New York's.
    assert re.findall(r'<time datetime="([^"]+)"', text) == ["2026-08-04", "2026-08-03"]
