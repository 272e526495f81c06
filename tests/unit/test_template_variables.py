"""Each documented template variable exists, and the shipped templates use no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from digest.errors import TemplateError
from digest.letter.printing.local import FILTERS
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.presentation import build_view
from digest.letter.printing.render import MAIL_TEMPLATE, NOTE_TEMPLATE, NOTICE_TEMPLATE, Renderer
from digest.letter.printing.view import ArchiveView, LetterView, NeighbourView, NoteView, NoticeView
from digest.resources import templates_dir
from tests.support.every_block import full_edition, full_variant
from tests.support.samples import sample_site

PAGE = Path(__file__).parents[2] / "docs" / "template-variables.md"
_ROW = re.compile(r"^\| `([a-z_]+(?:\.[a-z_]+)+)` \| (.+) \|$", re.MULTILINE)
_STORIES = (
    "{% for section in letter.sections %}{% for story in [letter.lead] + section.stories | list %}"
)
#: How a template gets each name that the page uses in addition to `letter`.
LOOPS = {
    "line": "{% for line in letter.contents %}",
    "section": "{% for section in letter.sections %}",
    "story": _STORIES,
    "quote": _STORIES + "{% for quote in story.quotes %}",
    "place": _STORIES + "{% for place in story.also_at %}",
    "choice": "{% for choice in letter.poll.choices %}",
    "answer": "{% for answer in letter.poll_results.answers %}",
    "block": "{% for block in letter.custom %}",
}
NOTHING = ("", "()", "0", "None")
#: Descriptions of variables that are empty in some letters.
_MAY_BE_NOTHING = re.compile(r"may be (empty|none)|or none|empty (on|if|without)|; 0")


def documented() -> dict[str, str]:
    """Return the variables of the page's tables, with their descriptions."""
    return dict(_ROW.findall(PAGE.read_text(encoding="utf-8")))


def letter_view() -> LetterView:
    edition = full_edition()
    site = replace(sample_site(), has_archive=True)
    marks = PlaceMarks(seed="0123456789abcdef")
    view = build_view(edition, full_variant(edition), site, marks)
    page = site.archive_url("weekly")
    archive = ArchiveView(
        url=f"{page}/112",
        feed=f"{page}/feed.xml",
        image_url="https://lantern.example/img/a.jpg",
        published="2026-11-20T12:00:00+00:00",
        is_indexed=True,
        older=NeighbourView(number=111, url=f"{page}/111"),
        newer=NeighbourView(number=113, url=f"{page}/113"),
    )
    return replace(view, archive=archive)


def notice_view() -> NoticeView:
    return NoticeView(
        headline="Edition 4 is late",
        lines=("Look at it.",),
        site="Heritage",
        base_url="https://digest.heritage.org",
    )


def note_view() -> NoteView:
    return NoteView(
        language="en",
        direction="ltr",
        title="The Lantern",
        home_url="https://lantern.example.org/",
        subject="Confirm your subscription",
        heading="One click",
        paragraphs=("Somebody asked for it.",),
        button="Confirm",
        url="https://digest.heritage.org/c/x",
        links=(("Leave The Lantern", "https://digest.heritage.org/u/x"),),
        small=("Or do nothing.",),
        postal_address="1 Hill Road",
        theme=letter_view().theme,
    )


@pytest.fixture(scope="module")
def letter() -> LetterView:
    return letter_view()


def render(folder: Path, source: str, letter: LetterView) -> str:
    """Run a template as if the operator had put it into the template folder."""
    for name in (MAIL_TEMPLATE, NOTICE_TEMPLATE, NOTE_TEMPLATE):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, "utf-8")
    renderer = Renderer((folder, templates_dir()))
    if "note." in source:
        return renderer.render_note(note_view())
    if "notice." in source:
        return renderer.render_notice(notice_view())
    return renderer.render_mail(letter)


def printing(variable: str) -> str:
    """Return a template that prints each occurrence of a variable between `<<` and `>>`."""
    opening = LOOPS.get(variable.partition(".")[0], "")
    closing = "{% endfor %}" * opening.count("{% for")
    return f"{opening}<<{{{{ {variable} }}}}>>{closing}"


def test_the_page_is_read_whole() -> None:
    rows = re.findall(r"^\| `(\w+\.[^`/|]*)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert list(documented()) == rows
    assert len(rows) >= 75


@pytest.mark.parametrize("variable", documented())
def test_a_documented_variable_exists_and_is_described(
    tmp_path: Path, letter: LetterView, variable: str
) -> None:
    shown = re.findall(r"<<(.*?)>>", render(tmp_path, printing(variable), letter), re.DOTALL)
    said = [words not in NOTHING for words in shown]
    assert any(said)
    assert all(said) or _MAY_BE_NOTHING.search(documented()[variable])


@pytest.mark.parametrize("variable", ["letter.headline", "story.body", "quote.email", "notice.to"])
def test_an_undocumented_variable_is_an_error(
    tmp_path: Path, letter: LetterView, variable: str
) -> None:
    with pytest.raises(TemplateError, match=variable.partition(".")[2]):
        render(tmp_path, printing(variable), letter)


# --- the shipped templates ----------------------------------------------------------------------


def shipped() -> list[str]:
    folder = templates_dir()
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob("email/**/*.j2"))


def used(source: str) -> set[str]:
    """Return every variable of a template, such as `letter.urls.web`, with aliases resolved."""
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.filters.update(FILTERS)
    return set(chains(environment.parse(source)))


def chains(tree: nodes.Template) -> Iterator[str]:
    aliases = aliases_of(tree)
    inner = {node.node for node in tree.find_all(nodes.Getattr)}
    for node in tree.find_all(nodes.Getattr):
        if node not in inner:
            chain = chain_of(node, aliases)
            if chain:
                yield chain


def aliases_of(tree: nodes.Template) -> dict[str, str]:
    """Return the aliases of `{% set light, dark = letter.theme.light, … %}` and `{% with %}`."""
    found = {}
    for node in tree.find_all(nodes.Assign):
        targets = node.target.items if isinstance(node.target, nodes.Tuple) else [node.target]
        values = node.node.items if isinstance(node.node, nodes.Tuple) else [node.node]
        for target, value in zip(targets, values, strict=False):
            chain = chain_of(value, {})
            if isinstance(target, nodes.Name) and chain:
                found[target.name] = chain
    return found


def chain_of(node: nodes.Node, aliases: dict[str, str]) -> str:
    """Return `a.b.c` for attributes of a name; empty for anything else."""
    if isinstance(node, nodes.Name):
        return aliases.get(node.name, node.name)
    if isinstance(node, nodes.Getattr):
        before = chain_of(node.node, aliases)
        return f"{before}.{node.attr}" if before else ""
    return ""


#: Filters of Jinja.
_LOOP = re.compile(r"loop\.(first|last|index)")
_ROLE = re.compile(r"((?:letter|note)\.theme\.(?:light|dark))\.([a-z_]+)")


def is_documented(variable: str, known: dict[str, str]) -> bool:
    role = _ROLE.fullmatch(variable)
    if role is not None:
        return f"`{role[2]}`" in known["letter.theme.light"]
    if variable.startswith("poll."):
        variable = f"letter.{variable}"
    return variable in known or _LOOP.fullmatch(variable) is not None


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_template_uses_documented_variables_only(name: str) -> None:
    source = (templates_dir() / name).read_text("utf-8")
    known = documented()
    assert [chain for chain in used(source) if not is_documented(chain, known)] == []


def test_every_use_is_seen() -> None:
    source = "{% set a, b = letter.theme.light, letter.scale %}{{ a.ink }}{% if x.y | px(z.q.r) %}"
    assert used(source + "{% endif %}") == {"letter.theme.light", "letter.scale"} | {
        "letter.theme.light.ink",
        "x.y",
        "z.q.r",
    }


def test_names_without_a_dot_are_documented_too() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"`{name}`" in page for name in ("is_first", "heading"))
