"""The compose page over real HTTP: each change is one form, and two editors lose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, update
from sqlalchemy.engine import Engine

from digest.composer.snapshot import edition_from_json
from digest.models import Edition
from digest.newsroom import Newsroom
from digest.store.audit import entries_of
from digest.store.tables import comments, posts
from digest.store.votes import save_vote
from tests.support.composing_desk import SAYINGS, TITLES, desk_of, keep, open_draft
from tests.support.desk_work import NOW, Desk
from tests.support.web_server import Answer, Site, serving

_PAGE = "/editions/1/compose"


class Editor:
    """One editor's browser: it shows a page, and sends that page's version and token."""

    def __init__(self, site: Site, work: Desk) -> None:
        self.site, self.work = site, work
        self.open()

    def open(self, query: str = "", *, cookie: str = "") -> str:
        """Show the page; return its text."""
        answer = self.site.ask(_PAGE + query, headers={"cookie": cookie} if cookie else {})
        assert answer.status == 200
        self.html = answer.text
        return self.html

    def send(self, to: str = "", **fields: str | int) -> Answer:
        """Send one form of the shown page."""
        hidden = dict(re.findall(r'name="(csrf|version)" value="(\w+)"', self.html))
        body = urlencode({**hidden, **fields}).encode()
        return self.site.ask(
            _PAGE + to,
            method="POST",
            body=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )

    def do(self, to: str, **fields: str | int) -> str:
        """Send a form that is accepted; show the page again, and return its text."""
        answer = self.send(to, **fields)
        assert answer.status == 303, answer.text
        return self.open(cookie=answer.headers["set-cookie"].partition(";")[0])

    @property
    def edition(self) -> Edition:
        return edition_from_json(self.work.edition().snapshot)

    def order(self, section: str = "News") -> list[int]:
        edition = self.edition
        return [
            story.post_id
            for story in edition.stories
            if story.home_in(edition.categories) == section
        ]

    def quotes(self) -> list[int]:
        return [quote.comment_id for quote in self.edition.stories[0].quotes]


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return a draft of ten stories."""
    return open_draft(tmp_path)


@pytest.fixture
def site(work: Desk) -> Iterator[Site]:
    with serving(desk_of(work)) as site:
        yield site


@pytest.fixture
def anna(site: Site, work: Desk) -> Editor:
    return Editor(site, work)


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


# --- stories ------------------------------------------------------------------------------------


def test_a_story_is_moved_pinned_promoted_and_put_back(anna: Editor) -> None:
    assert anna.order() == [1, 2, 3, 4, 5]
    anna.do("/posts/5", do="place:1:up")
    assert anna.order() == [1, 5, 2, 3, 4]
    anna.do("/posts/3", do="lead")
    assert anna.order()[0] == 3
    anna.do("/posts/3", do="unmark")
    assert anna.order() == [1, 5, 2, 3, 4]
    anna.do("/posts/5", do="move", section="Sport", place=2)
    assert anna.order("Sport")[1] == 5


def test_a_dropped_post_is_among_the_unused_ones_and_comes_back_with_one_click(
    anna: Editor,
) -> None:
    shown = anna.do("/posts/2", do="drop")
    assert 2 not in anna.order()
    group = shown[shown.index('id="group-dropped"') :]
    assert TITLES[1] in group[: group.index("</details>")]
    anna.do("/posts/2", do="unmark")
    assert 2 in anna.order()


def test_every_unused_post_has_its_reason_and_its_way_in(anna: Editor) -> None:
    anna.do("/posts/3", do="next")
    words = words_of(anna.html)
    for expected in (
        "Left for next time 1",
        "In no section of this newsletter 1",
        "From the archive of its site 12",
        "its categories: Chess",
        "belongs to the archive that its site began to list",
    ):
        assert expected in words
    page = Newsroom(anna.work.app).drafts.page(1)
    assert page.story_count + page.pool_total == 23
    chess, old = 11, 12
    anna.do(f"/posts/{chess}", do="section", section="Sport")
    anna.do(f"/posts/{old}", do="include")
    assert chess in anna.order("Sport")
    assert old in anna.order()


def test_a_reason_with_many_posts_is_listed_by_pages_and_found_by_words(
    site: Site, work: Desk
) -> None:
    work.add_posts(f"Old tale {number}" for number in range(130))
    with work.app.database.write() as connection:
        keep(connection, "Old tale%", "backlog")
    anna = Editor(site, work)
    assert "?group=backlog#pool" in anna.html
    whole = anna.open("?group=backlog") + anna.open("?group=backlog&page=2")
    assert all(f">Old tale {number}<" in whole for number in range(130))
    found = words_of(anna.open("?find=tale%20129"))
    assert "Old tale 129" in found
    assert "Old tale 12 " not in found


# --- texts, quotes, poll ------------------------------------------------------------------------


def test_only_the_changed_text_is_stored_and_it_is_reset(anna: Editor) -> None:
    shown = anna.open("?post=2")
    was = {"was_title": TITLES[1], "was_excerpt": "Words."}
    shown = anna.do("/posts/2/texts", title="Mill!", excerpt="Words.", at_post=2, **was)
    story = next(story for story in anna.edition.stories if story.post_id == 2)
    assert (story.title, story.excerpt) == ("Mill!", "Words.")
    assert "Edited" in shown
    anna.do("/posts/2/texts", reset="title")
    assert "Mill!" not in anna.html


def test_a_refused_text_is_shown_again_beside_its_problem(anna: Editor) -> None:
    anna.open("?post=2")
    answer = anna.send("/posts/2/texts", title="x" * 301, was_title=TITLES[1], at_post=2)
    assert answer.status == 422
    assert "the title has 301 characters" in answer.text
    assert "x" * 301 in answer.text


def test_comments_are_picked_swapped_shortened_and_released(anna: Editor) -> None:
    anna.do("/posts/1/comments/1", do="add")
    anna.do("/posts/1/comments/2", do="add")
    assert anna.quotes() == [1, 2]
    refused = anna.send("/posts/1/comments/3", do="add")
    assert (refused.status, "at most 2 comments" in refused.text) == (422, True)
    anna.do("/posts/1/comments/3", do="swap", instead_of=1)
    assert anna.quotes() == [3, 2]
    anna.do("/posts/1/comments/2", do="up")
    assert anna.quotes() == [2, 3]
    anna.do("/posts/1/comments/2", do="trim", text="the new planks are good and straight work.")
    assert anna.edition.stories[0].quotes[0].text.startswith("the new planks")
    anna.do("/posts/1/comments/3", do="remove")
    shown = anna.do("/posts/1/comments/4", do="release")
    assert anna.quotes() == [2, 4]
    assert "Released." in shown
    anna.do("/posts/1/comments/2", do="refuse")
    anna.do("/posts/1/comments/4", do="never", name=SAYINGS[3][0], newsletter="weekly")
    assert anna.quotes() == []
    words = words_of(anna.open("?post=1"))
    for expected in ("Refused by an editor (1)", "Cannot be quoted (1)", "asked not to be quoted"):
        assert expected in words


def test_every_comment_is_shown_with_its_reason(anna: Editor) -> None:
    words = words_of(anna.open("?post=1"))
    for name, said in SAYINGS:
        assert name in words
        assert said in words
    assert "Held: wait for an editor (1)" in words
    assert "waits for an editor" in words


def test_lines_intro_and_poll_are_typed_and_reset(anna: Editor) -> None:
    anna.do("/lines", subject="The bridge!", preheader="It stands")
    anna.do("/intro", intro="Good morning.\r\n\r\nIt rained.")
    anna.do("/poll", question="Which way?", answers="Left\nRight", note="")
    edition = anna.edition
    assert (edition.subject, edition.preheader) == ("The bridge!", "It stands")
    assert edition.masthead.intro == ("Good morning.", "It rained.")
    assert edition.masthead.poll is not None
    assert edition.masthead.poll.choices == ("Left", "Right")
    for part in ("lines", "intro", "poll"):
        anna.do(f"/{part}", do="reset")
    assert (anna.edition.subject, anna.edition.masthead.poll) == ("", None)
    for _ in range(6):
        anna.do("/step", do="undo")
    assert anna.edition.subject == ""


def test_lines_are_typed_again_for_another_top_story(anna: Editor) -> None:
    anna.do("/lines", subject="Ours", preheader="")
    shown = anna.do("/posts/3", do="lead")
    assert "which does not lead now" in shown
    shown = anna.do("/lines", subject="Ours", preheader="")
    assert "which does not lead now" not in shown
    assert anna.edition.typed_for == 3


def test_the_answers_to_the_last_poll_are_shown(anna: Editor) -> None:
    anna.do("/poll", question="Which way?", answers="Left\nRight", note="")
    anna.work.run("approve")
    assert anna.work.send().code == 0
    with anna.work.app.database.write() as connection:
        for person, choice in ((1, 1), (2, 2), (3, 2)):
            save_vote(connection, 1, person, choice, now=NOW)
    anna.work.add_post("A well is dug")
    anna.work.compose()
    shown = words_of(anna.site.ask("/editions/2/compose").text)
    assert "The last question: Which way?" in shown
    assert "3 answers so far; this edition prints them" in shown
    assert "Left 1 33 % Right 2 67 %" in shown


# --- two editors, and approval ------------------------------------------------------------------


def test_of_two_editors_the_second_sees_both_texts_and_decides(anna: Editor) -> None:
    ben = Editor(anna.site, anna.work)
    anna.do("/posts/1/texts", title="Anna’s title", was_title=TITLES[0])
    refused = ben.send("/posts/1/texts", title="Ben’s title", was_title=TITLES[0])
    words = words_of(refused.text)
    assert refused.status == 409
    assert "Yours Ben’s title There now Anna’s title" in words
    assert "anna at" in words
    assert anna.edition.stories[0].title == "Anna’s title"
    ben.html = refused.text
    hidden = dict(re.findall(r'name="(title|was_title)" value="([^"]*)"', refused.text))
    assert ben.send("/posts/1/texts", **hidden).status == 303
    assert anna.edition.stories[0].title == "Ben’s title"
    ben.open()
    ben.do("/step", do="undo")
    assert anna.edition.stories[0].title == "Anna’s title"


def test_a_form_without_a_known_version_changes_nothing(anna: Editor) -> None:
    for version in ("", "-1", "x", "9" * 40):
        assert anna.send("/posts/2", do="drop", version=version).status == 409
    assert 2 in anna.order()


def test_a_change_after_approval_voids_it_and_says_so(anna: Editor) -> None:
    assert anna.work.run("approve").code == 0
    assert "A change here voids the approval." in anna.open()
    shown = anna.do("/posts/2", do="drop")
    assert "The approval is void: approve the edition again." in shown
    assert anna.work.edition().approved_hash == ""


def test_a_sent_edition_shows_how_it_was_and_cannot_be_changed(anna: Editor) -> None:
    anna.work.run("approve")
    assert anna.work.send().code == 0
    shown = anna.open()
    assert "it cannot be changed any more" in shown
    assert "Make it the top story" not in shown
    assert anna.send("/posts/2", do="drop", version=0).status in (403, 409)


def test_each_change_names_its_editor_in_the_audit(anna: Editor) -> None:
    anna.do("/posts/2", do="drop")
    anna.do("/step", do="undo")
    with anna.work.app.database.read() as connection:
        rows = entries_of(connection, 1)[-2:]
    assert [(row.actor, row.action, row.detail) for row in rows] == [
        ("anna", "change", f"dropped “{TITLES[1]}”"),
        ("anna", "undo", f"dropped “{TITLES[1]}”"),
    ]


def test_the_last_story_is_not_dropped(anna: Editor) -> None:
    for post_id in range(1, 10):
        anna.do(f"/posts/{post_id}", do="drop")
    answer = anna.send("/posts/10", do="drop")
    assert (answer.status, "nothing was stored" in answer.text) == (409, True)


# --- hostile texts, and size --------------------------------------------------------------------

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
)


def test_hostile_texts_are_only_shown(site: Site, work: Desk) -> None:
    with work.app.database.write() as connection:
        for number, payload in enumerate(PAYLOADS, 1):
            connection.execute(
                update(posts)
                .where(posts.c.id == number)
                .values(title=payload, author=payload, url=f"javascript:alert({number})")
            )
        for number, payload in enumerate(PAYLOADS[:4], 1):
            connection.execute(
                update(comments)
                .where(comments.c.id == number)
                .values(author=payload, text=payload * 3, url="javascript:alert(1)")
            )
    work.compose()
    anna = Editor(site, work)
    html = anna.open("?post=1") + anna.open("?find=" + PAYLOADS[0])
    assert "<script>alert" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "onerror=alert(1)>" not in html
    refused = anna.send("/posts/1/texts", title=PAYLOADS[1], was_title="x", version=99)
    assert "<img" not in refused.text
    assert refused.status == 409


def test_the_page_of_a_large_draft_takes_few_statements(site: Site, work: Desk) -> None:
    work.add_posts(f"Tale {number}" for number in range(190))
    work.add_posts(f"Old tale {number}" for number in range(2000))
    with work.app.database.write() as connection:
        keep(connection, "Old tale%", "archive")
    work.compose()
    asked: list[str] = []

    def count(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", count)
    try:
        anna = Editor(site, work)
        shown = len(asked)
        anna.open("?post=1")
        opened = len(asked) - shown
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert "Tale 189" in anna.html
    assert 0 < shown <= 25
    assert 0 < opened <= 25
