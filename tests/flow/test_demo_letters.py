"""The demo's mails, byte for byte: a change of the code's structure must not change them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.demo_letters import FOLDER, SUMS, kept_of, sums_of, write_letters


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return write_letters(tmp_path_factory.mktemp("paper"))


def test_the_kept_mails_are_written_again_byte_for_byte(mails: dict[str, bytes]) -> None:
    for name, mail in kept_of(mails).items():
        assert mail == (FOLDER / name).read_bytes(), name


def test_every_mail_of_the_edition_has_its_recorded_sum(mails: dict[str, bytes]) -> None:
    assert sums_of(mails) == Path(SUMS).read_text("utf-8")
