from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from digest.demo.folder import DemoFolder
from digest.demo.summary import show_summary
from digest.demo.verdict import Verdict


@pytest.mark.parametrize("serve", [True, False])
def test_only_a_demo_that_ends_advises_to_serve(serve: bool) -> None:
    verdict = Verdict(
        mails=1, people=1, missed=(), doubled=(), strangers=(), unasked=(), leaks=(), articles=()
    )
    shown = io.StringIO()
    show_summary(verdict, None, DemoFolder(root=Path("out")), Console(file=shown), serve=serve)
    assert ("digest demo --serve" in shown.getvalue()) is not serve
    assert "out/config.toml" in shown.getvalue()
