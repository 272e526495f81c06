"""DKIM signatures, checked by dkimpy."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from digest.letter.printing.sign import DkimSigner
from digest.models import Message
from tests.support.dkim_keys import DOMAIN, sample_signer, verify_ed25519, verify_rsa
from tests.support.samples import (
    sample_addresser,
    sample_identity,
    sample_letter,
    sample_personal,
    sample_recipient,
)

SIGNED = [
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "Feedback-ID", "From",
]  # fmt: skip


def mail(signer: DkimSigner | None = None) -> Message:
    identity = replace(sample_identity(), signer=signer or sample_signer())
    addresser = sample_addresser(identity)
    pieces = sample_letter().pieces
    return addresser.address(pieces, sample_recipient(), sample_personal().date)


def note(body: bytes) -> Message:
    head = b"From: A <a@lantern-weekly.org>\r\nTo:  b@example.org \t\r\nSubject: a\r\n  b\r\n\r\n"
    return Message(message_id="", sender="", recipient="", content=head + body)


def tags(content: bytes, at: int = 0) -> dict[str, str]:
    header = re.split(r"\r\n(?![ \t])", content.decode())[at]
    assert header.startswith("DKIM-Signature: ")
    pairs = (each.partition("=") for each in header.partition(": ")[2].split(";"))
    return {name.strip(): re.sub(r"\s", "", value) for name, _, value in pairs}


def test_both_signatures_are_verified() -> None:
    content = mail().content
    assert verify_rsa(content)
    assert verify_ed25519(content)


def test_a_repeat_is_signed_with_the_same_bytes() -> None:
    assert mail() == mail(sample_signer())


def test_the_signature_of_rsa_comes_first_and_has_no_length_and_no_time() -> None:
    first, second = tags(mail().content), tags(mail().content, 1)
    assert (first["a"], second["a"]) == ("rsa-sha256", "ed25519-sha256")
    assert (first["d"], first["s"], second["s"]) == (DOMAIN, "rsa", "ed")
    for each in (first, second):
        assert each["c"] == "relaxed/simple"
        assert each["h"].split(":") == SIGNED
        assert set(each) == {"v", "a", "c", "d", "s", "h", "bh", "b"}


def test_the_rest_of_the_mail_and_its_envelope_stay() -> None:
    signed, plain = mail(), mail(DkimSigner())
    assert signed.content.endswith(plain.content)
    assert replace(signed, content=plain.content) == plain
    assert plain.is_dot_free
    lines = signed.content.split(b"\r\n")
    assert not any(line.startswith(b".") for line in lines)
    assert max(map(len, lines[:20])) <= 78


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"Subject: ", b"Subject: x"),
        (b"/u/", b"/w/"),
        (b"One-Click", b"Two-Click"),
        (b"Feedback-ID: ", b"Feedback-ID: x"),
        (b"\r\n\r\n--", b"\r\n\r\nx--"),
        (b"MIME-Version: ", b"Content-Transfer-Encoding: 8bit\r\nMIME-Version: "),
        (b"MIME-Version: ", b"From: other@example.org\r\nMIME-Version: "),
    ],
)
def test_a_changed_mail_is_not_verified(right: bytes, wrong: bytes) -> None:
    content = mail().content
    assert right in content
    changed = content.replace(right, wrong, 1)
    assert not verify_rsa(changed)
    assert not verify_ed25519(changed)


@pytest.mark.parametrize("body", [b"a\r\n\r\n\r\n", b"a\r\n", b"\r\n\r\n", b"", b"no line end"])
def test_any_body_and_odd_spaces_are_verified(body: bytes) -> None:
    content = sample_signer().sign(note(body), DOMAIN).content
    assert verify_rsa(content)
    assert verify_ed25519(content)
    assert "List-Id" not in tags(content)["h"]


@pytest.mark.parametrize(
    ("domain", "count"),
    [(DOMAIN, 2), (f"news.{DOMAIN}", 2), (f"x{DOMAIN}", 0), ("org", 0), ("example.org", 0)],
)
def test_only_mails_of_the_domain_or_below_it_are_signed(domain: str, count: int) -> None:
    content = sample_signer().sign(note(b"a\r\n"), domain).content
    assert content.count(b"DKIM-Signature: ") == count
