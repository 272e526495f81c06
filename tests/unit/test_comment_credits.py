"""Names and dates of comments in pages, apart from each other and from the text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.models import CommentKind, Document, ParsedComments
from digest.readers.pages.page import read_page
from digest.readers.responses.credits import is_credit, is_notice_label, is_reblog, read_credit
from tests.support.timing import within

NOW = datetime(2026, 11, 30, tzinfo=UTC)
URL = "https://blog.example/2026/11/ships/"
DATA = Path(__file__).parent.parent / "data" / "comments" / "credits"
TEXT = "<p>Late again, these ships.</p>"


def read(markup: str | bytes, url: str = URL) -> ParsedComments:
    body = markup.encode() if isinstance(markup, str) else markup
    return read_page(Document(body=body, url=url, content_type="text/html"), NOW).comments


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


LATE = "Late again, these ships."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sidebar", [("Anna Lee", at(11, 2, 10), LATE)]),
        (
            "text-inside-author",
            [
                (
                    "Anna Lee",
                    at(11, 2, 10, 39),
                    "Late again, these ships, and nobody said why.",
                )
            ],
        ),
        (
            "name-and-date",
            [
                ("Anna Lee", at(6, 19, 15, 28), LATE),
                ("Ben Fox", at(11, 2, 10, 12), "The quay was closed."),
            ],
        ),
        ("badge", [("Anna Lee", at(6, 19, 19, 2), LATE)]),
        ("says", [("Ramón", at(4, 26, 14, 2), "Los barcos llegan tarde.")]),
        (
            "pingback-label",
            [("Harbour Notes", at(9, 11, 23, 31), "[…] late again, these ships […]")],
        ),
        (
            "numbers",
            [
                ("Anna Lee", datetime(2025, 12, 8, 10, 56, tzinfo=UTC), LATE),
                ("Ben Fox", datetime(2025, 12, 9, 8, 52, 46, tzinfo=UTC), "So was the quay."),
            ],
        ),
        (
            "loose-dates",
            [
                ("Anna Lee", at(3, 7), LATE),
                ("Ben Fox", at(8, 3, 15, 12), "So was the quay."),
                ("Cy Hill", at(5, 18, 22, 38), "And the lock."),
            ],
        ),
        ("footer", [("Anna Lee", at(11, 2, 10), LATE)]),
    ],
)
def test_a_theme_gives_name_date_and_text(
    name: str, shown: list[tuple[str, datetime, str]]
) -> None:
    found = read((DATA / f"{name}.html").read_bytes()).comments
    assert [(each.author, each.posted_at, each.text) for each in found] == shown


def test_a_label_before_the_name_shows_a_pingback() -> None:
    (found,) = read((DATA / "pingback-label.html").read_bytes()).comments
    assert found.kind is CommentKind.PINGBACK


def test_pingbacks_without_numbers_complete_the_list() -> None:
    found = read((DATA / "pingbacks-without-ids.html").read_bytes())
    assert found.is_complete is True
    assert [(each.author, each.kind) for each in found.comments] == [
        ("Anna Lee", CommentKind.COMMENT),
        ("Harbour Notes", CommentKind.PINGBACK),
    ]


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="comments"><div class="comment odd" id="comment-6a0f">{0}{1}</div></div>',
        '<div class="comments"><article class="note" id="comment-ab1">{0}{1}</article></div>',
        '<ul class="comments"><li class="one" id="comment44">{0}{1}</li></ul>',
        '<dl id="comments"><dt id="c22">{0}</dt><dd>{1}</dd></dl>',
        '<ol class="comment-list"><li class="comment" id="c9f">{0}{1}</li></ol>',
    ],
)
def test_comments_named_without_a_number_are_read(markup: str) -> None:
    credit = '<p class="comment-meta"><b class="author">Anna</b> 2 November 2026, 10:00</p>'
    found = read(markup.format(credit, TEXT)).comments
    assert [(each.author, each.posted_at, each.text) for each in found] == [
        ("Anna", at(11, 2, 10), LATE)
    ]


def test_two_pingbacks_of_one_site_without_numbers_are_two() -> None:
    notice = '<li class="pingback"><p>Ping: <a href="https://quay.example/{0}">Quay</a></p></li>'
    found = read(f'<ol class="commentlist">{notice.format(1)}{notice.format(2)}{item(1)}</ol>')
    assert [each.author for each in found.comments] == ["Quay", "Quay", "Anna"]


def item(number: int, link: str = "", classes: str = "comment", inner: str = "") -> str:
    anchor = f'<a href="{link}#comment-{number}">link</a>' if link else ""
    return (
        f'<li id="comment-{number}" class="{classes}"><cite class="fn">Anna</cite>{anchor}'
        f'<div class="comment-content"><p>Words of {number}.</p></div>{inner}</li>'
    )


@pytest.mark.parametrize(
    "line",
    [
        "Anna Lee 19. Juni 2026 um 15:28 Uhr - Antworten",
        "Anna Lee on June 19, 2026 at 3:28 pm said:",
        "am 19. Juni 2026 um 15:28 Uhr schrieb Anna Lee:",
        "Kommentar von Anna Lee am 19.06.2026, 15:28",
        "Le 19 juin 2026 à 15h28, Anna Lee a écrit :",
        "Comentario de Anna Lee el 19 de junio de 2026 a las 15:28",
        "Anna Lee ha scritto il 19 giugno 2026 alle 15:28",
        "Anna Lee disse em 19 de junho de 2026 às 15:28",
        "Op 19 juni 2026 om 15:28 schreef Anna Lee:",
        "Anna Lee napisał(a): 19 czerwca 2026 o 15:28",
        "Anna Lee napsala dne 19. června 2026 v 15.28",
        "Anna Lee skriver: den 19 juni 2026 kl 15:28",
        "Anna Lee sier: 19. juni 2026 kl. 15:28",
        "Anna Lee sanoo: 19. kesäkuuta 2026 klo 15:28",
        "Anna Lee пишет: 19 июня 2026 в 15:28",
        "Anna Lee каже: 19 червня 2026 о 15:28",
        "Anna Lee 19 Haziran 2026 saat 15:28 dedi ki:",
        "Anna Lee さんのコメント 2026年6月19日 15:28",
        "Anna Lee 说道： 2026年6月19日 下午3:28",
        "Anna Lee 님의 말: 2026년 6월 19일 15:28",
        "Anna Lee يقول: 19 يونيو 2026 15:28",
        "#12 Posted by: Anna Lee | June 19, 2026 at 3:28 PM",
        "Kommentiert von: Anna Lee | 19. Juni 2026 um 15:28",
        "投稿: Anna Lee | 2026年6月19日 15:28",
        "Friday, June 19, 2026 15:28 | by Anna Lee (Author)",
        "15:28 on June 19, 2026 Anna Lee wrote:",
        "Anna Lee szerint: 2026-06-19 - 15:28",
        "Anna Lee spune: 19 iunie 2026 la 15:28",
        "Anna Lee berkata: 19 Juni 2026 pukul 15:28",
        "Anna Lee viết: 19/06/2026 lúc 15:28",
        "Anna Lee कहते हैं: 19 जून 2026 को 15:28 बजे",
        "Anna Lee พูดว่า: 19 มิถุนายน 2569 เวลา 15:28",
        "Anna Lee הגיבה: 19 ביוני 2026 בשעה 15:28",
        "Anna Lee يقول: ١٩ يونيو ٢٠٢٦ الساعة ٣:٢٨ م",
        "Anna Lee 댓글: 2026년 6월 19일 3:28 오후",
        "Gespeichert von Anna Lee (nicht überprüft) am Fr., 19.06.2026 - 15:28",
        "2026/06/19(金) 15:28 | URL | Anna Lee #-[ 編集]",
    ],
)
def test_names_and_dates_are_read_in_many_languages(line: str) -> None:
    found = read_credit(line, "de", NOW)
    assert (found.name, found.posted_at) == ("Anna Lee", at(6, 19, 15, 28))


@pytest.mark.parametrize("name", ["Sam", "Mo", "Kim So", "Op de Beeck"])
def test_a_short_name_of_a_day_in_another_language_is_a_name(name: str) -> None:
    assert read_credit(f"{name}, 20 June 2026 at 3:28 pm", "en", NOW).name == name
    assert read_credit("Anna Lee, sam. 20 juin 2026 à 15h28", "en", NOW).name == "Anna Lee"
    assert read_credit("Anna Lee, Sat 20 June 2026", "en-GB", NOW).name == "Anna Lee"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Anna Lee 3 days ago", "Anna Lee"),
        ("Anna Lee vor 3 Tagen", "Anna Lee"),
        ("Anna dijo", "Anna"),
        ("Pingback von Quay", "Quay"),
        # These are names as they are.
        ("Simon Says", "Simon Says"),
        ("Di Maria", "Di Maria"),
        ("von Humboldt", "von Humboldt"),
        ("John Smith Jr.", "John Smith Jr."),
        ("Anna (of the quay)", "Anna (of the quay)"),
        ("Old ships | Quay blog", "Old ships | Quay blog"),
        ("LawCamp 2014, 5.4.2014, Frankfurt | Law", "LawCamp 2014, 5.4.2014, Frankfurt | Law"),
    ],
)
def test_only_the_words_around_a_name_are_cut(line: str, name: str) -> None:
    assert read_credit(line, "", NOW).name == name


@pytest.mark.parametrize(
    ("around", "author"),
    [
        ('<div class="c-meta"><b class="c-author__name">Élodie</b> <i>Auteur</i></div>', "Élodie"),
        ('<cite class="fn">Zoë<span class="x">Beitragsautorin</span></cite>', "Zoë"),
        ('<div class="comment-author">Van: Kees <em>(3 mei 2026)</em></div>', "Kees"),
        ("<p><strong>Anna Lee</strong> schrieb am 3. Mai 2026 um 10:15:</p>", "Anna Lee"),
        ("<div>#12 posted by <a href='x'>Anna Lee</a> (May 3, 2026)</div>", "Anna Lee"),
        ('<cite class="fn">Anna &amp; <b>Ben</b></cite>', "Anna & Ben"),
        ('<cite class="fn">Anna<!-- x --><i></i></cite>', "Anna"),
        ('<b class="author"><div>Anna</div><div>Author</div></b>', "Anna"),
        ('<b class="author"><br>Anna</b>', "Anna"),
        ('<meta itemprop="author" content=" Anna  Lee ">', "Anna Lee"),
        (f'<cite class="fn">Anna</cite><i class="date">{"x" * 90}</i>', "Anna"),
        ('<cite class="fn">Guest</cite>', "Guest"),
        ('<cite class="fn">1001</cite>', "1001"),
        ('<div class="nickname">Mo</div>', "Mo"),
    ],
)
def test_the_own_element_of_a_name_is_found(around: str, author: str) -> None:
    (found,) = read(f'<div class="comment" id="comment-9">{around}{TEXT}</div>').comments
    assert (found.author, found.text) == (author, LATE)


@pytest.mark.parametrize(
    "beside",
    [
        '<span class="comment-number">7</span>',
        '<div class="like-count">3 J’aime</div>',
        '<p class="rating">+4</p>',
        "<p>Antworten</p>",
        '<a href="#comment-9">#9</a>',
        '<div class="says">Kommentar von</div>',
    ],
)
def test_numbers_labels_and_buttons_are_no_text(beside: str) -> None:
    name = '<b class="author">Anna</b>'
    for markup in (f"{beside}{name}{TEXT}", f"{name}{TEXT}{beside}"):
        (found,) = read(f'<div class="comment" id="comment-9">{markup}</div>').comments
        assert found.text == LATE


@pytest.mark.parametrize(
    "markup",
    [
        "Late again, these ships.<p>Posted by Anna Lee | May 3, 2026</p>",
        '<b class="author">Anna Lee</b><div class="reply-text">Late again, these ships.</div>',
        '<i class="meta">Anna Lee, May 3, 2026</i><b class="body">Late again, these ships.</b>',
        "Anna Lee says:<br>May 3, 2026 at 10:15 am<br><br>Late again, these ships.",
        "<td>Anna Lee<br>May 3, 2026</td><td><p>Late again, these ships.</p></td>",
    ],
)
def test_short_texts_without_an_own_element_are_not_lost(markup: str) -> None:
    (found,) = read(f'<div class="comment" id="comment-9">{markup}</div>').comments
    assert (found.author, found.text) == ("Anna Lee", LATE)


@pytest.mark.parametrize("last", ["🙂", "42 ships, that is.", "See you on 3 May 2020"])
def test_a_persons_own_last_line_stays(last: str) -> None:
    around = f'<b class="author">Anna</b><time datetime="2026-11-02">x</time>{TEXT}<p>{last}</p>'
    (found,) = read(f'<div id="comment-9">{around}</div>').comments
    assert found.text == f"{LATE}\n\n{last}"


SAID = f'<cite class="fn">Anna</cite><div class="comment-content">{TEXT}</div>'
OTHER = "https://blog.example/2026/10/bridges/"


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        (f"<ol>{item(1, URL)}{item(2)}</ol><div><ul>{item(9, OTHER)}</ul></div>", {1, 2}),
        # The post has another address, which most of its comments name.
        (f"<ol>{item(1, f'{URL}amp/')}{item(2, f'{URL}comment-page-2/')}</ol>", {1, 2}),
        (f"<ol>{item(1, 'https://blog.example/?p=7')}</ol>", {1}),
        (f"<aside>{item(9, OTHER)}</aside><ol>{item(1, 'https://blog.example/b')}</ol>", {1}),
        (f'<aside class="widget">{item(9, OTHER)}</aside>', set()),
        # A page of its own for each comment does not name the post.
        (f"<ol>{item(1, URL)}{item(2, 'https://blog.example/comment/2')}</ol>", {1, 2}),
        (f"<ol>{item(1, URL)}{item(2, 'https://elsewhere.example/x/')}</ol>", {1, 2}),
    ],
)
def test_comments_of_another_post_are_left_out(markup: str, names: set[int]) -> None:
    found = {each.external_id for each in read(markup).comments}
    assert found == {f"comment-{number}" for number in names}


@pytest.mark.parametrize(
    "markup",
    [
        # The anchor and the element after it are one comment.
        f'<li><a id="comment-9"></a><div class="comment" id="comment-8">{SAID}</div></li>',
        f'<li><a id="comment-9"></a>{SAID}</li>',
        # Text elements without a text, and the words of a button.
        f'<li id="comment-9"><div class="comment-content"></div>{SAID}</li>',
        f'<li id="comment-9">{SAID.replace("</p>", "</p><p>Reply</p>")}</li>',
    ],
)
def test_one_comment_in_several_elements_is_one(markup: str) -> None:
    (found,) = read(f'<ol class="commentlist">{markup}</ol>').comments
    assert (found.external_id, found.author, found.text) == ("comment-9", "Anna", LATE)


@pytest.mark.parametrize(
    ("label", "kind"),
    [("Trackback von", "trackback"), ("Pingback:", "pingback"), ("Anna", "")],
)
def test_a_label_names_a_notice(label: str, kind: str) -> None:
    assert is_notice_label(label) == kind


@pytest.mark.parametrize(
    ("line", "is_all"), [("May 3, 2026 at 10:15", True), ("Anna", False), ("says " * 60, False)]
)
def test_a_credit_has_no_words_of_its_own(line: str, *, is_all: bool) -> None:
    assert is_credit(line, "en", NOW) is is_all


def test_long_words_of_a_class_for_counters_are_text() -> None:
    words = "There are more than nine hundred ships in this harbour by now, they say."
    markup = f'<b class="author">Anna</b><div><p class="like-count">{words}</p></div>'
    (found,) = read(f'<div class="comment" id="comment-9">{markup}</div>').comments
    assert found.text == words


def test_at_most_a_thousand_comments_are_read() -> None:
    found = read(f"<ol>{''.join(item(number) for number in range(1, 1100))}</ol>")
    assert len(found.comments) == 1000
    assert found.is_complete is False


def test_the_depth_in_the_markup_overrules_broken_nesting() -> None:
    third = item(3, classes="comment depth-2")
    second = item(2, classes="comment depth-1", inner=f"<div>{third}")
    markup = item(1, classes="comment depth-1", inner=f"<div><ul>{second}")
    parents = {each.external_id: each.parent_id for each in read(f"<ol>{markup}").comments}
    assert parents == {"comment-1": "", "comment-2": "", "comment-3": "comment-2"}


@pytest.mark.parametrize(
    ("text", "is_notice"),
    [
        ("Reblogged this on Harbour Notes.", True),
        ("Hat dies auf hafen.example rebloggt.", True),
        ("Reblogueó esto en Puerto.", True),
        ("A reblogué ceci sur Quai.", True),
        ("I reblogged this on my own site, with a few words more.", False),
        ("Reblogged this on Quay.\n\nA fine ship, this.", False),
    ],
)
def test_a_reblog_is_known_by_its_whole_text(text: str, *, is_notice: bool) -> None:
    assert is_reblog(text) is is_notice


def test_long_lines_are_read_in_time() -> None:
    with within(3):
        credit = read_credit("says on by comment 1 January " * 100_000, "en", NOW)
        (comment,) = read(
            "<li id=comment-1>" + "<b class=author-name>x</b>on 2 May<br>" * 20_000
        ).comments
    assert len(credit.name) <= 200
    assert (comment.external_id, comment.author) == ("comment-1", "x")
