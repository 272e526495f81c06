"""The places for a subscriber's own values in texts and templates."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import TemplateError
from digest.letter.letter import Letter, render_web, write_letter
from digest.letter.printing.message import MARK, Pieces, PlaceMarks, join
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.letter.printing.places import Place, find_faults, known_names, print_places
from digest.letter.printing.presentation import build_view
from digest.letter.printing.render import Renderer
from digest.models import CustomBlock, Edition, Finding, Support
from digest.resources import templates_dir
from tests.support.every_block import full_edition
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_facts,
    sample_personal,
    sample_renderer,
    sample_site,
    sample_story,
)

KNOWN = known_names(("plan", "city"))
SITE = replace(sample_site(), fields=("plan", "city"))
DEAR = 'Dear {{ subscriber.name | "friend" }}, welcome.'


def filled(text: str, values: dict[str, str] | None) -> str:
    return print_places(text, KNOWN, lambda place: place.fill(values))


@pytest.mark.parametrize(
    ("text", "anna", "nobody", "sample"),
    [
        (DEAR, "Dear Anna, welcome.", "Dear friend, welcome.", "Dear friend, welcome."),
        ("Dear {{subscriber.name}}, hi", "Dear Anna, hi", "Dear, hi", "Dear (name), hi"),
        ("{{ subscriber.name }} and us", "Anna and us", "and us", "(name) and us"),
        ("To {{ subscriber.city }} now", "To now", "To now", "To (city) now"),
        ("“{{ subscriber.name }}”", "“Anna”", "“”", "“(name)”"),
        ('{{ subscriber.city|"" }}', "", "", "(city)"),
    ],
)
def test_a_place_prints_the_value_or_the_fallback_and_no_double_space(
    text: str, anna: str, nobody: str, sample: str
) -> None:
    assert filled(text, {"name": "Anna"}) == anna
    assert filled(text, {}) == nobody
    assert filled(text, None) == sample


@pytest.mark.parametrize(
    "text",
    [
        "{{ subscriber.nam }}",
        "{{ subscriber.name | upper }}",
        "{{ subscriber.name | “friend” }}",
        "{{ subscriber.name | 'friend' }}",
        '{{ subscriber.name | default("friend") }}',
        "{{ subscriber.__class__ }}",
        "{{ subscriber.name.upper() }}",
        "{{ subscriber['name'] }}",
        "{{ subscriber.Name }}",
        "{{ name }}",
        "{{ 7 * 7 }}",
        "{ subscriber.name }",
        "%subscriber.name%",
        "{{ subscriber.name",
    ],
)
def test_anything_else_stays_as_it_is_and_is_a_fault(text: str) -> None:
    assert filled(text, {"name": "Anna"}) == text
    (fault,) = find_faults(text, KNOWN)
    assert "\n" not in fault


@pytest.mark.parametrize("text", [DEAR, "a { b } c", "100 % sure", "(subscriber.example.org)"])
def test_other_texts_have_no_fault(text: str) -> None:
    assert list(find_faults(text, KNOWN)) == []


def test_a_code_of_a_place_reads_back() -> None:
    place = Place(name="city", fallback="Köln & “Bonn”", before=" ", after="")
    assert Place.of_code(place.code) == place
    assert Place.of_code(place.code.upper()) == place


# --- in a letter --------------------------------------------------------------------------------


def lettered(edition: Edition, renderer: Renderer | None = None) -> Letter:
    variant = plan_for_all(edition)
    return write_letter(edition, variant, SITE, renderer or sample_renderer(), sample_facts())


def mail_to(letter: Letter, values: dict[str, str] | None) -> OpenedMessage:
    return open_message(join(letter.pieces, sample_personal(fields=values)).content)


def addressed_edition() -> Edition:
    return sample_edition(
        intro=(DEAR,),
        custom=(
            CustomBlock(
                title="Your plan: {{ subscriber.plan }}",
                paragraphs=("You have {{ subscriber.plan }} here.",),
                link="More for {{ subscriber.name }}",
                url="https://lantern.example/plan",
            ),
        ),
        support=Support(
            text="Thank you, {{ subscriber.name }}.", link="Help", url="https://lantern.example/s"
        ),
    )


def test_every_text_of_the_editor_prints_the_value_in_both_parts() -> None:
    mail = mail_to(lettered(addressed_edition()), {"name": "Anna", "plan": "pro"})
    for part in (mail.text, mail.html):
        for words in ("Dear Anna, welcome.", "You have pro here.", "More for Anna"):
            assert words in part
        assert "Thank you, Anna." in part
        assert not MARK.search(part)
        assert "subscriber." not in part
    assert "Your plan: pro</h2>" in mail.html
    assert "YOUR PLAN: pro" in mail.text


def test_a_value_is_plain_text_whatever_it_holds() -> None:
    hostile = '<img src=x onerror="a">\r\nBcc: x\x00 {{ subscriber.plan }} {% if %} \u202eevil'
    mail = mail_to(lettered(addressed_edition()), {"name": hostile, "plan": "pro"})
    assert "<img src=x" not in mail.html
    assert "&lt;img src=x onerror=" in mail.html
    assert [name for name, _ in mail.headers].count("Bcc") == 0
    # A value is never read again, not as a place and not as a template.
    assert "{{ subscriber.plan }} {% if %} evil, welcome." in mail.text


def test_rendering_does_not_depend_on_the_subscriber_and_a_repeat_has_the_same_bytes() -> None:
    letter = lettered(addressed_edition())
    stored = Pieces.from_bytes(letter.pieces.to_bytes())
    assert stored.fields == {"name", "plan"}
    once = join(stored, sample_personal(fields={"name": "Anna"})).content
    assert join(letter.pieces, sample_personal(fields={"name": "Anna"})).content == once
    other = join(letter.pieces, sample_personal(fields={"name": "Bo"})).content
    assert other.replace(b"Bo", b"Anna") == once


def test_a_letter_without_places_prints_no_field() -> None:
    assert lettered(sample_edition()).pieces.fields == frozenset()


def test_posts_may_show_the_form_of_a_place() -> None:
    story = sample_story(1, title="How {{ subscriber.name }} works", excerpt=DEAR)
    letter = lettered(sample_edition(stories=(story,)))
    assert letter.pieces.fields == frozenset()
    assert "How {{ subscriber.name }} works" in mail_to(letter, {"name": "Anna"}).text
    assert faults_of(letter) == []


def faults_of(letter: Letter) -> list[Finding]:
    return [finding for finding in letter.findings if finding.rule == "E04"]


@pytest.mark.parametrize(
    "text", ["Dear {{ subscriber.nam }}", "Dear { subscriber.name }", "{{ subscriber.name | x }}"]
)
def test_e04_finds_a_place_that_is_none_in_both_parts(text: str) -> None:
    found = faults_of(lettered(sample_edition(intro=(text,))))
    assert {finding.is_error for finding in found} == {True}
    assert {"is no place for a subscriber" in finding.text for finding in found} == {True}
    assert "text part" in {finding.place for finding in found}


def test_e04_knows_the_places_of_fields_and_lets_them_pass() -> None:
    assert faults_of(lettered(addressed_edition())) == []


def test_a_place_does_not_change_the_direction_of_an_arabic_paragraph() -> None:
    edition = sample_edition(language="ar", intro=("{{ subscriber.name }} مرحبا بكم",))
    letter = lettered(edition)
    (paragraph,) = re.findall(r"<p[^>]*>[^<]*مرحبا بكم</p>", letter.html)
    assert 'dir="ltr"' not in paragraph


def test_lines_of_the_text_part_are_broken_by_the_length_of_a_value() -> None:
    text = "We are glad that you are here, {{ subscriber.name }}, and that you read this each week."
    mail = mail_to(lettered(sample_edition(intro=(text,))), {"name": "Annabella"})
    start = mail.text.index("We are glad")
    lines = mail.text[start:].split("\n\n")[0].split("\n")
    assert max(map(len, lines)) <= 76
    assert len(lines) == 2


# --- own templates ------------------------------------------------------------------------------


def own(folder: Path, source: str, name: str = "email/parts/footer.html.j2") -> Renderer:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, "utf-8")
    return Renderer((folder, templates_dir()))


@pytest.mark.parametrize(
    ("source", "anna", "nobody"),
    [
        ("<i>{{ subscriber.name }}</i>", "<i>A &amp; B</i>", "<i></i>"),
        ('<i>{{ subscriber.name | default("f<>") }}</i>', "<i>A &amp; B</i>", "<i>f&lt;&gt;</i>"),
        ('<i>{{ subscriber.name | d("x") | upper }}</i>', "<i>A &amp; B</i>", "<i>x</i>"),
        ('<i>{{ ("Hi " ~ subscriber.name) }}</i>', "<i>Hi A &amp; B</i>", "<i>Hi </i>"),
        ("<i>{{ subscriber.address }}</i>", "<i>reader@example.org</i>", None),
        ('<i>{{ subscriber["name"] | title }}</i>', "<i>A &amp; B</i>", "<i></i>"),
        (
            "<i>{% trans who=subscriber.name %}Hi {{ who }}!{% endtrans %}</i>",
            "<i>Hi A &amp; B!</i>",
            "<i>Hi !</i>",
        ),
    ],
)
def test_a_template_prints_a_place(
    tmp_path: Path, source: str, anna: str, nobody: str | None
) -> None:
    letter = lettered(sample_edition(), own(tmp_path, f"<tr><td>{source}</td></tr>"))
    assert anna in mail_to(letter, {"name": "A & B"}).html
    assert (nobody or anna) in mail_to(letter, {}).html


def test_default_of_other_values_is_that_of_jinja(tmp_path: Path) -> None:
    source = '<tr><td>{{ letter.nothing | default("a") }}{{ "" | default("b", true) }}</td></tr>'
    assert "<td>ab</td>" in re.sub(
        r"<td[^>]*>", "<td>", lettered(sample_edition(), own(tmp_path, source)).html
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% if subscriber.plan %}x{% endif %}", "is filled in after the template has run"),
        ('{% if subscriber.plan == "pro" %}x{% endif %}', "is filled in after"),
        ("{{ subscriber.plan[:2] }}", "is filled in after"),
        ("{{ subscriber.plann }}", "did you mean 'plan'?"),
        ("{{ subscriber }}", "print one of its values"),
    ],
)
def test_a_template_that_computes_with_a_place_is_an_error(
    tmp_path: Path, source: str, said: str
) -> None:
    with pytest.raises(TemplateError, match=re.escape(said)):
        lettered(sample_edition(), own(tmp_path, f"<tr><td>{source}</td></tr>"))


@pytest.mark.parametrize(
    "cut",
    [
        "string | truncate(12)",
        "string | truncate(30)",
        "replace('_own', '')",
        "replace('_', '-')",
        "replace('PLACE_', 'place ')",
    ],
)
def test_e04_finds_a_place_that_a_template_has_cut(tmp_path: Path, cut: str) -> None:
    source = f"<tr><td>{{{{ subscriber.name | {cut} }}}}</td></tr>"
    (finding,) = faults_of(lettered(sample_edition(), own(tmp_path, source)))
    assert "a personal value is not filled in" in finding.text


@pytest.mark.parametrize("use", ["subscriber.plann", 'subscriber["plann"]'])
@pytest.mark.parametrize("name", ["email/parts/footer.html.j2", "email/digest.txt.j2"])
def test_an_unknown_name_in_a_template_is_found_before_it_is_used(
    tmp_path: Path, name: str, use: str
) -> None:
    source = f"a\n{{% if false %}}{{{{ {use} }}}}{{% endif %}}"
    renderer = own(tmp_path, source, name)
    with pytest.raises(TemplateError, match=rf"{name}, line 2: subscriber.plann: no field"):
        renderer.check(("plan",))
    own(tmp_path, source.replace("plann", "plan"), name).check(("plan",))


# --- on the web ---------------------------------------------------------------------------------


def test_the_web_page_prints_the_values_of_its_subscriber_or_the_fallbacks() -> None:
    edition = addressed_edition()
    page = render_web(
        edition, plan_for_all(edition), SITE, sample_renderer(), {"name": "<Anna>", "plan": "pro"}
    )
    assert "Dear &lt;Anna&gt;, welcome." in page
    assert "You have pro here." in page
    page = render_web(edition, plan_for_all(edition), SITE, sample_renderer())
    assert "Dear friend, welcome." in page
    assert "You have here." in page


def test_views_of_the_same_letter_print_the_same_places() -> None:
    edition = full_edition(intro=(DEAR,))
    marks = PlaceMarks(seed="0123456789abcdef")
    views = [build_view(edition, plan_for_all(edition), SITE, marks) for _ in range(2)]
    assert views[0].intro == views[1].intro


@given(st.text(alphabet='{} subcriber.name|"\\n%é', max_size=80))
def test_a_text_loses_nothing_but_its_places(text: str) -> None:
    assert print_places(text, (), lambda _: "") == text
    drawn: list[Place] = []

    def draw(place: Place) -> str:
        drawn.append(place)
        return "\0"

    printed = print_places(text, KNOWN, draw)
    assert printed.count("\0") == len(drawn)
    assert len(printed.replace("\0", "")) <= len(text)
    assert all("\n" not in fault for fault in find_faults(text, KNOWN))
