"""Reads the line that names a comment's author and date: "Comment by Anna on 2 May at 10:00".

The words of such lines are in `data/credits.toml`, one entry for each language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files

from digest.readers.responses.writtendates import WrittenDate, find_written_date

#: Characters of a line that can be a credit.
MAX_CHARS = 200
#: Lines that are read once: the same buttons are below every comment of a page.
_REMEMBERED = 4096
#: Characters and words of a name that is found only by its place in a line.
_MAX_NAME = 40
_MAX_NAME_WORDS = 5
_WORD = re.compile(r"\w")
_SIGNS = " \t\n\xa0,;:：·•|¦/\\–—-~#@*»«>()[]{}.…"
#: Signs that end a name; a dot does not, because of "Jr.".
_AFTER_NAME = _SIGNS.replace(".", "").replace(")", "").replace("]", "")
_OPENING = " \t\n\xa0,;:：·•|¦–—~»>)]"
_NUMBER_START = re.compile(r"\A(?:#\s?\d{1,6}\b|\d{1,4}[.)])\W*(?=[^\W\d])")
_PARTS = re.compile(r"\s*[|¦·•]\s*|\s+[–—-]\s+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The facts in a line about a comment's author and date."""

    #: Empty if the line has no words beside those around a name and a date.
    name: str
    #: In UTC; None if there is no date, or it is ambiguous.
    posted_at: datetime | None
    #: Whether words such as "comment by" or "says", or a date, are beside the name.
    is_marked: bool


@lru_cache(_REMEMBERED)
def read_credit(line: str, language: str, now: datetime) -> Credit:
    """Return the name and the date in one line.

    Args:
        line: one line of plain text.
        language: the page's `lang`; may be empty.
        now: the time; later dates are ignored.
    """
    line = _NUMBER_START.sub("", " ".join(line[:MAX_CHARS].split()))
    date = find_written_date(line, language, now=now)
    if date is None:
        name, is_marked = _name_in(line)
        return Credit(name=name, posted_at=None, is_marked=is_marked)
    before, after = _around(line, date, language)
    if _has_own_words(before) and _has_own_words(after):
        # A date inside a name: the title of a page that links here.
        name, is_marked = _name_in(line)
        return Credit(name=name, posted_at=date.at, is_marked=is_marked)
    name, _ = _name_in(before if _has_own_words(before) else after, is_after_date=True)
    return Credit(name=name, posted_at=date.at, is_marked=True)


@lru_cache(_REMEMBERED)
def is_credit(line: str, language: str, now: datetime) -> bool:
    """Return whether a line has nothing but a date, a number, labels and signs; no name either."""
    line = " ".join(line.split())
    if len(line) > MAX_CHARS:
        return False
    date = find_written_date(line, language, now=now)
    return not _has_own_words(line if date is None else " ".join(_around(line, date, language)))


@lru_cache(_REMEMBERED)
def is_label(line: str) -> bool:
    """Return whether a line that is a credit has a number or more than small words: "à"."""
    return any(map(str.isdigit, line)) or _STRONG.search(line) is not None


def has_date(line: str, language: str, now: datetime) -> bool:
    """Return whether a line has a date, or words in place of one: "2 days ago"."""
    line = " ".join(line[:MAX_CHARS].split())
    return find_written_date(line, language, now=now) is not None or bool(_AGO.search(line))


def is_button(line: str) -> bool:
    """Return whether a line has only the words of buttons and counters: "Reply", "3 Likes"."""
    return len(line) <= MAX_CHARS and _BUTTONS.fullmatch(line) is not None


def is_name_like(name: str) -> bool:
    """Return whether words that are found only by their place can be a name."""
    words = name.split()
    is_short = 0 < len(name) <= _MAX_NAME and 0 < len(words) <= _MAX_NAME_WORDS
    return is_short and not name.endswith(("!", "?", "。"))


def is_notice_label(label: str) -> str:
    """Return `pingback` or `trackback` if a label names one: "Pingback von"; else empty."""
    if _TRACKBACK_LABEL.match(label):
        return "trackback"
    return "pingback" if _PINGBACK_LABEL.match(label) else ""


def is_reblog(text: str) -> bool:
    """Return whether a text is only the notice that another site passed the post on."""
    line = text.strip().replace("’", "'")
    return "\n" not in line and len(line) <= MAX_CHARS and _REBLOG.fullmatch(line) is not None


def _around(line: str, date: WrittenDate, language: str) -> tuple[str, str]:
    """Return the text before and after a date, without the words that lead to the date."""
    before, after = line[: date.start], line[date.end :]
    day_end = _day_end(language.partition("-")[0].lower())
    while (shorter := day_end.sub("", _AT_END.sub("", before))) != before:
        before = shorter
    return before, _AT_START.sub("", after)


def _name_in(part: str, *, is_after_date: bool = False) -> tuple[str, bool]:
    """Return the name in a part of a line, and whether the words around it show that it is one."""
    pieces = [piece for piece in _PARTS.split(part) if piece]
    while pieces and not _has_own_words(pieces[-1]):
        pieces.pop()
    while pieces and not _has_own_words(pieces[0]):
        pieces.pop(0)
    if not pieces:
        return "", False
    start = part.index(pieces[0])
    bare = part[start : part.rindex(pieces[-1]) + len(pieces[-1])].lstrip(_OPENING)
    name = _LABEL_START.sub("", bare, count=1)
    without_says = _SAYS_END.sub("", name)
    if without_says == name and (is_after_date or name.endswith((":", "："))):
        without_says = _SAYS_START.sub("", name)
    if _WORD.search(without_says):
        name = without_says
    name = _BADGE_END.sub("", _AGO_END.sub("", name))
    is_marked = name.rstrip(_AFTER_NAME) != bare.rstrip(_AFTER_NAME)
    name = name.strip().rstrip(_AFTER_NAME).lstrip(_OPENING)
    return (name if _WORD.search(name) else ""), is_marked


def _has_own_words(part: str) -> bool:
    """Return whether a part of a line has words that are not in the data file."""
    part = _AGO.sub(" ", part)
    return _WORD.search(_NUMBERS.sub(" ", _STOCK.sub(" ", part))) is not None


# --- the words ----------------------------------------------------------------------------------

_BY_LANGUAGE = tomllib.loads(
    files("digest.readers").joinpath("data/credits.toml").read_text("utf-8")
)
_LANGUAGES = _BY_LANGUAGE.values()
#: A shorter name of a day may be a person's: Sam, Mo.
_MIN_DAY = 4
_NUMBERS = re.compile(r"[+-]?\d[\d.,:]*(?:st|nd|rd|th)?\b")


def _words(*kinds: str) -> set[str]:
    listed = (entry[kind].split(",") for entry in _LANGUAGES for kind in kinds)
    return {word.strip() for words in listed for word in words if word.strip()}


def _short_days(language: str) -> set[str]:
    """Return the short names of days in a language; in every one if it is empty."""
    entries = _LANGUAGES if not language else [_BY_LANGUAGE.get(language, {"days": ""})]
    days = (day.strip() for entry in entries for day in entry["days"].split(","))
    return {day for day in days if day and day.isascii() and len(day) < _MIN_DAY}


@cache
def _day_end(language: str) -> re.Pattern[str]:
    """Return the pattern of a short name of a day before a date: "Sat, "; everywhere "sam. "."""
    own = _short_days(language)
    short = rf"{_any_of(_short_days(''))}\." + (rf"|{_any_of(own)}" if own else "")
    return re.compile(rf"[\s,;:|(\[·•–—-]*(?:{short})[\s,]*\Z", re.IGNORECASE)


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words as whole words, the longest first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    # Where no word begins, none of them is tried: hostile lines have hundreds of such places.
    first = "".join(re.escape(letter) for letter in sorted({word[0] for word in ordered}))
    return f"(?=[{first}])(?:{'|'.join(_whole(word) for word in ordered)})"


def _whole(word: str) -> str:
    written = re.escape(word).replace(r"\ ", r"\s+")
    if _UNSPACED.search(word):
        return written
    # "wrote(a)" ends with a sign, after which no word has to end.
    return rf"(?<!\w){written}" + (r"(?!\w)" if _WORD.match(word[-1]) else "")


def _templates(kind: str, gap: str) -> str:
    listed = {each for entry in _LANGUAGES for each in _listed(entry[kind])}
    written = (re.escape(each).replace(re.escape("{}"), gap) for each in sorted(listed))
    return "|".join(rf"(?:{each})" for each in written)


def _listed(value: str | list[str]) -> list[str]:
    return [each.strip() for each in value.split(",")] if isinstance(value, str) else value


#: These may begin a surname, and count as "by" only with a label or a colon.
_PARTICLES = frozenset("von vom de di da van".split())  # noqa: SIM905
_BY = _any_of(_words("by"))
_SAYS = _any_of(_words("says"))
_LONG_DAYS = _words("days") - _short_days("")
_AT = _any_of(_words("at") | _LONG_DAYS)
_LABELS = _any_of(_words("label", "badge"))
_AMOUNT = r"(?:\d{1,3}|an?|eine[mnr]?|une?|un[ao]?|um[a]?|один|одну)\s?[^\W\d_]{1,14}"
_AGO = re.compile(rf"(?<!\w)(?:{_templates('ago', _AMOUNT)})(?!\w)", re.IGNORECASE)
_AGO_END = re.compile(r"[\s,(|–—-]*" + _AGO.pattern + r"\W*\Z", re.IGNORECASE)
_BADGES = _any_of(_words("badge"))
_BESIDE = _any_of(_words("badge", "button"))
# "(author)", "[edit]", after FC2's "#" and key of a visitor.
_BADGE_END = re.compile(
    rf"\s*(?:(?:#[\w./-]{{1,12}})?[(\[]\s*{_BESIDE}\s*[)\]]|,\s*{_BADGES})\W*\Z", re.IGNORECASE
)
_BUTTONS = re.compile(rf"(?:[\W\d]*{_any_of(_words('button'))})+[\W\d]*", re.IGNORECASE)
_STRONG = re.compile(_any_of(_words("label", "says", "badge", "button")), re.IGNORECASE)
_STOCK = re.compile(
    _any_of(_words("by", "label", "says", "at", "badge", "button") | _LONG_DAYS), re.IGNORECASE
)
_AT_END = re.compile(rf"[\s,;:|(\[·•–—-]*{_AT}\.?[\s,:]*\Z|[\s,;|(\[·•–—-]+\Z", re.IGNORECASE)
_AT_START = re.compile(rf"\A[\s,;|)\]·•.–—-]*(?:{_AT}(?=\W|\Z))?[\s,;|)\]·•.–—-]*", re.IGNORECASE)
#: "Comment by", "Posted by:", "Pingback von", "Автор:"; a label alone needs a colon.
_LABEL_START = re.compile(
    rf"\A\W*(?:{_any_of(_words('label'))}\s+{_BY}(?:\s*[:：]|(?=\s))|(?:{_LABELS}|{_BY})\s*[:：]"
    rf"|{_any_of(_words('by') - _PARTICLES)}(?=\s))\s*",
    re.IGNORECASE,
)
_SAYS_END = re.compile(
    rf"[\s,]*(?:{_SAYS}(?:[\s,]*{_AT})?\s*(?:\.{{3}}|…)?[\s,|｜]*\Z"
    rf"|(?i:{_SAYS})(?:[\s,]*{_AT})?\s*(?:\.{{3}}|…)?\s*[:：]\W*\Z)"
)
_SAYS_START = re.compile(rf"\A{_SAYS}\s*[:：]?\s+")
_PINGBACK_LABEL = re.compile(
    r"\W*(?:ping-?back|ping|уведомление|пингб[эе]к|ピンバック|引用通告|핑백|פינגבק)(?!\w)",
    re.IGNORECASE,
)
_TRACKBACK_LABEL = re.compile(
    r"\W*(?:track-?back|rétrolien|retroenlace|обратная ссылка|тр[эе]кб[эе]к|トラックバック|트랙백"
    r"|טראקבק)(?!\w)",
    re.IGNORECASE,
)
_REBLOG = re.compile(rf"(?:{_templates('reblog', '.{1,80}?')})\s*[.:。]?", re.IGNORECASE)
