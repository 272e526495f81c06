"""A poll is mailed, answered on its page, and its results are in the next edition."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest

from digest.app import App
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.newsroom import Newsroom
from digest.store.engine import Database
from digest.web.doors import public_door
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.people import find_person
from subscribers.tokens import Link, LinkSigner, Purpose
from tests.support.desk_work import NOW, Desk
from tests.support.web_server import Answer, Site, serving

QUESTION = "Should the library stay open until midnight?"
POLL = f"""
[newsletters.poll]
question = "{QUESTION}"
choices = ["I agree", "I disagree", "Only on <Fridays>"]
note = "Nothing counts before you press the button."
"""
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Paper:
    """A newsletter with a poll, five subscribers, and the mails of its editions."""

    work: Desk

    def send(self, title: str) -> dict[str, OpenedMessage]:
        """Make and send the next edition; return its mails by recipient."""
        self.work.add_post(title)
        composed = self.work.run("compose")
        assert composed.code == 0, composed.err
        before = self._files()
        sent = self.work.send()
        assert sent.code == 0, sent.err
        mails = [open_message(path.read_bytes()) for path in sorted(self._files() - before)]
        return {dict(mail.headers)["To"]: mail for mail in mails}

    def _files(self) -> set[Path]:
        return set((self.work.project.folder / "out").glob("*.eml"))

    def link(self, number: int = 0, *, edition_id: int = 1, newsletter: str = "weekly") -> str:
        """Return the path of a subscriber's poll page, as their mails have it."""
        app = self.work.app
        with app.database.read() as connection:
            address = parse_address(f"subscriber{number}@example.net", allow_reserved=True)
            person = find_person(connection, address)
        assert person is not None
        link = Link(public_id=person.public_id, newsletter=newsletter, number=edition_id)
        return f"/q/{LinkSigner(app.keys[0]).sign(Purpose.VOTE, link)}"

    @contextmanager
    def site(self, app: App | None = None) -> Iterator[Site]:
        """Serve the public pages."""
        app = app or self.work.app
        door = replace(public_door(app, app), base_url="http://127.0.0.1")
        with serving(create_public(door, PUBLIC)) as site:
            yield site

    def answer(self, *choices: int) -> None:
        """Let the subscribers answer the poll of edition 1, the first of them first."""
        with self.site() as site:
            for number, choice in enumerate(choices):
                assert post(site, self.link(number), choice).status == 200


def post(site: Site, path: str, choice: object) -> Answer:
    return site.ask(path, "POST", f"choice={choice}".encode(), FORM)


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    work = Desk.open(tmp_path)
    work.project.config.write_text(work.project.config.read_text("utf-8") + POLL)
    work.add_subscribers(5)
    return Paper(work)


def paths_of(mail: OpenedMessage) -> set[str]:
    """Return the paths of the poll links in both parts."""
    words = f"{mail.text} {unescape(mail.html)}"
    return set(re.findall(r"https://hill\.example\.org(/q/[^\s\"'<>]+)", words))


def results_of(page: str) -> list[str]:
    """Return each answer's line of the results, without markup."""
    [shown] = re.findall(r'<ul class="results">(.*?)</ul>', page, re.DOTALL) or [""]
    lines = re.findall(r"<li>(.*?)</li>", shown, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", line)).split()) for line in lines]


# --- the mail -----------------------------------------------------------------------------------


def test_every_answer_is_a_short_link_of_the_subscribers_own(paper: Paper) -> None:
    mails = paper.send("A bridge is mended")
    assert len(mails) == 5
    found = [paths_of(mail) for mail in mails.values()]
    assert paths_of(mails["subscriber0@example.net"]) == {
        f"{paper.link()}/{number}" for number in (1, 2, 3)
    }
    assert len(set.union(*found)) == 15
    assert all(len(f"https://hill.example.org{path}") <= 120 for path in found[0])
    for mail in mails.values():
        assert QUESTION in mail.html
        assert QUESTION in mail.text


def test_previews_show_the_poll_as_it_is_mailed(paper: Paper) -> None:
    paper.work.add_post("A bridge is mended")
    assert paper.work.run("compose").code == 0
    out = paper.work.project.folder / "preview"
    made = paper.work.run("preview", "--out", str(out), "--json").data
    assert set(made) == {"edition", "subject", "files"}
    previewed = open_message(Path(made["files"]["eml"]).read_bytes())
    assert QUESTION in previewed.html
    assert paths_of(previewed) == {f"/q/sample/{number}" for number in (1, 2, 3)}
    newsroom = Newsroom(App(paper.work.app.config, clock=lambda: NOW))
    proof = newsroom.proofs.open(1).proof
    assert proof is not None
    shown = proof.message
    assert (shown.html, shown.text) == (previewed.html, previewed.text)
    assert paper.work.send().code == 0
    with paper.site() as site:
        assert {site.ask(path).status for path in paths_of(previewed)} == {404}


# --- the page -----------------------------------------------------------------------------------


def test_opening_every_link_of_a_mail_counts_nothing(paper: Paper) -> None:
    mails = paper.send("A bridge is mended")
    paths = set.union(*map(paths_of, mails.values())) | {paper.link()}
    before = paper.work.dump()
    with paper.site() as site:
        asked = {(p, m): site.ask(p, m).status for p in sorted(paths) for m in ("GET", "HEAD")}
    assert set(asked.values()) == {200}
    assert paper.work.dump() == before


def test_the_page_asks_again_with_the_links_answer_selected(paper: Paper) -> None:
    paper.send("A bridge is mended")
    with paper.site() as site:
        page = site.ask(f"{paper.link()}/2").text
        plain = site.ask(paper.link()).text
    assert f'<h1 dir="auto">{QUESTION}</h1>' in page
    assert re.findall(r'value="(\d)" required( checked)?', page) == [
        ("1", ""),
        ("2", " checked"),
        ("3", ""),
    ]
    assert "checked" not in plain
    assert "Only on &lt;Fridays&gt;" in page
    assert f'action="{paper.link()}"' in page
    assert "s…@example.net" in page
    assert "subscriber0@" not in page
    # The numbers would suggest an answer.
    assert results_of(page) == []


def test_after_the_vote_the_page_shows_the_results_with_the_own_answer(paper: Paper) -> None:
    paper.send("A bridge is mended")
    with paper.site() as site:
        for number, choice in enumerate((1, 1, 2)):
            post(site, paper.link(number), choice)
        page = post(site, paper.link(3), 2).text
        assert "Thank you. Your answer is counted." in page
        assert results_of(page) == [
            "I agree 50% (2)",
            "I disagree Your answer 50% (2)",
            "Only on <Fridays> 0% (0)",
        ]
        assert "4 answers" in page
        assert "until the next edition" in page
        again = site.ask(paper.link(3)).text
    assert "Thank you" not in again
    assert results_of(again) == results_of(page)


FEW = "The results are shown from three answers on."


def test_the_page_tells_nobodys_answer_when_fewer_than_three_answered(paper: Paper) -> None:
    paper.send("A bridge is mended")
    with paper.site() as site:
        for number in (0, 1):
            for page in (post(site, paper.link(number), 1), site.ask(f"{paper.link(number)}/2")):
                assert FEW in page.text
                assert results_of(page.text) == []
                assert not re.search(r"\d answer|%|The answers so far", page.text)
        # Who has not answered does not learn the number either.
        assert FEW in site.ask(paper.link(2)).text
        third = post(site, paper.link(2), 2).text
    assert FEW not in third
    assert results_of(third)[0] == "I agree 67% (2)"


@pytest.mark.parametrize("choices", [(), (1,), (1, 2)])
def test_the_page_of_an_ended_poll_tells_nobodys_answer_either(
    paper: Paper, choices: tuple[int, ...]
) -> None:
    paper.send("A bridge is mended")
    paper.answer(*choices)
    paper.send("A ferry sails")
    with paper.site() as site:
        page = site.ask(paper.link(0)).text
    assert "This poll has ended." in page
    assert FEW in page
    assert results_of(page) == []


def test_an_answer_may_be_changed_and_counts_once(paper: Paper) -> None:
    paper.send("A bridge is mended")
    paper.answer(1, 3, 3)
    with paper.site() as site:
        post(site, paper.link(), 1)
        # The mail's other link selects its own answer, above the results so far.
        other = site.ask(f"{paper.link()}/2").text
        assert 'value="2" required checked' in other
        assert other.index("<form") < other.index('class="results"')
        page = post(site, paper.link(), 2).text
    assert "3 answers<" in page
    assert results_of(page)[1] == "I disagree Your answer 33% (1)"


@pytest.mark.parametrize(
    "body", [b"", b"choice=", b"choice=4", b"choice=0", b"choice=%C2%B2", b"\xff"]
)
def test_a_form_without_an_answer_is_shown_again(paper: Paper, body: bytes) -> None:
    paper.send("A bridge is mended")
    before = paper.work.dump()
    with paper.site() as site:
        answer = site.ask(paper.link(), "POST", body, FORM)
    assert answer.status == 422
    assert "Choose one of the answers." in answer.text
    assert answer.text.count('aria-describedby="wrong"') == 3
    assert paper.work.dump() == before


def test_many_presses_of_the_button_are_one_answer(paper: Paper) -> None:
    paper.send("A bridge is mended")
    paper.answer(1, 1, 2)
    with paper.site() as site, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: post(site, paper.link(), n % 3 + 1), range(24)))
        page = site.ask(paper.link()).text
    assert {answer.status for answer in answers} == {200}
    assert "3 answers<" in page


def test_only_a_token_to_vote_opens_the_page(paper: Paper) -> None:
    paper.send("A bridge is mended")
    app = paper.work.app
    public_id = re.findall(r"/q/([^.]+)\.", paper.link())[0]
    before = paper.work.dump()
    with paper.site() as site:
        for purpose in Purpose:
            number = 1 if purpose.is_numbered else None
            link = Link(public_id=public_id, newsletter="weekly", number=number)
            token = LinkSigner(app.keys[0]).sign(purpose, link)
            expected = 200 if purpose is Purpose.VOTE else 404
            assert site.ask(f"/q/{token}").status == expected
            if purpose is not Purpose.VOTE:
                assert post(site, f"/q/{token}", 1).status == 404
        # A choice that no poll has, another edition, another newsletter, another method.
        assert site.ask(f"{paper.link()}/6").status == 404
        assert site.ask(f"{paper.link()}/x").status == 404
        assert post(site, paper.link(edition_id=9), 1).status == 404
        assert post(site, paper.link(newsletter="other"), 1).status == 404
        assert post(site, f"{paper.link()}/1", 1).status == 405
    assert paper.work.dump() == before


def test_who_left_may_answer_and_a_stranger_may_not(paper: Paper) -> None:
    paper.send("A bridge is mended")
    paper.work.add_subscribers(1, first=8)
    with sqlite3.connect(paper.work.project.database) as connection:
        connection.execute("UPDATE subscriptions SET state = 'left' WHERE person_id IN (1, 6)")
    connection.close()
    with paper.site() as site:
        assert post(site, paper.link(0), 1).status == 200
        # This one joined after the edition, and left.
        assert post(site, paper.link(8), 1).status == 404


def test_the_answer_of_an_erased_person_goes_and_the_link_too(paper: Paper) -> None:
    paper.send("A bridge is mended")
    link = paper.link()
    paper.answer(1, 2, 2, 3)
    assert paper.work.run("subscribers", "erase", "subscriber0@example.net").code == 0
    with paper.site() as site:
        assert site.ask(link).status == 404
        assert post(site, link, 1).status == 404
        assert results_of(site.ask(paper.link(1)).text)[0] == "I agree 0% (0)"


def test_while_the_database_is_held_the_page_says_so(paper: Paper) -> None:
    paper.send("A bridge is mended")
    app = paper.work.app
    impatient = App(app.config, clock=app.clock)
    url = f"sqlite:///{paper.work.project.database}"
    impatient.__dict__["database"] = Database(url, busy_timeout_s=0.05)
    holder = sqlite3.connect(paper.work.project.database, isolation_level=None)
    with paper.site(impatient) as site:
        holder.execute("BEGIN IMMEDIATE")
        answer = post(site, paper.link(), 1)
        holder.execute("ROLLBACK")
    holder.close()
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("Danke. Ihre Antwort ist gezählt.", "100\u00a0%", 'lang="de"')),
        ("ar", ("احتُسبت إجابتكم", 'dir="rtl"', 'lang="ar"')),
    ],
)
def test_the_page_speaks_the_subscribers_language(
    paper: Paper, language: str, words: tuple[str, ...]
) -> None:
    paper.work.add_subscribers(1, first=7, language=language)
    paper.send("A bridge is mended")
    paper.answer(1, 1)
    with paper.site() as site:
        page = post(site, paper.link(7), 1).text
    assert all(word in page for word in words)


# --- the next edition ---------------------------------------------------------------------------


def test_the_next_edition_prints_the_answers_and_asks_nothing_twice(paper: Paper) -> None:
    paper.send("A bridge is mended")
    paper.answer(1, 1, 2)
    paper.work.add_post("A ferry sails")
    composed = paper.work.run("compose")
    assert "Poll: already asked in edition 1" in composed.out
    assert "already asked in edition 1" in paper.work.run("plan").out
    mail = paper.send("A gull lands")["subscriber4@example.net"]
    for words in (QUESTION, "I agree", "67%", "I disagree", "33%", "3 answers"):
        assert words in mail.html
        assert words in mail.text
    assert paths_of(mail) == set()
    third = paper.send("A tram stops")["subscriber4@example.net"]
    assert QUESTION not in third.html + third.text


def test_a_new_question_is_asked_below_the_answers_to_the_last(paper: Paper) -> None:
    paper.send("A bridge is mended")
    paper.answer(1, 1, 2)
    paper.work.project.change_config(QUESTION, "Should trams stop here?")
    mail = paper.send("A ferry sails")["subscriber0@example.net"]
    assert mail.text.index(QUESTION) < mail.text.index("3 answers")
    assert mail.text.index("3 answers") < mail.text.index("Should trams stop here?")
    assert paths_of(mail) == {f"{paper.link(edition_id=2)}/{number}" for number in (1, 2, 3)}
    assert "already asked" not in paper.work.run("plan", "--weeks", "1").out.replace(
        "already asked in edition 2", ""
    )


def test_two_answers_are_not_printed_because_each_would_betray_the_other(paper: Paper) -> None:
    paper.send("A bridge is mended")
    paper.answer(1, 2)
    mail = paper.send("A ferry sails")["subscriber0@example.net"]
    assert QUESTION not in mail.html + mail.text


def test_after_the_next_edition_the_page_shows_the_result_and_takes_no_answer(
    paper: Paper,
) -> None:
    paper.send("A bridge is mended")
    paper.answer(1, 1, 2)
    paper.send("A ferry sails")
    before = paper.work.dump()
    with paper.site() as site:
        for page in (site.ask(f"{paper.link(4)}/1").text, site.ask(paper.link(0)).text):
            assert "This poll has ended." in page
            assert "<form" not in page
            assert [line[-3:] for line in results_of(page)] == ["(2)", "(1)", "(0)"]
        late = post(site, paper.link(4), 1)
    assert late.status == 200
    assert "Your answer was not stored." in late.text
    assert paper.work.dump() == before


def test_an_edition_after_one_without_a_poll_is_composed_as_ever(paper: Paper) -> None:
    paper.work.project.change_config(POLL, "")
    paper.send("A bridge is mended")
    paper.work.add_post("A ferry sails")
    assert "poll_results" not in paper.work.compose().snapshot


def test_a_poll_shown_only_in_previews_by_an_earlier_version_is_asked(paper: Paper) -> None:
    paper.send("A bridge is mended")
    with sqlite3.connect(paper.work.project.database) as connection:
        connection.execute("UPDATE editions SET asks_poll = 0")
    connection.close()
    with paper.site() as site:
        assert site.ask(paper.link()).status == 404
    assert paths_of(paper.send("A ferry sails")["subscriber0@example.net"])


def test_new_answers_refresh_a_draft_and_leave_an_approved_one_alone(tmp_path: Path) -> None:
    work = Desk.open(tmp_path, review="required")
    work.project.config.write_text(work.project.config.read_text("utf-8") + POLL)
    work.add_subscribers(5)
    paper = Paper(work)
    work.add_post("A bridge is mended")
    assert work.run("compose").code == 0
    assert work.run("approve", "1").code == 0
    assert work.send("1").code == 0
    paper.answer(1, 1, 2)
    work.add_post("A ferry sails")
    assert '"counts":[2,1,0]' in work.compose().snapshot
    paper.answer(2)
    refreshed = work.compose()
    assert '"counts":[1,2,0]' in refreshed.snapshot
    assert work.run("approve", "2").code == 0
    paper.answer(1, 1, 1)
    again = work.compose()
    assert (again.is_changed, again.content_hash) == (False, refreshed.content_hash)
    assert work.send("2").code == 0


# --- the editor ---------------------------------------------------------------------------------


def test_status_shows_the_answers(paper: Paper) -> None:
    paper.send("A bridge is mended")
    paper.answer(1, 1, 2)
    shown = paper.work.run("status", "1").out
    assert f"Poll: {QUESTION} (3 answers)" in shown
    data = paper.work.run("status", "1", "--json").data["poll"]
    assert (data["question"], data["total"]) == (QUESTION, 3)
    assert [(each["answers"], each["percent"]) for each in data["choices"]] == [
        (2, 67),
        (1, 33),
        (0, 0),
    ]
    paper.send("A ferry sails")
    assert paper.work.run("status", "2", "--json").data["poll"] is None
