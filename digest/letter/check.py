"""Checks a letter before it is sent: runs every rule and returns one list of findings.

Rule ids are stable because operators search for them. A rule is a function from a `LintContext`
to findings; add a new one to `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from digest.letter.checks.css import check_kept_css, check_support
from digest.letter.checks.footer import check_footer
from digest.letter.checks.images import check_images
from digest.letter.checks.leftovers import check_leftovers
from digest.letter.checks.links import check_links, check_vague_links
from digest.letter.checks.lint_context import LintContext, Present, lay_out
from digest.letter.checks.quotes import check_quotes
from digest.letter.checks.reading import (
    check_contrast,
    check_long_words,
    check_size,
    check_structure,
    check_type_size,
)
from digest.letter.checks.stories import (
    check_balance,
    check_duplicates,
    check_empties,
    check_excerpts,
)
from digest.letter.checks.subject import check_preheader, check_subject
from digest.letter.checks.text_part import check_text_part
from digest.letter.printing.message import Pieces
from digest.letter.printing.site import LetterSite
from digest.models import Edition, Finding, Variant

Rule = Callable[[LintContext], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    check_size,
    check_kept_css,
    check_support,
    check_leftovers,
    check_links,
    check_footer,
    check_images,
    check_structure,
    check_contrast,
    check_type_size,
    check_text_part,
    check_subject,
    check_preheader,
    check_vague_links,
    check_duplicates,
    check_excerpts,
    check_quotes,
    check_empties,
    check_long_words,
    check_balance,
)


def check_letter(
    edition: Edition,
    variant: Variant,
    site: LetterSite,
    pieces: Pieces,
    present: Present = Present(),  # noqa: B008 - frozen
) -> tuple[Finding, ...]:
    """Return the findings about one variant's mail, in the order of the rules.

    A finding with a `post_id` is solved by leaving out its `part` of that story, or the story;
    an error without one blocks the whole edition.

    Args:
        edition: the edition that the variant was planned from.
        variant: the variant as written, after trimming.
        site: the sending site.
        pieces: the variant's mail.
        present: the facts newer than the edition.
    """
    context = lay_out(edition, variant, site, pieces, present)
    return tuple(dict.fromkeys(finding for rule in RULES for finding in rule(context)))
