"""Excerpts of Spanish posts: structure, opening marks, and the site's words."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text

TITLE = "La línea en el canal"
BODY = (
    "La junta se reunió el martes por tercera vez este mes y no logró ponerse de acuerdo en nada."
)
MORE = "¿Quién preguntó a los prácticos, que conocen el agua mejor que toda la junta del puerto?"


def excerpt_of(html: str) -> str:
    return write_excerpt("", read_text(html), TITLE, "es").short


@pytest.mark.parametrize(
    "added",
    [
        "Leer más",
        "ACTUALIZACIÓN (15:30): La línea se ha movido.",
        "Escucha el episodio completo en la aplicación.",
        "Leer más »",
        "Seguir leyendo La línea en el canal",
        "La entrada La línea en el canal se publicó primero en La Linterna.",
        "El artículo La línea apareció primero en La Linterna.",
        "Publicado en Puerto, Seguridad",
        "Archivado en: Puerto",
        "Etiquetas: boyas, línea",
        "Compartir en: correo, paloma.",
        "Por Odile Marsh",
        "22 de noviembre de 2026",
        "Haz una donación para mantener la luz.",
        "¡Suscríbete a nuestra carta!",
        "Encuesta: ¿quién debe trazar la línea?",
        "Una boya en bajamar. Foto: Ana Pel",
        "Un barco al alba, visto desde el muelle",
        "La línea en el canal",
        "Te puede interesar: ¿quién paga las boyas?",
    ],
)
def test_a_paragraph_of_the_site_is_not_part_of_an_excerpt(added: str) -> None:
    assert excerpt_of(f"<p>{added}</p><p>{BODY}</p>") == BODY
    assert excerpt_of(f"<p>{BODY}</p><p>{added}</p><p>{MORE}</p>") == f"{BODY} {MORE}"


@pytest.mark.parametrize(
    "paragraph",
    [
        f"{BODY} Leer más",
        f"{BODY} […] Seguir leyendo →",
        f"{BODY} La entrada La línea se publicó primero en La Linterna.",
        f"MADRID (EFE) - {BODY}",
        f"Madrid, 22 nov (EFE).- {BODY}",
        f"MADRID.- {BODY}",
        f"22 de noviembre de 2026 – {BODY}",
    ],
)
def test_words_not_by_the_author_are_cut_from_a_paragraph(paragraph: str) -> None:
    assert excerpt_of(f"<p>{paragraph}</p>") == BODY


@pytest.mark.parametrize(
    "text",
    [
        f"El Sr. Pérez y la Sra. López viven en EE. UU. desde 1990. {BODY}",
        f"Véase la pág. 3, núm. 5, p. ej. la del Dr. Gómez. {BODY}",
        f"«La línea está donde hay agua», dijo. {BODY}",
        f"¡No! ¿Por qué? Dijo que no. {BODY}",
    ],
)
def test_words_by_the_author_stay(text: str) -> None:
    assert excerpt_of(f"<p>{text}</p>") == text


def test_a_quotation_is_closed_or_not_begun() -> None:
    words = " ".join(["voz"] * 70)
    assert excerpt_of(f"<p>{BODY} {MORE} «{words}.»</p>") == f"{BODY} {MORE}"


def test_a_cut_text_does_not_end_on_a_conjunction() -> None:
    words = [f"voz{number}" for number in range(44)]
    assert excerpt_of(f"<p>{' '.join(['Una', *words, 'y', *words])}.</p>").endswith("voz43…")
