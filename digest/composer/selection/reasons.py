"""Why a story stands where it stands, in an editor's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.composer.rules import Rules
from digest.composer.selection.rank import Pick
from digest.models import Reason, Story

#: With fewer comments nothing was discussed.
_MIN_DISCUSSED = 2
_PINNED = "pinned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A post that is in the edition, and why."""

    pick: Pick
    reason: Reason


def is_pinned(story: Story) -> bool:
    """Whether an editor pinned a story of this edition."""
    return story.reason.code == _PINNED


def explain(ranked: tuple[Pick, ...], rules: Rules) -> tuple[Selected, ...]:
    """Give each pick its reason; `ranked` is in rank order."""
    most = max((pick.comment_count for pick in ranked if pick.is_new), default=0)
    places: Counter[str] = Counter()
    selected = []
    for pick in ranked:
        if pick.is_new:
            places.update(pick.categories)
            reason = _reason_of(pick, most, places, rules)
        else:
            reason = Reason(
                code="missed", text="shown only to subscribers who have not seen it yet"
            )
        selected.append(Selected(pick=pick, reason=reason))
    return tuple(selected)


def _reason_of(pick: Pick, most: int, places: Mapping[str, int], rules: Rules) -> Reason:
    code, text = _merit_of(pick, most)
    words = [text, *_remarks(pick, rules)]
    if pick.behind:
        code = "beyond-source-cap"
        words.append(f"behind others: enough of {pick.behind} in {pick.categories[0]}")
    if all(places[name] > rules.max_posts_per_category for name in pick.categories):
        section = pick.categories[0]
        words.append(f"number {places[section]} in {section}, may fall under “and N more”")
        code = "beyond-cap"
    if pick.place:
        code, words = _PINNED, ["pinned by an editor", *words]
    return Reason(code=code, text="; ".join(words))


def _remarks(pick: Pick, rules: Rules) -> Iterator[str]:
    choice = pick.choice
    if pick.why_lead:
        yield f"stands for others that tell the same: it {pick.why_lead}"
    if choice.skips.startswith(f"{rules.cadence}/"):
        yield "kept for this time by an editor"
    if not (choice.title is None and choice.excerpt is None and choice.image_alt is None):
        yield "words changed by an editor"


def _merit_of(pick: Pick, most: int) -> tuple[str, str]:
    comments = f"{pick.comment_count} comments"
    if most >= _MIN_DISCUSSED and pick.comment_count == most:
        return "most-discussed", f"most discussed of this edition: {comments}"
    if pick.comment_count >= _MIN_DISCUSSED:
        return "discussed", f"discussed: {comments}, {_say_age(pick.age_days)}"
    return "new", f"new in {pick.categories[0]}, {_say_age(pick.age_days)}"


def _say_age(days: int) -> str:
    if days == 0:
        return "of today"
    return "1 day old" if days == 1 else f"{days} days old"
