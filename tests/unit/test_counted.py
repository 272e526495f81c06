"""Counts with their nouns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from digest.text.counted import counted


@pytest.mark.parametrize(
    ("count", "words", "shown"),
    [
        (1, ("mail",), "1 mail"),
        (0, ("mail",), "0 mails"),
        (2, ("mail",), "2 mails"),
        (1, ("story", "stories"), "1 story"),
        (0, ("story", "stories"), "0 stories"),
        (12, ("story", "stories"), "12 stories"),
    ],
)
def test_a_noun_is_singular_after_one_only(count: int, words: tuple[str, ...], shown: str) -> None:
    assert counted(count, *words) == shown


# --- texts of the program -------------------------------------------------------------------------

_ROOT = Path(__file__).parents[2]
#: Nouns that the program counts; a noun that is missing here is not checked.
_NOUNS = (
    "addresses|answers|categories|cells|characters|comments|connections|days|deliveries|editions"
    "|errors|excerpts|feeds|fields|files|hours|letters|links|lookups|mailboxes|mails|minutes|months"
    "|pages|people|persons|pictures|posts|problems|quotes|records|rows|seconds|slots|stories"
    "|subscribers|targets|times|tokens|tries|variants|verdicts|votes|warnings|webhooks|weeks"
    "|windows|words|workers"
)
#: A count was just printed, and these words follow it.
_PLURAL = re.compile(rf" (?:[a-z-]+ )?(?:{_NOUNS})\b")
#: Words after the noun that say that there are too many of it: then there are several.
_TOO_MANY = re.compile(r"at most|shorten|but phones|without a break|in one feed|which counts")
#: Counts that are never 1 where they are printed, and words that are no nouns there, by file.
_FINE = {
    "rates.py": ("mailed",),  # a rate needs several
    "form.py": ("len(loud)", "links", "len(whole)"),  # more than a comment may have
    "standing.py": ("len(comment.text)",),
    "weigh.py": ("count",),  # not once, not twice
    "summary.py": ("rate",),
    "stories.py": ("sum(sizes.values())", "times[story.post_id]"),
    "mail_dns.py": ("lookups", "len(found)"),
    "missed.py": ("len(missed)",),
    "orders.py": ("waited // timedelta(hours=1)",),  # a day at least
    "compose.py": ("rules.min_posts",),  # with 1, none waits
    "agenda.py": ("hours // 24",),
    "brakes.py": ("self.refusals",),
    "relays.py": ("rate",),  # with a decimal
    "resolve.py": ("gets",),
    "values.py": ("value",),
    "web.py": ("base_url",),
    "accounts.py": ("counted(elsewhere, 'new post is', 'new posts are')",),
    "show.html.j2": ("home.coming.weeks", "report.editions | length"),
    "choose.html.j2": ("found | length",),
    "source.html.j2": ("proof.message.html | length",),
    "live.html.j2": ("progress.rate | round | int",),
    "mails.html.j2": ("state | capitalize",),
}


def _counts_of_code() -> Iterator[tuple[str, str, str]]:
    """Yield the place, the expression and the next words of each count before a plural."""
    for path in sorted([*_ROOT.glob("digest/**/*.py"), *_ROOT.glob("subscribers/**/*.py")]):
        tree = ast.parse(path.read_text("utf-8"))
        #: Texts of which one is chosen by the count.
        chosen = {
            id(part)
            for each in ast.walk(tree)
            if isinstance(each, ast.IfExp) and re.search(r"(==|>) 1$", ast.unparse(each.test))
            for part in ast.walk(each)
        }
        for each in ast.walk(tree):
            if not isinstance(each, ast.JoinedStr) or id(each) in chosen:
                continue
            for value, words in pairwise(each.values):
                if isinstance(value, ast.FormattedValue) and isinstance(words, ast.Constant):
                    place = f"{path.relative_to(_ROOT)}:{value.lineno}"
                    yield place, ast.unparse(value.value), str(words.value)


def _counts_of_templates() -> Iterator[tuple[str, str, str]]:
    for path in sorted((_ROOT / "templates" / "web").rglob("*.j2")):
        for found in re.finditer(r"\{\{ ([^{}]+?)(?: \| grouped)? \}\}([^{}]+)", path.read_text()):
            yield str(path.relative_to(_ROOT)), found[1], found[2]


def test_every_noun_after_a_count_agrees_with_it() -> None:
    constant = re.compile(r"(?:\w+\.)*_?[A-Z][A-Z_]+")
    code = [each for each in _counts_of_code() if not constant.fullmatch(each[1])]
    assert len(code) > 1000
    wrong = [
        each
        for each in (*code, *_counts_of_templates())
        if (noun := _PLURAL.match(each[2]))
        and each[1] not in _FINE.get(each[0].rpartition("/")[2].partition(":")[0], ())
        and not _TOO_MANY.search(each[2][noun.end() :])
    ]
    assert wrong == [], "print them with `counted`, or with two words and a condition"
