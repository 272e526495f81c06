"""The shipped templates are found."""

from __future__ import annotations

import pytest

from digest.letter.printing.render import MAIL_TEMPLATE, TEXT_TEMPLATE, WEB_TEMPLATE
from digest.resources import templates_dir


@pytest.mark.parametrize("name", [MAIL_TEMPLATE, TEXT_TEMPLATE, WEB_TEMPLATE])
def test_shipped_templates_are_found(name: str) -> None:
    assert (templates_dir() / name).is_file()
