"""What the columns of a file mean, by their headings and their cells."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from subscribers.csvfile import CsvError, Record, open_text, read_records
from subscribers.fields import Field
from subscribers.filecolumns import ColumnChoices, ColumnError, find_columns, nearest
from subscribers.importing import read_columns
from subscribers.listcells import Columns
from subscribers.preferences import State
from subscribers.rows import RowError, read_row

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

CASES = Path(__file__).parents[1] / "data" / "subscribers"
NO_CHOICES = ColumnChoices()


def states_of(
    text: str | bytes, choices: ColumnChoices = NO_CHOICES
) -> dict[str, State | str | None]:
    """Return the state of each address; `refused` for a row that is refused."""
    file = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    columns = read_columns(file, choices)
    found: dict[str, State | str | None] = {}
    with open_text(file) as lines:
        for record in list(read_records(lines))[1:]:
            key = columns.cell(record, "address").partition("@")[0]
            try:
                found[key] = read_row(columns, record, now=NOW, allow_reserved=True).state
            except RowError:
                found[key] = "refused"
    return found


def columns_of(*headings: str) -> dict[str, int]:
    return dict(find_columns(Record(line=1, cells=headings), []).places)


@pytest.mark.parametrize(
    "heading",
    [
        "Email",
        "EMAIL_ADDRESS",
        "E-mail",
        "e mail address",
        "Mail",
        "EmailAddress",
        "E-Mail-Adresse",
        "Adresse e-mail",
        "Courriel",
        "Correo electrónico",
        "البريد الإلكتروني",
    ],
)
def test_the_address_column_is_known_by_its_usual_names(heading: str) -> None:
    assert columns_of("Id", heading)["address"] == 1


def test_an_email_column_goes_before_a_postal_address() -> None:
    assert columns_of("Address", "Email Address")["address"] == 1


def test_the_only_column_of_addresses_is_taken_whatever_its_heading() -> None:
    assert list(states_of("Kunde,Adres elektroniczny\nAnn,ann@heritage.org\n")) == ["ann"]


@pytest.mark.parametrize(
    "text", ["", "Id,Title\n1,x\n", "ann@heritage.org,Ann\nbob@heritage.org,B\n"]
)
def test_a_file_without_an_address_column_is_refused_with_advice(text: str) -> None:
    with pytest.raises(CsvError, match="add a header row"):
        states_of(text)


def test_a_header_that_cannot_be_read_is_named() -> None:
    with pytest.raises(CsvError, match="the first row cannot be read: more than 1000 cells"):
        states_of("email" + "," * 1000 + "\nann@heritage.org\n")


@pytest.mark.parametrize(
    ("case", "states"),
    [
        ("s01-hubspot-opted-out", {"kim": None, "lou": "left"}),
        ("s02-german-headings", {"ida": "confirmed", "jan": "left"}),
        ("mailpoet-export", {"ok": "confirmed", "unsub": "left", "bounced": "bounced"}),
        ("listmonk-export", {"ok": "confirmed", "ok2": "confirmed", "bl": "left"}),
        ("excel-us-dates", {"ann": None, "bob": None}),
    ],
)
def test_exports_of_other_services_are_read(case: str, states: dict[str, str]) -> None:
    assert states_of((CASES / f"{case}.csv").read_bytes()) == states


@pytest.mark.parametrize("heading", ["Stato iscrizione", "Állapot", "Durumu", "구독 상태", "Tila"])
def test_an_unknown_word_under_a_heading_of_states_stops_the_import(heading: str) -> None:
    with pytest.raises(CsvError, match="which may say who has left"):
        states_of(f"email,{heading}\nann@heritage.org,Blub\nbob@heritage.org,Bla\n")


@pytest.mark.parametrize(
    ("heading", "gone"),
    [
        ("Opted out of email: Marketing", "true"),
        ("Email Opt Out", "1"),
        ("HasOptedOutOfEmail", "TRUE"),
        ("EMAIL_BLOCKLISTED", "Yes"),
        ("blacklisted", "1"),
        ("Do Not Email", "x"),
        ("No longer subscribed", "✓"),
        ("Unsubscribe date", "31.12.2019 gegen Mittag"),
        ("UNSUB_REASON", "too many mails"),
        ("Accepts Email Marketing", "no"),
        ("Subscribed", "false"),
        ("is_active", "f"),
        ("Newsletter", "0"),
        ("Abgemeldet am", "3.4.2020"),
        ("Gesperrt", "ja"),
        ("Newsletter-Status", "Nicht abonniert"),
        ("Désabonné", "oui"),
        ("Date de désinscription", "03/04/2020"),
        ("Fecha de baja", "1/2/2020"),
        ("Estado", "Dado de baja"),
        ("Stato", "Disiscritto"),
        ("Status", "Uitgeschreven"),
        ("Situação", "Descadastrado"),
        ("Статус подписки", "Отписан"),
        ("購読状態", "解除済み"),
        ("الحالة", "غير مشترك"),
        ("Subscriber type", "unsubscribed"),
    ],
)
def test_a_column_of_any_name_ends_a_subscription(heading: str, gone: str) -> None:
    kept = (
        ""
        if gone not in ("false", "f", "no", "0")
        else {"false": "true", "f": "t", "no": "yes", "0": "1"}[gone]
    )
    if heading in ("Newsletter-Status", "Estado", "الحالة"):
        kept = "active"
    found = states_of(f"email,{heading}\nann@heritage.org,{kept}\nbob@heritage.org,{gone}\n")
    assert found["ann"] in (None, State.CONFIRMED)
    assert found["bob"] is State.LEFT


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("CLEAN_TIME", "2020-03-23 17:30:05"),
        ("EmailBouncedReason", "no such user"),
        ("Statut", "Rebond"),
        ("Status", "unzustellbar"),
        ("Email status", "hard bounced"),
        ("حالة البريد", "مرتد"),
    ],
)
def test_a_column_of_any_name_marks_a_dead_mailbox(heading: str, cell: str) -> None:
    assert states_of(f"email,{heading}\nann@heritage.org,{cell}\n")["ann"] is State.BOUNCED


@pytest.mark.parametrize(
    "column",
    [
        "Flag 7\nyes\nno",
        "F\n0\n1\n1",
        "Notes\nmet at the fair\nunsubscribed",
        "Extra\nx y\nbounced",
        "Bemerkung\nnett\nabgemeldet am 3.4.2020",
        "Ort\nRom\ndésabonnée",
        "Tags\nvip\nopted-out",
        "Rodzaj\naktiv\ninaktiv",
        "Status\nfeliratkozott\nleiratkozott",
        "Unsubscribed\n3\n7",
        "\nyes\nno",
    ],
)
def test_a_column_that_may_say_who_left_stops_the_import(column: str) -> None:
    heading, *cells = column.split("\n")
    rows = "".join(f"u{n}@heritage.org,{cell}\n" for n, cell in enumerate(cells))
    with pytest.raises(CsvError, match="--ignore-column") as caught:
        states_of(f"email,{heading}\n{rows}")
    assert (heading or "column 2") in str(caught.value)


def test_a_state_that_first_appears_late_stops_the_import_too() -> None:
    rows = "".join(f"u{n}@heritage.org,word {n}\n" for n in range(3000))
    with pytest.raises(CsvError, match="line 3002"):
        states_of(f"email,Extra\n{rows}z@heritage.org,unsubscribed\n")


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("SMS opt out", "yes,no"),
        ("SMS Marketing Consent", "SUBSCRIBED,UNSUBSCRIBED"),
        ("Free Tier", "Yes,No"),
        ("prefer_digests", "true,false"),
        ("active_subscription", "false,false"),
        ("MEMBER_RATING", "1,1"),
        ("clicks", "0,1"),
        ("Unsubscribe link", "https://a.example/u/1,https://a.example/u/2"),
        ("Unsubscribe", "https://a.example/u/1,https://a.example/u/2"),
        ("bouncecount", "0,1"),
        ("CC", "no,se"),
        ("Marketing contact status", "Marketing contact,Non-marketing contact"),
        ("Lead ID", "00Q5e000001abcDEFGHIJKLMNOPQRSTUVWXYZ,x"),
        ("Company", "Left Bank,Bounce Ltd"),
        ("Lead Status", "NEW,OPEN"),
    ],
)
def test_other_things_are_passed_over_and_named(heading: str, cells: str) -> None:
    one, two = cells.split(",")
    text = f"email,{heading}\nann@heritage.org,{one}\nbob@heritage.org,{two}\n"
    assert states_of(text) == {"ann": None, "bob": None}
    assert read_columns(io.BytesIO(text.encode())).unread == (heading,)


def test_a_tick_beside_the_name_of_an_ending_is_one_whatever_else_the_heading_names() -> None:
    text = "email,Unsubscribed link\nann@heritage.org,yes\nbob@heritage.org,no\n"
    assert states_of(text) == {"ann": State.LEFT, "bob": None}


def test_an_unknown_word_among_known_states_refuses_its_row() -> None:
    text = "email,status\nann@heritage.org,active\nbob@heritage.org,4\n"
    assert states_of(text) == {"ann": State.CONFIRMED, "bob": "refused"}


FLAGS = "email,Flag 7\nann@heritage.org,yes\nbob@heritage.org,no\n"


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("state", {"ann": "confirmed", "bob": "left"}),
        ("left", {"ann": "left", "bob": None}),
        ("bounced", {"ann": "bounced", "bob": None}),
    ],
)
def test_the_operator_names_a_column(name: str, states: dict[str, str]) -> None:
    assert states_of(FLAGS, ColumnChoices(named={"flag 7": name})) == states


def test_a_heading_keeps_its_own_yes_and_no_if_it_is_named_a_state() -> None:
    text = "email,Opted out\nann@heritage.org,yes\n"
    assert states_of(text, ColumnChoices(named={"Opted out": "state"}))["ann"] is State.LEFT


def test_the_operator_ignores_a_column() -> None:
    choices = ColumnChoices(ignored=["Flag 7"])
    assert states_of(FLAGS, choices) == {"ann": None, "bob": None}
    assert read_columns(io.BytesIO(FLAGS.encode()), choices).unread == ("Flag 7",)


@pytest.mark.parametrize(
    "choices",
    [
        ColumnChoices(named={"Flag 8": "state"}),
        ColumnChoices(ignored=["Flag 8"]),
        ColumnChoices(named={"Flag 7": "colour"}),
    ],
)
def test_a_wrong_choice_is_refused(choices: ColumnChoices) -> None:
    with pytest.raises(ColumnError, match="Flag"):
        states_of(FLAGS, choices)


def test_in_a_column_of_ticks_an_empty_cell_is_not_a_subscription() -> None:
    text = "email,Newsletter\nann@heritage.org,x\nbob@heritage.org,\n"
    assert states_of(text) == {"ann": State.CONFIRMED, "bob": State.PENDING}


def test_unreadable_dates_are_one_warning_a_file() -> None:
    text = "email,OPTIN_TIME,CONFIRM_TIME\nann@heritage.org,2/3/2020,4/5/2020\n"
    (warning,) = read_columns(io.BytesIO(text.encode())).warnings
    assert warning.startswith("2 dates cannot be read, such as '2/3/2020'")


def test_an_empty_subscription_date_does_not_hide_another() -> None:
    text = "email,Subscription date,created_at\nann@heritage.org,,2020-01-01\n"
    assert read_columns(io.BytesIO(text.encode())).places["joined_at"] == 2


@pytest.mark.parametrize(
    ("heading", "is_joined"),
    [
        ("Subscribed", True),
        ("Date added", True),
        ("Anmeldedatum", True),
        ("Date d'inscription", True),
        ("Last active", False),
        ("Subscription end date", False),
        ("Last modified", False),
    ],
)
def test_the_day_of_joining_is_found_by_its_heading(heading: str, is_joined: bool) -> None:
    text = f"email,{heading}\nann@heritage.org,2020-01-01\n"
    assert ("joined_at" in read_columns(io.BytesIO(text.encode())).places) is is_joined


@pytest.mark.parametrize("cell", ["Soft", "OK", "valid", "never", "-", "0000-00-00 00:00:00"])
def test_a_mailbox_is_dead_only_if_the_cell_says_so(cell: str) -> None:
    assert states_of(f"email,Bounce status\nann@heritage.org,{cell}\n")["ann"] is None


def test_the_nearest_name_ignores_case_and_spaces() -> None:
    assert nearest("forign POLICY", ["Economy", "Foreign Policy", "Security"]) == "Foreign Policy"


def chosen(name: str) -> Columns:
    field = Field(name="plan", label="Plan")
    choices = ColumnChoices(fields=(field,), named={"x": name})
    return find_columns(Record(line=1, cells=("email", "x")), [], choices)


def test_a_named_column_is_taken_as_it_was_named() -> None:
    assert dict(chosen("name").places) == {"address": 0, "name": 1}
    assert [(field.name, place) for field, place in chosen("field:plan").fields] == [("plan", 1)]


@pytest.mark.parametrize(
    ("name", "words"),
    [("nothing", "choose from email, name"), ("field:plam", "did you mean 'plan'?")],
)
def test_a_column_named_as_something_unknown_is_refused(name: str, words: str) -> None:
    with pytest.raises(ColumnError, match=re.escape(words)):
        chosen(name)


def test_a_column_of_a_field_that_is_ignored_is_not_taken() -> None:
    field = Field(name="plan", label="Plan")
    header = Record(line=1, cells=("email", "plan"))
    taken = find_columns(header, [], ColumnChoices(fields=(field,)))
    assert [field.name for field, _ in taken.fields] == ["plan"]
    assert find_columns(header, [], ColumnChoices(fields=(field,), ignored=("plan",))).fields == ()
