"""Every text of the mail is translated into every language, with the same placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from digest.letter.planning.subject import write_subject
from digest.resources import templates_dir
from digest.text.catalogue import translations_for
from digest.text.languages import LANGUAGES, is_spoken
from tests.support.samples import sample_story

ROOT = Path(__file__).parents[2]
METHODS = [("**.j2", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS = {"**.j2": {"trimmed": "false", "silent": "false"}}
#: Messages for operators are in English only.
TO_OPERATORS = "notice.txt.j2"
SPOKEN_TEMPLATES = (templates_dir() / "email", templates_dir() / "web" / "public")
_PLACE = re.compile(r"%\((\w+)\)s")
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@cache
def written_words() -> frozenset[str | tuple[str, str]]:
    """Return every marked text of the mails, of the public pages, and of the code behind them."""
    return frozenset(_written_words())


def _written_words() -> Iterator[str | tuple[str, str]]:
    for folder in (*SPOKEN_TEMPLATES, ROOT / "digest", ROOT / "subscribers"):
        for name, _line, message, _comments, _context in extract_from_dir(
            folder, METHODS, OPTIONS, keywords={"_": None, "gettext": None, "ngettext": (1, 2)}
        ):
            if not name.endswith(TO_OPERATORS):
                yield message if isinstance(message, str) else (message[0], message[1])


def catalogue(language: str) -> Catalog:
    with (files("digest.text") / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def test_the_languages_are_the_documented_ones() -> None:
    assert LANGUAGES == ("en", "ar", "de", "es", "fr")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_word_is_translated_and_no_translation_is_left_over(language: str) -> None:
    written = written_words()
    translated = {
        message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
        for message in messages(language)
    }
    assert len(written) > 15
    assert translated == written


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_plural_form_exists_and_fills_only_known_placeholders(language: str) -> None:
    forms = catalogue(language).num_plurals
    for message in messages(language):
        said = _texts(message.string)
        known = {place for text in _texts(message.id) for place in _PLACE.findall(text)}
        assert len(said) == (forms if message.pluralizable else 1), message.id
        assert all(said), message.id
        assert all(set(_PLACE.findall(text)) <= known for text in said), message.id
        if not message.pluralizable:
            assert set(_PLACE.findall(said[0])) == known, message.id


def _texts(forms: object) -> tuple[str, ...]:
    return tuple(map(str, forms)) if isinstance(forms, tuple | list) else (str(forms),)


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 comment"),
        ("de-AT", 2, "2 Kommentare"),
        ("fr", 0, "0 commentaire"),
        ("es", 1, "1 comentario"),
        ("ar", 2, "تعليقان"),
        ("ar", 5, "5 تعليقات"),
        ("ar", 34, "34 تعليقًا"),
        ("ar", 100, "100 تعليق"),
        ("tlh", 3, "3 comments"),
    ],
)
def test_numbers_take_the_form_of_their_language(language: str, count: int, said: str) -> None:
    form = translations_for(language).ngettext("%(num)s comment", "%(num)s comments", count)
    assert form % {"num": count} == said


@pytest.mark.parametrize(
    ("tag", "spoken"), [("de-CH", True), ("AR", True), ("", False), ("x", False)]
)
def test_a_tag_is_known_by_its_language(tag: str, spoken: bool) -> None:
    assert is_spoken(tag) is spoken


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "The night ferry · and 7 more"),
        ("de", "The night ferry · und 7 weitere"),
        ("fr", "The night ferry · et 7 autres"),
        ("es", "The night ferry · y 7 más"),
        ("ar", "The night ferry · و7 أخرى"),
    ],
)
def test_a_subject_counts_in_its_own_language(language: str, subject: str) -> None:
    others = [sample_story(number) for number in range(7)]
    assert write_subject(sample_story(title="The night ferry"), others, 1, language) == subject


def test_french_sets_a_fixed_space_before_high_marks() -> None:
    said = [text for message in messages("fr") for text in _texts(message.string)]
    assert any("\N{NO-BREAK SPACE}" in text for text in said)
    assert not [text for text in said if re.search(" [:;?!»]|« ", text)]
