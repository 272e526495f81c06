"""Spam: names that sell or are searched for, offers, and praise that fits any post."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from digest.composer.lexicon.classes import read_words_of_all
from digest.composer.lexicon.contact import count_links, is_email
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter, stems_of
from digest.composer.lexicon.phrases import Phrases
from digest.composer.lexicon.words import Words
from digest.models import Reason

#: Different words of commerce that the post does not use: one if there is no address, and one
#: more for each of this number of characters.
_CHARS_BY_OFFER = 400
#: Praise must share this number of content words with the post or the thread.
_MIN_SHARED_WITH_PRAISE = 3
#: Likewise a comment with a link.
_MIN_SHARED_WITH_LINK = 2
#: A longer comment is more than a stock phrase.
_MAX_PRAISE = 300
#: A comment of fewer characters besides its link is only the link.
_MIN_BESIDE = 40
#: A shorter name is in many addresses by chance.
_MIN_NAME = 5
#: Names in small letters alone are a person's up to this number of words.
_MAX_SMALL_WORDS = 2
#: A search has at least this number of words.
_MIN_KEYWORDS = 2
#: A person's name has at most this number of words.
_MAX_NAME_WORDS = 7

_WORD = re.compile(r"[^\W\d_]+")
_SMALL_WORD = re.compile(r"\b[a-zß-ÿ]+\b")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DOTTED = re.compile(r"\w\.\w|\bdot\b", re.IGNORECASE)
_SPELLED_OUT = re.compile(r"\bdot\b", re.IGNORECASE)
#: Marks of a page's title.
_OF_A_TITLE = re.compile(r"[|»«]")


def judge_spam(name: str, text: str, matter: Matter, words: Words) -> Reason | None:
    """Return why a comment is spam, by its name or its words; else None.

    Args:
        name: of its author.
        text: all of its words.
        matter: the subject of its post and thread.
        words: the lists of its language.
    """
    return judge_name(name, text, matter, words) or find_spam(name, text, matter, words)


# --- names --------------------------------------------------------------------------------------


def judge_name(name: str, text: str, matter: Matter, words: Words) -> Reason | None:
    """Return why a name is not a person's: an address, a trade, a search; else None."""
    if name.strip() and not any(map(str.isalnum, name)):
        return Reason(code="no-name", text="the name has no letters")
    if is_email(name):
        return Reason(code="name-is-address", text="the name is an e-mail address")
    if _domain().search(name):
        return Reason(code="commercial-name", text="the name is a web address")
    if found := _find_trade(name, words):
        return Reason(code="commercial-name", text=f"the name sells something: “{found}”")
    if _is_search(name, text, matter, words):
        return Reason(code="commercial-name", text="the name is a search, not a person's")
    return None


def _find_trade(name: str, words: Words) -> str:
    plain = fold_plain(name)
    if found := words.trades.find(plain) or words.offers.find(plain) or _compound(plain):
        return found
    is_title = _OF_A_TITLE.search(name) or len(name.split()) > _MAX_NAME_WORDS
    return name[:40] if is_title else ""


def _compound(plain: str) -> str:
    """Return a trade that is the end of a longer word, as in German; empty if there is none."""
    found = _compounds().search(plain)
    return found[0] if found else ""


def _is_search(name: str, text: str, matter: Matter, words: Words) -> bool:
    """Whether all words of a name are common ones of the post or of the comment itself.

    Recognised where names alone are written with capitals; `A parent` and one word are a person's.
    """
    if len(name.split()) > _MAX_SMALL_WORDS and name.islower():
        return True
    parts = _WORD.findall(name.lower())
    if len(parts) < _MIN_KEYWORDS or parts[0] in words.stopwords:
        return False
    is_common = (_small_words(matter.text) | _small_words(text)).issuperset(parts)
    return is_common or fold_plain(text).startswith(fold_plain(name))


@lru_cache(maxsize=8)
def _small_words(text: str) -> frozenset[str]:
    return frozenset(_SMALL_WORD.findall(text))


# --- words --------------------------------------------------------------------------------------


def find_spam(name: str, text: str, matter: Matter, words: Words) -> Reason | None:
    """Return why a comment sells, advertises or flatters as spam does; else None."""
    plain = fold_plain(text)
    offers = words.offers.find_all(plain) - _sold_by(matter.text, words.offers)
    offers = frozenset(each.rstrip("s") for each in offers)
    address = _find_address(text)
    if len(offers) > (not address) + len(text) / _CHARS_BY_OFFER:
        return Reason(code="spam", text=f"sells something: {', '.join(sorted(offers)[:3])}")
    praise = sorted(words.praise.find_all(plain)) if len(text) <= _MAX_PRAISE else []
    if not address and not praise:
        return None
    beside = text.replace(address, " ") if address else text
    shared = matter.shared_with(stems_of(beside, words.stopwords))
    is_off = matter.is_known and shared < _MIN_SHARED_WITH_LINK
    if address and (reason := _judge_link(name, text, address, is_off=is_off)):
        return reason
    # If nothing is known of the topic, one phrase is no proof.
    least = 1 if matter.post or matter.thread else 2
    if len(praise) >= least and shared < _MIN_SHARED_WITH_PRAISE:
        return Reason(code="spam", text=f"praise that fits any post: “{praise[0]}”")
    return None


def _find_address(text: str) -> str:
    if count_links(text) and (link := _LINK.search(text)):
        return link[0]
    bare = _bare_address().search(text) if _DOTTED.search(text) else None
    return bare[0] if bare else ""


def _judge_link(name: str, text: str, address: str, *, is_off: bool) -> Reason | None:
    """Return what speaks against a comment with a link or an address."""
    if _hidden_address().search(text):
        return Reason(code="spam", text="a link that hides where it leads")
    if _SPELLED_OUT.search(address):
        return Reason(code="spam", text=f"an address in disguise: {address[:60]}")
    if _is_own(address, name):
        return Reason(code="spam", text=f"advertises {address[:60]}")
    if len(" ".join(text.replace(address, " ").split())) < _MIN_BESIDE:
        return Reason(code="links", text="hardly any words besides a link")
    if is_off:
        return Reason(code="spam", text="a link, and hardly a word on the topic")
    return None


def _is_own(address: str, name: str) -> bool:
    """Return whether a name is that of the site it links to."""
    bare = "".join(filter(str.isalnum, fold_plain(name)))
    host = "".join(filter(str.isalnum, fold_plain(address)))
    return len(bare) >= _MIN_NAME and bare in host


@lru_cache(maxsize=8)
def _sold_by(post_text: str, offers: Phrases) -> frozenset[str]:
    """Return the words of commerce that the post itself uses."""
    return offers.find_all(fold_plain(post_text))


# --- addresses, from the lists ------------------------------------------------------------------


def _alternatives(name: str, key: str) -> str:
    return "|".join(map(re.escape, read_words_of_all(name, key))) or "(?!)"


@cache
def _domain() -> re.Pattern[str]:
    ends = _alternatives("links", "words")
    return re.compile(rf"https?:|www\.|[\w-]\.(?:{ends})\b", re.IGNORECASE)


@cache
def _bare_address() -> re.Pattern[str]:
    ends = _alternatives("links", "words")
    return re.compile(
        rf"(?<![\w@./%-])(?:[a-z0-9][a-z0-9-]{{1,62}}\.)+(?:{ends})(?![\w.-]*@)\b(?:/\S*)?"
        r"|\b[a-z0-9-]{3,40} ?[\[(]?\bdot\b[\])]? ?(?:com|net|org|info|biz)\b",
        re.IGNORECASE,
    )


@cache
def _hidden_address() -> re.Pattern[str]:
    hidden, paid = _alternatives("links", "hidden"), _alternatives("links", "paid")
    return re.compile(rf"\b(?:{hidden})|[?&](?:{paid})=", re.IGNORECASE)


@cache
def _compounds() -> re.Pattern[str]:
    return re.compile(rf"\w{{3,}}(?:{_alternatives('trades', 'endings')})(?!\w)")
