from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.readers.feeds.charset import decode
from tests.support.timing import least_seconds

RUSSIAN = "Капитан вышел на палубу и долго смотрел, как чайки кружат над мачтой корабля. "
JAPANESE = "船は港を出て、静かな海をゆっくりと進んだ。船長は甲板に立ち、鳥を見ていた。"
KOREAN = "배는 항구를 떠나 조용한 바다를 천천히 나아갔다. 선장은 갑판에 서 있었다. "
CHINESE = "船离开了港口，慢慢地驶过平静的大海。船长站在甲板上，看着海鸟飞来飞去。"
HEBREW = "הספינה עזבה את הנמל והפליגה לאט בים השקט, והקברניט עמד על הסיפון והביט בציפורים. "
THAI = "เรือออกจากท่าและแล่นช้าๆไปในทะเลที่สงบ กัปตันยืนอยู่บนดาดฟ้าและมองดูนก "
GREEK = "Το πλοίο άφησε το λιμάνι και έπλεε αργά στην ήσυχη θάλασσα. "


def feed(text: str, declared: str = "") -> str:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{head}<rss><channel><item><title>{text}</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "windows-1251"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "euc_kr"),
        (CHINESE, "gb2312"),
        (HEBREW, "windows-1255"),
        (THAI, "tis-620"),
        (GREEK, "windows-1253"),
        ("Größe, Übermut und Bärenhunger: drei Wünsche für das Fräulein am Tor. ", "cp1252"),
    ],
)
def test_undeclared_encodings_are_detected_from_the_bytes(text: str, encoding: str) -> None:
    whole = feed(text * 3)
    found = decode(whole.encode(encoding))
    assert found.text == whole
    assert "declares no character encoding" in found.problem


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("windows-1251", "windows-1251"), ("koi8-r", "koi8-r"), ("utf-8", "utf-8")],
)
def test_a_declared_encoding_is_believed(declared: str, encoding: str) -> None:
    whole = feed("Жук", declared)
    assert (decode(whole.encode(encoding)).text, decode(whole.encode(encoding)).problem) == (
        whole,
        "",
    )


def test_the_header_of_the_server_wins_over_the_document() -> None:
    whole = feed("Жук", "koi8-r")
    assert decode(whole.encode("cp1251"), "text/xml; charset=windows-1251").text == whole


@pytest.mark.parametrize("declared", ["iso-8859-1", "us-ascii", "windows-1252", "utf-16", "bogus"])
def test_bytes_proved_to_be_utf8_win_over_the_declaration(declared: str) -> None:
    whole = feed("Größe für Bären: schön", declared)
    assert decode(whole.encode()).text == whole


def test_two_bytes_that_could_be_utf8_prove_nothing() -> None:
    whole = feed("Â©", "iso-8859-1")
    assert decode(whole.encode("latin-1")).text == whole


def test_one_bad_byte_does_not_spoil_the_rest() -> None:
    body = feed(RUSSIAN, "utf-8").encode().replace(b"</title>", b"\x93 \x85</title>")
    found = decode(body)
    assert RUSSIAN + "“ …" in found.text
    assert "replaced" in found.problem


def test_a_broken_character_does_not_spoil_a_japanese_feed() -> None:
    body = feed(JAPANESE * 3, "euc-jp").encode("euc_jp").replace(b"</title>", b"\x8f</title>")
    assert JAPANESE in decode(body).text


def test_latin_one_is_read_as_windows_1252() -> None:
    assert "“Ship”" in decode(feed("\x93Ship\x94", "iso-8859-1").encode("latin-1")).text


def test_a_few_odd_bytes_are_quotes_from_windows() -> None:
    assert "the ship’s" in decode(feed("the ship’s").encode("cp1252")).text


@given(st.binary(max_size=200), st.sampled_from(("", "text/xml; charset=utf-7", "charset=idna")))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type).text, str)


@pytest.mark.parametrize("piece", [b"\xe9", b"<\xe9", b"a\xe9>", bytes(range(128, 256)), b"\x1b$"])
def test_a_megabyte_of_anything_takes_a_second_at_most(piece: bytes) -> None:
    assert least_seconds(lambda: decode(piece * (1_000_000 // len(piece))), under=1) < 1
