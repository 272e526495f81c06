"""Modules that `digest send` of a frozen edition loads; others would cost memory and time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from digest.models import Actor
from tests.support.desk_work import Desk
from tests.support.smtp_sink import ScriptedSink, serving

#: What draws, renders or composes, and the other engine.
_NOT_NEEDED = (
    "PIL", "aiohttp", "babel.dates", "bs4", "cryptography", "cssutils", "digest.bounces.parse",
    "digest.composer.snapshot", "digest.composer.lexicon", "digest.composer.selection",
    "digest.letter.check", "digest.letter.letter", "digest.letter.writer", "fastapi", "jinja2",
    "lxml", "nh3", "premailer", "psycopg", "requests", "rich", "selectolax", "sentencex",
    "sqlalchemy.dialects.postgresql",
)  # fmt: skip
_LIST_MODULES = """
import sys
from digest.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def test_a_send_of_a_frozen_edition_loads_only_what_it_needs(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(2)
    draft = desk.compose()
    desk.app.newsroom.freeze(
        desk.edition(draft.edition_id), by=Actor(name="editor"), is_at_once=True
    )
    with serving(ScriptedSink()) as sink:
        desk.project.change_config("port = 9\n", f"port = {sink.port}\n")
        run = subprocess.run(
            [sys.executable, "-c", _LIST_MODULES, "--config", desk.project.config, "send"],
            capture_output=True,
            text=True,
            check=True,
        )
    assert sink.accepted.total() == 2
    loaded = {*run.stderr.split()}
    assert "digest.sender.run" in loaded
    assert loaded & {*_NOT_NEEDED} == set()
