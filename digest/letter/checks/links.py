"""E05, E14: check that links work, that their targets are clear, and that their text says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from digest.letter.checks.dom import Link
from digest.letter.checks.lint_context import LintContext
from digest.models import Finding, Story

MAX_OWN_URL = 120
#: Link texts that mean nothing if a screen reader reads only the links of a mail.
_VAGUE = frozenset(
    words.strip()
    for words in """click here|here|read more|more|link|this|learn more|continue reading
    |hier|hier klicken|mehr|weiterlesen|ici|cliquez ici|lire la suite|en savoir plus
    |aquí|haz clic aquí|leer más|más|здесь|нажмите здесь|читать далее|подробнее
    |hier klikken|lees meer|qui|clicca qui|leggi di più|aqui|clique aqui|leia mais
    |こちら|ここをクリック|続きを読む|点击这里|阅读更多""".split("|")  # noqa: SIM905
)


def check_links(context: LintContext) -> Iterator[Finding]:
    """E05: links of stories, our own links, and equal texts with different targets."""
    foreign: set[str] = set()
    for story in context.stories:
        links = _links_of(story)
        foreign |= {_key(href) for href in links}
        for href, part in sorted(links.items()):
            yield from _check_foreign(href, story, part, context)
    for story in context.titles:
        foreign.add(_key(story.url))
        yield from _check_foreign(story.url, story, "", context)
    for href in sorted({link.href for link in context.page.links}):
        if _key(href) not in foreign:
            yield from _check_own(href, context)
    # The names of commenters and other feeds may link to several targets.
    names = {href for story in context.stories for href in _links_of(story)} - {
        story.url for story in context.stories
    }
    yield from _check_targets(link for link in context.page.links if link.href not in names)


def check_vague_links(context: LintContext) -> Iterator[Finding]:
    """E14: link texts such as "click here" need a label with more information."""
    foreign = context.foreign_words
    for link in dict.fromkeys(context.page.links):
        words = link.text.strip(" .,:!?…‹›«»<>→[]()").casefold()
        # A post or a commenter may have such a name.
        if words in _VAGUE and not link.label and link.text not in foreign:
            text = f"the text “{link.text}” does not name the target; fix the template or the text"
            yield Finding(rule="E14", is_error=True, place=f"link {link.href[:120]!r}", text=text)


def _links_of(story: Story) -> dict[str, str]:
    """Return the links of a story and its parts, each with the name of its part."""
    others = {place.url: f"also:{place.post_id}" for place in story.also_at}
    quotes = {quote.url: f"link:{quote.comment_id}" for quote in story.quotes if quote.url}
    return others | quotes | {story.url: ""}


def _key(href: str) -> str:
    """Return a link without escapes and fragment, equal for the page and the feed."""
    return unquote(href.partition("#")[0])


def _check_foreign(href: str, story: Story, part: str, context: LintContext) -> Iterator[Finding]:
    fault = _fault(href, ("https", "http"))
    if fault:
        yield _finding(href, fault, post_id=story.post_id, part=part)
    elif not context.site.is_development and not href.lower().startswith("https:"):
        yield _finding(href, "not https", is_error=False, post_id=story.post_id, part=part)


def _check_own(href: str, context: LintContext) -> Iterator[Finding]:
    schemes = ("https", "http") if context.site.is_development else ("https",)
    fault = _fault(href, schemes)
    if fault:
        yield _finding(href, fault)
    elif len(href) > MAX_OWN_URL:
        yield _finding(href, f"longer than {MAX_OWN_URL} characters", is_error=False)


def _fault(href: str, schemes: tuple[str, ...]) -> str:
    """Return why the link cannot be followed; empty if it can."""
    if any(character.isspace() for character in href):
        return "contains spaces or line breaks"
    if not href or href.startswith("#"):
        return "is empty, or leads to a place in the mail, which many mail programs ignore"
    try:
        parts = urlsplit(href)
    except ValueError:
        return "not a valid address"
    if parts.scheme not in schemes:
        return f"not {' or '.join(schemes)}"
    return "" if parts.hostname else "relative"


def _check_targets(links: Iterable[Link]) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for link in links:
        name = (link.text, link.label)
        if link.text and first.setdefault(name, link.href) != link.href:
            text = f"another link with the text “{link.text}” has a different target"
            yield _finding(link.href, text, is_error=False)


def _finding(
    href: str, text: str, *, is_error: bool = True, post_id: int = 0, part: str = ""
) -> Finding:
    place = f"link {href[:120]!r}"
    return Finding(
        rule="E05", is_error=is_error, place=place, text=text, post_id=post_id, part=part
    )
