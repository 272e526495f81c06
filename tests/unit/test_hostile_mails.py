"""Every mail of a run with hostile names, titles, values and addresses, on the wire."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from random import Random

import pytest

from digest.letter.letter import Letter, write_letter
from digest.letter.printing.days import joining_words
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.opened import open_message
from digest.letter.printing.places import Place
from digest.models import Message, Recipient
from tests.support.dkim_keys import sample_signer, verify_ed25519, verify_rsa
from tests.support.figures import IS_PROOF
from tests.support.mastheads import change_edition
from tests.support.samples import (
    plan_for_all,
    sample_addresser,
    sample_edition,
    sample_facts,
    sample_identity,
    sample_quote,
    sample_recipient,
    sample_renderer,
    sample_site,
    sample_story,
)

pytestmark = pytest.mark.proof

COUNT, LETTERS = 2000, 5
#: One of this number of mails is also read by the standard library and verified by dkimpy.
EVERY = 1 if IS_PROOF else 50
HEADERS = [
    "DKIM-Signature", "DKIM-Signature", "From", "Subject", "Reply-To", "To", "Date", "Message-ID",
    "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Id", "List-Unsubscribe-Post",
    "List-Post", "List-Owner", "List-Help", "List-Subscribe", "List-Archive", "Auto-Submitted",
    "Precedence", "X-Auto-Response-Suppress", "Feedback-ID",
]  # fmt: skip
LINK = re.compile(r"https://mail\.lantern-weekly\.org/[upv]/[\w.-]+", re.ASCII)
#: The number of different links of each kind in a mail.
LINKS = {"web_url": 1, "preferences_url": 1, "leave_url": 1}
#: What breaks headers, lines, encodings, templates, marks and tables; each alone and in a mix.
HOSTILE = (
    "\r\nBcc: c@d.example\r\n\r\n", "\n.\n", ".", "..", "\0", "\x1b[31m", "\u202eevil\u2066",
    "=?utf-8?q?a=20b?=", "=3D=0D=0A", "=" * 90, "{{ subscriber.name }}", "{% raw %}",
    "<script>alert(1)</script>", "</td></tr></table>", "<!-- ", "]]>", "&amp;&#0;", '"', "'", "\\",
    "PLACE_0123456789abcdef_leave_url_", "--=_0123456789abcdef", "From someone", "\t \t",
    "\ufeff\u200b", "\u2028\u2029\x85", "e\u0301" * 30, "\U0001f469\u200d\U0001f680", "日本語" * 40,
    "עברית", "a" * 1200, "%s%n%(day)s", "\ud7ff\ue000\ufffd",
)  # fmt: skip
LOCAL_PARTS = (
    "a", "a.b.c", "o'neil", "a+b=c", "{x}|y", "`cmd`$z", "b/../c", "&x;", "x" * 64, "jörg", "名前",
    "-x", "_", "a~b^c", "#!%*?",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """The letters of an edition, and each mail with its letter and recipient."""

    letters: tuple[Letter, ...]
    mails: tuple[tuple[Message, Letter, Recipient], ...]


def hostile(random: Random) -> str:
    words = [random.choice(HOSTILE) for _ in range(random.randint(1, 4))]
    return random.choice(["", " ", "x"]).join(words)


def write_hostile(random: Random) -> Letter:
    stories = tuple(
        sample_story(
            number,
            title=f"T{number} {hostile(random)}",
            author=hostile(random),
            excerpt=hostile(random),
            image_alt=hostile(random),
            quotes=(sample_quote(number, hostile(random), hostile(random)),),
        )
        for number in range(1, 4)
    )
    edition = change_edition(
        sample_edition(title=f"N {hostile(random)}", stories=stories),
        intro=('Hello {{ subscriber.name | "friend" }}, of {{ subscriber.town }}.',),
        editor=hostile(random),
    )
    site = replace(sample_site(), has_archive=True, fields=("town",))
    facts = replace(
        sample_facts(),
        from_name=hostile(random),
        subscribe_url=site.subscribe_url("weekly"),
        archive_url=site.archive_url("weekly"),
    )
    return write_letter(edition, plan_for_all(edition), site, sample_renderer(), facts)


@cache
def run() -> Run:
    random = Random(20261130)
    letters = tuple(write_hostile(random) for _ in range(LETTERS))
    identity = replace(
        sample_identity(), return_domain="bounce.lantern-weekly.org", signer=sample_signer()
    )
    addresser = sample_addresser(identity)
    mails = []
    for number in range(1, COUNT + 1):
        letter = letters[number % LETTERS]
        recipient = sample_recipient(
            number,
            address=f"{random.choice(LOCAL_PARTS)}@{number}.example.org",
            fields=(("name", hostile(random)), ("town", hostile(random))),
            language=random.choice(["", "de", "ar", "xx"]),
        )
        date = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=number)
        mails.append((addresser.address(letter.pieces, recipient, date), letter, recipient))
    return Run(letters=letters, mails=tuple(mails))


def test_every_mail_has_short_lines_that_end_with_crlf_and_no_nul() -> None:
    for mail, _letter, _recipient in run().mails:
        content = mail.content
        assert b"\0" not in content
        assert content.count(b"\r\n") == content.count(b"\r") == content.count(b"\n")
        assert content.endswith(b"\r\n")
        lines = content.split(b"\r\n")
        assert max(map(len, lines)) <= 998
        assert mail.is_dot_free
        assert not any(line.startswith(b".") for line in lines)


def test_every_mail_has_the_same_headers_and_plain_list_headers() -> None:
    for mail, _letter, recipient in run().mails:
        head = mail.content.partition(b"\r\n\r\n")[0].decode()
        headers = re.split(r"\r\n(?![ \t])", head)
        assert [header.partition(":")[0] for header in headers] == HEADERS
        assert f"To: {recipient.address}" in headers
        listed = [header for header in headers if header.startswith("List-")]
        assert not [each for each in listed if "=?" in each or not each.isascii()]
        (leave,) = [each for each in listed if each.startswith("List-Unsubscribe: ")]
        assert re.fullmatch(
            r"List-Unsubscribe: <https://[!-~]+/u/[\w.-]+>, <mailto:u\+[\w.]+@[a-z.-]+>", leave
        )
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in listed
        local, _, domain = mail.sender.partition("@")
        assert domain == "bounce.lantern-weekly.org"
        assert len(local) <= 64


def test_every_mail_reads_back_as_the_letter_with_the_values_of_its_subscriber() -> None:
    for mail, letter, recipient in run().mails:
        text, html = parts_of(mail.content)
        links = find_links(text, letter.text, recipient, is_html=False)
        assert find_links(html, letter.html, recipient, is_html=True) == links
        assert {name: len(found) for name, found in links.items()} == LINKS
        headers = mail.content.partition(b"\r\n\r\n")[0].decode()
        assert f"List-Unsubscribe: <{links['leave_url'].pop()}>" in headers


def test_every_mail_has_the_hash_of_its_body_in_both_signatures() -> None:
    for mail, _letter, _recipient in run().mails:
        head, _, body = mail.content.partition(b"\r\n\r\n")
        expected = base64.b64encode(hashlib.sha256(body).digest())
        assert re.findall(rb"\r\n bh=([^;]+);", head) == [expected, expected]


@pytest.mark.parametrize("verify", [verify_rsa, verify_ed25519])
def test_mails_are_verified_by_dkimpy(verify: object) -> None:
    assert callable(verify)
    for mail, _letter, _recipient in run().mails[::EVERY]:
        assert verify(mail.content)


def test_mails_are_read_by_the_standard_library_as_they_were_meant() -> None:
    for mail, letter, _recipient in run().mails[::EVERY]:
        opened = open_message(mail.content)
        assert [name for name, _value in opened.headers] == HEADERS
        assert dict(opened.headers)["Subject"] == letter.subject
        assert (opened.text, opened.html) == parts_of(mail.content)


def parts_of(content: bytes) -> tuple[str, str]:
    """Return the text and the HTML, read without the library that `open_message` uses."""
    head, _, body = content.partition(b"\r\n\r\n")
    (boundary,) = re.findall(rb'boundary="([^"]+)"', head)
    _, text, html, end = body.split(b"--" + boundary)
    assert end == b"--\r\n"
    bodies = (part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in (text, html))
    read_text, read_html = (binascii.a2b_qp(each).decode().replace("\r\n", "\n") for each in bodies)
    return read_text, read_html


def find_links(
    found: str, words: str, recipient: Recipient, *, is_html: bool
) -> dict[str, set[str]]:
    """Check a part against its letter with the subscriber's values; return the links in it."""
    links = defaultdict(set)
    pieces = PlaceMarks(seed=seed_of(words)).split(words)
    at = 0
    for literal, name in zip(pieces[0::2], map(str.lower, pieces[1::2]), strict=False):
        assert found.startswith(literal, at)
        at += len(literal)
        if name in LINKS:
            link = LINK.match(found, at)
            assert link
            links[name].add(link[0])
            at = link.end()
            continue
        value = value_of(name, recipient)
        printed = escape(value) if is_html else value
        assert found.startswith(printed, at)
        at += len(printed)
    assert found[at:] == pieces[-1]
    return dict(links)


def value_of(name: str, recipient: Recipient) -> str:
    if name == "address":
        return recipient.address
    if name == "since":
        language = recipient.language or "en"
        return joining_words(recipient.joined_at, language=language, timezone="Europe/Paris")[1]
    return Place.of_code(name.removeprefix("own_")).fill(dict(recipient.fields))


def seed_of(words: str) -> str:
    """Return the seed of a letter's own marks: hostile words have those of another."""
    seeds: Iterator[str] = iter(re.findall(r"PLACE_([0-9a-f]{16})_", words))
    return next(seed for seed in seeds if seed != "0123456789abcdef")
