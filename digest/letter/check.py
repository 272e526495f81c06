"""What is wrong with a letter before it goes out: every rule, one list of findings.

Ids are stable: operators silence and search by them. A rule is a function from an exhibit to its
findings; a new one joins `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from digest.letter.checks.exhibit import Exhibit, lay_out
from digest.letter.checks.footer import check_footer
from digest.letter.checks.leftovers import check_leftovers
from digest.letter.checks.links import check_links
from digest.letter.checks.reading import check_contrast, check_structure, check_type_size
from digest.letter.checks.size import check_size
from digest.letter.checks.subject import check_subject
from digest.letter.checks.text_part import check_text_part
from digest.letter.message import Pieces
from digest.letter.site import LetterSite
from digest.models import Edition, Finding, Variant

Rule = Callable[[Exhibit], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    check_size,
    check_leftovers,
    check_links,
    check_footer,
    check_structure,
    check_contrast,
    check_type_size,
    check_text_part,
    check_subject,
)


def check_letter(
    edition: Edition, variant: Variant, site: LetterSite, pieces: Pieces
) -> tuple[Finding, ...]:
    """List the faults of one variant, as a reader would get it, in the order of the rules.

    A finding with a `post_id` goes away when that story is left out; one without holds the
    whole edition.
    """
    exhibit = lay_out(edition, variant, site, pieces)
    return tuple(dict.fromkeys(finding for rule in RULES for finding in rule(exhibit)))
