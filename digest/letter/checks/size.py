"""E01: mail programs cut long messages, and the footer with the way out is last."""

from __future__ import annotations

from collections.abc import Iterator

from digest.letter.checks.lint_context import LintContext
from digest.models import Finding

WARN_BYTES = 60_000
#: Gmail clips from about 102,000.
MAX_BYTES = 90_000


def check_size(context: LintContext) -> Iterator[Finding]:
    """E01: bytes of the HTML, and what was cut to make it so few."""
    size, trims = len(context.mail.html.encode()), context.variant.trims
    if size > WARN_BYTES or trims:
        text = f"{size:,} bytes; Gmail clips from 102,000, so show fewer posts a section"
        text += f"; cut to fit: {'; '.join(trims)}" if trims else ""
        yield Finding(rule="E01", is_error=size > MAX_BYTES, place="HTML", text=text)
