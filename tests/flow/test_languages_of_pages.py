"""The links of the public pages keep the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.signing_up import FORM, Hall

SECOND = """
[[newsletters]]
name = "bote"
title = "Der Bote"
from = "Hill <digest@hill.example.org>"
categories = ["News"]
schedule = "Tue 08:00"
timezone = "Europe/Berlin"
language = "de"
"""


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall.open(tmp_path)
    config = hall.desk.project.config
    config.write_text(config.read_text("utf-8") + SECOND, "utf-8")
    with hall.serving():
        yield hall


def links(text: str) -> list[str]:
    return re.findall(r'<a [^>]*href="(/[^"]*)"', text)


def test_every_page_that_a_page_leads_to_has_its_language(hall: Hall) -> None:
    for start, language in (("/weekly?lang=ar", "ar"), ("/bote", "de"), ("/?lang=fr", "fr")):
        found = links(hall.ask(start).text)
        assert len(found) > 2
        for link in found:
            assert f'<html lang="{language}"' in hall.ask(link).text, (start, link)


def test_the_answer_to_a_form_leads_back_to_it_in_its_language(hall: Hall) -> None:
    answer = hall.sign_up("ann@heritage.org", lang="ar")
    assert "/weekly?lang=ar" in links(answer.text)


def test_a_typed_address_is_answered_in_the_language_of_the_page(hall: Hall) -> None:
    assert hall.site is not None
    for address in ("ann@heritage.org", "ann"):
        body = f"address={address}&lang=de".encode()
        assert '<html lang="de"' in hall.site.ask("/unsubscribe", "POST", body, FORM).text


def test_a_form_that_is_shown_again_keeps_the_newsletters_own_english(tmp_path: Path) -> None:
    hall = Hall.open(tmp_path)
    hall.desk.project.change_config('name = "weekly"', 'name = "weekly"\nlanguage = "en-GB"')
    with hall.serving():
        first, again = hall.ask("/weekly"), hall.sign_up("ann", lang="en-GB")
    assert again.status == 422
    shown = [re.findall(r"<html.*?>|By mail .*?<", page.text) for page in (first, again)]
    assert 'lang="en-GB"' in shown[0][0]
    assert shown[0] == shown[1]
