"""How Sphinx builds the documentation: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sphinx.application import Sphinx

import digest
from docs.making import write_pages

write_pages()

project = "digest"
author = "the authors of digest"
release = version = digest.__version__
extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["making", "_build"]
# Anchors of headings, down to this level, as GitHub makes them.
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
nitpicky = True
# `--force` stays what is typed.
smartquotes = False
html_theme = "furo"
html_title = "digest"
html_copy_source = False
html_show_sphinx = False
# The prompt of a console is not copied.
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"


def setup(app: Sphinx) -> None:
    """Let the table of contents name pages by patterns that nothing may match."""
    app.connect("source-read", _drop_empty_patterns)


def _drop_empty_patterns(_app: Sphinx, name: str, source: list[str]) -> None:
    if name == "index":
        lines = source[0].splitlines()
        kept = [line for line in lines if not line.endswith("*") or _matches(line)]
        source[0] = "\n".join(kept)


def _matches(pattern: str) -> bool:
    return any(Path(__file__).parent.glob(f"{pattern}.md"))
