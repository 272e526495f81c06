"""Recognises and removes the text that a site adds to its author's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from digest.composer.lexicon.tidy import is_address
from digest.composer.lexicon.words import (
    AGENCIES,
    BOILERPLATE,
    BYLINES,
    CAPTIONS,
    PluginFrame,
    fold_phrase,
    plugin_frames,
)
from digest.text.excerpts import is_connective
from digest.text.measure import measure_for
from digest.text.sentences import (
    CLOSERS,
    ends_in_abbreviation,
    ends_sentence,
    split_sentences,
)
from digest.text.titles import title_key

#: A longer line is the author's text, whatever it begins with.
_MAX_SITE_WORDS = 30
#: Notes below the text may have up to this number of words.
_MAX_NOTE_WORDS = 120
#: Characters checked at either end of a paragraph.
_REACH = 400
#: Addresses at most this number of words apart form a list of links.
_NEAR = 6
#: Additions of the site removed before the author's text, one after the other.
_MAX_ROUNDS = 8
#: A longer line is neither a name nor a date.
_MAX_BYLINE_WORDS = 9

_CLOSING = re.escape(CLOSERS)
_SENTENCE_END = re.compile(rf"(?:[.!?…؟۔।][{_CLOSING}]*\s+|[。！？][{_CLOSING}]*\s*)")
_ARROWS = re.compile(r"[\s→»›>⟶➜]*[→›>⟶➜][\s→»›>⟶➜]*$|\s+»\s*$")
# `[?]` is what a lost character set left of `[…]`.
_CUT_MARK = re.compile(r"\s*(?:[\[(]\s*(?:…|\.{3}|&hellip;)\s*[\])]?|\[\?\])\s*(?:[→»›>]+\s*)?$")
_READ_ON = re.compile(
    rf"(?:(?<=[…→»|\]])|(?<=\.\.\.)|(?<=[({{\[]))\s*(?:{BOILERPLATE.alternatives})[^.!?]*[.!?)\]}}]*$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"^[(（][^()（）]{1,150}[)）][.。]?\s*")
_STOP_BEFORE_ADDRESS = re.compile(r"[.!?](?=\s+https?://)")
# How a site hides an address from robots: `[email protected]`, `desk [at] lantern`.
_HIDDEN_ADDRESS = re.compile(
    r"\[email\s?protected\]|\w\s?[\[(](?:at|ät|arroba|arobase|@)[\])]\s?\w", re.IGNORECASE
)
# An editor's note: `[Spoilers below.]`
_NOTE_IN_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_FIRST_NOTE = re.compile(r"\[[^\[\]]{1,200}\]\s*(?=\S)")
# Listen now (34 mins) | Anna talks …
_BEFORE_BAR = re.compile(r"(?:[^\s|]+\s+){1,8}\|\s+(?=[^|]+\Z)")
_OPEN_END = re.compile(r"\s*[(\[|–—-]\s*$")

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĘĚĞĪĹĽŁŃŇŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩА-Я"
_NEXT = rf"(?=[{_UPPER}\d“„«»\"'‘¿¡\u0590-\u06ff])"
_DATELINES = (
    # WASHINGTON (AP) — The …
    re.compile(
        rf"^[{_UPPER}][{_UPPER} .,’'/-]{{2,40}}(?:,[^()–—-]{{2,24}})?(?:\([\w /.]{{2,30}}\)\s?)?"
        rf"\s?\.?[–—-]{{1,2}}\s+{_NEXT}"
    ),
    # Mangalore, April 28: The …
    re.compile(
        rf"^[{_UPPER}][\w’'-]+(?:[ -][{_UPPER}][\w’'-]+){{0,2}},"
        rf"\s[^\W\d]+\.?\s\d{{1,2}}(?:,? \d{{4}})?\s?(?:\([\w /.]{{2,30}}\)\s?)?"
        rf"[:–—-]{{1,2}}\s*{_NEXT}"
    ),
)
# Berlin (dpa) - Die …; Kiel/Bonn (dpa/lni) - Die …; Madrid, 24 nov (EFE).- El …; TARN, Mass.,
# Nov. 24, 2026 /PRNewswire/ -- The …; МОСКВА, 24 ноября. /ТАСС/. В …
_AGENCY_LINE = re.compile(
    r"^[^\W\d][\w’',./ -]{1,60}?[\s–—-]{0,3}[(/](?P<agency>[\w/. ]{2,30})[)/]"
    r"(?:\s?\.?\s?[:–—-]{1,2}|(?<=/)\.|(?<=\(ots\)))\s*"
)
# Scripts without capitals use their own marks: 【東京＝山田】, 新华社北京11月24日电,
# (서울=연합뉴스) 홍길동 기자 =
_MARKED_LINES = (
    re.compile(r"^【[^【】]{1,30}】\s*"),
    re.compile(r"^[（(]?本[报報台网網][讯訊](?:\s?[（(][^（）()]{1,30}[）)])?[：:，,\s]*"),
    re.compile(
        r"^[\u4e00-\u9fff]{2,12}\s?\d{1,2}月\d{1,2}日[电電讯訊]"
        r"\s?(?:[（(][^（）()]{1,30}[）)])?[：:，,\s]*"
    ),
    re.compile(
        r"^[(\[][\uac00-\ud7a3·, ]{1,20}=[\w·. ]{2,20}[)\]]\s?(?:[\uac00-\ud7a3·, ]{2,30}=\s?)?"
    ),
)

_DATE = (
    r"(?:(?:[^\W\d]+\.?,?\s){0,2}\d{1,2}(?:st|nd|rd|th|er|[.,º])?\s(?:de\s)?(?:[^\W\d]+\.?,?\s)?"
    r"(?:de[l]?\s)?\d{4}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{4}年\d{1,2}月\d{1,2}日)"
)
# Not a range of hours: that is when an event takes place.
_TIME = (
    r"(?:,?\s(?:at\s|um\s|à\s|a las\s)?\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\.?|\s?Uhr)?"
    r"(?!\s?[–—-]\s?\d))?"
)
_DATE_ALONE = re.compile(rf"^{_DATE}{_TIME}[.\s]*$", re.IGNORECASE)
_DATE_FIRST = re.compile(rf"^{_DATE}{_TIME}\s*[|•·–—]\s*", re.IGNORECASE)
_NAMES = rf"(?:[{_UPPER}][\w.'’-]*\s+){{1,4}}"
_BYLINE_FIRST = re.compile(rf"^(?i:{BYLINES.alternatives})\s+{_NAMES}[|•·–—-]\s*")
# arXiv:2611.01234v1 Announce Type: new Abstract: We …
_ABSTRACT = re.compile(
    r"^(?:\S+\s+){0,8}?(?:Abstract|Zusammenfassung|Résumé|Resumen|摘要|要旨)\s?[:：]\s*(?=\S)"
)
_LABEL_AND_ADDRESS = re.compile(rf"(?:https?://\S+\s+)+{_NEXT}")
#: Words before an address that name it: `Our shop https://…`.
_MAX_LABEL_WORDS = 10


def is_of_the_site(line: str, *, is_later: bool = False) -> bool:
    """Whether the site, not the author, wrote a paragraph: sharing, credits, links, notes.

    Args:
        line: the paragraph.
        is_later: whether the author's text has already begun; a note below it may be long.
    """
    measure = measure_for(line)
    folded = _fold(line)
    if measure.size(line) > measure.scale(_MAX_SITE_WORDS):
        is_note = is_later and measure.size(line) <= measure.scale(_MAX_NOTE_WORDS)
        return is_note and BOILERPLATE.begins(folded)
    is_link = is_address(line.split()[-1]) or _HIDDEN_ADDRESS.search(line) is not None
    is_note = BOILERPLATE.begins(folded) or _NOTE_IN_BRACKETS.fullmatch(line) is not None
    return is_link or is_note or bool(CAPTIONS.find(folded))


def without_note(line: str) -> str:
    """Remove a note of the site before the author's text: in square brackets, or before a bar."""
    note = _FIRST_NOTE.match(line)
    if note and BOILERPLATE.begins(_fold(note[0])):
        return line[note.end() :]
    note = _BEFORE_BAR.match(line)
    is_note = note is not None and BOILERPLATE.begins(_fold(line)) and ends_sentence(line)
    return line[note.end() :] if note and is_note else line


def without_link_sentence(line: str) -> str:
    """Remove a last sentence that ends with an address, and keep the sentences before it.

    In a long paragraph it is kept, unless a colon announces the address, or it stands alone.
    """
    words = line.split()
    if len(words) < 2 or not is_address(words[-1]):
        return line
    # An address alone is no part of the sentence before it.
    is_alone = ends_sentence(words[-2]) and not ends_in_abbreviation(words[-2])
    said = len(words) - 1 if is_alone else _last_stop(words, len(words) - 1)
    is_announced = words[-2].endswith((":", "："))
    measure = measure_for(line)
    is_short = measure.size(line) <= measure.scale(_MAX_SITE_WORDS)
    is_site = is_alone or is_announced or is_short
    return " ".join(words[:said]) if said and is_site else line


def is_byline(line: str) -> bool:
    """Whether a line is only a date, or `By` and a name; a full stop is allowed."""
    if len(line.split()) > _MAX_BYLINE_WORDS:
        return False
    if _DATE_ALONE.match(line):
        return True
    said = BYLINES.first(_fold(line))
    names = line[len(said) :].split() if said else []
    return bool(names) and all(not name[0].islower() or is_connective(name) for name in names)


def strip_end(line: str) -> str:
    """Remove the text that plugins add at the end of a paragraph."""
    for frame in plugin_frames():
        line = _without_frame(line, frame)
    head, tail = line[:-_REACH], line[-_REACH:]
    if not (line.endswith("»") and line.count("«") == line.count("»")):
        tail = _ARROWS.sub("", tail)
    tail = _without_site_sentences(_READ_ON.sub("", tail))
    return _without_link_list(head + _OPEN_END.sub("", _CUT_MARK.sub("", tail)))


def strip_start(line: str, title: str, language: str) -> str:
    """Remove the text before the author's first word: title, date, byline, notes, addresses."""
    steps: tuple[Callable[[str], str], ...] = (
        lambda text: _without_title(text, title, language),
        _without_dateline,
        lambda text: _ABSTRACT.sub("", text),
        lambda text: _DATE_FIRST.sub("", _BYLINE_FIRST.sub("", text)),
        lambda text: _without_first_sentence(text, language),
        _without_address,
    )
    for _ in range(_MAX_ROUNDS):
        before = line
        for step in steps:
            line = step(line) if line else ""
        if line in (before, ""):
            break
    return line


def _fold(line: str) -> str:
    return fold_phrase(line).lstrip("([{*–—-→»>|•·¡¿ ")


def _without_frame(line: str, frame: PluginFrame) -> str:
    said = line.find(frame.saying)
    if said < 0:
        return line
    start = max(0, said - _REACH)
    starts = [0] * (not start) + [
        start + found.end() for found in _SENTENCE_END.finditer(line[start:said])
    ]
    fitting = [at for at in starts if line.startswith(frame.opening, at)]
    if not frame.opening:
        return line[: starts[-1]].rstrip() if starts else line
    at = fitting[0] if fitting else line.rfind(frame.opening, start, said)
    return line[:at].rstrip() if at >= 0 else line


def _without_site_sentences(tail: str) -> str:
    """Cut at the first sentence of the site, if the rest is short."""
    for found in _SENTENCE_END.finditer(tail):
        rest = tail[found.end() :]
        measure = measure_for(rest)
        is_short = measure.size(rest) <= measure.scale(_MAX_SITE_WORDS)
        if is_short and (BOILERPLATE.begins(_fold(rest)) or _hides_address(tail, found)):
            return tail[: found.end()].rstrip()
    return tail


def _hides_address(tail: str, end: re.Match[str]) -> bool:
    """Whether a hidden address follows `end`, unless `end` is part of a number or abbreviation."""
    before = tail[: end.start() + 1]
    is_end = not before[-2:-1].isdigit() and not ends_in_abbreviation(before)
    return is_end and _HIDDEN_ADDRESS.search(tail, end.end()) is not None


def _without_link_list(line: str) -> str:
    """Remove a list of addresses: `Telegram: https://… Facebook: https://…`.

    The text after the list is removed too, unless the list is at the beginning and sentences
    follow it.
    """
    if "://" not in line:
        return line
    words = line.split()
    at = [number for number, word in enumerate(words) if is_address(word)]
    near = [number for number, pair in enumerate(pairwise(at)) if pair[1] - pair[0] <= _NEAR]
    if not near:
        return line
    before = words[: _last_stop(words, at[near[0]])]
    after = words[at[near[-1] + 1] + 1 :]
    is_list_first = len(before) < _MAX_LABEL_WORDS <= len(after) and not after[0][0].islower()
    return " ".join(after if is_list_first else before)


def _last_stop(words: list[str], end: int) -> int:
    """Return how many of the words before `end` form whole sentences."""
    while end > 0 and not (ends_sentence(words[end - 1]) and not words[end][0].islower()):
        end -= 1
    return end


def _without_dateline(line: str) -> str:
    for dateline in (*_DATELINES, *_MARKED_LINES):
        line = dateline.sub("", line, count=1)
    found = _AGENCY_LINE.match(line)
    if found and AGENCIES.begins(fold_phrase(found["agency"])):
        return line[found.end() :]
    return line


def _without_first_sentence(line: str, language: str) -> str:
    """Remove a first sentence of the site, or a credit in brackets."""
    credit = _IN_BRACKETS.match(line)
    if credit and CAPTIONS.find(_fold(credit[0])):
        return line[credit.end() :]
    is_of_site = BOILERPLATE.begins(_fold(line[:_REACH]))
    if not is_of_site and not _HIDDEN_ADDRESS.search(line[:_REACH]):
        return line
    sentences = split_sentences(line[: 2 * _REACH], language)
    if not is_of_site and not _HIDDEN_ADDRESS.search(sentences[0]):
        return line
    parted = _STOP_BEFORE_ADDRESS.split(sentences[0], maxsplit=1)
    is_last = len(sentences) == 1 and len(parted) == 1
    if is_last or len(parted[0].split()) > _MAX_SITE_WORDS:
        return line
    return line[len(parted[0]) :].lstrip(" .!?")


def _without_address(line: str) -> str:
    """Remove an address at the beginning and the few words that name it."""
    found = _LABEL_AND_ADDRESS.search(line[:_REACH])
    if found is None:
        return line
    label = line[: found.start()]
    is_whole = _SENTENCE_END.search(label.removesuffix("! ")) is not None
    is_label = len(label.split()) <= _MAX_LABEL_WORDS and not is_whole
    return line[found.end() :] if is_label else line


def _without_title(line: str, title: str, language: str) -> str:
    """Remove the title at the beginning, if the whole title is repeated."""
    for said in dict.fromkeys((title, *_parts_of(title))):
        if title_key(line) == title_key(said):
            return ""
        rest = _rest_after(line, said)
        if rest:
            return rest
    return _without_title_sentence(line, title, language)


def _parts_of(title: str) -> list[str]:
    """Return the title without the name of its site or series, if it has one."""
    parts = re.split(r"\s[|–—-]\s|\s::\s|\s»\s", title)
    return [part for part in parts[:1] if len(part.split()) >= 4]


def _rest_after(line: str, title: str) -> str:
    words = len(title.split())
    if words < 3 or not line.lower().startswith(title.lower()):
        return ""
    after = line[len(title) :]
    rest = after.lstrip(" .:–—-|!?")
    is_parted = after[:2].strip(" ") != after[:1].strip(" ") or after[:1] in ".:–—-|!?"
    is_parted = is_parted and not after[:2].strip().isalnum()
    is_certain = is_parted or words >= 5
    return rest if is_certain and rest[:1].isupper() else ""


def _without_title_sentence(line: str, title: str, language: str) -> str:
    """Remove a first sentence that is the end of the title: without its date or name in front."""
    if len(title) < 20 or title_key(line[:20]) not in title_key(title):
        return line
    sentences = split_sentences(line[: 2 * _REACH], language)
    key = title_key(sentences[0])
    is_title = len(key.split()) >= 5 and title_key(title).endswith(key)
    return line[len(sentences[0]) :].lstrip() if is_title else line
