"""Excerpts of French posts: structure, spacing before marks, and the site's words."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text

TITLE = "La ligne dans le chenal"
BODY = (
    "Le conseil s’est réuni mardi pour la troisième fois ce mois-ci, sans s’accorder sur la ligne."
)
MORE = "Personne n’avait interrogé les pilotes, qui connaissent l’eau mieux que tout le conseil !"


def excerpt_of(html: str) -> str:
    return write_excerpt("", read_text(html), TITLE, "fr").short


@pytest.mark.parametrize(
    "added",
    [
        "Lire la suite",
        "Mise à jour : la ligne a été déplacée.",
        "Cet article est en accès libre.",
        "Lire la suite →",
        "Lire la suite « La ligne dans le chenal »",
        "Continuer la lecture de La ligne",
        "L’article La ligne dans le chenal est apparu en premier sur La Lanterne.",
        "Cet article est apparu en premier sur La Lanterne.",
        "Publié dans Port, Sécurité",
        "Classé dans : Port",
        "Étiquettes : bouées, ligne",
        "Partager : poste, pigeon.",
        "Par Odile Marsh",
        "22 novembre 2026",
        "Faites un don pour garder la lumière.",
        "Inscrivez-vous à notre lettre !",
        "Sondage : qui doit tracer la ligne ?",
        "Une bouée à marée basse. Crédit photo : Anne Pel",
        "Un bac à l’aube, vu du quai",
        "La ligne dans le chenal",
        "À lire aussi : qui paie les bouées ?",
    ],
)
def test_a_paragraph_of_the_site_is_not_part_of_an_excerpt(added: str) -> None:
    assert excerpt_of(f"<p>{added}</p><p>{BODY}</p>") == BODY
    assert excerpt_of(f"<p>{BODY}</p><p>{added}</p><p>{MORE}</p>") == f"{BODY} {MORE}"


@pytest.mark.parametrize(
    "paragraph",
    [
        f"{BODY} Lire la suite",
        f"{BODY} […] Lire la suite →",
        f"{BODY} L’article La ligne est apparu en premier sur La Lanterne.",
        f"PARIS (AFP) – {BODY}",
        f"Publié le 22 novembre 2026. {BODY}",
        f"22 novembre 2026 – {BODY}",
    ],
)
def test_words_not_by_the_author_are_cut_from_a_paragraph(paragraph: str) -> None:
    assert excerpt_of(f"<p>{paragraph}</p>") == BODY


@pytest.mark.parametrize(
    "text",
    [
        f"M. Dupont et Mme. Durand ont vu le Dr. Martin à 10 h. {BODY}",
        f"« La ligne est là où il y a de l’eau », dit-il. {BODY}",
        f"Vraiment ? Oui ! C’est la règle. {BODY}",
        f"Voir p. 3, art. 5 du livre, p. ex. celui de M. Martin. {BODY}",
    ],
)
def test_words_by_the_author_stay(text: str) -> None:
    assert excerpt_of(f"<p>{text}</p>") == text


def test_a_quotation_is_closed_or_not_begun() -> None:
    words = " ".join(["mot"] * 70)
    assert excerpt_of(f"<p>{BODY} {MORE} « {words}. »</p>") == f"{BODY} {MORE}"


def test_a_cut_text_does_not_end_on_a_conjunction() -> None:
    words = [f"mot{number}" for number in range(44)]
    assert excerpt_of(f"<p>{' '.join(['Un', *words, 'et', *words])}.</p>").endswith("mot43…")
