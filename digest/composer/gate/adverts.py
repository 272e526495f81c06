"""Advertisements: what is sold in a comment, told by its words and by where its links lead."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.composer.lexicon.contact import count_links
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter, stems_of
from digest.composer.lexicon.words import Phrases, Words
from digest.models import Reason

#: So many different words of commerce that the post does not use are an offer.
_MAX_COMMERCE = 1
#: A shorter name stands in many addresses by chance.
_MIN_NAME = 5
#: With fewer characters beside it a comment is its link.
_MIN_BESIDE = 80
#: Who sets a link must share so many content words with the post or the thread.
_MIN_SHARED_WITH_LINK = 2

_BARE_ADDRESS = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9][a-z0-9-]{1,62}\.)+(?:com|net|org|info|biz|online|shop|store|site|xyz"
    r"|top|club|app|ly|gl|gd|to|ru|io|co|me|tv|de|at|ch|fr|es|uk|eu|us|example)"
    r"(?![\w.-]*@)\b(?:/\S*)?"
    r"|\b[a-z0-9-]{3,40} ?[\[(]?\bdot\b[\])]? ?(?:com|net|org|info|biz|online|shop)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(r"[€$£] ?\d|\d ?(?:€|\$|£|%|euros?\b)", re.IGNORECASE)
_DOTTED = re.compile(r"\w\.\w|\bdot\b", re.IGNORECASE)
# Where they lead nobody can see, and they pay those who set them.
_HIDDEN_ADDRESS = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|ow\.ly|is\.gd|t\.ly|cutt\.ly|rebrand\.ly|amzn\.to|shorturl"
    r"|t\.me|wa\.me|clickbank|[?&](?:ref|aff|affid|affiliate|tag|partner)=)",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def find_offer(name: str, text: str, matter: Matter, words: Words) -> Reason | None:
    """Why a comment is an advertisement; None where it is not.

    Args:
        name: of its author.
        text: its words.
        matter: what its post and thread are about.
        words: the lists of its language.
    """
    plain = fold_plain(text)
    if pitch := words.pitches.find(plain):
        return Reason(code="spam", text=f"speaks as sellers do: “{pitch}”")
    offers = words.commerce.find_all(plain) - _sold_by(matter.text, words.commerce)
    if len(offers) > _MAX_COMMERCE:
        return _sells(offers)
    bare = _BARE_ADDRESS.search(text) if _DOTTED.search(text) else None
    if bare is None and not count_links(text):
        return None
    address = bare or _LINK.search(text)
    if offers:
        return _sells(offers)
    return _judge_link(name, text, address[0] if address else "", matter, words) or (
        _judge_bare(text, bare) if bare else None
    )


def _sells(offers: frozenset[str]) -> Reason:
    return Reason(code="spam", text=f"sells something: {', '.join(sorted(offers)[:3])}")


def _judge_link(name: str, text: str, address: str, matter: Matter, words: Words) -> Reason | None:
    """What speaks against a comment with one link or address."""
    if not words.has_civility:
        return Reason(code="links", text="a link, in a language without word lists")
    if _HIDDEN_ADDRESS.search(text):
        return Reason(code="spam", text="a link that hides where it leads")
    if _is_own(address, name):
        return Reason(code="spam", text=f"advertises {address[:60]}")
    if words.praise.find(fold_plain(text)):
        return Reason(code="spam", text="praise with a link")
    beside = text.replace(address, " ")
    if len(" ".join(beside.split())) < _MIN_BESIDE:
        return Reason(code="links", text="hardly anything beside a link")
    if matter.is_known and matter.shared_with(stems_of(beside, words.stopwords)) < (
        _MIN_SHARED_WITH_LINK
    ):
        return Reason(code="spam", text="a link, and hardly a word on the matter")
    return None


def _judge_bare(text: str, bare: re.Match[str]) -> Reason | None:
    """An address that nobody can click is there to be read."""
    if _PRICE.search(text) or not text[bare.end() :].strip(" .!)/"):
        return Reason(code="spam", text=f"advertises {bare[0][:60]}")
    return None


def _is_own(address: str, name: str) -> bool:
    """Whether a name is that of the site it points to."""
    bare = "".join(filter(str.isalnum, fold_plain(name)))
    host = "".join(filter(str.isalnum, fold_plain(address)))
    return len(bare) >= _MIN_NAME and bare in host


@lru_cache(maxsize=8)
def _sold_by(post_text: str, commerce: Phrases) -> frozenset[str]:
    """What a post itself speaks of is no offer."""
    return commerce.find_all(fold_plain(post_text))
