"""The real threads of the judged set are read as they were judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.judged import Judgement, RealEntry, real_entries
from tests.support.judged_real import read_real, real_threads

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
ENTRIES = real_entries()
#: Not well-formed: a reader may refuse it.
BROKEN = {"comments-other/remark42__disqus.xml"}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of threads is not here")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_file_of_every_real_thread_is_there(entry: RealEntry) -> None:
    assert (CORPUS / entry.file).is_file()


@pytest.mark.parametrize(
    "entry", [each for each in ENTRIES if each.file not in BROKEN], ids=lambda entry: entry.name
)
def test_comments_worth_printing_are_read(entry: RealEntry) -> None:
    reading = read_real(entry, CORPUS)
    worth = {Judgement.GOOD, Judgement.OK}
    assert not [name for name in reading.missing if entry.judgements[name] in worth]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_only_judged_comments_are_read(entry: RealEntry) -> None:
    assert read_real(entry, CORPUS).unjudged == ()


def test_comments_of_a_feed_are_read_as_judged() -> None:
    (entry,) = (each for each in ENTRIES if each.file.startswith("feeds/"))
    reading = read_real(entry, CORPUS)
    assert len(reading.thread.comments) == len(entry.judgements)
    assert reading.missing == reading.unjudged == ()


def test_every_comment_of_the_set_is_judged() -> None:
    threads = real_threads(CORPUS)
    assert len(threads) >= 30
    assert all(
        {comment.id for comment in thread.comments} == set(thread.judgements) for thread in threads
    )


def test_without_the_corpus_there_are_no_threads(tmp_path: Path) -> None:
    assert real_threads(tmp_path / "nowhere") == ()
