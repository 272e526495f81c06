"""The gate knows rudeness and spam in several languages, independent of the newsletter's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.gate.policy import judge_comment
from digest.composer.lexicon.language import tell_language
from digest.composer.lexicon.matter import find_matter
from digest.composer.lexicon.phrases import Phrases
from digest.composer.lexicon.words import common_words, words_for
from digest.composer.quotes.quote import print_text
from digest.composer.rules import Policy
from tests.support.composing import a_comment
from tests.unit.test_composer_policy import POST

HAFEN = (
    "Der Hafenrat von Tarnmünde hat über die Grenze des Fischgrunds beraten. Ein Vermesser zog"
    " die Linie 1911 mit Messingstiften; die Rinne hat sich seitdem viermal verlagert, und zwei"
    " der sieben Bojen liegen auf trockenem Sand. Die Fährgesellschaft bezahlt die Bojen und"
    " fragt, welche davon bleiben sollen; ältere Mitglieder verteidigen die alte Seekarte."
)
BOJEN = "Ich habe die Bojen in dieser Rinne neunzehn Jahre lang gewartet, die Seekarte stimmt. "
BOUEES = "J'ai entretenu ces bouées pendant dix-neuf ans et la carte du chenal est juste. "
BOYAS = "Yo cuidé las boyas de ese canal durante diecinueve años y la carta está bien. "


def judge(text: str, *, newsletter: str = "en", post: str = POST, **changes: object) -> str:
    language = tell_language(text, newsletter)
    words = words_for(language)
    matter = find_matter(post, [text], words.stopwords)
    printed = print_text(text, words, language)
    reason = judge_comment(a_comment(text, **changes), printed, matter, Policy(), words)
    return reason.code if reason else ""


@pytest.mark.parametrize("newsletter", ["en", "de", "fr", "es", "ar"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{BOJEN}Was für ein Arschloch.", "profanity"),
        (f"{BOJEN}So ein Ar5chl0ch.", "profanity"),
        (f"{BOJEN}Sch**ße ist das.", "profanity"),
        (f"{BOJEN}Du bist ein Vollidiot.", "personal-attack"),
        (f"{BOJEN}Du bist so dumm.", "personal-attack"),
        (f"{BOJEN}Halt doch die Klappe.", "personal-attack"),
        (f"{BOJEN}Die gehören alle eingesperrt.", "threat"),
        (f"{BOUEES}Quel connard.", "profanity"),
        (f"{BOUEES}Vous êtes un menteur.", "personal-attack"),
        (f"{BOYAS}Hijos de puta.", "profanity"),
        (f"{BOYAS}Eres un mentiroso.", "personal-attack"),
    ],
)
def test_rudeness_is_seen_in_every_newsletter_language(
    newsletter: str, text: str, code: str
) -> None:
    assert judge(text, newsletter=newsletter) == code


@pytest.mark.parametrize(
    "civil",
    [
        BOJEN,
        f"{BOJEN}Da irrt der Vermesser, die Rinne ist tiefer als die Seekarte sagt.",
        f"{BOJEN}Das Schiff kam ins Wanken, und die Pute blieb im Ofen.",
        f"{BOJEN}Dick war das Seil, und Dieter Vogt hielt die Boje fest.",
        f"{BOJEN}Der Rat gehört abgewählt, wenn er die Bojen verschenkt.",
    ],
)
def test_civil_german_raises_no_alarm(civil: str) -> None:
    assert judge(civil, newsletter="de", post=HAFEN) == ""


@pytest.mark.parametrize("late", ["en retard", "la douche froide"])
def test_a_plain_word_of_one_language_may_be_rude_in_another(late: str) -> None:
    assert judge(f"{BOUEES}Le bac est {late}.", newsletter="fr", post=BOUEES) == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{BOJEN}Jetzt Kredit ohne Schufa, kostenlos anfragen.", "spam"),
        ("Toller Beitrag, vielen Dank für den interessanten Artikel!", "spam"),
        (f"{BOJEN}Er wohnt im Birkenweg 9 und freut sich.", "contact"),
        (f"{BOJEN}Tel. 05555 12345, bitte nach sechs.", "contact"),
        (
            "Dieser Kommentar wurde von der Redaktion entfernt, bitte bleiben Sie höflich.",
            "no-reader",
        ),
    ],
)
def test_spam_and_contacts_are_dropped_in_german(text: str, code: str) -> None:
    assert judge(text, newsletter="de", post=HAFEN) == code


@pytest.mark.parametrize(
    "name",
    [
        "Umzugsfirma Berlin",
        "DSL Tarifvergleich",
        "crédit rapide",
        "Inversiones Seguras",
        "longchamp sac pas cher",
        "brass pins",
        "Max from Buoys Ltd",
        "Tarnmouth Weekly » Blog",
    ],
)
def test_names_that_sell_are_known_in_every_language(name: str) -> None:
    text = "I kept the buoys in that channel for nineteen years, with brass pins for the board."
    assert judge(text, author=name) == "commercial-name"


@pytest.mark.parametrize(
    "name", ["Dieter Vogt", "Vincent Price", "Bäckermeister Yilmaz", "A parent"]
)
def test_names_of_people_are_not_taken_for_sellers(name: str) -> None:
    assert judge("I kept the buoys in that channel for nineteen years.", author=name) == ""


def test_without_a_word_list_a_link_is_dropped() -> None:
    text = "كنت مسؤولا عن العوامات في تلك القناة منذ سنوات طويلة، انظر https://a.example/1 لمزيد"
    assert judge(text, newsletter="ar", post="") == "links"


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        (BOJEN, "en", "de"),
        (BOUEES, "de", "fr"),
        (BOYAS, "en", "es"),
        ("The chart is still right, and I kept the buoys.", "de", "en"),
        ("كنت مسؤولا عن هذه العوامات في تلك القناة منذ عشر سنوات", "en", "ar"),
        ("Bojen!", "en-GB", "en"),
        ("", "de-AT", "de"),
        ("Ik heb de boeien daar negentien jaren bewaakt, dus vraag het gerust", "en", ""),
        ("Ik heb de boeien daar negentien jaren bewaakt, dus vraag het gerust", "nl", "nl"),
    ],
)
def test_a_text_is_known_by_its_small_words(text: str, expected: str, language: str) -> None:
    assert tell_language(text, expected) == language


def test_the_languages_with_small_words_are_those_of_the_letters() -> None:
    assert {"en", "de", "fr", "es", "ar"} <= set(common_words())


_ENTRIES = st.lists(st.text("ab '-*", min_size=1, max_size=5).map(str.strip).filter(bool))


@given(entries=_ENTRIES, text=st.text("ab '-c", max_size=30))
def test_a_list_finds_what_its_entries_find_one_by_one(entries: list[str], text: str) -> None:
    usable = [each for each in entries if each.strip("*") and "*" not in each[:-1]]
    # A word ends at a word's end only where it has one itself; so does its beginning.
    starts = {each: r"(?<!\w)" if each[0].isalnum() else "" for each in usable}
    ends = {
        each: r"\w*" if each[-1] == "*" else (r"(?!\w)" if each[-1].isalnum() else "")
        for each in usable
    }
    alone = any(
        re.search(rf"{starts[each]}{re.escape(each.removesuffix('*'))}{ends[each]}", text)
        for each in usable
    )
    assert bool(Phrases(tuple(usable)).find(text)) == alone
