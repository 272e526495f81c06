"""`digest preview` with several newsletters."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.letter.printing.opened import open_message
from tests.support.desk_work import Desk

_SECOND = """
[[newsletters]]
name = "sport"
title = "Sport from the Hill"
from = "The Hill Sport Desk <sport@games.example.org>"
reply_to = "desk@games.example.org"
categories = ["Sport"]
schedule = "Fri 17:00"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return two newsletters, each with a draft: edition 1 is `weekly`, edition 2 `sport`."""
    work = Desk.open(tmp_path)
    work.project.config.write_text(work.project.config.read_text("utf-8") + _SECOND, "utf-8")
    work.add_post("A bridge is mended", "News")
    work.add_post("The home side wins", "Sport")
    for name in ("weekly", "sport"):
        assert work.run("compose", "--newsletter", name).code == 0
    return work


@pytest.mark.parametrize(
    ("arguments", "sender"),
    [
        (("1",), "The Hill Paper <digest@hill.example.org>"),
        (("2",), "The Hill Sport Desk <sport@games.example.org>"),
        (("--newsletter", "weekly"), "The Hill Paper <digest@hill.example.org>"),
        (("--newsletter", "sport"), "The Hill Sport Desk <sport@games.example.org>"),
    ],
)
def test_a_preview_uses_the_sender_of_its_newsletter(
    desk: Desk, arguments: tuple[str, ...], sender: str
) -> None:
    out = desk.project.folder / "preview"
    files = desk.run("preview", "--json", "--out", str(out), *arguments).data["files"]
    headers = dict(open_message(Path(files["eml"]).read_bytes()).headers)
    assert headers["From"] == sender
    domain = sender.rstrip(">").rpartition("@")[2]
    assert headers["Message-ID"].endswith(f"@{domain}>")
    assert domain in headers["List-Id"]
    assert headers["Reply-To"].endswith(f"@{domain}")
