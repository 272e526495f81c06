"""Pingbacks, slurs, threats, profanity and addresses are never printed (data/judged/never.toml)."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from digest.composer.quotes.top_comments import Picks, pick_comments
from digest.composer.rules import Policy
from digest.models import Civility
from tests.support.composing import a_comment, a_post
from tests.support.judged import DATA

NEVER: list[dict[str, Any]] = tomllib.loads((DATA / "never.toml").read_text("utf-8"))["comments"]


def pick(*texts: str, level: Civility = Civility.NORMAL, **changes: Any) -> Picks:
    """Choose among comments under a post made of the same words, so that all are on topic."""
    post = a_post(title=" ".join(texts)[:80], author="Odile Marsh")
    comments = [a_comment(text, id=number, **changes) for number, text in enumerate(texts, 1)]
    return pick_comments(
        post,
        " ".join(texts),
        comments,
        policy=Policy(civility=level),
        limit=2,
        language=changes.pop("language", "en"),
    )


@pytest.mark.parametrize("level", [Civility.STRICT, Civility.NORMAL])
@pytest.mark.parametrize("bad", NEVER, ids=lambda bad: f"{bad['code']}-{bad['language']}")
def test_a_comment_that_must_not_be_printed_is_refused(
    bad: dict[str, Any], level: Civility
) -> None:
    picks = pick(bad["text"], level=level, author=bad["name"].strip())
    assert picks.quotes == ()
    assert picks.not_quoted[0].reason.code not in {"says-little", "no-place"}


HATEFUL = [each for each in NEVER if each["code"] in {"slur", "threat", "pingback", "contact"}]


@pytest.mark.parametrize("bad", HATEFUL, ids=lambda bad: f"{bad['code']}-{bad['language']}")
def test_no_level_prints_slurs_threats_pingbacks_or_addresses(bad: dict[str, Any]) -> None:
    assert pick(bad["text"], level=Civility.LENIENT, author=bad["name"].strip()).quotes == ()


def test_every_kind_is_there_in_two_languages() -> None:
    kinds = {(each["code"], each["language"]) for each in NEVER}
    for code in ("pingback", "slur", "threat", "profanity", "contact"):
        assert len([language for kind, language in kinds if kind == code]) >= 2
