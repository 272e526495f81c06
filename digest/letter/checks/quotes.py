"""E17: check that quoted comments are whole, named, few, and not deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.letter.checks.lint_context import LintContext, Present
from digest.letter.plain import one_line, shorten
from digest.letter.printing.presentation import MAX_QUOTE_NAME
from digest.models import PICKED, Finding, Quote, Story
from digest.text.counted import counted
from digest.text.sentences import ends_sentence, is_paired

MIN_CHARS = 40
MAX_CHARS = 280
MAX_QUOTES = 2
#: Follows the last quoted sentence if the comment is longer.
_CONTINUES = " …"

_OPEN_ENDS = tuple(",;:–—-(&/")
_ADDRESS = re.compile(
    r"[^\s@]{1,64}\s?(?:@|\(at\)|\[at\])\s?[^\s@.]{1,63}(?:\.|\(dot\)|\[dot\])\w", re.IGNORECASE
)
_PINGBACK = re.compile(
    r"\s*(?:pingback|trackback)\s*:|\s*\[(?:…|\.{3})\].*\[(?:…|\.{3})\]\s*$", re.IGNORECASE
)


def check_quotes(context: LintContext) -> Iterator[Finding]:
    """E17: each quote, and the quotes of one story together."""
    for story in context.stories:
        for place, quote in enumerate(story.quotes):
            faults = [
                *_faults_of(quote, context.present),
                *_faults_beside(quote, story.quotes[:place]),
            ]
            for fault in faults:
                yield _finding(story, quote, fault)


def _faults_of(quote: Quote, present: Present) -> Iterator[str]:
    if quote.comment_id in present.gone_comments:
        yield "the comment was deleted"
    if quote.comment_id in present.refused_comments:
        yield "an editor refused the comment"
    if _PINGBACK.match(quote.name) or _PINGBACK.match(quote.text):
        yield "a pingback, not a comment"
    yield from faults_of_words(one_line(quote.text))
    name = one_line(quote.name)
    if len(name) > MAX_QUOTE_NAME:
        yield f"the name has {len(name)} characters, allowed are at most {MAX_QUOTE_NAME}"
    if _ADDRESS.search(name):
        yield "the name is an e-mail address"


def faults_of_words(text: str) -> Iterator[str]:
    """Yield what is wrong with the words of a quote, in one line."""
    said = text.removesuffix(_CONTINUES)
    if len(said) < MIN_CHARS or len(text) > MAX_CHARS:
        yield f"{counted(len(text), 'character')}, allowed are {MIN_CHARS} to {MAX_CHARS}"
    is_cut = said != text
    if said.endswith(_OPEN_ENDS) or (is_cut and not ends_sentence(said)):
        yield "ends in the middle of a sentence"
    if not is_paired(said):
        yield "a quotation mark or bracket is not closed"


def _faults_beside(quote: Quote, before: tuple[Quote, ...]) -> Iterator[str]:
    if len(before) >= MAX_QUOTES:
        yield f"more than {MAX_QUOTES} quotes for one post"
    # An editor may pick two comments of one person.
    others = {_name_of(other) for other in before if other.reason.code != PICKED}
    if quote.reason.code != PICKED and _name_of(quote) in others - {""}:
        yield "another quote of this post has the same name"


def _name_of(quote: Quote) -> str:
    return one_line(quote.name).casefold()


def _finding(story: Story, quote: Quote, text: str) -> Finding:
    return Finding(
        rule="E17",
        is_error=True,
        place=f"quote “{shorten(one_line(quote.text), 60)}”",
        text=text,
        post_id=story.post_id,
        part=f"quote:{quote.comment_id}",
    )
