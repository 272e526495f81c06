"""Imports with the real command: categories, columns, and the day of joining in mail and page."""

from __future__ import annotations

import csv
import email
import email.policy
from pathlib import Path

import pytest

from digest.newsroom.self_service.preferences import show_preferences
from subscribers.addresses import parse_address
from subscribers.people import find_person
from subscribers.tokens import Link
from tests.support.desk_work import Desk
from tests.support.project import Result

CASES = Path(__file__).parents[1] / "data" / "subscribers"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a newsletter with one post in the section Sea."""
    work = Desk.open(tmp_path)
    work.project.change_config('["News", "Sport"]', '["Sea"]')
    title = 'title = "The Hill Paper in your inbox"'
    work.project.change_config(title, f'{title}\ntimezone = "America/New_York"')
    work.add_post("A bridge is mended", "Sea")
    return work


def bring_in(desk: Desk, text: str, *options: str) -> Result:
    file = desk.project.folder / "people.csv"
    file.write_text(text, "utf-8")
    return desk.run("subscribers", "import", str(file), "--consent", "form", *options)


def words_of(content: bytes) -> tuple[str, str]:
    """Return the text and the HTML of a mail, each in one line."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (" ".join(str(part.get_content()).split()) for part in parts if part)
    return text, html


def test_categories_that_do_not_exist_are_refused_with_the_nearest(desk: Desk) -> None:
    result = bring_in(desk, (CASES / "csv-categories.csv").read_text("utf-8"), "--json")
    assert result.code == 1
    assert result.data["counts"]["added"] == 2
    assert [row["line"] for row in result.data["refused"]] == [2, 3]
    assert all("the nearest is 'Sea'" in row["reason"] for row in result.data["refused"])


def test_subscribers_whose_choice_matches_nothing_are_counted(desk: Desk) -> None:
    desk.add_subscribers(2)
    desk.add_subscribers(1, first=2, categories=("Seaa",))
    assert desk.run("plan", "--json").data["subscribers"][0]["without_category"] == 1
    assert desk.run("status", "--json").data["without_category"] == {"weekly": 1}
    desk.compose()
    assert desk.run("send", "--dry-run", "--json").data["without_category"] == 1
    line = "1 confirmed subscriber gets nothing: no category they chose is one of weekly"
    for command in ("plan", "status", "send --dry-run"):
        assert line in " ".join(desk.run(*command.split()).out.split())
    sent = desk.send()
    assert line in " ".join(sent.out.split())
    assert "2 sent" in sent.out


def test_a_choice_that_matches_is_not_counted(desk: Desk) -> None:
    desk.add_subscribers(1)
    desk.add_subscribers(1, first=1, categories=("Sea", "Gone"))
    assert desk.run("status", "--json").data["without_category"] == {}


def test_an_uncertain_column_stops_the_import_until_it_is_named(desk: Desk) -> None:
    text = "email,Flag\nann@example.net,yes\nbob@example.net,no\n"
    file = desk.project.folder / "people.csv"
    file.write_text(text, "utf-8")
    refused = desk.project.run("subscribers", "import", str(file), "--consent", "form")
    assert refused.code == 2
    assert f"{file}: column 'Flag' has" in refused.err
    assert "--ignore-column" in refused.err
    named = bring_in(desk, text, "--column", "Flag=left", "--json")
    assert (named.code, named.data["states"]) == (0, {"left": 1})
    assert bring_in(desk, text, "--column", "Flag").code == 2


def test_the_report_names_what_the_file_says_and_what_was_not_read(desk: Desk) -> None:
    text = "email,City,Opted Out,Joined at\nann@example.net,Rome,,2/3/2024\nb@example.net,Bonn,1,\n"
    out = bring_in(desk, text).out
    assert "Not subscribed, by the file: 1 left." in out
    assert "Columns not read: City." in out
    assert "Warning: 1 date cannot be read, such as '2/3/2024'" in out


@pytest.mark.parametrize(("joined", "phrase"), [("2024-03-31", " on March 31, 2024."), ("", ".")])
def test_mail_preview_and_page_name_one_day_of_joining_or_none(
    desk: Desk, joined: str, phrase: str
) -> None:
    bring_in(desk, f"email,joined at\nann@example.net,{joined}\n")
    desk.compose()
    preview = desk.project.folder / "preview"
    desk.run("preview", "1", "--as", "ann@example.net", "--out", str(preview))
    assert desk.send().code == 0
    mails = [next((desk.project.folder / "out").rglob("*.eml")), next(preview.rglob("*.eml"))]
    for text, html in (words_of(mail.read_bytes()) for mail in mails):
        assert f"with ann@example.net{phrase} " in text
        assert f"ann@example.net</span>{phrase}<" in html
    app = desk.app
    with app.database.read() as connection:
        person = find_person(connection, parse_address("ann@example.net", allow_reserved=True))
    assert person is not None
    page = show_preferences(app, Link(public_id=person.public_id, newsletter="weekly"))
    assert page is not None
    assert (page.joined_on.isoformat() if page.joined_on else "") == joined


MIXED = "email,name\nann@example.net,=Ann\nno address,Bob\nann@example.net,Ann\n"


def test_a_dry_run_has_the_report_of_the_import_and_stores_nothing(desk: Desk) -> None:
    dry = bring_in(desk, MIXED, "--dry-run", "--json")
    text = bring_in(desk, MIXED, "--dry-run").out
    assert "Nothing was stored: --dry-run was given." in text
    assert desk.run("subscribers", "export").out.count("\n") == 1
    real = bring_in(desk, MIXED, "--json")
    assert dry.code == real.code
    assert dry.data == {**real.data, "is_dry_run": True}
    assert real.data["counts"] == {
        "added": 1,
        "updated": 0,
        "unchanged": 1,
        "suppressed": 0,
        "refused": 1,
    }


def test_the_outcome_of_each_row_is_written_to_a_file(desk: Desk) -> None:
    listed = desk.project.folder / "rows.csv"
    bring_in(desk, MIXED, "--report", str(listed))
    with listed.open(newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["line", "outcome", "reason"]
    assert [row[:2] for row in rows] == [["2", "added"], ["3", "refused"], ["4", "unchanged"]]
    assert rows[1][2].startswith("address: ")
    assert "ann@" not in listed.read_text("utf-8")


def test_a_report_never_overwrites_the_imported_file_or_an_older_one_in_vain(desk: Desk) -> None:
    file = desk.project.folder / "people.csv"
    assert bring_in(desk, MIXED, "--report", str(file)).code == 2
    assert file.read_text("utf-8") == MIXED
    older = desk.project.folder / "rows.csv"
    older.write_text("older", "utf-8")
    assert bring_in(desk, "title\nx\n", "--report", str(older)).code == 2
    assert older.read_text("utf-8") == "older"


def test_a_long_list_of_refused_rows_is_cut_and_counted(desk: Desk) -> None:
    result = bring_in(desk, "email\n" + "nobody\n" * 50)
    assert result.code == 1
    assert "Refused: 50 for address." in result.out
    assert "And 30 more refused rows; --report FILE lists all of them." in result.out
    assert len(bring_in(desk, "email\n" + "nobody\n" * 50, "--json").data["refused"]) == 50


def suppress(desk: Desk, text: str, *options: str) -> Result:
    file = desk.project.folder / "gone.txt"
    file.write_text(text, "utf-8")
    return desk.run("subscribers", "suppress", "--file", str(file), *options)


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.net\nbob@example.net\n",
        "ANN@example.net\r\n\r\nbob@example.net",
        "Email;Name\nann@example.net;Ann\nbob@example.net;cid@example.net\n",
        "Ann,ann@example.net\nBob,bob@example.net\n",
        "ann@example.net;bob@example.net\n",
        "\ufeffCourriel\nann@example.net\nbob@example.net\nann@example.net\n",
        'Ann <ann@example.net>\n"""Lee, Bob"" <bob@example.net>"\n',
        'Email\n"mailto:ann@example.net, bob@example.net"\n',
    ],
)
def test_a_list_of_addresses_is_suppressed(desk: Desk, text: str) -> None:
    result = suppress(desk, text, "--json")
    assert (result.code, result.data["counts"]["suppressed"]) == (0, 2)
    report = bring_in(desk, "email\nann@example.net\nbob@example.net\ncid@example.net\n", "--json")
    assert (report.data["counts"]["suppressed"], report.data["counts"]["added"]) == (2, 1)
    assert suppress(desk, text, "--json").data["counts"]["suppressed"] == 0


def test_each_bad_row_of_a_list_of_addresses_is_one_line_and_stops_nothing(desk: Desk) -> None:
    result = suppress(desk, 'ann@example.net\nbob@\nnobody\n"open\ncid@example.net\n')
    assert result.code == 1
    assert "2 suppressed, 3 refused" in result.out
    lines = [line for line in result.err.splitlines() if "gone.txt, line " in line]
    assert [line.partition("line ")[2][:1] for line in lines] == ["2", "3", "4"]
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "arguments",
    [(), ("ann@example.net", "--file", "people.csv"), ("--file", "nowhere.txt"), ("--file", "{}")],
    ids=["nothing", "both", "no file", "empty file"],
)
def test_a_wrong_use_of_suppress_is_one_line(desk: Desk, arguments: tuple[str, ...]) -> None:
    empty = desk.project.folder / "empty.txt"
    empty.touch()
    result = desk.project.run("subscribers", "suppress", *(a.format(empty) for a in arguments))
    assert result.code == 2
    assert len(result.err.strip().splitlines()) == 1
