"""Proofs and approvals: exactly what is sent, and never anything that was not looked at."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from digest.composer.snapshot import content_hash, edition_from_json, edition_to_json
from digest.errors import NothingToDo, Refused, UsageError
from digest.models import Actor, EditionState
from digest.models.examinations import ApprovalMark, Examination
from digest.models.looks import Look
from digest.newsroom import Newsroom
from digest.newsroom.approval_notes import tell_waiting
from digest.newsroom.proof.parts import findings_of, links_of, show
from digest.pipeline.audience import approval_hash
from digest.store import examinations
from digest.store.tables import audit, editions, notices
from tests.support.desk_work import NOW, Desk

ANN = Actor(name="ann")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a reviewed newsletter with a draft of four posts and six subscribers."""
    work = Desk.open(tmp_path, review="required")
    for title in ("A bridge is mended", "The council meets", "A new school opens"):
        work.add_post(title)
    work.add_post("The home side wins", "Sport")
    work.add_subscribers(3)
    work.add_subscribers(2, first=3, categories=("Sport",))
    work.add_subscribers(1, first=5, text_size="large", language="de")
    work.compose()
    return work


@pytest.fixture
def newsroom(desk: Desk) -> Newsroom:
    return Newsroom(desk.app)


def person(newsroom: Newsroom, number: int) -> str:
    return newsroom.proofs.find_subscriber("weekly", f"subscriber{number}@example.net")


def undated(mail: str) -> str:
    """Return a mail without the day it prints: `--now` sends before the day of the draft."""
    mail = re.sub(r"\w+, \w+ \d+, \d{4}|\w+, \d+\. \w+ \d{4}", "DAY", mail)
    return re.sub(r"DAY.{0,5}· ", "DAY", mail)


def test_stock_people_see_what_such_subscribers_get(newsroom: Newsroom) -> None:
    everyone = newsroom.proofs.open(1)
    assert everyone.proof is not None
    keys = {each.key for each in everyone.people}
    assert {"everyone", "newcomer", "large", "long", "nameless", "rtl", "only1", "only2"} <= keys
    for key in keys:
        opened = newsroom.proofs.open(1, key)
        assert opened.proof is not None, key
        assert opened.addressee is not None
        assert opened.addressee.address in dict(opened.proof.message.headers)["To"]
    sport = newsroom.proofs.open(1, "only2").proof
    assert sport is not None
    assert "A bridge is mended" not in sport.message.html
    arabic = newsroom.proofs.open(1, "rtl").proof
    assert arabic is not None
    assert 'dir="rtl"' in arabic.message.html


def test_a_subscriber_sees_exactly_the_mail_that_is_sent(desk: Desk, newsroom: Newsroom) -> None:
    keys = [person(newsroom, number) for number in (0, 3, 5)]
    before = [newsroom.proofs.open(1, key).proof for key in keys]
    newsroom.proofs.examine(1, by=ANN)
    assert desk.run("approve").code == 0
    assert desk.send().code == 0
    after = [newsroom.proofs.open(1, key).proof for key in keys]
    for draft, sent in zip(before, after, strict=True):
        assert draft is not None
        assert sent is not None
        assert sent.letter is None, "a stored mail is shown, not one that is written again"
        assert undated(draft.message.html) == undated(sent.message.html)
        assert undated(draft.message.text) == undated(sent.message.text)
        assert draft.subject == sent.subject


def test_a_preview_says_why_somebody_gets_no_mail(desk: Desk, newsroom: Newsroom) -> None:
    key = person(newsroom, 4)
    assert desk.run("subscribers", "suppress", "subscriber4@example.net").code == 0
    opened = newsroom.proofs.open(1, key)
    assert opened.proof is None
    assert "suppressed" in opened.why
    with pytest.raises(UsageError, match="no subscriber has this address"):
        newsroom.proofs.find_subscriber("weekly", "nobody@example.net")
    with pytest.raises(UsageError, match="type a whole address"):
        newsroom.proofs.find_subscriber("weekly", "<script>")
    for wrong in ("p99", "v1234", "x", "p" + "9" * 40):
        with pytest.raises(UsageError):
            newsroom.proofs.open(1, wrong)


def test_the_frame_has_no_personal_link(newsroom: Newsroom) -> None:
    proof = newsroom.proofs.open(1).proof
    assert proof is not None
    shown = show(proof, Look())
    assert "https://hill.example.org/u/" not in shown
    assert "https://hill.example.org/p/" not in shown
    assert {link.kind for link in links_of(proof)} >= {"Post", "Unsubscribe (personal)"}
    assert newsroom.proofs.size_of(proof).html == len(proof.message.html.encode())
    assert all(each.rule.name != "Other" for each in findings_of(proof))


def test_letters_of_the_same_content_are_written_once(newsroom: Newsroom) -> None:
    first, again = newsroom.proofs.open(1).proof, newsroom.proofs.open(1).proof
    assert first is not None
    assert again is not None
    assert first.letter is again.letter


def test_a_past_week_is_composed_again(newsroom: Newsroom) -> None:
    week = f"{NOW:%G-W%V}"
    opened = newsroom.proofs.open_week("weekly", week)
    assert opened.proof is not None
    assert opened.stored is None
    assert "A bridge is mended" in opened.proof.message.html
    sport = newsroom.proofs.open_week("weekly", week, person(newsroom, 3)).proof
    assert sport is not None
    assert "A bridge is mended" not in sport.message.html
    assert sport.addressee.address == "subscriber3@example.net"
    for nobody in ("p99", "x"):
        with pytest.raises(UsageError):
            newsroom.proofs.open_week("weekly", week, nobody)
    with pytest.raises(UsageError, match="ISO week"):
        newsroom.proofs.open_week("weekly", "2026-40")


def test_an_examination_counts_the_audience_and_is_stored(newsroom: Newsroom) -> None:
    assert newsroom.proofs.review(1).examination is None
    made = newsroom.proofs.examine(1, by=ANN)
    report = made.report
    assert report.subscribers == 6
    assert {each.value: each.subscribers for each in report.sections} == {"": 4, "Sport": 2}
    assert {each.value: each.subscribers for each in report.languages} == {"": 5, "de": 1}
    assert {each.value: each.subscribers for each in report.domains} == {"example.net": 6}
    assert report.variants == 3
    assert len(report.largest) == 3
    assert report.largest[0].size >= report.largest[1].size
    review = newsroom.proofs.review(1)
    assert review.examination == made
    assert review.is_current
    assert review.can_approve


def test_the_largest_variants_can_be_looked_at(newsroom: Newsroom) -> None:
    for each in newsroom.proofs.examine(1, by=ANN).report.largest:
        proof = newsroom.proofs.open(1, f"v{each.key[:16]}").proof
        assert proof is not None
        assert proof.variant.key == each.key
        assert proof.subject == each.subject


@pytest.mark.parametrize("typed", ["6", " 6 ", "1", "No. 1"])
def test_the_typed_number_confirms_the_approval(newsroom: Newsroom, typed: str) -> None:
    made = newsroom.proofs.examine(1, by=ANN)
    approval = newsroom.proofs.approve(1, looked_at=made.hash, typed=typed, by=ANN)
    assert approval.approved_hash == made.hash
    review = newsroom.proofs.review(1)
    assert review.is_approved
    assert review.approved is not None
    assert review.approved.marked_by == "ann"


@pytest.mark.parametrize("typed", ["", "7", "approve", "61"])
def test_another_number_approves_nothing(newsroom: Newsroom, desk: Desk, typed: str) -> None:
    made = newsroom.proofs.examine(1, by=ANN)
    with pytest.raises(UsageError, match="nothing was approved"):
        newsroom.proofs.approve(1, looked_at=made.hash, typed=typed, by=ANN)
    assert desk.edition().state is EditionState.DRAFT


def test_what_nobody_looked_at_is_never_approved(desk: Desk, newsroom: Newsroom) -> None:
    made = newsroom.proofs.examine(1, by=ANN)
    assert desk.run("compose", "--subject", "Something else").code == 0
    with pytest.raises(Refused, match=r"changed since you looked at it: subject changed"):
        newsroom.proofs.approve(1, looked_at=made.hash, typed="6", by=ANN)
    assert desk.edition().state is EditionState.DRAFT
    review = newsroom.proofs.review(1)
    assert not review.is_current
    assert not review.can_approve


def test_the_terminal_approves_a_hash_that_was_looked_at(desk: Desk) -> None:
    seen = desk.run("check", "--json").data["hash"]
    desk.add_post("Something new")
    desk.compose()
    refused = desk.run("approve", "--hash", seen[:12])
    assert refused.code == 4
    assert "changed since you looked at it" in refused.err
    assert desk.run("approve", "--hash", seen[:3]).code == 2
    seen = desk.run("check", "--json").data["hash"]
    assert desk.run("approve", "--hash", seen[:12]).code == 0


def test_a_change_after_the_approval_is_shown_with_what_changed(
    desk: Desk, newsroom: Newsroom
) -> None:
    assert desk.run("approve").code == 0
    changed = desk.run("compose", "--drop", "2")
    assert "its approval is void" in changed.out
    review = newsroom.proofs.review(1)
    assert review.void == "its content changed"
    assert not review.is_approved
    assert review.since_approval is not None
    assert [story.title for story in review.since_approval.stories.went] == ["The council meets"]


def test_an_approval_can_be_taken_back_until_the_mails_leave(
    desk: Desk, newsroom: Newsroom
) -> None:
    assert desk.run("approve").code == 0
    newsroom.proofs.withdraw(1, by=ANN)
    assert desk.edition().state is EditionState.DRAFT
    review = newsroom.proofs.review(1)
    assert not review.void
    assert review.approved is not None
    assert review.approved.mark is ApprovalMark.WITHDRAWN
    with pytest.raises(NothingToDo, match="not approved"):
        newsroom.proofs.withdraw(1, by=ANN)
    assert desk.run("approve").code == 0
    assert desk.send().code == 0
    with pytest.raises(NothingToDo, match="too late"):
        newsroom.proofs.withdraw(1, by=ANN)


def examine_grown(desk: Desk, newsroom: Newsroom) -> Examination:
    """Send an edition, and examine the next one, which 200 more subscribers are to get."""
    assert desk.run("approve").code == 0
    assert desk.send().code == 0
    desk.add_subscribers(200, first=100)
    desk.add_post("After the first edition")
    desk.compose()
    return newsroom.proofs.examine(2, by=ANN)


def test_a_jump_of_the_audience_is_accepted_by_typing_its_number(
    desk: Desk, newsroom: Newsroom
) -> None:
    made = examine_grown(desk, newsroom)
    assert "6 last time" in made.report.jump
    with pytest.raises(UsageError, match="type the number of subscribers, as"):
        newsroom.proofs.approve(2, looked_at=made.hash, typed="2", by=ANN)
    newsroom.proofs.approve(2, looked_at=made.hash, typed="204", by=ANN)
    assert desk.edition(2).accepted_audience == 204
    review = newsroom.proofs.review(2)
    assert review.last_edition_id == 1
    assert review.since_last is not None
    assert [story.title for story in review.since_last.stories.came] == ["After the first edition"]
    assert not newsroom.proofs.examine(2, by=ANN).report.jump
    desk.add_subscribers(200, first=300)
    assert "404 subscribers, 204 accepted" in newsroom.proofs.examine(2, by=ANN).report.jump
    newsroom.proofs.withdraw(2, by=ANN)
    assert "6 last time" in newsroom.proofs.examine(2, by=ANN).report.jump, "it is asked again"


def test_exactly_the_audience_that_the_approver_saw_is_accepted(
    desk: Desk, newsroom: Newsroom
) -> None:
    made = examine_grown(desk, newsroom)
    desk.add_subscribers(200, first=300)
    newsroom.proofs.approve(2, looked_at=made.hash, typed="204", by=ANN)
    held = desk.send()
    assert (held.code, "404 subscribers, 204 accepted" in held.err) == (4, True)


def test_old_examinations_are_forgotten_but_not_what_was_approved(
    desk: Desk, newsroom: Newsroom
) -> None:
    assert desk.run("approve").code == 0
    approved = desk.edition().approved_hash
    for number in range(examinations.MOST_KEPT + 3):
        assert desk.run("compose", "--subject", f"Subject {number}").code == 0
        newsroom.proofs.examine(1, by=ANN)
    with desk.app.database.read() as connection:
        assert examinations.find(connection, 1, approved) is not None
    assert newsroom.proofs.review(1).void


def audit_of(desk: Desk) -> list[str]:
    with desk.app.database.read() as connection:
        return list(connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars())


def notices_of(desk: Desk) -> list[tuple[str, str]]:
    with desk.app.database.read() as connection:
        query = select(notices.c.recipient, notices.c.text).order_by(notices.c.id)
        rows = connection.execute(query).all()
    return [(row[0], row[1]) for row in rows]


def test_a_change_tells_the_approvers_that_their_approval_is_void(desk: Desk) -> None:
    desk.project.change_config(
        'review = "required"', 'review = "required"\napprovers = ["ed@example.org"]'
    )
    desk.project.config.write_text(
        desk.project.config.read_text("utf-8")
        + '\n[alerts]\nwebhook = "https://hooks.example.org/x"\n',
        "utf-8",
    )
    assert desk.run("approve").code == 0
    assert desk.run("compose", "--pin", "3").code == 0
    told = notices_of(desk)
    assert {recipient for recipient, _ in told} == {"ed@example.org", "webhook"}
    assert all("approval of edition 1 is void because its content changed" in t for _, t in told)
    assert "void approval" in audit_of(desk)
    assert desk.run("compose", "--pin", "3").code == 0
    assert len(notices_of(desk)) == 2, "each content is told once"


def test_what_a_check_leaves_out_of_an_approved_edition_voids_its_approval(desk: Desk) -> None:
    desk.project.change_config(
        'review = "required"', 'review = "required"\napprovers = ["ed@example.org"]'
    )
    assert desk.run("approve").code == 0
    # A post that is dated after the day of its edition, as if a newer check refused it.
    later = NOW + timedelta(days=40)
    stored = edition_from_json(desk.edition().snapshot)
    first, *others = stored.stories
    wrong = replace(stored, stories=(*others, replace(first, published_at=later)))
    text = edition_to_json(wrong)
    audience = desk.app.newsletter_of().audience_of("weekly", desk.edition().local_at)
    named = approval_hash(content_hash(text), audience)
    values = {"snapshot": text, "content_hash": content_hash(text), "approved_hash": named}
    with desk.app.database.write() as connection:
        connection.execute(update(editions).values(**values))
    refused = desk.send()
    assert refused.code == 4
    assert "it changed after its approval" in refused.err
    assert "a check leaves out something" in notices_of(desk)[0][1]
    assert "void approval" in audit_of(desk)


def test_the_notice_to_approvers_says_what_waits(desk: Desk, newsroom: Newsroom) -> None:
    desk.project.change_config(
        'review = "required"', 'review = "required"\napprovers = ["ed@example.org"]'
    )
    newsroom.proofs.examine(1, by=ANN)
    tell = partial(tell_waiting, desk.app, desk.edition(), key="weekly/drafted", until=NOW, now=NOW)
    headline = "weekly: edition 1 is drafted and waits for approval"
    assert tell(headline)
    assert not tell(headline)
    ((recipient, text),) = notices_of(desk)
    assert recipient == "ed@example.org"
    first, *lines = text.splitlines()
    assert first == headline
    for words in ("Subject: ", "4 stories", "6 subscribers, 0 findings that block it"):
        assert any(words in line for line in lines), words
