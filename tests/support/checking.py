"""Letters with one fault, for the rules of `check`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from digest.letter.check import check_letter
from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter
from digest.letter.printing.message import Pieces, PlaceMarks, compile_letter
from digest.letter.printing.site import LetterSite
from digest.models import Edition, Finding
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_facts,
    sample_letter,
    sample_site,
    sample_story,
)

#: A sound excerpt and a sound comment.
WORDS = "Four councils along the estuary could not each afford a night crew, so they drew a map."
SAID = "I drove one of those engines for eleven years, and the map was never the hard part."


def found(
    rule: str,
    *,
    edition: Edition | None = None,
    html: tuple[str, str] = ("", ""),
    text: tuple[str, str] = ("", ""),
    site: LetterSite | None = None,
    present: Present | None = None,
    **variant: Any,
) -> list[Finding]:
    """Return the findings of a rule in a letter in which some words were replaced.

    Args:
        rule: the rule's id.
        edition: the edition; the sample's by default.
        html: words of the HTML and their replacements.
        text: the same for the text part.
        site: the site that sends.
        present: the facts at the time of the check.
        variant: changed fields of the variant; the pages stay unchanged.
    """
    edition = edition or sample_edition()
    planned = replace(plan_for_all(edition), **variant)
    pieces = change(sample_letter(edition), edition, html, text)
    findings = check_letter(edition, planned, site or sample_site(), pieces, present or Present())
    return [finding for finding in findings if finding.rule == rule]


def change(
    letter: Letter, edition: Edition, html: tuple[str, str], text: tuple[str, str]
) -> Pieces:
    """Return the pieces of a letter in which some words were replaced."""
    for words, part in ((html[0], letter.html), (text[0], letter.text)):
        assert words in part
    return compile_letter(
        subject=letter.subject,
        html=letter.html.replace(*html) if html[0] else letter.html,
        text=letter.text.replace(*text) if text[0] else letter.text,
        edition=edition,
        facts=sample_facts(),
        marks=PlaceMarks(seed=letter.text.partition("PLACE_")[2][:16]),
    )


def with_story(**changes: Any) -> Edition:
    """Return an edition of two stories, the first of them changed."""
    first = sample_story(1, **{"excerpt": WORDS, **changes})
    return sample_edition(stories=(first, sample_story(2, excerpt=WORDS)))
