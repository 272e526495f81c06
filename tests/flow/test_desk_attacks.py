"""Three hundred attacks through titles, texts, names, addresses and comments, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Route
from sqlalchemy import update

from digest.models import Actor, AlsoAt, CommentOmission, Edition, Omission, Reason, Story
from digest.newsroom import Newsroom
from digest.store.tables import editions
from tests.support.browser import chromium
from tests.support.desk_site import desk_of, fill
from tests.support.desk_work import Desk
from tests.support.figures import IS_PROOF
from tests.support.hostile_rows import FEED, add_rows, spoil_rows
from tests.support.mastheads import change_edition
from tests.support.payloads import COUNT, hostile_urls, payloads
from tests.support.samples import IMAGES, sample_edition, sample_quote, sample_story
from tests.support.web_attacks import CALL
from tests.support.web_server import Site, serving

pytestmark = [pytest.mark.long, pytest.mark.proof]

#: Payloads in one mail, each in every part of one story.
_BATCH = 38
_SECTIONS = ("Security", "Economy", "Culture")
_OPERATOR = Actor(name="operator")
_TABS = ("html", "text", "source", "headers", "links", "size", "findings", "why")
#: The pages of an edition that is sent, of its draft with the same words, and of all else.
_PAGES = (
    *(f"/editions/1/preview?tab={tab}" for tab in _TABS),
    "/editions/2/approve",
    "/editions/2/compose",
    "/editions/2/compose?post=3&find=%3Cscript%3E",
    "/editions/2/history",
    "/editions/1/sending",
    "/editions/1/sending/mails?state=failed&reason=refused",
    "/comments",
    "/comments/people",
    "/",
    "/editions",
    "/feeds",
    f"/feeds/{FEED}",
    "/subscribers",
    "/subscribers/1",
    "/subscribers/fields",
    "/report/mails/1",
    "/report",
    "/settings",
)
#: Pages that show each of the words.
_SHOW_ALL = ("/editions/1/preview?tab=why",)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a newsletter with a sent edition, whose mail is written again, and a draft."""
    work = Desk.open(tmp_path_factory.mktemp("attacks"), review="required")
    work.add_subscribers(2)
    work.add_post("A bridge is mended")
    work.compose()
    fill(work)
    sent = {"frozen_at": datetime.now(UTC), "state": "finished", "first_at": datetime.now(UTC)}
    with work.app.database.write() as connection:
        connection.execute(update(editions).values(**sent))
    work.add_post("The council meets")
    work.compose()
    add_rows(work, payloads()[:_BATCH])
    return work


@pytest.fixture(scope="module")
def site(desk: Desk) -> Iterator[Site]:
    with serving(desk_of(desk)) as site:
        yield site


def spoil(words: tuple[str, ...]) -> Edition:
    """Return an edition with each payload in every part of a story, and hostile addresses."""
    urls = cycle(hostile_urls())
    stories = tuple(_story(number, each, next(urls)) for number, each in enumerate(words, 1))
    reason = Reason(code=words[0], text=words[0])
    omitted = tuple(Omission(post_id=900 + n, title=w, reason=reason) for n, w in enumerate(words))
    edition = replace(sample_edition(), stories=stories, omitted=omitted, max_posts_per_category=50)
    return change_edition(edition, title=words[0], intro=(words[1],), tagline=words[2])


def _story(number: int, words: str, url: str) -> Story:
    reason = Reason(code=words, text=words)
    comment = CommentOmission(comment_id=number, name=words, text=words, reason=reason)
    return sample_story(
        number,
        title=words,
        url=url if number % 3 else f"https://lantern.example/{number}?{words}",
        author=words,
        excerpt=words,
        image_alt=words,
        image_url=f"{IMAGES}{number}.jpg",
        categories=(_SECTIONS[number % 3],),
        reason=reason,
        quotes=(replace(sample_quote(number, words, words), url=url),),
        not_quoted=(comment,),
        also_at=(AlsoAt(post_id=500 + number, name=words, url=url),),
    )


class Watch:
    """Records every action of a page that plain text would not take."""

    def __init__(self, context: BrowserContext, page: Page, site: Site) -> None:
        self.tried: list[str] = []
        self._site = site
        page.on("dialog", self._dismiss)
        page.on("console", lambda message: self._note_console(message.text))
        context.on("request", self._note_request)
        context.on("page", lambda opened: self.tried.append(f"opened {opened.url}"))
        context.route("https://**/*", lambda route: route.abort())

    def _dismiss(self, dialog: Dialog) -> None:
        self.tried.append(dialog.message)
        dialog.dismiss()

    def _note_console(self, text: str) -> None:
        if "Content Security Policy" in text or "Blocked" in text:
            self.tried.append(text)

    def _note_request(self, request: Request) -> None:
        is_picture = request.resource_type == "image" and request.url.startswith(IMAGES)
        if not request.url.startswith((f"{self._site.url}/", "data:,")) and not is_picture:
            self.tried.append(f"request {request.url}")


def test_there_are_three_hundred_attacks_of_many_kinds() -> None:
    assert len(set(payloads())) == COUNT == 300
    assert len(set(hostile_urls())) >= 12


def pages_for(batch: int) -> tuple[str, ...]:
    """Return the pages that show a batch: all, under `make proof`; else each page is shown once."""
    return _PAGES if IS_PROOF else _PAGES[batch :: -(-COUNT // _BATCH)]


def test_no_attack_runs_or_calls_a_stranger_on_any_page(
    browser: Browser, desk: Desk, site: Site
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    watch = Watch(context, page, site)
    newsroom = Newsroom(desk.app)
    everything = payloads()
    for start in range(0, len(everything), _BATCH):
        words = everything[start : start + _BATCH]
        words += everything[: max(0, 3 - len(words))]
        pages = pages_for(start // _BATCH)
        for edition_id in (1, 2):
            fill(desk, spoil(words), edition_id)
        if "/editions/2/approve" in pages:
            newsroom.proofs.examine(2, by=_OPERATOR)
        spoil_rows(desk, words)
        newsroom.comments.never_quote(f"Eve {words[0]}", by=_OPERATOR)
        for path in pages:
            answer = page.goto(site.url + path)
            assert answer is not None
            assert answer.status == 200, (path, start)
            if path in _SHOW_ALL:
                shown = " ".join(page.inner_text("main").split())
                assert [each for each in words if " ".join(each.split()) not in shown] == []
        assert watch.tried == [], start
    context.close()


def test_no_click_in_a_preview_votes_leaves_or_runs(
    browser: Browser, desk: Desk, site: Site
) -> None:
    fill(desk, spoil(payloads()[:_BATCH]), 1)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    watch = Watch(context, page, site)
    page.goto(f"{site.url}/editions/1/preview")
    frame = page.frames[1]
    inert = frame.locator("a[href^='#']")
    assert inert.count() > 3
    for link in inert.all()[:12]:
        link.click(force=True)
    assert watch.tried == []
    assert {each.url for each in page.frames if "/mail?" in each.url} == {
        each.url for each in page.frames[1:]
    }
    context.route("https://lantern.example/**", lambda route: route.fulfill(body="a post"))
    with context.expect_page() as opened:
        frame.locator("a[href^='https://lantern.example/']").first.click(force=True)
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("[window.opener, document.referrer]") == [None, ""]
    context.close()


def test_the_frame_holds_a_script_that_came_through(browser: Browser, site: Site) -> None:
    """The second defence alone: a mail whose HTML was not cleaned."""
    context = browser.new_context()
    page = context.new_page()
    watch = Watch(context, page, site)

    def add_script(route: Route) -> None:
        answer = route.fetch()
        body = answer.text() + f"<script>{CALL}</script><img src=x onerror={CALL}>"
        route.fulfill(response=answer, body=body)

    page.route("**/mail?**", add_script)
    page.goto(f"{site.url}/editions/1/preview")
    assert CALL not in watch.tried
    assert [what for what in watch.tried if "Blocked" in what or "Policy" in what]
    context.close()
