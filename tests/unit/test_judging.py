"""The newsletter's own judge of comments, within its time limit."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event
from time import sleep

from digest.app.judging import TimedJudge
from digest.models import CommentJudge, JudgedComment, Verdict, VerdictKind

COMMENT = JudgedComment(
    author="Ruth", text="Words.", language="en", post_title="A bridge", post_url=""
)


def test_reasons_are_one_short_line() -> None:
    verdict = Verdict(kind=VerdictKind.HOLD, reason="a  long\nreason " * 100)
    (answer,) = TimedJudge(lambda: lambda _: [verdict]).ask([COMMENT]).verdicts
    assert answer.reason.startswith("a long reason a long")
    assert len(answer.reason) == 200


def test_a_judge_that_cannot_be_loaded_is_a_failure() -> None:
    def load() -> CommentJudge:
        raise ImportError("no module named weights")

    answer = TimedJudge(load).ask([COMMENT])
    assert (answer.verdicts, answer.problem) == (
        (),
        "failed (ImportError: no module named weights)",
    )


def test_a_judge_that_hangs_is_left_after_its_time_and_not_asked_again_meanwhile() -> None:
    go_on, calls = Event(), []

    def judge(comments: Sequence[JudgedComment]) -> Sequence[Verdict]:
        calls.append(len(comments))
        go_on.wait(60)
        return [Verdict(kind=VerdictKind.PRINT)] * len(comments)

    timed = TimedJudge(lambda: judge, limit_s=60, first_limit_s=0.05)
    assert timed.ask([COMMENT]).problem == "did not answer within 0.05 s"
    assert timed.ask([COMMENT]).problem == "is still busy with an earlier question"
    go_on.set()
    while (answer := timed.ask([COMMENT])).problem == "is still busy with an earlier question":
        sleep(0.01)
    assert answer.verdicts == (Verdict(kind=VerdictKind.PRINT),)
    assert calls == [1, 1]
