"""The judge of comments that docs/top-comments.md shows, with its library."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from digest.app.judging import TimedJudge
from digest.models import JudgedComment, VerdictKind

_DOCS = Path(__file__).parents[2] / "docs" / "top-comments.md"


def comment(text: str) -> JudgedComment:
    return JudgedComment(
        author="Ruth", text=text, language="en", post_title="A bridge", post_url=""
    )


def test_the_judge_of_the_docs_holds_profanity_and_lets_the_rest_pass(tmp_path: Path) -> None:
    pytest.importorskip("glin_profanity", reason="its library is not installed")
    (code,) = re.findall(r"```python\n(.*?)```", _DOCS.read_text("utf-8"), re.DOTALL)
    module = tmp_path / "house_judge.py"
    module.write_text(code)
    names = runpy.run_path(str(module))
    judge = TimedJudge(lambda: names["judge"])
    answer = judge.ask(
        [
            comment("The Dampfschiff was late again, and the bridge is a hell of a good piece."),
            comment("What the fuck did they think when they closed the bridge?"),
        ]
    )
    assert answer.problem == ""
    assert [each.kind for each in answer.verdicts] == [VerdictKind.PRINT, VerdictKind.HOLD]
    assert "fuck" in answer.verdicts[1].reason
