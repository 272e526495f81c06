"""How comments look in pages, read once from `data/comments.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One way in which pages mark comments up."""

    name: str
    #: Selects the elements that are a comment each.
    items: str
    #: Whether `items` says too much, and only ids with a number in them count.
    is_numbered: bool = False
    #: Whether such a page lists all its comments where it does not say otherwise.
    is_plain_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Where in a comment's markup its parts stand; all CSS selectors, best first."""

    #: Taken out before anything is looked for.
    junk: str
    #: A comment with such an element is not public.
    held: str
    #: Selects comments that are notes of links, as their list says.
    pings: str
    author: tuple[str, ...]
    #: Selector and attribute of dates that machines can read.
    dated: tuple[tuple[str, str], ...]
    #: Dates that people can read.
    written: tuple[str, ...]
    text: tuple[str, ...]
    #: Taken out of the words.
    meta: str
    votes: tuple[str, ...]
    #: Links to the comment that is answered.
    answers: tuple[str, ...]
    permalinks: tuple[str, ...]
    #: Headings that say how many comments there are.
    counts: str
    #: Buttons that bring more.
    more: str
    #: Signs of plugins that bring more without a button.
    lazy: str
    families: tuple[Family, ...]


def _load() -> Profile:
    data = tomllib.loads(files("digest.readers").joinpath("data/comments.toml").read_text("utf-8"))
    whole, families = data.pop("whole"), data.pop("family")
    lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
    lists["dated"] = tuple((selector, attribute) for selector, attribute in data["dated"])
    families = tuple(Family(**family) for family in families)
    return Profile(**{**data, **lists, **whole}, families=families)


PROFILE = _load()
