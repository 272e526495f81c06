"""A folder of the operator's own templates, through the real commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.resources import templates_dir
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.preferences import State
from subscribers.tokens import Purpose
from tests.support.desk_work import NOW, Desk
from tests.support.project import Result
from tests.support.web_doors import PeopleStore, people_store, public_door, public_pages
from tests.support.web_server import Answer, serving


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return a draft, one subscriber, and an empty folder of templates."""
    work = Desk.open(tmp_path)
    work.project.change_config("[site]", '[site]\ntemplates = "own"')
    (tmp_path / "own").mkdir()
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    work.compose(now=NOW)
    return work


def own(work: Desk, name: str, source: str) -> Path:
    path = work.project.folder / "own" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, "utf-8")
    return path


def sent(work: Desk) -> str:
    result = work.send()
    assert result.code == 0, result.err
    return next((work.project.folder / "out").glob("*.eml")).read_text("utf-8")


def test_one_part_is_replaced_and_the_others_stay(work: Desk) -> None:
    own(work, "email/parts/masthead.html.j2", '<tr><td><h1 class="name">OURS</h1></td></tr>')
    mail = sent(work)
    assert "OURS" in mail
    assert "A bridge is mended" in mail
    assert "Unsubscribe" in mail


def test_a_whole_mail_may_be_replaced(work: Desk) -> None:
    shutil.copytree(templates_dir(), work.project.folder / "own", dirs_exist_ok=True)
    shipped = (templates_dir() / "email/digest.txt.j2").read_text("utf-8")
    own(work, "email/digest.txt.j2", f"OUR OWN TEXT\n\n{shipped}")
    assert "OUR OWN TEXT" in sent(work)


def test_an_empty_folder_changes_nothing(work: Desk) -> None:
    shown = preview(work)
    work.project.change_config('templates = "own"', "")
    assert preview(work) == shown


def preview(work: Desk) -> str:
    result = work.run("preview", "--json", "--out", str(work.project.folder / "preview"))
    return Path(result.data["files"]["html"]).read_text("utf-8")


BROKEN = [
    ("{% for %}", "line 2: Expected an expression"),
    (
        "{{ letter.nonsense }}",
        "line 2: 'digest.letter.printing.view.LetterView object' has no attribute",
    ),
    ("{{ letter.__class__.__mro__ }}", "line 2: access to attribute '__class__'"),
]


@pytest.mark.parametrize("command", ["preview", "check", "send", "test"])
@pytest.mark.parametrize(("source", "said"), BROKEN)
def test_a_broken_template_ends_every_command_with_its_name_and_line(
    work: Desk, command: str, source: str, said: str
) -> None:
    own(work, "email/parts/footer.html.j2", f"<tr><td></td></tr>\n{source}")
    result = run(work, command)
    assert result.code == 2
    assert f"template email/parts/footer.html.j2, {said}" in result.err


def run(work: Desk, command: str) -> Result:
    if command == "send":
        return work.send()
    arguments = {
        "preview": ("--out", str(work.project.folder / "preview")),
        "test": ("1", "me@example.net"),
    }
    return work.run(command, *arguments.get(command, ()))


@pytest.mark.parametrize("name", ["email/digest.txt.j2", "web/public/leave.html.j2"])
def test_an_unreadable_template_is_reported_by_config_check(work: Desk, name: str) -> None:
    own(work, name, "one\n{% endfor %}")
    result = work.run("config", "check")
    assert (result.code, f"template {name}, line 2" in result.err) == (2, True)
    told = work.run("config", "check", "--json").data
    assert [f"template {name}, line 2" in problem for problem in told["problems"]] == [True]


def test_a_misspelt_template_is_reported(work: Desk) -> None:
    own(work, "email/digest.text.j2", "words")
    own(work, "email/parts/harbour.html.j2", "a part of our own")
    (warning,) = work.run("config", "check", "--json").data["warnings"]
    assert "email/digest.text.j2 does not match a shipped template" in warning
    assert "'email/digest.txt.j2'" in warning


def test_a_binary_template_is_reported_without_a_line(work: Desk) -> None:
    (work.project.folder / "own" / "email").mkdir(parents=True)
    (work.project.folder / "own" / "email" / "digest.txt.j2").write_bytes(b"\xff")
    result = work.run("config", "check")
    assert (result.code, "template email/digest.txt.j2: cannot be" in result.err) == (2, True)


def test_an_unreadable_template_keeps_serve_from_starting(work: Desk) -> None:
    own(work, "web/public/leave.html.j2", "{% block %}")
    result = work.run("serve")
    assert (result.code, "template web/public/leave.html.j2, line 1" in result.err) == (2, True)


def test_an_unreadable_template_keeps_run_from_starting(work: Desk) -> None:
    own(work, "email/parts/custom.html.j2", "{% block %}")
    result = work.run("run")
    assert (result.code, "template email/parts/custom.html.j2" in result.err) == (2, True)


def test_a_missing_folder_is_a_configuration_error(work: Desk) -> None:
    (work.project.folder / "own").rmdir()
    result = work.run("config", "check")
    assert result.code == 2
    assert f"site.templates: the folder {work.project.folder / 'own'} does not exist" in result.err


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_link_out_of_the_folder_is_not_followed(work: Desk, *, is_folder: bool) -> None:
    outside = work.project.folder / "outside"
    outside.mkdir()
    (outside / "footer.html.j2").write_text("SECRET")
    parts = work.project.folder / "own" / "email" / "parts"
    if is_folder:
        parts.parent.mkdir(parents=True)
        parts.symlink_to(outside)
    else:
        parts.mkdir(parents=True)
        (parts / "footer.html.j2").symlink_to(outside / "footer.html.j2")
    for result in (run(work, "preview"), work.run("config", "check")):
        assert result.code == 2
        assert "email/parts" in result.err
        assert "a link to a file outside the template folder" in result.err


def test_a_link_within_the_folder_is_followed(work: Desk) -> None:
    ours = own(work, "ours.html.j2", "<tr><td><h1>OURS</h1></td></tr>")
    linked = work.project.folder / "own/email/parts/masthead.html.j2"
    linked.parent.mkdir(parents=True)
    linked.symlink_to(ours)
    assert "OURS" in preview(work)


def test_a_file_outside_the_folder_cannot_be_included(work: Desk) -> None:
    (work.project.folder / "secret.txt").write_text("SECRET")
    own(work, "email/parts/footer.html.j2", '{% include "../secret.txt" %}')
    result = run(work, "preview")
    assert (result.code, "does not exist" in result.err) == (2, True)


# --- pages --------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


def ask(store: PeopleStore, purpose: Purpose, template: str, source: str) -> Answer:
    """Request a subscriber's page with one template replaced."""
    path = store.folder / "own" / "web" / "public" / template
    path.parent.mkdir(parents=True)
    path.write_text(source, "utf-8")
    pages = public_pages(store.facts, "http://127.0.0.1", store.folder / "own")
    place = {Purpose.LEAVE: "u", Purpose.PREFERENCES: "p"}[purpose]
    with serving(create_public(replace(public_door(store), pages=pages), PUBLIC)) as site:
        site.ask(f"/u/{store.token(Purpose.LEAVE)}", "POST")
        return site.ask(f"/{place}/{store.token(purpose)}")


def test_a_page_is_replaced_like_a_mail(store: PeopleStore) -> None:
    answer = ask(store, Purpose.LEAVE, "left.html.j2", "OURS {{ page.newsletter }}")
    assert answer.text == "OURS Heritage in &lt;your&gt; inbox"


def test_the_style_of_the_pages_is_replaced_alone(store: PeopleStore) -> None:
    path = store.folder / "own" / "web" / "public" / "style.css"
    path.parent.mkdir(parents=True)
    path.write_text("body { color: teal }")
    pages = public_pages(store.facts, "", store.folder / "own")
    assert pages.style().body == b"body { color: teal }"


@pytest.mark.parametrize("source", ["{{ subscriber.nonsense }}", "{{ ''.__class__.__mro__ }}"])
def test_a_broken_page_is_not_shown_to_a_subscriber(store: PeopleStore, source: str) -> None:
    answer = ask(store, Purpose.PREFERENCES, "preferences.html.j2", source)
    assert (answer.status, "nonsense" in answer.text) == (500, False)


def test_a_broken_page_prevents_no_unsubscribe(store: PeopleStore) -> None:
    ask(store, Purpose.LEAVE, "left.html.j2", "{{ nothing }}")
    assert store.subscription().state is State.LEFT
