"""Excerpts of Japanese and Chinese posts: counted in characters, brackets in pairs."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text

TITLE = "航路の線"
BODY = "港の役員会は火曜日に今月三度目の会合を開いたが、境界線については合意できなかった。"
MORE = "水のことを誰よりもよく知っている水先人には、誰も意見を聞かなかったという。"


def excerpt_of(html: str, language: str = "ja") -> str:
    return write_excerpt("", read_text(html), TITLE, language).short


@pytest.mark.parametrize(
    "added",
    [
        "続きを読む",
        "続きを読む →",
        "続きはこちら",
        "もっと見る",
        "投稿 航路の線 は 灯台新聞 に最初に表示されました。",
        "カテゴリー: 港、安全",
        "タグ：浮標",
        "共有: メール。",
        "いいね: 読み込み中…",
        "文・小田マリ",
        "2026年11月22日",
        "写真：安部ペル",
        "アンケートにご協力ください。",
        "寄付する方はこちら。",
        "メルマガ登録はこちらです。",
        "関連記事：浮標の費用は誰が払うのか。",
        "航路の線",
    ],
)
def test_a_paragraph_of_the_site_is_not_part_of_an_excerpt(added: str) -> None:
    assert excerpt_of(f"<p>{added}</p><p>{BODY}</p>") == BODY
    assert excerpt_of(f"<p>{BODY}</p><p>{added}</p><p>{MORE}</p>") == f"{BODY}{MORE}"


@pytest.mark.parametrize(
    "paragraph",
    [
        f"{BODY}続きを読む",
        f"{BODY}…続きを読む".replace("。…", "。[…]"),
        f"{BODY} 投稿 航路の線 は 灯台新聞 に最初に表示されました。",
        f"（写真提供：安部ペル）{BODY}",
        f"本报讯（记者李明）{BODY}",
        f"【灯台市＝小田マリ】{BODY}",
        f"新华社北京11月24日电（记者张三）{BODY}",
        f"(서울=연합뉴스) 홍길동 기자 = {BODY}",
        BODY.replace("、", "、\n"),
    ],
)
def test_words_not_by_the_author_are_cut_from_a_paragraph(paragraph: str) -> None:
    assert excerpt_of(f"<p>{paragraph}</p>") == BODY


@pytest.mark.parametrize(
    "text",
    [
        f"「線は水のある所だ。」と議長は言った。{BODY}",
        f"『本当か？』（そう聞いた。）{BODY}",
        f"港は静かだ！なぜか？{BODY}",
        f"会議はTarnmouth Harbour Houseで開かれた。{BODY}",
    ],
)
def test_words_by_the_author_stay(text: str) -> None:
    for language in ("ja", "en", "de"):
        assert excerpt_of(f"<p>{text}</p>", language) == text


def test_between_90_and_180_characters_are_printed() -> None:
    short = excerpt_of(f"<p>{(BODY + MORE) * 6}</p>")
    assert 90 <= len(short) <= 180
    assert short.endswith("。")


def test_without_a_stop_135_characters_and_an_ellipsis_are_printed() -> None:
    short = excerpt_of(f"<p>{'港の話' * 100}。</p>")
    assert len(short) == 136
    assert short.endswith("…")


def test_a_quotation_is_closed_or_not_begun() -> None:
    assert excerpt_of(f"<p>{BODY}{MORE}議長は「{'話' * 200}。」と言った。</p>") == f"{BODY}{MORE}"


def test_a_quotation_does_not_end_the_sentence_around_it() -> None:
    text = f"{BODY}{MORE}「線は水のある所だ。」と言った。"
    assert excerpt_of(f"<p>{text}{'話' * 90}。</p>") == text


def test_chinese_is_counted_alike() -> None:
    text = "港务委员会星期二召开了本月第三次会议，但没有就界线划在哪里达成一致，也没有询问引航员。"
    added = "《航路》最先出现在灯塔报。"
    short = excerpt_of(f"<p>{text * 5}</p><p>{added}</p>", "zh")
    assert 90 <= len(short) <= 180
    assert short.endswith("。")
    assert excerpt_of(f"<p>{text}{added}</p>", "en") == text
