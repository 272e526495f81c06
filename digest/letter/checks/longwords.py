"""E19: words too long for a phone, in programs that break none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.letter.checks.lint_context import LintContext
from digest.models import Finding

MAX_RUN = 40
# Lines end at blanks and dashes anywhere, and between any two characters of scripts that part
# words by neither: Thai to Khmer, Chinese, Japanese, Korean.
_RUN = re.compile(
    rf"[^\s\u00ad\u200b\-‐–—\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af"
    rf"\uf900-\ufaff\uff00-\uffef]{{{MAX_RUN + 1},}}"
)


def check_long_words(context: LintContext) -> Iterator[Finding]:
    """E19: an unbroken run of more than 40 characters in what is shown."""
    for run in dict.fromkeys(run for words in context.page.texts for run in _RUN.findall(words)):
        if run != context.subscriber.address:
            text = f"{len(run)} characters without a break; phones may cut it off"
            yield Finding(rule="E19", is_error=False, place=f"“{run[:60]}”", text=text)
