"""The selectors that find comments in pages, read once from `data/comments.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of comment markup."""

    name: str
    #: Selects the elements that are one comment each.
    items: str
    #: Whether `items` selects too much, and only ids with a number count.
    is_numbered: bool = False
    #: Whether pages of this kind list all their comments by default.
    is_plain_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """CSS selectors of the parts of a comment, best first."""

    #: Removed before anything else is searched.
    junk: str
    #: A comment with such an element is not public.
    held: str
    #: Selects pingbacks and trackbacks by their list.
    pings: str
    #: Selects pingbacks and trackbacks in lists of comments.
    notices: str
    author: tuple[str, ...]
    #: Tried last, because they may select something else.
    author_last: tuple[str, ...]
    #: Selector and attribute of machine-readable dates.
    dated: tuple[tuple[str, str], ...]
    #: Human-readable dates.
    written: tuple[str, ...]
    text: tuple[str, ...]
    #: Removed from the text.
    meta: str
    votes: tuple[str, ...]
    #: Links to the comment that is answered.
    answers: tuple[str, ...]
    permalinks: tuple[str, ...]
    #: Selects the parts beside a page's content, such as a list of recent comments.
    beside: str
    #: Headings with the number of comments.
    counts: str
    #: Buttons that load more comments.
    more: str
    #: Signs of plugins that load more comments without a button.
    lazy: str
    #: Words in classes of the author's name; those of the first set are surer.
    author_words: tuple[frozenset[str], ...]
    #: Words in classes that an author's name does not have.
    not_author_words: frozenset[str]
    #: Words in classes of short elements that are not the text.
    aside_words: frozenset[str]
    #: Words in classes of the text.
    text_words: frozenset[str]
    families: tuple[Family, ...]


def _load() -> Profile:
    data = tomllib.loads(files("digest.readers").joinpath("data/comments.toml").read_text("utf-8"))
    whole, families, classes = data.pop("whole"), data.pop("family"), data.pop("classes")
    lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
    lists["dated"] = tuple((selector, attribute) for selector, attribute in data["dated"])
    families = tuple(Family(**family) for family in families)
    return Profile(
        **{**data, **lists, **whole},
        author_words=tuple(frozenset(words.split()) for words in classes["author"]),
        not_author_words=frozenset(classes["not_author"].split()),
        aside_words=frozenset(classes["aside"].split()),
        text_words=frozenset(classes["text"].split()),
        families=families,
    )


PROFILE = _load()
