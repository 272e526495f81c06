"""Headers on the wire, read back as a mail program reads them."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.letter.letter import write_letter
from digest.letter.plain import one_line
from digest.letter.printing.headers import (
    list_headers,
    message_id,
    write_link,
    write_list_id,
    write_mailbox,
    write_text,
)
from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_facts,
    sample_personal,
    sample_renderer,
    sample_site,
)

WORDS = st.text(max_size=300) | st.text(alphabet='ab= ?"\\_', max_size=300)


def read_back(name: str, written: str) -> str:
    raw = f"{name}: {written}\r\n\r\n".encode()
    return str(email.message_from_bytes(raw, policy=email.policy.default)[name] or "")


@given(WORDS)
def test_any_subject_reads_back_as_written(text: str) -> None:
    written = write_text(text, used=len("Subject: "))
    assert read_back("Subject", written) == one_line(text)


@given(WORDS)
def test_a_subject_is_ascii_in_short_lines(text: str) -> None:
    written = f"Subject: {write_text(text, used=len('Subject: '))}"
    assert written.isascii()
    lines = written.split("\r\n")
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    assert all(len(line) <= 76 or " " not in line.strip() for line in lines[1:])
    assert max(len(line) for line in lines) <= 998
    assert not re.search("[\r\n]", written.replace("\r\n ", ""))


@pytest.mark.parametrize(
    "subject",
    [
        "“Curly” quotes – and a dash that make this subject longer than one single line can be",
        "A" * 120,
        "x" * 1200,
        "looks like =?utf-8?q?an_encoded?= word",
        "日本語の件名" * 12,
        "",
    ],
)
def test_odd_subjects_read_back(subject: str) -> None:
    assert read_back("Subject", write_text(subject, used=len("Subject: "))) == subject


@given(WORDS)
def test_any_sender_name_reads_back_beside_its_address(name: str) -> None:
    written = write_mailbox(name, "digest@example.org")
    raw = f"From: {written}\r\n\r\n".encode()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    (address,) = message["From"].addresses
    assert address.addr_spec == "digest@example.org"
    assert max(len(line) for line in written.split("\r\n")) <= 992


@pytest.mark.parametrize("name", ['The "Lantern", Weekly', "Журнал «Фонарь»", "Back\\slash", ""])
def test_a_sender_name_is_kept(name: str) -> None:
    raw = f"From: {write_mailbox(name, 'digest@example.org')}\r\n\r\n".encode()
    (address,) = email.message_from_bytes(raw, policy=email.policy.default)["From"].addresses
    assert address.display_name == name


def test_list_id_is_never_encoded() -> None:
    assert write_list_id("The Lantern", "weekly.a.example") == '"The Lantern" <weekly.a.example>'
    assert write_list_id("Фонарь", "weekly.a.example") == "<weekly.a.example>"


def test_message_id_is_the_same_for_the_same_mail_only() -> None:
    first = message_id(7, 42, b"key", "example.org")
    assert re.fullmatch(r"<e7\.[0-9a-f]{20}@example\.org>", first)
    assert first == message_id(7, 42, b"key", "example.org")
    others = {
        message_id(7, 43, b"key", "example.org"),
        message_id(8, 42, b"key", "example.org"),
        message_id(7, 42, b"other", "example.org"),
    }
    assert first not in others
    assert len(others) == 3


@pytest.mark.parametrize(
    ("reply_to", "owner"),
    [
        ("editor+lantern@example.org", "<mailto:editor+lantern@example.org>"),
        ("50%@example.org", "<mailto:50%25@example.org>"),
        ("", "<mailto:digest@lantern-weekly.org>"),
    ],
)
def test_the_list_headers_name_a_contact_and_refuse_posts(reply_to: str, owner: str) -> None:
    lines = list_headers(replace(sample_facts(), reply_to=reply_to), sample_edition())
    assert "List-Post: NO" in lines
    assert f"List-Owner: {owner}" in lines


LINKS = {"List-Help", "List-Subscribe", "List-Archive"}


def page_headers(**pages: Any) -> dict[str, str]:
    lines = list_headers(replace(sample_facts(), **pages), sample_edition())
    assert all("\n" not in line for line in lines)
    found = dict(line.split(": ", 1) for line in lines)
    assert len(found) == len(lines)
    return {name: value for name, value in found.items() if name in LINKS}


def test_the_list_headers_name_the_public_pages_without_a_token() -> None:
    page, archive = "https://paper.example/weekly", "https://paper.example/archive/weekly"
    assert page_headers(subscribe_url=page, archive_url=archive) == {
        "List-Help": f"<{page}>",
        "List-Subscribe": f"<{page}>",
        "List-Archive": f"<{archive}>",
    }
    assert page_headers(subscribe_url=page).keys() == {"List-Help", "List-Subscribe"}
    assert page_headers() == {}


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://paper.example/a%20b/weekly", "<https://paper.example/a%20b/weekly>"),
        ("https://paper.example/zeitung/größe", "<https://paper.example/zeitung/gr%C3%B6%C3%9Fe>"),
        ("https://[2001:db8::1]:8443/a?b=c&d", "<https://[2001:db8::1]:8443/a?b=c&d>"),
        ("https://paper.example/<a> b", "<https://paper.example/%3Ca%3E%20b>"),
        ("https://paper.example/a\r\nBcc: x", "<https://paper.example/a%0D%0ABcc:%20x>"),
        (f"https://paper.example/{'x' * 300}", f"<https://paper.example/{'x' * 300}>"),
    ],
)
def test_a_link_is_one_line_of_ascii_and_never_encoded(url: str, written: str) -> None:
    assert write_link(url) == written
    assert read_back("List-Archive", write_link(url)) == written


def test_every_mail_has_the_list_headers_of_its_newsletter() -> None:
    site = replace(sample_site(), has_archive=True)
    facts = replace(
        sample_facts(),
        subscribe_url=site.subscribe_url("weekly"),
        archive_url=site.archive_url("weekly"),
    )
    edition = sample_edition()
    letter = write_letter(edition, plan_for_all(edition), site, sample_renderer(), facts)
    headers = open_message(join(letter.pieces, sample_personal()).content).headers
    base = "https://mail.lantern-weekly.org"
    assert ("List-Subscribe", f"<{base}/weekly>") in headers
    assert ("List-Help", f"<{base}/weekly>") in headers
    assert ("List-Archive", f"<{base}/archive/weekly>") in headers
    assert not [finding for finding in letter.findings if finding.is_error]
