"""Judges the replies that real bounces quote, as if the server had given them to us."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from digest.bounces.parse import parse_mail
from digest.models import Reply
from digest.sender.attempt import Fate
from digest.sender.replies import Phase, Verdict, judge
from tests.corpus.test_bounces_corpus import EXPECTED, FOLDER, read_rows

pytestmark = pytest.mark.skipif(
    not EXPECTED.is_file(), reason="the corpus is not beside this checkout"
)

_REPLY = re.compile(r"(?<![\d.])([45]\d\d)[ -](?!\d\d\d)(.{3,})", re.DOTALL)


def read_replies(folder: Path) -> list[tuple[str, Reply]]:
    """Return each quoted reply with the expected class of its bounce."""
    replies = []
    for row in read_rows():
        reports = parse_mail((folder / row["file"]).read_bytes()).reports
        found = _REPLY.search(reports[0].diagnostic) if len(reports) == 1 else None
        if found:
            text = " ".join(found[2].replace(f"{found[1]}-", " ").split())
            replies.append((row["class"], Reply(code=int(found[1]), text=text)))
    return replies


@pytest.fixture(scope="module")
def judged() -> list[tuple[str, Reply, Verdict]]:
    return [(name, reply, judge(Phase.RCPT, reply)) for name, reply in read_replies(FOLDER)]


def test_no_other_refusal_is_taken_for_a_missing_or_full_mailbox(
    judged: list[tuple[str, Reply, Verdict]],
) -> None:
    classes = {Fate.REFUSED: "hard-recipient", Fate.FULL: "soft-recipient"}
    wrong = [each for each in judged if classes.get(each[2].fate, each[0]) != each[0]]
    assert wrong == []


def test_most_missing_and_full_mailboxes_are_seen(
    judged: list[tuple[str, Reply, Verdict]],
) -> None:
    missing = [verdict.fate for name, _, verdict in judged if name == "hard-recipient"]
    full = [verdict.fate for name, _, verdict in judged if name == "soft-recipient"]
    # The others have codes that count only in a bounce.
    assert missing.count(Fate.REFUSED) >= 0.75 * len(missing) > 0
    assert full.count(Fate.FULL) >= 0.75 * len(full) > 0
