"""Every rule of `check` by its id: a letter that it accepts, and one that it does not."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digest.letter import check
from digest.letter.checks.lint_context import Present
from digest.models import Edition
from tests.support.checking import SAID, WORDS, found, with_story
from tests.support.samples import IMAGES, sample_edition, sample_quote, sample_site, sample_story

pytestmark = pytest.mark.slow

IDS = [f"E{number:02}" for number in range(1, 21)]
DUE = sample_edition().due_at


def pictured(address: str) -> Edition:
    return with_story(image_url=f"{IMAGES}{address}", image_alt="Low hills over a river")


def quoted(text: str) -> Edition:
    return with_story(quotes=(sample_quote(1, "Ruth Adeyemi", text),))


def spread(*categories: str) -> Edition:
    stories = (
        sample_story(number, categories=(category,), excerpt=WORDS)
        for number, category in enumerate(categories, 1)
    )
    return sample_edition(stories=tuple(stories))


#: By id: a letter that passes, and one with a finding.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "E01": (
        {"html": ("</body>", "x" * 20_000 + "</body>")},
        {"html": ("</body>", "x" * 40_000 + "</body>")},
    ),
    "E02": (
        {"html": (".paper{", ".p{color:red !important}.paper{")},
        {"html": (".paper{", ".p{color:red!important}.paper{")},
    ),
    "E03": (
        {"html": ("letter-spacing:-0.5px", "width:90%")},
        {"html": ("letter-spacing:-0.5px", "position:absolute")},
    ),
    "E04": (
        {"edition": with_story(title="What {{ x }} is")},
        {"html": ("Most discussed", "{{ x }}")},
    ),
    "E05": (
        {"edition": with_story(url="https://lantern.example/1")},
        {"edition": with_story(url="/1")},
    ),
    "E06": ({}, {"html": ("14 Wharf Lane", "")}),
    "E07": ({"edition": pictured("a.jpg")}, {"edition": pictured("a.webp")}),
    "E08": ({}, {"html": ("<h1 ", "<h2 ")}),
    "E09": (
        {"html": ("color:#625c52", "color:#665f55")},
        {"html": ("color:#625c52", "color:#9a9a9a")},
    ),
    "E10": ({"html": ("font:13px", "font:14px")}, {"html": ("font:13px", "font:12px")}),
    "E11": (
        {"text": ("Comments policy", "Policy")},
        {"text": ("Comments policy", "x" * 79)},
    ),
    "E12": ({"subject": "Who guards the water meter?"}, {"subject": ""}),
    "E13": ({}, {"preheader": ""}),
    "E14": (
        {"edition": with_story(quotes=(sample_quote(1, "Here", SAID),))},
        {"html": (">Comments policy<", ">Click here<")},
    ),
    "E15": (
        {"edition": with_story(url="https://lantern.example/other")},
        {"edition": with_story(url="https://lantern.example/2026/11/story-2?utm_source=x")},
    ),
    "E16": ({"edition": with_story()}, {"edition": with_story(excerpt=f"{WORDS} He said (so.")}),
    "E17": ({"edition": quoted(SAID)}, {"edition": quoted("Well said.")}),
    "E18": (
        {"edition": with_story(published_at=DUE)},
        {"edition": with_story(published_at=DUE + timedelta(hours=1))},
    ),
    "E19": (
        {"edition": with_story(title="Neubau-der-Donaudampfschiff-fahrtsgesellschaft-am-See")},
        {"edition": with_story(title="Donaudampfschifffahrtsgesellschaftskapitaen")},
    ),
    "E20": (
        {"edition": spread("Security", "Security", "Economy", "Economy")},
        {"edition": spread("Security", "Security", "Security", "Economy")},
    ),
}


def test_every_id_has_its_cases_and_a_rule() -> None:
    assert list(CASES) == IDS
    named = "".join(str(inspect.getdoc(rule)) for rule in check.RULES)
    assert sorted(re.findall(r"\bE\d\d\b", named)) == IDS


@pytest.mark.parametrize("rule", IDS)
def test_a_rule_accepts_a_correct_letter(rule: str) -> None:
    assert found(rule, **CASES[rule][0]) == []


@pytest.mark.parametrize("rule", IDS)
def test_a_rule_finds_its_fault(rule: str) -> None:
    findings = found(rule, **CASES[rule][1])
    assert findings
    assert all(finding.place and finding.text for finding in findings)


@pytest.mark.quick
def test_a_template_of_the_operator_is_read_the_same_way() -> None:
    findings = found("E03", html=("<h1 ", '<h1 data-of="mine" style="float:left" '))
    assert findings[0].is_error


@pytest.mark.quick
def test_a_post_of_the_hours_after_the_slot_is_not_from_the_future() -> None:
    edition = with_story(published_at=DUE + timedelta(hours=1))
    late = Present(now=DUE + timedelta(hours=2))
    assert found("E18", edition=edition, present=late) == []


def test_warnings_do_not_block_a_send() -> None:
    for rule in ("E16", "E19", "E20"):
        assert not any(finding.is_error for finding in found(rule, **CASES[rule][1]))


def test_development_allows_what_subscribers_could_not_open() -> None:
    site = replace(sample_site(), is_development=True)
    edition = with_story(image_url="http://127.0.0.1/a.jpg", image_alt="Hills")
    assert found("E07", edition=edition, site=site) == []
