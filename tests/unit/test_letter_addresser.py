"""Mails addressed to subscribers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.letter.addresser import MailIdentity
from digest.letter.printing.message import Pieces
from digest.letter.printing.opened import open_message
from digest.letter.printing.sign import UNSIGNED
from subscribers.return_paths import ReturnPath, ReturnPurpose, read_return_path
from subscribers.tokens import Link, LinkReader, Purpose
from tests.support.samples import (
    SAMPLE_KEY,
    sample_addresser,
    sample_identity,
    sample_letter,
    sample_recipient,
)

DATE = datetime(2026, 11, 20, 12, tzinfo=UTC)
#: What a send of a frozen edition does not need.
RENDERING = (
    "PIL", "aiohttp", "bs4", "cryptography", "cssutils", "digest.composer", "digest.letter.check",
    "digest.letter.letter", "digest.letter.writer", "email.policy", "fastapi", "jinja2", "lxml",
    "nh3", "premailer", "pydantic", "selectolax",
)  # fmt: skip


def test_a_letter_has_the_links_of_its_subscriber() -> None:
    mail = sample_addresser().address(sample_letter().pieces, sample_recipient(7), DATE)
    opened = open_message(mail.content)
    words = opened.text.split()
    base, public_id, reader = (
        "https://mail.lantern-weekly.org",
        f"{7:022}",
        LinkReader([SAMPLE_KEY]),
    )
    for page, purpose, number in (
        ("u", Purpose.LEAVE, None),
        ("p", Purpose.PREFERENCES, None),
        ("v", Purpose.VIEW, 112),
    ):
        (url,) = {word for word in words if word.startswith(f"{base}/{page}/")}
        found = reader.read(purpose, url.rpartition("/")[2])
        assert found == Link(public_id=public_id, newsletter="weekly", number=number)
    assert "subscriber7@example.org" in words
    assert "on March 3, 2025" in " ".join(words)


def test_a_mail_outside_the_ledger_has_an_identifier_of_its_own() -> None:
    pieces = sample_letter().pieces
    mail = sample_addresser().address(pieces, sample_recipient(7), DATE, number="12")
    assert dict(open_message(mail.content).headers)["Message-ID"].startswith("<welcome.12@")


def test_the_return_path_and_the_mail_to_leave_name_the_delivery() -> None:
    identity = replace(sample_identity(), return_domain="bounce.example.org")
    mail = sample_addresser(identity).address(sample_letter().pieces, sample_recipient(7), DATE)
    headers = dict(open_message(mail.content).headers)
    _, leave = headers["List-Unsubscribe"].split(", ")
    for address, purpose in (
        (mail.sender, ReturnPurpose.BOUNCE),
        (leave.strip("<>").removeprefix("mailto:"), ReturnPurpose.UNSUBSCRIBE),
    ):
        path = ReturnPath(purpose=purpose, edition_id=112, subscriber_id=7)
        assert read_return_path(address, [SAMPLE_KEY], "bounce.example.org") == path


def test_a_value_that_the_letter_does_not_print_is_not_computed() -> None:
    header = ("header.to", "header.date", "header.message_id", "header.one_click_url")
    pieces = Pieces(literals=(b"To: ", b"|", b"|", b"|", b"\r\n\r\n"), places=header)
    # The day of joining could not be written: there is no such zone.
    addresser = sample_addresser()
    addresser.timezone = "No/Where"
    assert addresser.address(pieces, sample_recipient(), DATE).content
    with pytest.raises(KeyError):
        addresser.address(sample_letter().pieces, sample_recipient(), DATE)


def test_pieces_with_a_dot_at_the_start_of_a_line_are_known() -> None:
    plain = (b"To: ", b"\r\n\r\na.\r\n")
    places = ("header.to",)
    assert Pieces(literals=plain, places=places).is_dot_free
    for dotted in ((b"To: ", b"\r\n\r\n.\r\n"), (b"To: ", b".x\r\n")):
        pieces = Pieces(literals=dotted, places=places)
        assert not pieces.is_dot_free
        assert not sample_addresser().address(pieces, sample_recipient(), DATE).is_dot_free


def test_an_unknown_place_is_refused_when_pieces_are_read() -> None:
    with pytest.raises(ValueError, match="unknown place 'moon'; freeze the edition again"):
        Pieces(literals=(b"", b""), places=("text.moon",))


def test_a_frozen_identity_is_kept() -> None:
    frozen = MailIdentity(
        base_url="https://a.example", sender="a@a.example", return_domain="b.example", days=("x",)
    )
    now = MailIdentity(base_url="https://c.example", sender="c@c.example", days=("y",))
    assert now.as_frozen("a@a.example", frozen.to_json()) == frozen
    assert now.as_frozen("", "") == now
    assert now.as_frozen("a@a.example", "") == replace(now, sender="a@a.example")
    assert frozen.signer is UNSIGNED


@pytest.mark.parametrize(
    ("modules", "needed"),
    [
        ("digest.pipeline.deliver, digest.letter.addresser", set()),
        ("digest.newsroom.send, digest.newsroom.service.dispatch", set()),
        # The configuration is checked by pydantic.
        ("digest.app.identity, digest.app.signing", {"pydantic"}),
    ],
)
def test_a_send_loads_nothing_that_renders(modules: str, needed: set[str]) -> None:
    code = f"import {modules}, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {*RENDERING} & {*run.stdout.split()} == needed
