"""Asks the installed judge of a newsletter, in a thread of its own and within a time limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread

from digest.config.judges import installed_judges
from digest.models import CommentJudge, JudgedComment, Verdict, VerdictKind
from digest.pipeline.judging import Judgement
from digest.text.counted import counted

#: Time limit for an answer, in seconds.
LIMIT_S = 60.0
#: Time limit for the first answer, because a judge may load a model first.
FIRST_LIMIT_S = 180.0
#: Characters kept of a reason or an error.
_MAX_REASON = 200


def installed_judge(name: str) -> TimedJudge:
    """Return the judge with this name in `policy.judge`; it is not imported yet."""
    return TimedJudge(lambda: installed_judges()[name].load(), name=name)


class TimedJudge:
    """A judge of comments, asked within a time limit.

    It is imported when it is first asked. A judge that does not answer in time goes on in its
    thread, and is not asked again before it has ended.
    """

    def __init__(
        self,
        load: Callable[[], CommentJudge],
        *,
        name: str = "",
        limit_s: float = LIMIT_S,
        first_limit_s: float = FIRST_LIMIT_S,
    ) -> None:
        self._load, self._name = load, name
        self._limit_s, self._first_limit_s = limit_s, first_limit_s
        self._judge: CommentJudge | None = None
        self._thread: Thread | None = None

    def ask(self, comments: Sequence[JudgedComment]) -> Judgement:
        """Return the judge's answer about comments; its failures are answers too."""
        if self._thread is not None and self._thread.is_alive():
            return Judgement(problem="is still busy with an earlier question")
        limit_s = self._limit_s if self._judge else self._first_limit_s
        answers: SimpleQueue[Judgement] = SimpleQueue()
        self._thread = Thread(
            target=lambda: answers.put(self._answer(tuple(comments))),
            name=f"judge {self._name}",
            daemon=True,  # a judge that hangs must not keep the process alive
        )
        self._thread.start()
        try:
            return answers.get(timeout=limit_s)
        except Empty:
            return Judgement(problem=f"did not answer within {limit_s:g} s")

    def _answer(self, comments: tuple[JudgedComment, ...]) -> Judgement:
        # Code of others may raise anything; whatever it is, the comments are held.
        try:
            self._judge = self._judge or self._load()
            return check_answer(self._judge(comments), len(comments))
        except Exception as error:
            return Judgement(problem=f"failed ({_shorten(f'{type(error).__name__}: {error}')})")


def check_answer(answer: object, count: int) -> Judgement:
    """Return what a judge said about `count` comments; a problem if it is no answer to that."""
    verdicts = tuple(answer) if isinstance(answer, Sequence) else (None,)
    if not all(isinstance(each, Verdict) for each in verdicts):
        return Judgement(problem="gave an answer that is not a list of verdicts")
    if len(verdicts) != count:
        return Judgement(
            problem=f"gave {counted(len(verdicts), 'verdict')} about {counted(count, 'comment')}"
        )
    return Judgement(
        verdicts=tuple(
            Verdict(kind=VerdictKind(each.kind), reason=_shorten(each.reason)) for each in verdicts
        )
    )


def _shorten(text: str) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _MAX_REASON else f"{line[: _MAX_REASON - 1]}…"
