"""Removes faulty parts and stories from an edition that is already composed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from digest.models import CommentOmission, Edition, Omission, Quote, Reason, Story

#: Characters kept of a comment that is no longer quoted.
_SHOWN_TEXT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A part or story left out of an edition because of a fault."""

    post_id: int
    #: The story's title.
    title: str
    #: The part, as in `Finding.part`; empty for the whole story.
    part: str
    reason: Reason

    @property
    def words(self) -> str:
        """A description for people, such as `image of Bread`."""
        name, _, number = self.part.partition(":")
        known = {"quote": "comment", "link": "link of comment", "also": "link to post"}
        what = f"{known.get(name, name)} {number}".strip()
        return f"{what} of {self.title}" if what else self.title


def mend(
    edition: Edition, faults: Mapping[int, Mapping[str, Reason]], *, whole: bool = False
) -> tuple[Edition, tuple[Mend, ...]]:
    """Return the edition without the faulty parts and stories, and the list of those.

    Parts are removed first. If the fault is the story's own, or the part was already removed,
    the whole story is removed. Each reason is kept: a story's in `omitted`, a quote's in the
    story's `not_quoted`, that of any other part in the story's `mended`.

    Args:
        edition: the edition; it is not changed.
        faults: the reasons, by `post_id` and part.
        whole: whether to remove whole stories, whatever part is faulty.
    """
    stories: list[Story] = []
    mends: list[Mend] = []
    for story in edition.stories:
        found = faults.get(story.post_id, {})
        lesser = _without_parts(story, found) if found and not whole and "" not in found else None
        if not found:
            stories.append(story)
        elif lesser is None or lesser == story:
            mends.append(_mend(story, "", found.get("") or next(iter(found.values()))))
        else:
            stories.append(lesser)
            mends += [_mend(story, part, reason) for part, reason in found.items()]
    gone = tuple(
        Omission(post_id=each.post_id, title=each.title, reason=each.reason)
        for each in mends
        if not each.part
    )
    mended = replace(edition, stories=tuple(stories), omitted=edition.omitted + gone)
    return mended, tuple(mends)


def _mend(story: Story, part: str, reason: Reason) -> Mend:
    return Mend(post_id=story.post_id, title=story.title, part=part, reason=reason)


def _without_parts(story: Story, faults: Mapping[str, Reason]) -> Story:
    """Return the story without the faulty parts; an equal story if they are already removed."""
    for part, reason in faults.items():
        name, _, number = part.partition(":")
        lesser = _without(story, name, int(number or 0), reason)
        if lesser != story and name != "quote":
            lesser = replace(lesser, mended=(*story.mended, reason))
        story = lesser
    return story


def _without(story: Story, name: str, number: int, reason: Reason) -> Story:
    match name:
        case "excerpt":
            return replace(story, excerpt="", lead_excerpt="")
        case "image":
            return replace(story, image_url="", lead_image_url=None, image_alt="")
        case "alt":
            return replace(story, image_alt="")
        case "author":
            return replace(story, author="")
        case "also":
            return replace(
                story, also_at=tuple(each for each in story.also_at if each.post_id != number)
            )
        case "link":
            return replace(story, quotes=tuple(_unlinked(story.quotes, number)))
        case "quote":
            return _without_quote(story, number, reason)
        case _:
            return story


def _unlinked(quotes: tuple[Quote, ...], number: int) -> Iterator[Quote]:
    return (replace(each, url="") if each.comment_id == number else each for each in quotes)


def _without_quote(story: Story, number: int, reason: Reason) -> Story:
    gone = tuple(
        CommentOmission(
            comment_id=quote.comment_id,
            name=quote.name,
            text=" ".join(quote.text.split())[:_SHOWN_TEXT],
            reason=reason,
        )
        for quote in story.quotes
        if quote.comment_id == number
    )
    kept = tuple(quote for quote in story.quotes if quote.comment_id != number)
    return replace(story, quotes=kept, not_quoted=story.not_quoted + gone)
