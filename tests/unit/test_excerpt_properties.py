"""No excerpt of any post breaks a rule, and a megabyte takes less than a second."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.excerpts.excerpt import Excerpt, write_excerpt
from digest.composer.excerpts.prose import read_prose, read_text
from digest.composer.lexicon.tidy import tidy_line
from digest.text.excerpts import faults_of_excerpt
from digest.text.graphemes import first_graphemes
from digest.text.measure import language_of
from digest.text.sentences import first_unpaired, split_sentences
from tests.support.excerpt_rules import MAX_LEAD, MAX_SHORT, count, faults_of
from tests.support.figures import examples, sample
from tests.support.timing import least_seconds

pytestmark = pytest.mark.slow

_ENGLISH = """the board met on Tuesday and where water stands deep because nobody asked them of it
the pilots know better than anybody that boats wait in the channel""".split()  # noqa: SIM905
_MARKS = """“the line” (so they say) “water ‘not’ U.S. Mr. No. 3.5 it's boys’ [sic] [...] Sgt. e.g.
[slideshow_deploy] [gallery ends. asks? cries! because: while, … " ' ) ] ” « » „so“ Yahoo! stop.1
stop.² 👨‍👩‍👧 🇩🇪 👍🏽 🎉🎉🎉 ]]> — and https://lantern.example/2026/11/22/a-very-long-path-to-nowhere
[…] «oui» »ja« 5) :-)""".split()  # noqa: SIM905
_OTHERS = """der Rat z. B. und weil Nr. 5. M. Dupont et que Sra. López y porque قال د. أحمد و هل؟ من
日本語です。 「はい。」と 港の話 续读。 किसने कहा। Он сказал: «Да.» и т. д.""".split()  # noqa: SIM905
_WORDS = st.sampled_from([*_ENGLISH, *_ENGLISH, *_MARKS, *_OTHERS])
_SENTENCES = st.lists(st.sampled_from(_ENGLISH), min_size=3, max_size=14).map(
    lambda words: " ".join(words).capitalize() + "."
)
#: Texts of plugins, in their own paragraph or after a sentence.
_SITE = st.sampled_from(
    ["Continue reading", "Weiterlesen →", "Lire la suite", "Leer más »", "اقرأ المزيد",
     "続きを読む", "The post X appeared first on Y.", "Der Beitrag X erschien zuerst auf Y."]
)  # fmt: skip
_PARAGRAPHS = st.one_of(
    _SITE,
    st.tuples(_SENTENCES, _SITE).map(" ".join),
    st.lists(_WORDS, min_size=1, max_size=90).map(" ".join),
    st.lists(_SENTENCES, min_size=1, max_size=8).map(" ".join),
    st.lists(st.one_of(_SENTENCES, _WORDS), min_size=1, max_size=20).map(" ".join),
)
_HTML = st.lists(_PARAGRAPHS, max_size=5).map(
    lambda paragraphs: "".join(f"<p>{text}</p>" for text in paragraphs)
)
_LANGUAGES = st.sampled_from(["en", "de", "fr", "es", "ar", "ja", "zh-TW", "pt_BR", "x-klingon"])


def excerpt_of(content: str, summary: str, language: str) -> Excerpt:
    return write_excerpt(read_text(summary), read_text(content), "The Line", language)


@given(content=_HTML, summary=_HTML, language=_LANGUAGES)
def test_no_excerpt_breaks_a_rule(content: str, summary: str, language: str) -> None:
    excerpt = excerpt_of(content, summary, language)
    assert list(faults_of(excerpt.short, MAX_SHORT)) == []
    assert list(faults_of(excerpt.lead, MAX_LEAD)) == []
    assert faults_of_excerpt(excerpt.short, language) == ()
    assert faults_of_excerpt(excerpt.lead, language, is_lead=True) == ()
    assert count(excerpt.lead)[0] >= count(excerpt.short)[0] or not excerpt.short


@examples(50)
@given(st.lists(_SENTENCES, min_size=24, max_size=26))
def test_plain_sentences_become_an_excerpt(sentences: list[str]) -> None:
    text = " ".join(sentences)
    excerpt = excerpt_of(f"<p>{text}</p>", "", "en")
    assert text.startswith(excerpt.short)
    assert text.startswith(excerpt.lead)
    assert 30 <= count(excerpt.short)[0] <= MAX_SHORT
    assert 45 <= count(excerpt.lead)[0] <= MAX_LEAD


@given(html=_HTML, language=_LANGUAGES)
def test_prose_consists_of_words_of_the_post(html: str, language: str) -> None:
    text = read_text(html)
    lines = (tidy_line(block) for block in text.split("\n\n"))
    known = {word for line in lines for word in line.replace("…", "").split()}
    for paragraph in read_prose(text, "The Line", language):
        words = paragraph.replace("…", "").split()
        strange = {word for word in words if word not in known and word.rstrip(".") not in known}
        assert all("lantern.example" in word or "。" in word or "と" in word for word in strange)


@given(
    text=st.text(alphabet="aé\u0301👨👩\u200d🇩🇪👍🏽\ufe0f 本", max_size=80),
    limit=st.integers(0, 80),
)
def test_a_beginning_is_a_beginning(text: str, limit: int) -> None:
    first = first_graphemes(text, limit)
    assert text.startswith(first)
    assert len(first) <= max(limit, 0)
    # Nothing is always a beginning, also of a text that begins with a joiner.
    assert first in ("", text) or text[len(first)] != "\u200d"


# Each is repeated to a megabyte: markup, and input that may slow a function down.
_MARKUP = ["<div>", "<table>", "<p>a.", "<p>“a", "<p>Read more.", "<br>Aa", "<img><p>a", "<form>",
    "<div><img>", "<p><img><em>a</em>", "<p>1. a", "a\n\n"]  # fmt: skip
_TEXTS = ["“a ", "x. ", "Mr. ", "[a_b ", "(", "😀\u200d", "🇩", "\U0001f3fb", "x https://a.b ", "「",
    "The post . ", "1 May 2024 | ", "By A B | ", "\u0301", " (dpa) - ", "A, ", "[…] "]  # fmt: skip


def seconds_for(function: Callable[[], object]) -> float:
    return least_seconds(function, under=1)


@pytest.mark.proof
@pytest.mark.parametrize("piece", sample([*_MARKUP, *_TEXTS]))
def test_a_megabyte_of_anything_takes_less_than_a_second(piece: str) -> None:
    html = piece * (1_000_000 // len(piece))
    assert seconds_for(lambda: excerpt_of(html, "", "en")) < 1


@pytest.mark.proof
@pytest.mark.parametrize("piece", sample(_TEXTS))
def test_each_text_function_is_linear(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert seconds_for(lambda: tidy_line(text)) < 1
    assert seconds_for(lambda: split_sentences(text, "de")) < 1
    assert seconds_for(lambda: first_unpaired(text)) < 1
    assert seconds_for(lambda: read_prose(text, "The Line")) < 1
    assert seconds_for(lambda: first_graphemes(language_of(text, "en") + text, 999_000)) < 1
    assert seconds_for(lambda: faults_of_excerpt(text, "en")) < 1
