"""Excerpts in every language that a newsletter may have: the author's words, whole sentences."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text
from digest.text.excerpts import faults_of_excerpt
from digest.text.html import clean_html
from digest.text.languages import LANGUAGES, OF_POSTS, is_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A post in one language."""

    language: str
    title: str
    #: A sentence that is long enough for an excerpt.
    body: str
    #: A second sentence.
    more: str
    #: Paragraphs that a site adds.
    added: tuple[str, ...]
    #: A sentence with an abbreviation in it, after which it goes on.
    shortened: str
    #: Its short quotation, as a blockquote gives it, with the language's marks around it.
    quoted: tuple[str, str]


SAMPLES = (
    Sample(
        language="it",
        title="La linea del porto",
        body="Il consiglio del porto si è riunito martedì per la terza volta questo mese, ma non ha"
        " trovato un accordo sulla linea che le navi devono seguire.",
        more="Nessuno aveva chiesto ai piloti, che conoscono l'acqua meglio di tutti gli altri.",
        added=(
            "Continua a leggere",
            "Leggi tutto →",
            "L'articolo La linea del porto proviene da La Lanterna.",
            "Condividi:",
            "Di Anna Rossi",
            "22 novembre 2026",
            "Foto: Ansa",
        ),
        shortened="Il sig. Rossi ha spiegato al consiglio che la linea del 1998 non vale più per le"
        " navi di oggi, che sono lunghe il doppio e pescano molto di più.",
        quoted=("Il ponte è basso.", "«Il ponte è basso.»"),
    ),
    Sample(
        language="nl",
        title="De lijn van de haven",
        body="Het havenbestuur kwam dinsdag voor de derde keer deze maand bijeen, maar werd het"
        " niet"
        " eens over de lijn die de schepen voortaan moeten volgen.",
        more="Niemand had het de loodsen gevraagd, die het water beter kennen dan wie dan ook.",
        added=(
            "Lees verder",
            "Lees meer →",
            "Het bericht De lijn van de haven verscheen eerst op De Lantaarn.",
            "Delen:",
            "Door Anna de Vries",
            "22 november 2026",
            "Foto: ANP",
        ),
        shortened="Volgens dhr. De Vries geldt de lijn van 1998 niet meer voor de schepen van"
        " vandaag, die twee keer zo lang zijn en veel dieper in het water liggen.",
        quoted=("De brug is te laag.", "“De brug is te laag.”"),
    ),
    Sample(
        language="pl",
        title="Linia portu",
        body="Zarząd portu spotkał się we wtorek po raz trzeci w tym miesiącu, ale nie doszedł do"
        " porozumienia w sprawie linii, którą statki mają odtąd płynąć.",
        more="Nikt nie zapytał pilotów, którzy znają tę wodę lepiej niż ktokolwiek inny w mieście.",
        added=(
            "Czytaj dalej",
            "Czytaj więcej →",
            "Artykuł Linia portu pochodzi z serwisu Latarnia.",
            "Udostępnij:",
            "Autor: Anna Kowalska",
            "22 listopada 2026",
            "Fot. PAP",
        ),
        shortened="Zdaniem dr. Kowalskiego linia z 1998 r. nie obowiązuje już dzisiejszych statków,"
        " które są dwa razy dłuższe i zanurzają się o wiele głębiej niż kiedyś.",
        quoted=("Most jest za niski.", "„Most jest za niski.”"),
    ),
    Sample(
        language="pt",
        title="A linha do porto",
        body="O conselho do porto reuniu-se na terça-feira pela terceira vez este mês, mas não"
        " chegou a acordo sobre a linha que os navios devem seguir a partir de agora.",
        more="Ninguém tinha perguntado aos pilotos, que conhecem a água melhor do que qualquer um.",
        added=(
            "Continue lendo",
            "Leia mais →",
            "O post A linha do porto apareceu primeiro em A Lanterna.",
            "Compartilhe isso:",
            "Por Ana Souza",
            "22 de novembro de 2026",
            "Foto: Reuters",
        ),
        shortened="Segundo o Sr. Souza, a linha de 1998 já não vale para os navios de hoje, que têm"
        " o dobro do comprimento e navegam muito mais fundo do que antes.",
        quoted=("A ponte é baixa.", "«A ponte é baixa.»"),
    ),
    Sample(
        language="ru",
        title="Линия порта",
        body="Совет порта собрался во вторник в третий раз за этот месяц, но так и не договорился о"
        " линии, по которой теперь должны идти суда через пролив.",
        more="Никто не спросил лоцманов, которые знают эту воду лучше всех остальных в городе.",
        added=(
            "Читать далее",
            "Читать полностью →",
            "Сообщение Линия порта появились сначала на Фонарь.",
            "Поделиться:",
            "Автор: Анна Иванова",
            "22 ноября 2026",
            "Фото: ТАСС",
        ),
        shortened="По словам г. Иванова, линия 1998 г. больше не годится для нынешних судов,"
        " которые вдвое длиннее и сидят в воде гораздо глубже, чем прежде.",
        quoted=("Мост слишком низкий.", "«Мост слишком низкий.»"),
    ),
    Sample(
        language="zh",
        title="航道的界线",
        body="港口委员会星期二举行了本月的第三次会议，但是仍然没有就船只今后必须遵循的那条界线达成一致意见，"
        "会议将在下个星期继续进行，届时将听取各方的意见。",
        more="没有人问过领航员，而他们比城里的任何人都更了解这片水域的深浅和水流。",
        added=(
            "阅读全文",
            "继续阅读 →",
            "分享到：",
            "作者：王安娜",
            "2026年11月22日",
            "图片来源：新华社",
        ),
        shortened="委员会表示，一九九八年划定的界线已经不再适用于今天的船只，因为它们的长度是当年的两倍，"
        "吃水也比从前深得多，所以必须重新测量航道的深度。",
        quoted=("这座桥太低了。", "“这座桥太低了。”"),
    ),
    Sample(
        language="es",
        title="La línea del puerto",
        body="El consejo del puerto se reunió el martes por tercera vez este mes, pero no llegó a"
        " un"
        " acuerdo sobre la línea que los barcos deben seguir desde ahora.",
        more="Nadie había preguntado a los prácticos, que conocen el agua mejor que ninguno.",
        added=("Sigue leyendo", "Compartir:", "Por Ana Ruiz", "22 de noviembre de 2026"),
        shortened="Según el Sr. Ruiz, la línea de 1998 ya no vale para los barcos de hoy, que son"
        " el"
        " doble de largos y navegan a mucha más profundidad que antes.",
        quoted=("El puente es bajo.", "«El puente es bajo.»"),
    ),
    Sample(
        language="fr",
        title="La ligne du port",
        body="Le conseil du port s'est réuni mardi pour la troisième fois ce mois-ci, mais il n'est"
        " pas tombé d'accord sur la ligne que les navires doivent suivre.",
        more="Personne n'avait interrogé les pilotes, qui connaissent l'eau mieux que quiconque.",
        added=("Lire la suite", "Partager :", "Par Anne Martin", "22 novembre 2026"),
        shortened="Selon M. Martin, la ligne de 1998 ne vaut plus pour les navires d'aujourd'hui,"
        " qui"
        " sont deux fois plus longs et naviguent bien plus profond qu'avant.",
        quoted=("Le pont est bas.", "« Le pont est bas. »"),
    ),
    Sample(
        language="ar",
        title="خط الميناء",
        body="اجتمع مجلس الميناء يوم الثلاثاء للمرة الثالثة هذا الشهر، لكنه لم يتفق على الخط الذي"
        " يجب أن تتبعه السفن من الآن فصاعدا عند دخولها إلى المضيق.",
        more="لم يسأل أحد المرشدين الذين يعرفون الماء أكثر من أي شخص آخر في المدينة.",
        added=("اقرأ المزيد", "مشاركة:"),
        shortened="قال د. حسن إن الخط القديم لم يعد صالحا لسفن اليوم التي يبلغ طولها ضعف ما كان"
        " عليه وتغوص في الماء أعمق بكثير مما كانت عليه في الماضي.",
        quoted=("الجسر منخفض جدا.", "“الجسر منخفض جدا.”"),
    ),
    Sample(
        language="ja",
        title="港の線",
        body="港の役員会は火曜日に今月三度目の会合を開いたが、船がこれから従うべき境界線については合意できず、"
        "来週もう一度集まって話し合いを続けることになった。",
        more="水のことを誰よりもよく知っている水先人には、誰も意見を聞かなかったという。",
        added=("続きを読む", "共有:", "2026年11月22日"),
        shortened="役員会によれば、一九九八年の線は今の船にはもう合わない。船の長さは当時の二倍になり、"
        "喫水もずっと深くなったので、航路をもう一度測り直す必要がある。",
        quoted=("橋が低すぎる。", "「橋が低すぎる。」"),
    ),
)


def excerpt_of(html: str, sample: Sample) -> str:
    text = read_text(clean_html(html, "https://a.example/"))
    excerpt = write_excerpt("", text, sample.title, sample.language)
    assert faults_of_excerpt(excerpt.short, sample.language) == ()
    assert faults_of_excerpt(excerpt.lead, sample.language, is_lead=True) == ()
    return excerpt.short


@pytest.fixture(params=SAMPLES, ids=[each.language for each in SAMPLES])
def sample(request: pytest.FixtureRequest) -> Sample:
    each: Sample = request.param
    return each


def test_what_the_site_adds_is_not_in_an_excerpt(sample: Sample) -> None:
    for added in (*sample.added, sample.title):
        assert excerpt_of(f"<p>{added}</p><p>{sample.body}</p>", sample) == sample.body, added
        said = excerpt_of(f"<p>{sample.body}</p><p>{added}</p>", sample)
        assert said == sample.body, added


def test_an_abbreviation_ends_no_sentence(sample: Sample) -> None:
    assert excerpt_of(f"<p>{sample.shortened}</p>", sample) == sample.shortened


def test_a_quotation_has_the_marks_of_its_language(sample: Sample) -> None:
    said, marked = sample.quoted
    joint = "" if sample.language in ("ja", "zh") else " "
    excerpt = excerpt_of(f"<blockquote>{said}</blockquote><p>{sample.body}</p>", sample)
    assert excerpt == f"{marked}{joint}{sample.body}"


def test_headings_lists_tables_and_pictures_are_not_in_an_excerpt(sample: Sample) -> None:
    html = (
        f"<h2>{sample.title}</h2><figure><img src='/a.jpg'><figcaption>{sample.more}</figcaption>"
        f"</figure><p>{sample.body}</p><table><tr><td>1998</td><td>2026</td></tr>"
        "<tr><td>17</td><td>19</td></tr></table>"
    )
    assert excerpt_of(html, sample) == sample.body


def test_a_text_that_the_feed_cut_ends_with_its_last_whole_sentence(sample: Sample) -> None:
    half = sample.more[: len(sample.more) // 2].rstrip()
    assert excerpt_of(f"<p>{sample.body} {half}[…]</p>", sample).startswith(sample.body[:-1])


def test_no_language_of_posts_has_translated_words() -> None:
    assert not set(OF_POSTS) & set(LANGUAGES)
    assert {each.language for each in SAMPLES} <= {*OF_POSTS, *LANGUAGES}
    assert is_known("pt-BR")
    assert not is_known("xx")
