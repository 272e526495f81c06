"""Excerpts of German posts, rule by rule; the texts are invented."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text

TITLE = "Die Linie im Fahrwasser"
BODY = "Der Rat trat am Dienstag zum dritten Mal in diesem Monat zusammen und fand keine Linie."
MORE = "Niemand hatte die Lotsen gefragt, die das Wasser besser kennen als jeder aus dem Rat."


def excerpt_of(html: str) -> str:
    return write_excerpt("", read_text(html), TITLE, "de").short


@pytest.mark.parametrize(
    "added",
    [
        "Weiterlesen",
        "Weiterlesen →",
        "Weiterlesen „Die Linie im Fahrwasser“",
        "Den ganzen Artikel lesen",
        "Mehr lesen …",
        "Hier geht es weiter zum Text",
        "Der Beitrag Die Linie im Fahrwasser erschien zuerst auf Die Laterne.",
        "Dieser Artikel erschien zuerst in der Laterne.",
        "Zuerst erschienen in der Laterne.",
        "Veröffentlicht in Hafen, Sicherheit",
        "Veröffentlicht am 22. November 2026 von Odile Marsch.",
        "Kategorien: Hafen",
        "Schlagwörter: Tonnen, Linie",
        "Teilen mit: Post, Taube.",
        "Gefällt mir: Wird geladen …",
        "Von Odile Marsch",
        "Ein Gastbeitrag von Odile Marsch",
        "22. November 2026",
        "22.11.2026, 14:05 Uhr",
        "Umfrage: Wer soll die Linie ziehen?",
        "Jetzt spenden und das Licht erhalten!",
        "Unterstützen Sie uns mit einer Spende.",
        "Newsletter abonnieren und keine Flut verpassen!",
        "Melden Sie sich für unseren Brief an.",
        "Das könnte Sie auch interessieren: Wer zahlt die Tonnen?",
        "Foto: Anna Pelz",
        "Eine Tonne bei Ebbe. Foto: Anna Pelz",
        "Eine Fähre am Morgen, vom Kai aus gesehen",
        "Symbolbild: eine Fähre.",
        "Die Linie im Fahrwasser",
        "https://laterne.example/2026/die-linie",
        "Lesezeit: 3 Minuten.",
        "Update vom 22. November, 15.30 Uhr: Die Linie ist verlegt.",
        "Anmerkung der Redaktion: Wir haben eine Zahl berichtigt.",
        "Dieser Text ist Teil unseres Newsletters „Morgenlicht“.",
        "[shariff_buttons theme=“x”]",
        "The post Die Linie im Fahrwasser appeared first on Die Laterne.",
    ],
)
def test_a_paragraph_of_the_site_is_not_part_of_an_excerpt(added: str) -> None:
    assert excerpt_of(f"<p>{added}</p><p>{BODY}</p>") == BODY
    assert excerpt_of(f"<p>{BODY}</p><p>{added}</p>") == BODY
    assert excerpt_of(f"<p>{BODY}</p><p>{added}</p><p>{MORE}</p>") == f"{BODY} {MORE}"


@pytest.mark.parametrize(
    "paragraph",
    [
        f"{BODY} Weiterlesen",
        f"{BODY} […] Weiterlesen →",
        f"{BODY} (mehr lesen …)",
        f"{BODY} Der Beitrag Wer? Wir! erschien zuerst auf Die Laterne.",
        f"{BODY} Veröffentlicht unter Hafen",
        f"Berlin (dpa) - {BODY}",
        f"München (ots) {BODY}",
        f"Kiel/Tarnmünde (dpa/lni) - {BODY}",
        f"TARNMÜNDE (epd) – {BODY}",
        f"Von Odile Marsch – {BODY}",
        f"22. November 2026 | {BODY}",
        f"Dieser Beitrag erschien zuerst in der Laterne. {BODY}",
        f"(Foto: Anna Pelz) {BODY}".replace("Pelz)", "Pelz.)"),
        f"Die Linie im Fahrwasser – {BODY}",
        f"{BODY}²",
    ],
)
def test_words_not_by_the_author_are_cut_from_a_paragraph(paragraph: str) -> None:
    assert excerpt_of(f"<p>{paragraph}</p>") == BODY


@pytest.mark.parametrize(
    "text",
    [
        f"Am 3. Oktober kam Dr. Meier, z. B. wegen der Tonne Nr. 5 (s. S. 12). {BODY}",
        f"Ludwig XIV. zog ca. 1680 d. h. vor langer Zeit eine Linie. {BODY}",
        f"„Die Linie ist, wo Wasser ist“, sagte er. {BODY}",
        f"»Warum?«, fragte ›der Lotse‹. {BODY}",
        f"Das kostet bzw. kostete 3,5 Mio. Euro. {BODY}",
        f"Yahoo! Deutschland berichtete es. {BODY}",
    ],
)
def test_words_by_the_author_stay(text: str) -> None:
    assert excerpt_of(f"<p>{text}</p>") == text


def test_a_quotation_of_more_than_sixty_words_is_not_begun() -> None:
    words = " ".join(["Wort"] * 70)
    assert excerpt_of(f"<p>{BODY} {MORE} „{words}.“</p>") == f"{BODY} {MORE}"


def test_a_cut_text_does_not_end_on_a_conjunction() -> None:
    words = [f"wort{number}" for number in range(44)]
    text = " ".join([*words, "und", *words])
    assert excerpt_of(f"<p>Ein {text}.</p>").endswith("wort43…")


def test_text_after_a_salutation_begins_with_a_capital() -> None:
    html = f"<p>Liebe Leserin, lieber Leser,</p><p>{BODY[0].lower()}{BODY[1:]}</p><p>{MORE}</p>"
    assert excerpt_of(html) == f"{BODY} {MORE}"
