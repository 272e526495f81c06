from __future__ import annotations

import csv
import json
import time
from collections import Counter
from pathlib import Path

import pytest

from digest.bounces.classes import BounceClass, Effect, Verdict
from digest.bounces.judge import judge_mail
from digest.bounces.parse import Mail, parse_mail
from digest.bounces.webhooks import sendgrid, ses
from digest.bounces.webhooks.request import Fields, read_object

FOLDER = Path(__file__).parents[3] / "shared" / "corpus"
EXPECTED = FOLDER / "expected-bounces.csv"

pytestmark = pytest.mark.skipif(
    not EXPECTED.is_file(), reason="the corpus is not beside this checkout"
)


def read_rows() -> list[dict[str, str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"] != "provider-json"]


@pytest.fixture(scope="module")
def judged() -> list[tuple[dict[str, str], Mail, Verdict, float]]:
    result = []
    for row in read_rows():
        raw = (FOLDER / row["file"]).read_bytes()
        begun = time.process_time()
        mail = parse_mail(raw)
        verdicts = judge_mail(mail)
        result.append((row, mail, verdicts[0], time.process_time() - begun))
    return result


def test_sure_mails_are_judged_right(
    judged: list[tuple[dict[str, str], Mail, Verdict, float]],
) -> None:
    right: Counter[str] = Counter()
    sure = [each for each in judged if each[0]["confidence"] == "sure"]
    for row, mail, verdict, _ in sure:
        right["kind"] += mail.kind == row["kind"]
        right["class"] += verdict.bounce_class == row["class"]
    assert right["kind"] >= 0.98 * len(sure)
    assert right["class"] >= 0.98 * len(sure)


def test_no_subscriber_is_wrongly_suppressed(
    judged: list[tuple[dict[str, str], Mail, Verdict, float]],
) -> None:
    wrong = [
        row["file"]
        for row, _, verdict, _ in judged
        if verdict.bounce_class is BounceClass.HARD
        and row["class"] != "hard-recipient"
        and "mixed" not in row["why"]
    ]
    assert wrong == []


def test_mails_that_mean_nothing_change_no_subscriber(
    judged: list[tuple[dict[str, str], Mail, Verdict, float]],
) -> None:
    wrong = [
        row["file"]
        for row, _, verdict, _ in judged
        if row["class"] == "none" and verdict.effect is not Effect.NOTHING
    ]
    assert wrong == []


def test_every_sure_complaint_is_found(
    judged: list[tuple[dict[str, str], Mail, Verdict, float]],
) -> None:
    missed = [
        row["file"]
        for row, _, verdict, _ in judged
        if row["class"] == "complaint" and verdict.effect is not Effect.LEAVE_ALL
    ]
    assert missed == []


def provider_verdicts(file: Path) -> list[BounceClass]:
    """Return the classes of a file of events; the older lists of bounces have no `event`."""
    raw = file.read_bytes()
    if "amazonses" in file.name:
        told = read_object(raw)
        inner = told.text("Message", most=300_000)
        mails = list(ses.read_event(read_object(inner) if inner else told))
    else:
        events = (Fields({"event": "bounce", **event}) for event in json.loads(raw))
        mails = [mail for event in events for mail in sendgrid.read_event(event)]
    return [judge_mail(mail)[0].bounce_class for mail in mails]


def test_events_of_providers_are_judged_right() -> None:
    wrong = []
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].endswith(".json")]
    for row in rows:
        found = provider_verdicts(FOLDER / row["file"]) or [BounceClass.NONE]
        if row["confidence"] != "unsure" and found[0] != row["class"]:
            wrong.append(row["file"])
    assert len(rows) > 20
    assert wrong == []


def test_every_mail_is_read_within_two_seconds(
    judged: list[tuple[dict[str, str], Mail, Verdict, float]],
) -> None:
    assert max(seconds for *_, seconds in judged) < 2
