"""Excerpts of Arabic posts in a newsletter of another language: the script decides."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text

TITLE = "الخط في القناة"
BODY = "اجتمع مجلس الميناء يوم الثلاثاء للمرة الثالثة هذا الشهر ولم يتفق على خط الحدود."
MORE = "هل سأل أحد المرشدين البحريين الذين يعرفون المياه أكثر من أي عضو في المجلس؟"


def excerpt_of(html: str, language: str = "en") -> str:
    return write_excerpt("", read_text(html), TITLE, language).short


@pytest.mark.parametrize(
    "added",
    [
        "اقرأ المزيد",
        "إقرأ المزيد »",
        "أكمل القراءة",
        "متابعة القراءة الخط في القناة",
        "ظهرت المقالة الخط في القناة أولاً على الفانوس.",
        "نُشر في ميناء، أمن.",
        "شارك هذا الموضوع: بريد، حمامة.",
        "بقلم أوديل مارش",
        "تبرع الآن لإبقاء الضوء.",
        "اشترك في رسالتنا الأسبوعية!",
        "استطلاع: من يرسم الخط؟",
        "عوامة عند الجزر. تصوير: آنا بيل",
        "الخط في القناة",
        "الوسوم: عوامات، خط",
    ],
)
def test_a_paragraph_of_the_site_is_not_part_of_an_excerpt(added: str) -> None:
    assert excerpt_of(f"<p>{added}</p><p>{BODY}</p>") == BODY
    assert excerpt_of(f"<p>{BODY}</p><p>{added}</p><p>{MORE}</p>", "ar") == f"{BODY} {MORE}"


@pytest.mark.parametrize(
    "paragraph",
    [
        f"{BODY} اقرأ المزيد",
        f"{BODY} […] اقرأ المزيد",
        f"{BODY} ظهرت المقالة الخط أولاً على الفانوس.",
        f"القاهرة (رويترز) - {BODY}",
    ],
)
def test_words_not_by_the_author_are_cut_from_a_paragraph(paragraph: str) -> None:
    assert excerpt_of(f"<p>{paragraph}</p>") == BODY


@pytest.mark.parametrize(
    "text",
    [
        f"قال د. أحمد: «الخط حيث الماء». {BODY}",
        f"هل تعلم؟ نعم! (هذا صحيح). {BODY}",
        f"قال أ.د. سامي إن الأمر صعب. {BODY}",
    ],
)
def test_words_by_the_author_stay(text: str) -> None:
    assert excerpt_of(f"<p>{text}</p>") == text


def test_a_quotation_is_closed_or_not_begun() -> None:
    words = " ".join(["كلمة"] * 70)
    assert excerpt_of(f"<p>{BODY} {MORE} «{words}.»</p>") == f"{BODY} {MORE}"


def test_a_cut_text_does_not_end_on_a_conjunction() -> None:
    words = [f"كلمة{number}" for number in range(44)]
    assert excerpt_of(f"<p>{' '.join(['قال', *words, 'من', *words])}.</p>").endswith("كلمة43…")


def test_urdu_ends_its_sentences_with_its_own_stop() -> None:
    text = "بندرگاہ کی مجلس نے منگل کو اس مہینے تیسری بار اجلاس کیا اور کوئی فیصلہ نہ ہو سکا۔"
    assert excerpt_of(f"<p>{text} {text}</p>") == f"{text} {text}"
