"""The plain text of a mail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from digest.letter.printing.render import tidy_text
from tests.support.arabic import arabic_edition
from tests.support.every_block import full_letter
from tests.support.samples import sample_edition, sample_personal, sample_story, write_sample

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent.parent / "data" / "letter" / "digest.txt"
EVERY_BLOCK = GOLDEN.with_name("every-block.txt")
WORDS = st.text(alphabet="abcdefgh ijk-lé“”.?日", min_size=1, max_size=400)


def text_of(**changes: object) -> str:
    letter = write_sample(sample_edition(**changes))
    return open_message(join(letter.pieces, sample_personal()).content).text


def test_text_part_is_as_agreed() -> None:
    assert text_of() == GOLDEN.read_text(encoding="utf-8")


def test_text_of_every_block_is_as_agreed() -> None:
    text = open_message(join(full_letter().pieces, sample_personal()).content).text
    assert text == EVERY_BLOCK.read_text(encoding="utf-8")


@settings(max_examples=15)
@given(title=WORDS, excerpt=WORDS, author=WORDS)
def test_no_line_but_an_address_is_over_78(title: str, excerpt: str, author: str) -> None:
    story = sample_story(title=title, excerpt=excerpt, author=author)
    for line in text_of(stories=(story,), title=title).splitlines():
        assert len(line) <= 78 or re.fullmatch(r"https?://\S+", line)


def test_the_lines_of_a_verse_are_lines_of_both_parts() -> None:
    verses = ("Der Mond ist aufgegangen,", "die goldnen Sternlein prangen.")
    story = sample_story(excerpt="\n".join(verses), lead_excerpt="\n".join(verses))
    letter = write_sample(sample_edition(stories=(story,)))
    message = open_message(join(letter.pieces, sample_personal()).content)
    assert "\n".join(verses) in message.text
    assert "<br>".join(verses) in message.html


def test_many_authors_are_wrapped_as_other_words_are() -> None:
    authors = ", ".join(["Wilhelmina Featherstone", "Bartholomew Quint", "Anneliese Orchard"] * 2)
    lines = text_of(stories=(sample_story(author=authors),)).splitlines()
    assert max(len(line) for line in lines if "https://" not in line) == 72
    assert f"{authors}, Tuesday, 4 min read" in " ".join(lines)


def test_every_address_is_alone_on_its_line() -> None:
    lines = [line for line in text_of().splitlines() if "https://" in line]
    assert len(lines) > 10
    assert all(re.fullmatch(r"https://\S+", line) for line in lines)


def test_way_out_preferences_and_postal_address_are_there() -> None:
    text = text_of()
    assert f"Unsubscribe\n{sample_personal().leave_url}\n" in text
    assert f"Preferences\n{sample_personal().preferences_url}\n" in text
    assert "14 Wharf Lane, Tarnmouth TM2 4QX\n" in text


def test_posts_of_a_section_are_parted_by_stars() -> None:
    assert text_of().count("\n* * *\n") == 4


def test_words_are_not_escaped() -> None:
    text = text_of(stories=(sample_story(title="R&D <today> “quoted”"),))
    assert "R&D <today> “quoted”" in text


def test_tidying_leaves_one_empty_line_at_most() -> None:
    assert tidy_text("\n\na  \n\n\n\nb\t\n\n") == "a\n\nb\n"


def test_a_short_post_without_a_title_is_printed_once() -> None:
    text = text_of(stories=(sample_story(title="", excerpt="The ferry is back."),))
    assert text.count("The ferry is back.") == 1


def test_an_arabic_line_has_arabic_commas() -> None:
    letter = write_sample(arabic_edition())
    assert "نادر الزيّات، الثلاثاء، قراءة 4 د" in letter.text
    assert not re.search(r"[\u0600-\u06ff],", letter.text)
