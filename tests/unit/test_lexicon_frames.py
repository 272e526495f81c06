"""The gate's lists: each frame keeps its examples, and none is there that no example needs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from digest.composer.lexicon.classes import (
    CLASSES,
    gate_languages,
    read_class,
    read_words,
)
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.frames import Frame, read_frames
from digest.composer.lexicon.words import words_for

DATA = Path(__file__).parents[2] / "digest" / "composer" / "lexicon" / "data"
FILES = [
    (language, name)
    for language in gate_languages()
    for name in CLASSES
    if read_class(language, name).frames
]
FRAMES = [(where, frame) for where in FILES for frame in read_class(*where).frames]
MAX_LINES = 4000


def a_frame(frame: str, unless: tuple[str, ...] = (), **slots: str) -> Frame:
    """Return a frame made of its text."""
    table = {"id": "it", "frame": frame, "block": [], "allow": [], "unless": list(unless)}
    (made,) = read_frames({"slots": slots, "frames": [table]})
    return made


@pytest.mark.parametrize(
    ("frame", "text", "found"),
    [
        ("{he|she} should be {hanged|shot}", "she should be shot", True),
        ("{he|she} should be {hanged|shot}", "she should be shouted at", False),
        ("they should {all|} go", "they should go", True),
        ("they should {all|} go", "they should all go", True),
        ("they should {all|} go", "they should really go", False),
        ("hope {...2} die", "hope you all die", True),
        ("hope {...2} die", "hope you all and the others die", False),
        ("{low} home", "vermin home", True),
        ("so {idiot*}", "so idiotic", True),
        ("go home", "gogo home", False),
    ],
)
def test_a_frame_fits_the_words_of_its_slots(frame: str, text: str, *, found: bool) -> None:
    assert bool(a_frame(frame, low="vermin|scum").find(text)) == found


def test_each_frame_begins_with_a_word() -> None:
    """Texts without any of these words are not searched for the frame."""
    assert [frame.id for _, frame in FRAMES if not all(frame.beginnings or [""])] == []


def test_a_frame_is_harmless_beside_a_word_of_unless() -> None:
    frame = a_frame("must {all|} be beaten", unless=("eggs",))
    assert frame.find("first the eggs must be beaten") == ""
    assert frame.find("the eggs are here. they must be beaten") != ""


@pytest.mark.parametrize(("where", "frame"), FRAMES, ids=lambda each: getattr(each, "id", None))
def test_a_frame_blocks_and_allows_its_examples(where: tuple[str, str], frame: Frame) -> None:
    assert frame.block
    assert frame.allow
    assert [each for each in frame.block if not frame.find(fold_plain(each))] == []
    assert [each for each in frame.allow if read_class(*where).find(fold_plain(each))] == []


@pytest.mark.parametrize(("where", "frame"), FRAMES, ids=lambda each: getattr(each, "id", None))
def test_a_beginning_of_a_frame_is_in_each_text_that_it_fits(
    where: tuple[str, str], frame: Frame
) -> None:
    found = read_class(*where)
    assert all(found.find(fold_plain(example)) for example in frame.block)


@pytest.mark.parametrize("where", FILES, ids="/".join)
def test_no_frame_is_there_that_no_example_needs(where: tuple[str, str]) -> None:
    """A frame is needed if without it one of its own examples would pass."""
    words = words_for(where[0])
    lists = (words.profanity, words.slurs.words, words.insults.words)
    needless = []
    for frame in read_class(*where).frames:
        others = [each for each in read_class(*where).frames if each is not frame]
        texts = [fold_plain(each) for each in frame.block]
        if all(
            any(each.find(text) for each in lists) or any(each.find(text) for each in others)
            for text in texts
        ):
            needless.append(frame.id)
    assert needless == []


def test_ids_of_frames_are_unique_in_a_language() -> None:
    ids = Counter((language, frame.id) for (language, _), frame in FRAMES)
    assert [each for each, count in ids.items() if count > 1] == []


def test_no_list_has_an_entry_twice_or_in_capitals() -> None:
    for language in gate_languages():
        for name in CLASSES:
            words = read_words(language, name)
            assert len(set(words)) == len(words), (language, name)
            if name != "contact":
                assert [word for word in words if word != word.lower()] == [], (language, name)


def test_every_file_is_of_a_class_that_the_gate_has() -> None:
    assert {path.stem for path in DATA.glob("*/*.toml")} <= {*CLASSES}


def test_the_lists_of_the_gate_stay_short() -> None:
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in DATA.glob("*/*.toml"))
    assert lines <= MAX_LINES
