"""Which posts tell one story, and which only look alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.selection.duplicates import group_stories, tell_the_same, traits_of
from digest.models import Candidate
from tests.support.composing import DUE, a_candidate, a_post

BOARD = (
    "The harbour board met on Tuesday to settle the boundary of the fishing ground, which a young"
    " surveyor had drawn with brass pins and a lead line. Three skippers from Tarnmouth spoke"
    " against it, and the chair promised a second hearing before the winter season begins."
)
BOARD_RETOLD = (
    "After two hours of argument the board of the harbour fixed where the fishing ground ends. The"
    " surveyor laid her brass pins before the skippers, who asked for another hearing; the chair"
    " agreed, so the winter season will open without a settled line off Tarnmouth."
)
RESCUE = (
    "Volunteer rescue teams asked for one thing: handsets they can repair outdoors with a pocket"
    " screwdriver, during winter storms, wearing gloves. The county answered with a catalogue of"
    " sealed devices, and a promise to look at the question again in spring."
)
FORECAST = (
    "Good morning from the weather desk. Light winds from the west, dry for most of the day, with"
    " some cloud over the hills towards evening. Drivers should look out for mist near the river."
)
THREAD = (
    "This is your open thread. Talk about whatever is on your mind, be kind to each other, and"
    " leave a link to anything good that you have read. The usual rules of the house apply here."
)
LONG = f"{BOARD} {RESCUE} {FORECAST} {THREAD}"
RAT = (
    "Der Hafenrat hat am Dienstag die Grenze des Fischgrunds festgelegt, die eine junge"
    " Vermesserin mit Messingnadeln und Lotleine gezogen hatte. Drei Fischer aus Tarnmünde"
    " sprachen dagegen, und der Vorsitzende versprach eine zweite Anhörung vor dem Winter."
)
RAT_ANDERS = (
    "Nach zwei Stunden Streit steht fest, wo der Fischgrund endet. Die Vermesserin legte den"
    " Fischern ihre Messingnadeln vor; der Vorsitzende des Hafenrats sagte in Tarnmünde eine"
    " weitere Anhörung zu, noch bevor die Saison im Winter beginnt."
)
RETTUNG = (
    "Freiwillige Rettungskräfte wünschen sich Funkgeräte, die sie draußen mit dem Taschenmesser"
    " reparieren können, bei Sturm und mit Handschuhen. Der Kreis antwortete mit einem Katalog"
    " versiegelter Geräte und vertagte die Frage auf das Frühjahr."
)
KOU = (
    "港湾委員会は火曜日、若い測量士が真鍮の釘と測深索で示した漁場の境界を決定した。霧浜の漁師三人が反対"
    "意見を述べ、委員長は冬の漁期が始まる前に二回目の公聴会を開くと約束した。"
)
KOU_BETSU = (
    "二時間の議論の末、漁場の境界がようやく決まった。測量士は真鍮の釘を漁師たちの前に並べ、港湾委員会の"
    "委員長は霧浜で再び公聴会を開くことに同意した。冬の漁期までに結論が出る見込みだ。"
)
KYUUJO = (
    "山岳救助のボランティアは、吹雪の中でも手袋をしたまま小さなねじ回しで修理できる無線機を求めている。"
    "県は密閉型の機器の一覧を示し、この問題を春にもう一度検討すると答えた。"
)

A, B = "https://lantern.example/feed", "https://gazette.example/feed"


def side(title: str, text: str, feed: str = A, hours: int = 0) -> dict[str, Any]:
    """Return one post of a pair, `hours` before the day of the edition."""
    return {
        "title": title,
        "content_html": f"<p>{text}</p>",
        "feed_url": feed,
        "feed_title": {A: "The Lantern", B: "Gazette"}[feed],
        "published_at": DUE - timedelta(hours=hours),
    }


SAME = [
    ("one text from the wire", side("Harbour board draws a line", BOARD),
     side("Harbour board draws a line", BOARD, B)),
    ("one text under a title of one's own", side("Harbour board draws a line", BOARD),
     side("Skippers lose their case", BOARD, B, 5)),
    ("one text, cut short by the feed", side("Harbour board draws a line", BOARD),
     side("Harbour board draws line", BOARD[:190], B)),
    ("one text with a word changed", side("Harbour board draws a line", BOARD),
     side("Harbour board draws a line", BOARD.replace("Tuesday", "24 November"), B)),
    ("the site's name behind the title", side("Board draws a line", BOARD),
     side("Board draws a line | Gazette", BOARD, B)),
    ("the site's name before the title", side("Board draws a line", ""),
     side("Gazette: Board draws a line", "", B)),
    ("other quotation marks and case", side("The ‘Boys’ Line” is drawn", ""),
     side("THE BOYS' LINE IS DRAWN", "", B)),
    ("one event, two reports", side("Harbour board settles fishing ground boundary", BOARD),
     side("Harbour board settles boundary of fishing ground", BOARD_RETOLD, B, 9)),
    ("a number that one of them leaves out", side("Harbour board settles 3 grounds at once", BOARD),
     side("Harbour board settles grounds at once", BOARD, B)),
    ("a large number written in two ways", side("Council votes 1,200 households free heat", ""),
     side("Council votes 1200 households free heat", "", B)),
    ("one title and no text, within two days", side("Harbour board settles the ground", ""),
     side("Harbour board settles the ground", "", B, 30)),
    ("told again by its own feed", side("Harbour board draws a line", BOARD),
     side("Harbour board draws a line", BOARD, A, 3)),
    ("told again by its own feed as an update", side("Harbour board draws a line", BOARD),
     side("Update: Harbour board draws a line", BOARD, A, 3)),
    ("an article set out anew weeks later", side("Harbour board draws a line", LONG),
     side("Harbour board draws a line", LONG, A, 300)),
    ("without titles, one note in two feeds", side("", BOARD), side("", BOARD, B)),
    ("de: ein Text", side("Hafenrat zieht die Grenze", RAT),
     side("Grenze im Hafen gezogen", RAT, B)),
    ("de: zwei Berichte", side("Hafenrat legt Grenze des Fischgrunds fest", RAT),
     side("Hafenrat legt Grenze des Fischgrunds endlich fest", RAT_ANDERS, B, 8)),
    ("de: Umlaute, anders kodiert", side("Hafenräte überprüfen Fischgründe", ""),
     side("Hafenra\u0308te u\u0308berpru\u0308fen Fischgru\u0308nde", "", B)),
    ("ja: 同じ本文", side("港湾委員会が漁場の境界を決定", KOU),
     side("漁師ら反対も境界決まる", KOU, B)),
    ("ja: 二つの記事", side("港湾委員会、漁場の境界を決定", KOU),
     side("港湾委員会が漁場の境界を決定", KOU_BETSU, B, 6)),
    ("ja: 全角の数字", side("港湾委員会が漁場３か所を決定", ""),
     side("港湾委員会が漁場3か所を決定", "", B)),
]  # fmt: skip

OTHER = [
    ("two stories", side("Harbour board draws a line", BOARD),
     side("Rescue teams want simple handsets", RESCUE, B)),
    ("one name for two open threads", side("Open thread", THREAD),
     side("Open thread", RESCUE, B)),
    ("Monday's and Tuesday's open thread", side("Open thread", THREAD),
     side("Open thread", THREAD, A, 24)),
    ("weekdays in the titles", side("Monday open thread", THREAD),
     side("Tuesday open thread", THREAD, A, 10)),
    ("open threads of two sites, without texts", side("Open thread", ""),
     side("Open thread", "", B)),
    ("forecasts of two days", side("Weather 12 Nov", FORECAST),
     side("Weather 13 Nov", FORECAST, A, 10)),
    ("forecasts of two days in two feeds", side("Weather 12 Nov", FORECAST),
     side("Weather 13 Nov", FORECAST, B)),
    ("two parts", side("The ferry towns, part 1", RESCUE),
     side("The ferry towns, part 2", BOARD, A, 2)),
    ("two parts that begin alike", side("The ferry towns, part one", BOARD),
     side("The ferry towns, part two", BOARD, A, 2)),
    ("two parts in Roman numerals", side("The ferry towns I", BOARD),
     side("The ferry towns II", BOARD, A, 2)),
    ("another count", side("Ferry runs aground, 12 hurt", ""),
     side("Ferry runs aground, 14 hurt", "", B)),
    ("two names", side("Mayor Adeyemi opens the new bridge over the river Tarn", BOARD),
     side("Mayor Brandt opens the new bridge over the river Tarn", BOARD_RETOLD, B)),
    ("two places", side("Fire in the old mill at Tarnmouth under control", ""),
     side("Fire in the old mill at Wexcombe under control", "", B)),
    ("a comment that quotes the news", side("Harbour board draws a line", BOARD[:170]),
     side("What nobody asked the surveyor", f"{RESCUE} {RESCUE} As the Lantern has it:"
          f" {BOARD[:170]} {RESCUE}", B)),
    ("one title, months apart, without texts", side("Harbour board settles the ground", ""),
     side("Harbour board settles the ground", "", B, 900)),
    ("one feed, one title, two texts", side("From the archive of the harbour", BOARD),
     side("From the archive of the harbour", RESCUE, A, 2)),
    ("notices of one feed on two events", side("Support system down", f"{FORECAST} Mail is late."),
     side("Support system down", f"{FORECAST[:100]} {RESCUE[60:140]} Calls fail.", A, 18)),
    ("a yearly event", side("Harbour fair opens in 2025", BOARD),
     side("Harbour fair opens in 2026", BOARD_RETOLD, B)),
    ("short notes without titles", side("", "The bridge is open again."),
     side("", "The mill turns.", B)),
    ("de: zwei Berichte", side("Hafenrat zieht die Grenze", RAT),
     side("Retter wollen einfache Funkgeräte", RETTUNG, B)),
    ("de: Wetter", side("Wetter am 12. November", FORECAST),
     side("Wetter am 13. November", FORECAST, A, 8)),
    ("de: zwei Teile", side("Die Fährstädte, Teil eins", RAT),
     side("Die Fährstädte, Teil zwei", RAT, A, 8)),
    ("de: zwei Namen", side("Bürgermeisterin Krause eröffnet die neue Brücke", RAT),
     side("Bürgermeisterin Yilmaz eröffnet die neue Brücke", RAT_ANDERS, B)),
    ("ja: 別の記事", side("港湾委員会が漁場の境界を決定", KOU),
     side("山岳救助隊、無線機を要望", KYUUJO, B)),
    ("ja: 前編と後編", side("港町の歴史 前編", KOU), side("港町の歴史 後編", KOU, A, 5)),
    ("ja: 第一回と第二回", side("港町講座 第一回", KYUUJO), side("港町講座 第二回", KYUUJO, A, 5)),
    ("ja: 天気", side("11月12日の天気", KYUUJO), side("11月13日の天気", KYUUJO, B)),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [pair[1:] for pair in SAME], ids=[p[0] for p in SAME])
def test_two_posts_may_be_one_story(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert groups_of(a_candidate(id=1, **one), a_candidate(id=2, **other)) == [[1, 2]]


@pytest.mark.parametrize(("one", "other"), [pair[1:] for pair in OTHER], ids=[p[0] for p in OTHER])
def test_two_stories_stay_two(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert groups_of(a_candidate(id=1, **one), a_candidate(id=2, **other)) == [[1], [2]]


def groups_of(*candidates: Candidate) -> list[list[int]]:
    return [[each.post.id for each in group.members] for group in group_stories(candidates)]


_SIDES = [each for pair in SAME + OTHER for each in pair[1:]]


def test_likeness_does_not_depend_on_which_of_two_comes_first() -> None:
    traits = [traits_of(a_post(**each)) for each in _SIDES]
    for one, other in combinations(traits, 2):
        assert tell_the_same(one, other) == tell_the_same(other, one)
    assert all(tell_the_same(each, each) for each in traits if len(each.runs) > 20)


def test_each_pair_is_found_among_many_posts() -> None:
    """The index finds the same pairs as comparing each post with each."""
    candidates = [a_candidate(id=number, **each) for number, each in enumerate(_SIDES, 1)]
    firsts: list[list[Candidate]] = []
    for candidate in candidates:
        traits = traits_of(candidate.post)
        alike = (g for g in firsts if tell_the_same(traits_of(g[0].post), traits))
        if group := next(alike, None):
            group.append(candidate)
        else:
            firsts.append([candidate])
    assert groups_of(*candidates) == [[each.post.id for each in group] for group in firsts]


def test_a_footer_of_many_posts_makes_them_no_story() -> None:
    footer = "<p>The harbour board meets each Tuesday at the quay and all are welcome to come.</p>"
    candidates = [
        a_candidate(
            id=number,
            title=f"Report {chr(64 + number)}",
            content_html="<p>"
            + f"word{number} " * 3
            + " ".join(f"w{number}x{n}" for n in range(30))
            + f"</p>{footer}",
        )
        for number in range(1, 31)
    ]
    assert len(groups_of(*candidates)) == 30


@given(st.permutations(range(12)))
def test_the_order_of_the_input_does_not_matter(order: list[int]) -> None:
    candidates = [a_candidate(id=number, **each) for number, each in enumerate(_SIDES[:12], 1)]
    assert groups_of(*(candidates[n] for n in order)) == groups_of(*candidates)


@given(title=st.text(max_size=80), text=st.text(max_size=300), days=st.integers(0, 40))
def test_each_post_is_in_exactly_one_group(title: str, text: str, days: int) -> None:
    at: datetime = DUE - timedelta(days=days)
    twins = [
        a_candidate(id=n, title=title, content_html=text, published_at=at, feed_url=feed)
        for n, feed in enumerate((A, B, A), 1)
    ]
    assert sorted(chain.from_iterable(groups_of(*twins))) == [1, 2, 3]
