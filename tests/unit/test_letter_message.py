"""Pieces, and the mails joined from them."""

from __future__ import annotations

import email
import email.policy
import quopri
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.letter.printing.message import Pieces, PlaceMarks, compile_letter, join
from digest.letter.printing.opened import open_message
from digest.letter.printing.personal import BODY_PLACES, Personal
from digest.letter.printing.quoting import quote_printable
from tests.support.samples import (
    sample_edition,
    sample_facts,
    sample_letter,
    sample_personal,
    sample_quote,
    sample_story,
    write_sample,
)

pytestmark = pytest.mark.slow

MARKS = PlaceMarks(seed="0123456789abcdef")
HEADERS = [
    "From", "Subject", "Reply-To", "To", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "List-Unsubscribe", "List-Id", "List-Unsubscribe-Post", "List-Post", "List-Owner",
    "Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "Feedback-ID",
]  # fmt: skip


def compiled(subject: str = "Hello", html: str = "<p>a</p>", text: str = "a\n") -> Pieces:
    return compile_letter(
        subject=subject,
        html=html,
        text=text,
        edition=sample_edition(),
        facts=sample_facts(),
        marks=MARKS,
    )


def fill(words: str, personal: Personal) -> str:
    """Replace the placeholders by their values, one by one."""
    marks = PlaceMarks(seed=words.partition("PLACE_")[2][:16])
    for place in BODY_PLACES:
        words = words.replace(marks.mark(place), getattr(personal, place))
    return words


def raw_header(content: bytes, name: str) -> list[bytes]:
    head = content.partition(b"\r\n\r\n")[0]
    return [line for line in head.split(b"\r\n") if line.startswith(name.encode() + b":")]


def test_a_mail_has_exactly_these_headers() -> None:
    opened = open_message(join(compiled(), sample_personal()).content)
    assert [name for name, _value in opened.headers] == HEADERS


def test_both_parts_are_read_back_with_the_values_of_the_subscriber() -> None:
    letter = sample_letter()
    personal = sample_personal()
    opened = open_message(join(letter.pieces, personal).content)
    assert opened.text == fill(letter.text, personal)
    assert opened.html == fill(letter.html, personal)


def test_text_comes_before_html_in_one_alternative() -> None:
    content = join(compiled(), sample_personal()).content
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message.get_content_type() == "multipart/alternative"
    parts = [part.get_content_type() for part in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    assert not message.defects


def test_unsubscribe_header_is_one_plain_line_however_long_the_link() -> None:
    url = "https://mail.example.org/one-click/" + "t" * 300
    content = join(compiled(), sample_personal(one_click_url=url)).content
    assert raw_header(content, "List-Unsubscribe") == [f"List-Unsubscribe: <{url}>".encode()]
    assert raw_header(content, "List-Unsubscribe-Post") == [
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    ]


def test_a_repeat_is_byte_identical() -> None:
    first = join(write_sample(sample_edition()).pieces, sample_personal())
    assert join(write_sample(sample_edition()).pieces, sample_personal()) == first


def test_stored_pieces_make_the_same_mail() -> None:
    pieces = sample_letter().pieces
    stored = Pieces.from_bytes(pieces.to_bytes())
    assert stored == pieces


@pytest.mark.quick
@pytest.mark.parametrize("stored", [b"{}", b"[]", b'{"format":99}', b"not json"])
def test_foreign_bytes_are_not_mistaken_for_pieces(stored: bytes) -> None:
    with pytest.raises(ValueError):
        Pieces.from_bytes(stored)


@pytest.mark.quick
def test_a_provider_gets_the_id_of_the_delivery_in_its_own_header() -> None:
    lines = ("X-PM-Metadata-delivery: {id}", "X-PM-KeepID: true")
    pieces = compile_letter(
        subject="Hello",
        html="<p>a</p>",
        text="a\n",
        edition=sample_edition(),
        facts=replace(sample_facts(), delivery_headers=lines),
        marks=MARKS,
    )
    personal = sample_personal()
    headers = dict(open_message(join(pieces, personal).content).headers)
    assert headers["X-PM-Metadata-delivery"] == personal.message_id
    assert headers["X-PM-KeepID"] == "true"


@pytest.mark.quick
def test_a_value_with_several_spaces_or_a_line_break_is_printed_in_one_line() -> None:
    personal = sample_personal(joined="March  3,\n2025", since=" on March  3,\n2025")
    opened = open_message(join(sample_letter().pieces, personal).content)
    assert "March 3, 2025" in " ".join(opened.text.split())
    assert "March 3, 2025" in opened.html


def test_date_keeps_the_moment_it_is_given() -> None:
    date = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    for moment in (date, date + timedelta(days=40)):
        opened = open_message(join(compiled(), sample_personal(date=moment)).content)
        read = email.utils.parsedate_to_datetime(dict(opened.headers)["Date"])
        assert read == moment


def test_an_envelope_goes_with_the_mail() -> None:
    message = join(compiled(), sample_personal())
    assert message.sender == "bounces@lantern-weekly.org"
    assert message.recipient == "reader@example.org"
    assert message.message_id == "<e112.0123456789abcdef0123@lantern-weekly.org>"


def test_a_value_is_escaped_in_html_and_plain_in_text() -> None:
    mark = MARKS.mark("address")
    pieces = compiled(html=f"<p>{mark}</p>", text=f"{mark}\n")
    opened = open_message(join(pieces, sample_personal(address='a&"<b>@example.org')).content)
    assert opened.html == "<p>a&amp;&quot;&lt;b&gt;@example.org</p>"
    assert opened.text == 'a&"<b>@example.org\n'


def test_marks_of_another_letter_are_not_filled_in() -> None:
    foreign = PlaceMarks(seed="f" * 16).mark("leave_url")
    opened = open_message(join(compiled(text=foreign), sample_personal()).content)
    assert opened.text == foreign


@pytest.mark.quick
@pytest.mark.parametrize("value", ["a@b.example\r\nBcc: c@d.example", "a\0@b.example"])
def test_an_address_with_a_control_character_is_refused_without_being_named(value: str) -> None:
    with pytest.raises(ValueError, match="control character") as caught:
        join(compiled(), sample_personal(address=value))
    assert "b.example" not in str(caught.value)


BODY = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))


@given(subject=st.text(max_size=200), html=BODY, text=BODY, address=BODY.map(lambda a: a[:60]))
def test_any_words_make_a_sound_mail(subject: str, html: str, text: str, address: str) -> None:
    mark = MARKS.mark("joined")
    pieces = compiled(subject, f"{html}{mark}{html}", f"{text}{mark}{text}")
    content = join(pieces, sample_personal(joined=address)).content
    assert pieces.is_dot_free
    assert b"\n." not in content
    assert b"\0" not in content
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    body = content.partition(b"\r\n\r\n")[2]
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    opened = open_message(content)
    assert [name for name, _value in opened.headers] == HEADERS
    own = re.sub(r"\s+", " ", address).rstrip()  # a space at its start follows a word
    assert opened.text == f"{text}{own}{text}"


@settings(max_examples=15)
@given(title=st.text(max_size=200), name=st.text(max_size=60), excerpt=st.text(max_size=200))
def test_any_words_of_a_feed_make_a_sound_mail(title: str, name: str, excerpt: str) -> None:
    story = sample_story(
        title=f"T{title}", author=name, excerpt=excerpt, quotes=(sample_quote(1, name, excerpt),)
    )
    letter = write_sample(sample_edition(title=f"N{name}", stories=(story,)))
    content = join(letter.pieces, sample_personal()).content
    opened = open_message(content)
    assert [name for name, _value in opened.headers] == HEADERS
    assert dict(opened.headers)["Subject"] == letter.subject
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    # A quote may be too short, which is mended. The mail as a whole has no fault.
    assert not any(finding.is_error and not finding.post_id for finding in letter.findings)


@given(BODY)
def test_quoted_printable_reads_back(text: str) -> None:
    assert quopri.decodestring(quote_printable(text)).decode().replace("\r\n", "\n") == text


@pytest.mark.parametrize("length", range(70, 82))
def test_a_place_never_makes_its_line_too_long(length: int) -> None:
    pieces = compiled(text=f"{'a' * length}{MARKS.mark('joined')}")
    content = join(pieces, sample_personal(joined="b" * length)).content
    assert all(len(line) <= 76 for line in content.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))
    assert open_message(content).text == "a" * length + "b" * length


def test_all_but_a_few_values_is_encoded_beforehand() -> None:
    pieces = sample_letter().pieces
    # The shipped templates print the day of joining within a phrase, and no poll.
    own = [place for place in BODY_PLACES if place not in ("joined", "poll_url")]
    assert len(pieces.literals) == len(pieces.places) + 1
    assert sorted(set(pieces.places)) == sorted(
        [
            *(f"{part}.{place}" for part in ("html", "text") for place in own),
            "header.date",
            "header.message_id",
            "header.one_click_url",
            "header.to",
        ]
    )


def test_unsubscribe_header_has_both_ways_if_mails_can_come_back() -> None:
    address = "u+12.345.abcdefghijklmnopqrst@bounce.example.org"
    url = "https://mail.example.org/u/token"
    personal = sample_personal(one_click_url=url, leave_address=address)
    assert raw_header(join(compiled(), personal).content, "List-Unsubscribe") == [
        f"List-Unsubscribe: <{url}>, <mailto:{address}>".encode()
    ]
