"""Templates are compiled once in a process, and again when their file has changed."""

from __future__ import annotations

from pathlib import Path

import jinja2

from digest.templating.compiled import CompiledTemplates, compiled_templates
from digest.templating.folders import FolderLoader


def engine_over(folder: Path, code: CompiledTemplates) -> jinja2.Environment:
    return jinja2.Environment(loader=FolderLoader((folder,)), bytecode_cache=code, autoescape=True)


def test_engines_share_the_code_of_a_template_until_its_file_changes(tmp_path: Path) -> None:
    code = CompiledTemplates()
    page = tmp_path / "page.html.j2"
    page.write_text("{{ 1 + 1 }} mails", "utf-8")
    first, second = (engine_over(tmp_path, code).get_template(page.name) for _ in range(2))
    assert first.root_render_func.__code__ is second.root_render_func.__code__
    page.write_text("{{ 1 + 2 }} mails", "utf-8")
    assert engine_over(tmp_path, code).get_template(page.name).render() == "3 mails"


def test_each_language_and_kind_has_code_of_its_own() -> None:
    assert compiled_templates("letters", "de") is compiled_templates("letters", "de")
    assert compiled_templates("letters", "de") is not compiled_templates("letters", "fr")
    assert compiled_templates("letters", "de") is not compiled_templates("pages", "de")
