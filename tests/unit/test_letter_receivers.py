"""What the large receivers ask of a mail, value by value."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.letter.letter import write_letter
from digest.letter.printing.headers import list_headers
from digest.letter.printing.opened import open_message
from tests.support.samples import (
    plan_for_all,
    sample_addresser,
    sample_edition,
    sample_facts,
    sample_identity,
    sample_letter,
    sample_recipient,
    sample_renderer,
    sample_site,
)

DATE = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
IDENTITY = replace(sample_identity(), return_domain="bounce.lantern-weekly.org")
MAIL = sample_addresser(IDENTITY).address(sample_letter().pieces, sample_recipient(7), DATE)
HOST = r"https://mail\.lantern-weekly\.org"

WANTED = {
    "From": r'"?The Lantern Weekly"? <digest@lantern-weekly\.org>',
    "To": r"subscriber7@example\.org",
    "Reply-To": r"editor@lantern-weekly\.org",
    "Date": r"Fri, 20 Nov 2026 07:30:00 \+0000",
    "Message-ID": r"<e112\.[0-9a-f]{20}@lantern-weekly\.org>",
    "MIME-Version": r"1\.0",
    "Content-Type": r'multipart/alternative; boundary="[^"]+"',
    "List-Id": r'"The Lantern Weekly" <weekly\.lantern-weekly\.org>',
    "List-Unsubscribe": rf"<{HOST}/u/\S+>, <mailto:u\+112\.7\.\w+@bounce\.lantern-weekly\.org>",
    "List-Unsubscribe-Post": r"List-Unsubscribe=One-Click",
    "List-Post": r"NO",
    "List-Owner": r"<mailto:editor@lantern-weekly\.org>",
    "Auto-Submitted": r"auto-generated",
    "Precedence": r"bulk",
    "X-Auto-Response-Suppress": r"DR, RN, NRN, OOF, AutoReply",
    "Feedback-ID": r"112:weekly:digest:[0-9a-f]{12}",
}


@pytest.mark.parametrize("name", WANTED)
def test_each_header_is_there_once_with_its_value(name: str) -> None:
    (value,) = [value for each, value in open_message(MAIL.content).headers if each == name]
    assert re.fullmatch(WANTED[name], value), value


def test_the_link_to_leave_is_short() -> None:
    link = re.search(
        rf"{HOST}/u/[^>]+", dict(open_message(MAIL.content).headers)["List-Unsubscribe"]
    )
    assert link
    assert len(link[0]) <= 120


def test_the_return_path_names_the_delivery() -> None:
    assert re.fullmatch(r"b\+112\.7\.[a-z2-7]{20}@bounce\.lantern-weekly\.org", MAIL.sender)


def test_text_and_html_have_the_postal_address_and_a_visible_link_to_leave() -> None:
    opened = open_message(MAIL.content)
    for part in (opened.text, opened.html):
        assert "14 Wharf Lane, Tarnmouth TM2 4QX" in " ".join(part.split())
        assert re.search(rf"{HOST}/u/", part)


def test_feedback_names_one_sender_for_all_editions_and_newsletters() -> None:
    edition = sample_edition()
    other = replace(edition, number=113, newsletter="monthly")
    facts = replace(sample_facts(), list_id="monthly.lantern-weekly.org")
    first, second = (
        next(line for line in list_headers(*each) if line.startswith("Feedback-ID: "))
        for each in ((sample_facts(), edition), (facts, other))
    )
    assert first.split(":")[-1] == second.split(":")[-1]
    assert second.startswith("Feedback-ID: 113:monthly:digest:")


def test_the_subject_has_no_controls_and_no_marks_that_turn_its_direction() -> None:
    edition = replace(sample_edition(), number=1)
    variant = replace(plan_for_all(edition), subject="A\u202eb\x1b[31m\tc\r\nBcc: d@e.example")
    letter = write_letter(edition, variant, sample_site(), sample_renderer(), sample_facts())
    mail = sample_addresser().address(letter.pieces, sample_recipient(), DATE)
    headers = open_message(mail.content).headers
    assert dict(headers)["Subject"] == "Ab[31m c Bcc: d@e.example"
    assert "Bcc" not in dict(headers)
