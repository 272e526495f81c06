from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Reply
from digest.sender.attempt import Fate, Fault
from digest.sender.replies import (
    Phase,
    enhanced_status,
    find_rule,
    is_expected,
    judge,
    queue_id,
    read_words,
)
from digest.sender.reply_rules import load_rules, read_rules
from tests.support.figures import examples, sample
from tests.support.timing import least_seconds

MAIL, RCPT, DATA, CONTENT = Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.CONTENT
FOLDER = Path(__file__).parents[1] / "data" / "replies"
FILES = sorted(FOLDER.glob("*.tsv"))


def read_answer(answer: str) -> Reply:
    return Reply(code=int(answer[:3]), text=answer[4:])


def read_example(example: str) -> tuple[Phase, Reply]:
    phase, _, answer = example.partition(" ")
    return Phase(phase), read_answer(answer)


def read_cases(path: Path) -> list[tuple[Phase, Reply, str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(Phase(phase), read_answer(said), fate, fault) for phase, said, fate, fault in rows]


# --- replies of real form -----------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_reply_has_its_fate_and_its_fault(path: Path) -> None:
    wrong = []
    for phase, reply, fate, fault in read_cases(path):
        verdict = judge(phase, reply)
        if verdict.fate != fate or fault not in ("-", verdict.fault):
            wrong.append((phase, reply, verdict))
    assert wrong == []


def test_the_replies_are_many_and_differ() -> None:
    replies = {(phase, reply) for path in FILES for phase, reply, *_ in read_cases(path)}
    assert len(replies) > 500


# --- the rules and their examples ---------------------------------------------------------------

EXAMPLES = {each["id"]: each for each in read_rules()["rule"]}


@pytest.mark.parametrize("rule_id", EXAMPLES)
def test_a_rule_decides_its_examples_and_no_counterexample(rule_id: str) -> None:
    rule = EXAMPLES[rule_id]
    assert [judge(*read_example(each)).rule for each in rule["is"]] == [rule_id] * len(rule["is"])
    assert rule_id not in [judge(*read_example(each)).rule for each in rule["is_not"]]


@pytest.mark.parametrize("rule_id", EXAMPLES)
def test_without_a_rule_an_example_is_judged_otherwise(rule_id: str) -> None:
    rules = load_rules()
    others = tuple(rule for rule in rules if rule.id != rule_id)
    cases = [read_example(each) for each in EXAMPLES[rule_id]["is"]]
    with_it = [find_rule(phase, reply, rules) for phase, reply in cases]
    without = [find_rule(phase, reply, others) for phase, reply in cases]
    assert [(rule.fate, rule.fault) for rule in with_it] != [
        (rule.fate, rule.fault) for rule in without
    ]


def test_the_ids_of_rules_differ() -> None:
    assert len(EXAMPLES) == len(load_rules())


def test_every_list_of_words_is_used() -> None:
    data = read_rules()
    used = {rule.get(key) for rule in data["rule"] for key in ("says", "names")}
    assert set(data["words"]) == used - {None}


def test_every_pattern_occurs_in_a_reply_or_an_example() -> None:
    replies = [reply for path in FILES for _, reply, *_ in read_cases(path)]
    replies += [read_example(each)[1] for rule in EXAMPLES.values() for each in rule["is"]]
    texts = [text for reply in replies for text in (reply.text, read_words(reply.text))]
    patterns = [each for words in read_rules()["words"].values() for each in words]
    wanted = [re.compile(each, re.IGNORECASE) for each in patterns]
    assert [each.pattern for each in wanted if not any(map(each.search, texts))] == []


HOSTILE = (
    "user " * 13_000,
    "a" * 65_000,
    "a." * 32_500,
    "@" * 65_000,
    "a@" * 32_500,
    "https://" * 8_000,
    "too many a " * 6_000,
    "recipient is " * 5_000 + "x",
    "exceeds the " * 5_400,
    " " * 65_000,
    "-" * 65_000,
    "id=" * 21_000,
    "\u00df" * 65_000,
)


@pytest.mark.proof
@pytest.mark.parametrize("text", sample(HOSTILE), ids=lambda text: text[:8])
def test_a_pattern_needs_no_more_than_linear_time(text: str) -> None:
    def search(chars: int) -> None:
        for rule in load_rules():
            rule.fits("RCPT", "550", "", text[:chars], text[:chars])

    short = least_seconds(lambda: search(8_000), under=0.001)
    assert least_seconds(lambda: search(64_000), under=16 * short) < 40 * short + 0.1


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_a_long_reply_is_judged_at_once(text: str) -> None:
    assert least_seconds(lambda: judge(RCPT, Reply(code=550, text=text)), under=0.1) < 0.5
    assert least_seconds(lambda: queue_id(Reply(code=250, text=text)), under=0.1) < 0.5


# --- any reply ----------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    ["5.1.1", "4.2.2", "5.2.2", "user", "unknown", "mailbox full", "quota", "IP", "too many", "no"]
)
_TEXTS = st.text(max_size=60) | st.lists(_WORDS, max_size=6).map(" ".join)


@examples(200)
@given(phase=st.sampled_from(Phase), code=st.integers(0, 999), text=_TEXTS)
def test_only_a_permanent_refusal_of_the_recipient_or_the_mail_fails_a_delivery(
    phase: Phase, code: int, text: str
) -> None:
    verdict = judge(phase, Reply(code=code, text=text))
    if verdict.fate in (Fate.REFUSED, Fate.FULL):
        assert phase in (RCPT, CONTENT)
        assert 500 <= code < 600
        assert verdict.fault is Fault.RECIPIENT
    if verdict.fault is Fault.RECIPIENT:
        assert verdict.fate in (Fate.REFUSED, Fate.FULL, Fate.TRANSIENT, Fate.RETURNED)
    if verdict.fate is Fate.SENT:
        assert (phase, code // 100) == (CONTENT, 2)
    assert (verdict.fault is Fault.NONE) == (not 400 <= code < 600)


@pytest.mark.parametrize(
    "words",
    [
        "blocked by policy",
        "IP listed at bl.example",
        "too many mails",
        "spam",
        "virus found",
        "SPF",
    ],
)
@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.2.2", ""])
def test_words_of_policy_rates_and_content_overrule_every_code(status: str, words: str) -> None:
    reply = Reply(code=550, text=f"{status} no such user: {words}".strip())
    assert judge(RCPT, reply).fate is Fate.POLICY


# --- the step, the status code, the queue id ----------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "code", "goes_on"),
    [
        (MAIL, 250, True),
        (RCPT, 251, True),
        (DATA, 354, True),
        (DATA, 250, False),
        (RCPT, 354, False),
        (MAIL, 450, False),
    ],
)
def test_only_the_expected_answer_continues_the_transaction(
    phase: Phase, code: int, goes_on: bool
) -> None:
    assert is_expected(phase, Reply(code=code, text="")) is goes_on


@pytest.mark.parametrize(
    ("text", "status"),
    [("5.7.515 no", "5.7.515"), ("no 5.7.1", ""), ("", ""), ("5.7.1x", ""), ("3.1.1 no", "")],
)
def test_an_enhanced_status_is_read_at_the_start_only(text: str, status: str) -> None:
    assert enhanced_status(Reply(code=550, text=text)) == status


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("250 2.0.0 Ok: queued as 4F1B2", "4F1B2"),
        ("250 OK id=1tXaBc-0007Yz-2D", "1tXaBc-0007Yz-2D"),
        ("250 2.0.0 OK  1700000000 d9443c01a7336-1cf.12 - gsmtp", "d9443c01a7336-1cf.12"),
        ("250 Ok 0102018f3c2b1a2d-1a2b3c4d-5e6f-000000", "0102018f3c2b1a2d-1a2b3c4d-5e6f-000000"),
        ("250 2.6.0 <a@x.example> [InternalId=812, Hostname=D.x.example] Queued mail", "812"),
        ("250 2.0.0 qBA1b2c3012345 Message accepted for delivery", "qBA1b2c3012345"),
        ("250 ok 1376056636 qp 12345", "12345"),
        ("250 2.0.0 <the recipient> xk3vLmN Saved", "xk3vLmN"),
        ("250 Message Queued (3F2A.1)", "3F2A.1"),
        ("250 2.0.0 Message accepted for delivery", ""),
        ("250 ok dirdel", ""),
        ("250 2.0.0 OK", ""),
        ("250", ""),
        ("550 id=1tXaBc", ""),
    ],
)
def test_the_queue_id_of_an_accepting_reply_is_found(answer: str, found: str) -> None:
    assert queue_id(read_answer(answer)) == found
