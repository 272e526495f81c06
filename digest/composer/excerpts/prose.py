"""Extracts the author's paragraphs from a post's HTML, without the text that the site added."""

from __future__ import annotations

import re
from itertools import zip_longest

from digest.composer.excerpts.layout import lines_of, mark_numbers
from digest.composer.excerpts.markup import (
    BREAK,
    HEADING,
    OMITTED,
    QUOTE_END,
    QUOTE_START,
    TRANSCRIPT,
    read_markup,
)
from digest.composer.excerpts.quotations import mark_quotations
from digest.composer.excerpts.site_words import (
    is_byline,
    is_of_the_site,
    strip_end,
    strip_start,
    without_link_sentence,
    without_note,
)
from digest.composer.lexicon.tidy import is_address, shorten_addresses, tidy_line
from digest.text.excerpts import EMOJI, MIN_WORDS
from digest.text.measure import measure_for
from digest.text.sentences import CLOSERS, STOPS, ends_sentence, split_sentences, starts_midway
from digest.text.shortcodes import strip_shortcodes

#: Characters read of a text; enough for any excerpt.
_MAX_PROSE = 16_000
#: A shorter paragraph without a full stop is a heading, a caption, a byline or a date.
_MIN_WORDS_WITHOUT_STOP = 12
_MAX_UNBROKEN = 100
#: The most paragraphs read, and the most kept.
_MAX_LOOKED_AT = 400
_MAX_KEPT = 60
_KEEP_ADDRESSES = 10_000

_LIST_ITEM = re.compile(r"^(?:[*•·▪►‣◦✓✔] ?|[+o–-] )")
#: Dots at the very end of a feed's text mean that the feed cut it.
_TRAILING_DOTS = re.compile(r"[\s,;:]*(?:…|\.{3,})$")
_AFTER_STOP = rf"(?<=[{STOPS}{re.escape(CLOSERS)}])"
_TRAILING_EMOJI = re.compile(rf"{_AFTER_STOP}\s*(?:{EMOJI}\s*){{1,2}}$")
_TRAILING_TAGS = re.compile(rf"(?:{_AFTER_STOP}|(?<=[\u0e00-\u0eff]))(?:\s+#[^\s#]+)+$")
#: A line of links or of counters.
_BARS = re.compile(r"\s[|·•]\s.*\s[|·•]\s")
#: A full stop within the paragraph: it consists of sentences.
_INNER_STOP = re.compile(rf"[{STOPS}][{re.escape(CLOSERS)}]*\s+\w+\s+\w+\s+\w+")
#: Markup that a feed escaped twice.
_STILL_MARKUP = re.compile(r"\s*<(?:!--|(?:p|div|h[1-6]|span|a|img|table|ul|br)\b)")
# Raw TeX: `\(x\)`, `$$`, `$x^2$`, `\frac{1}{2}`, `[latex]x[/latex]`.
_TEX = re.compile(
    r"\\[(\[]|\$\$|\$latex\b|(?<![\w\\/:.])\\[a-zA-Z]{2,}|\\[a-zA-Z]+\s?\{"
    r"|\$(?! )[^$\n]{0,80}?[\\^_{}][^$\n]{0,80}?\$|(?<![\w$])\$[a-zA-Z]\$"
    r"|\[/?(?:equation|katex|latex|math|mathjax|tex)\b[^\[\]]{0,80}\]"
)
_MARKS = re.compile(f"[{QUOTE_START}{QUOTE_END}{OMITTED}{HEADING}]")
_QUOTE_TAG = re.compile(
    r"\[(?P<slash>/?)(?:[a-z]{1,20}_)?(?:block)?quote\b"
    r"(?:[^\[\]\"“”″]|\"[^\"]{0,300}\"|[“”″][^“”″]{0,300}[“”″]|(?!)){0,300}+\]"
)
_QUESTION = re.compile(r"[?？؟;]\s*$")
_COLON = re.compile(r"[:：]$")


def read_text(html: str) -> str:
    """Return the text of a post without captions, tables, headings and shortcodes."""
    text = read_markup(html)
    text = read_markup(text) if _STILL_MARKUP.match(text) else text
    return strip_shortcodes(_mark_quote_tags(text))


def _mark_quote_tags(text: str) -> str:
    """Replace the shortcodes of quotations by the marks of `<blockquote>`, if each has its end."""
    tags = [found["slash"] for found in _QUOTE_TAG.finditer(text)]
    if tags != ["", "/"] * (len(tags) // 2):
        return text
    return _QUOTE_TAG.sub(
        lambda found: f"\n\n{QUOTE_END if found['slash'] else QUOTE_START}\n\n", text
    )


def read_prose(text: str, title: str, language: str = "en") -> tuple[str, ...]:
    """Return the author's paragraphs at the beginning of `text`, each as one line.

    Removed are the site's additions (read-on links, "appeared first on", sharing, credits), the
    repeated title, headings, bylines, dates, bare addresses and sentences with raw TeX. The lines
    of a verse begin with `markup.BREAK`.

    Args:
        text: the result of `read_text`.
        title: the post's title.
        language: the newsletter's language, a BCP 47 tag.
    """
    unmarked = mark_numbers(lines_of(text[:_MAX_PROSE])[:_MAX_LOOKED_AT])
    lines = mark_quotations(unmarked, language)
    kept = _keep(lines, title, language, has_lists=False)
    if _is_short(kept):
        # What is left out at the beginning of other posts is most of this one.
        lines = mark_quotations(unmarked, language, keeps_all=True)
        kept = max(kept, _keep(lines, title, language), key=_size)
    # A short paragraph that begins with the site's words is the site's, unless nothing else is
    # left.
    return kept or _keep(lines, title, language, is_strict=False)


def _size(kept: tuple[str, ...]) -> int:
    return sum(map(len, kept))


def _is_short(kept: tuple[str, ...]) -> bool:
    text = " ".join(kept)
    measure = measure_for(text)
    return measure.size(text) < measure.scale(MIN_WORDS)


def _keep(
    lines: list[str], title: str, language: str, *, is_strict: bool = True, has_lists: bool = True
) -> tuple[str, ...]:
    """Return the author's paragraphs.

    Args:
        lines: all paragraphs.
        title: the post's title.
        language: the newsletter's language.
        is_strict: whether to drop every paragraph that may be the site's.
        has_lists: whether to keep the list after a heading that is dropped; never one of the
            site's.
    """
    kept: list[str] = []
    is_after_gap = is_list_dropped = False
    before = ""
    for raw, following in zip_longest(lines, lines[1:], fillvalue=""):
        is_item = _LIST_ITEM.match(raw) is not None
        is_list_dropped = is_list_dropped and is_item
        if raw == OMITTED or is_list_dropped:
            is_after_gap = is_after_gap or is_list_dropped
            continue
        is_heading = raw.startswith(HEADING)
        if kept and TRANSCRIPT.fullmatch(raw.removeprefix(HEADING)):
            break
        line = _read_line(raw, is_strict=is_strict, is_later=bool(kept))
        is_label = is_strict and not line
        if not kept and line:
            line = strip_start(line, title, language)
        line = _without_formulas(_TRAILING_TAGS.sub("", _TRAILING_EMOJI.sub("", line)), language)
        announced, line = line, _end_colon(line, following, language)
        if is_heading and (kept or not _QUESTION.search(line)):
            is_list_dropped = is_label or not (has_lists or kept)
            continue
        if not kept and before.endswith(",") and starts_midway(line):
            # German continues in lower case after `Liebe Leserin,`, which is removed.
            line = line[0].upper() + line[1:]
        before = raw
        if not line or not _is_prose(line, is_item=is_item):
            is_after_gap = True
            is_label = is_label or (not has_lists and line != "" and not is_byline(line))
            is_list_dropped = is_label and not is_item
            continue
        is_list_dropped = not has_lists and line != announced
        if kept and is_after_gap and starts_midway(line):
            continue
        _add(kept, line, is_item=is_item, is_after_gap=is_after_gap)
        is_after_gap = False
        if len(kept) == _MAX_KEPT:
            break
    # An excerpt must not begin with the rest of a sentence whose beginning was removed.
    if len(kept) > 1 and starts_midway(kept[0]) and kept[1][0].isupper():
        kept.pop(0)
    if kept:
        kept[-1] = _TRAILING_DOTS.sub("", kept[-1])
    return tuple(filter(None, kept))


def _add(kept: list[str], line: str, *, is_item: bool, is_after_gap: bool) -> None:
    """Add a paragraph to the others; to the last one itself, if that ends with a colon."""
    if kept and not is_after_gap and not is_item and _COLON.search(kept[-1]):
        line = f"{kept.pop()}{measure_for(line).joint}{line}"
    is_new = line[0].isupper() and not is_item
    if kept and is_new and _lacks_full_stop(kept[-1], is_first=len(kept) == 1):
        kept[-1] += "."
    is_next_stanza = kept and BREAK in line and BREAK in kept[-1]
    kept.append((BREAK if is_next_stanza else "") + shorten_addresses(line))


def _read_line(raw: str, *, is_strict: bool, is_later: bool) -> str:
    """Return one paragraph as one line, without the text that plugins add at its end."""
    bare = _MARKS.sub("", _LIST_ITEM.sub("", raw.removeprefix(HEADING)))
    line = without_link_sentence(without_note(tidy_line(bare, max_address=_KEEP_ADDRESSES)))
    if not line or (is_strict and is_of_the_site(line, is_later=is_later)):
        return ""
    return strip_end(line)


def _without_formulas(line: str, language: str) -> str:
    """Remove the sentences that contain raw TeX."""
    if not _TEX.search(line):
        return line
    sentences = split_sentences(line, language)
    return measure_for(line).joint.join(each for each in sentences if not _TEX.search(each))


def _end_colon(line: str, following: str, language: str) -> str:
    """Remove a last sentence that announces a picture or a list, which are not printed.

    If it is the only one and long enough, it ends with a full stop before a picture.
    """
    is_picture = following == OMITTED
    if not _COLON.search(line) or not (is_picture or _LIST_ITEM.match(following)):
        return line
    measure = measure_for(line)
    sentences = split_sentences(line, language)
    if len(sentences) > 1:
        return measure.joint.join(sentences[:-1])
    if not is_picture or measure.size(line) < measure.scale(_MIN_WORDS_WITHOUT_STOP):
        return line
    return line[:-1].rstrip() + ("." if line.endswith(":") else "。")


def _is_prose(line: str, *, is_item: bool) -> bool:
    measure = measure_for(line)
    if is_address(line) or (not measure.is_by_characters and _longest_run(line) > _MAX_UNBROKEN):
        return False
    if is_of_the_site(line) or is_byline(line):
        return False
    is_long = measure.size(line) >= measure.scale(_MIN_WORDS_WITHOUT_STOP)
    is_row = _BARS.search(line) is not None and not _INNER_STOP.search(line)
    return ends_sentence(line) or (is_long and not is_item and not is_row)


def _lacks_full_stop(line: str, *, is_first: bool) -> bool:
    """Whether a newspaper's lead line, or a paragraph of sentences, ends without a full stop."""
    is_bare = line[-1].isalnum() and not measure_for(line).is_by_characters
    return is_bare and (is_first or _INNER_STOP.search(line) is not None)


def _longest_run(line: str) -> int:
    return max((len(word) for word in line.split() if "://" not in word), default=0)
