"""Excerpts of posts at the limits of what is read."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import reading_minutes
from digest.composer.excerpts.layout import lines_of
from digest.composer.excerpts.markup import QUOTE_END, QUOTE_START
from digest.composer.excerpts.prose import read_prose, read_text
from digest.composer.excerpts.site_words import strip_start
from tests.unit.test_excerpt_kinds import BODY, MORE, TITLE, excerpt_of, excerpts_of

SENTENCES = (
    "The bridge is too low for the ships. The board knows it well. Nobody had asked the pilots"
    " about it. They would have told the board. The chart is right and old, and every pilot has"
    " it on board. So it stays."
)


def test_a_page_of_frames_has_no_text() -> None:
    assert read_text('<frameset><frame src="https://a.example/"></frameset>') == ""


def test_a_text_of_open_brackets_does_not_hide_what_is_before_it() -> None:
    assert excerpt_of(f"<p>{BODY}</p><p>{'( ' * 7}{MORE}</p>") == BODY


def test_a_long_quotation_is_cut_after_its_last_whole_sentence_that_fits() -> None:
    lead = excerpts_of(f"<p>{BODY}</p><blockquote><p>{SENTENCES}</p></blockquote>").lead
    assert lead == f"{BODY} “{SENTENCES[: SENTENCES.index(' So it')]} …”"


def test_a_sentence_is_not_cut_at_a_pause_in_brackets() -> None:
    words = " ".join(["word"] * 31)
    sentence = f"Word {words}, and the pilots (of the bay, and of the sea) and {words} {words}."
    assert excerpts_of(f"<p>{sentence}</p>").short == f"Word {words}…"


def test_a_quotation_of_a_plugin_that_never_ends_is_read_as_text() -> None:
    assert excerpt_of(f"<p>[quote]{BODY}</p><p>{MORE}</p>") == f"{BODY} {MORE}"


def test_a_list_begins_below_its_sentence() -> None:
    text = "The board needs these\n* a saw\n* a hammer"
    assert lines_of(text) == text.split("\n")


def test_a_quotation_in_a_quotation_is_part_of_it() -> None:
    text = read_text(f"<blockquote>{BODY}<blockquote>{MORE}</blockquote></blockquote>")
    assert text.split() == [QUOTE_START, *BODY.split(), *MORE.split(), QUOTE_END]


def test_a_line_that_announces_the_next_is_joined_to_it() -> None:
    line = "The board of the harbour has said this to all of the pilots in the year:"
    assert read_prose(f"{line}\n\n{BODY}", TITLE) == (f"{line} {BODY}",)


def test_only_marks_of_notes_are_left_out() -> None:
    html = f"<p>On the 2<sup>nd</sup> of May it was said.<sup>[2]</sup></p><p>{BODY}</p>"
    assert excerpt_of(html) == f"On the 2nd of May it was said. {BODY}"


def test_words_next_to_a_picture_in_a_list_are_no_caption() -> None:
    item = f'<li><img src="https://a.example/b.jpg"> {BODY}</li>'
    assert BODY in read_text(f"<ul>{item}</ul><p>{MORE} {MORE} {MORE}</p>")


def test_at_most_sixty_paragraphs_are_read() -> None:
    text = "\n\n".join(f"{MORE} Number {number} is here." for number in range(70))
    assert len(read_prose(text, TITLE)) == 60


@pytest.mark.parametrize(("notes", "left"), [(3, 0), (12, 4)])
def test_notes_of_the_site_before_the_text_are_left_out_up_to_a_limit(
    notes: int, left: int
) -> None:
    note = "(Photo: Ann Pell) "
    assert strip_start(f"{note * notes}{BODY}", TITLE, "en") == f"{note * left}{BODY}"


def test_a_hidden_address_after_the_first_sentence_removes_nothing() -> None:
    line = f"{BODY} Write to desk [at] lantern for more."
    assert strip_start(line, TITLE, "en") == line


@pytest.mark.parametrize(("words", "minutes"), [(119, None), (120, 1), (660, 3)])
def test_a_summary_alone_has_no_reading_time(words: int, minutes: int | None) -> None:
    assert reading_minutes("word " * words) == minutes
