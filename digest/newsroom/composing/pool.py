"""Lists every post of a draft's window that the draft does not show, by the reason why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from digest.models import Edition, NotMailed, Omission, Shown
from digest.newsroom.composing.rows import PoolGroup, PoolRow
from digest.store import unmailed
from digest.store.choices import CadenceName
from digest.store.engine import Connection

#: Rows of a group, in the list of all groups and in its own.
_FEW = 8
_MANY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A reason: what it is called, and what brings its posts in."""

    label: str
    way: str = ""
    button: str = "Bring in"


_KINDS = {
    "next-time": _Kind(label="Left for next time", way="unmark"),
    "dropped": _Kind(label="Dropped by an editor", way="unmark"),
    "duplicate": _Kind(label="The same story as another post", way="pin", button="Show this one"),
    "dated-ahead": _Kind(label="Dated ahead", way="include"),
    "no-section": _Kind(label="In no section of this newsletter", way="section"),
    "rule": _Kind(label="Left out by the rules of its feed", way="section"),
    "no-words": _Kind(label="Without title and text"),
    "no-link": _Kind(label="Without a safe link"),
    "check": _Kind(label="Taken out by a check"),
    "too-old": _Kind(label="Too old", way="include"),
    "archive": _Kind(label="From the archive of its site", way="include"),
    "backlog": _Kind(label="There before its feed was added", way="include"),
}
_KEPT = {
    NotMailed.AHEAD: "dated-ahead",
    NotMailed.TOO_OLD: "too-old",
    NotMailed.ARCHIVE: "archive",
    NotMailed.BACKLOG: "backlog",
}
_KEPT_TEXTS = {
    NotMailed.AHEAD: "is dated ahead: {0}",
    NotMailed.TOO_OLD: "is older than its feed’s max_post_age: {0}",
    NotMailed.ARCHIVE: "belongs to the archive that its site began to list: {0}",
    NotMailed.BACKLOG: "was there before its feed was added: {0}",
}

#: Returns rows of a group from an offset, at most so many.
_Read = Callable[[int, int], Sequence[PoolRow]]


def list_pool(
    connection: Connection, edition: Edition, of: CadenceName, shown: Shown
) -> tuple[tuple[PoolGroup, ...], int]:
    """Return the unused posts by reason, and the number of all; only groups that have posts.

    Args:
        connection: a connection inside a transaction.
        edition: the draft.
        of: its cadence.
        shown: which group is listed whole, and for which words.
    """
    listed = (*_left_out(connection, edition, of, shown), *_kept(connection, edition, shown))
    found = {code: (total, read) for code, total, read in listed if total}
    order = [code for code in _KINDS if code in found]
    wanted = [shown.group] if shown.group in found else order
    groups = tuple(_group(code, *found[code], shown) for code in wanted)
    return groups, sum(total for total, _ in found.values())


def _group(code: str, total: int, read: _Read, shown: Shown) -> PoolGroup:
    kind = _KINDS[code]
    is_whole = shown.group == code
    size = _MANY if is_whole else _FEW
    pages = -(-total // size)
    page = min(max(shown.page, 1), pages) if is_whole else 1
    return PoolGroup(
        code=code,
        label=kind.label,
        total=total,
        rows=tuple(read((page - 1) * size, size)),
        way=kind.way,
        button=kind.button,
        page=page,
        pages=pages,
    )


def _left_out(
    connection: Connection, edition: Edition, of: CadenceName, shown: Shown
) -> Iterator[tuple[str, int, _Read]]:
    """Yield the posts of the window, which are read whole: the composer's, and of no section."""
    rows: dict[str, list[PoolRow]] = {}
    for omission in edition.omitted:
        code = omission.reason.code if omission.reason.code in _KINDS else "check"
        rows.setdefault(code, []).append(_of_omission(omission))
    taken = {omission.post_id for omission in edition.omitted}
    taken |= {story.post_id for story in edition.stories}
    window = (edition.last_cut_seq, edition.cut_seq, edition.categories)
    for post in unmailed.unlisted_posts(connection, *window, of):
        if post.id in taken:
            continue
        named = ", ".join(post.categories)
        rows.setdefault("no-section" if named else "rule", []).append(
            PoolRow(
                post_id=post.id,
                title=post.title,
                reason=f"its categories: {named}" if named else "left out by the rules of its feed",
                feed=post.feed_title,
            )
        )
    for code, found in rows.items():
        fitting = [row for row in found if shown.find.casefold() in row.title.casefold()]
        yield code, len(fitting), _reader(fitting)


def _reader(rows: Sequence[PoolRow]) -> _Read:
    return lambda start, most: rows[start : start + most]


def _of_omission(omission: Omission) -> PoolRow:
    return PoolRow(post_id=omission.post_id, title=omission.title, reason=omission.reason.text)


def _kept(
    connection: Connection, edition: Edition, shown: Shown
) -> Iterator[tuple[str, int, _Read]]:
    """Yield the posts that intake kept, of which there may be any number."""
    categories, find = edition.categories, shown.find
    for reason, total in unmailed.count_kept_titles(connection, categories, find=find).items():
        yield _KEPT[reason], total, _kept_reader(connection, edition, reason, find)


def _kept_reader(connection: Connection, edition: Edition, reason: NotMailed, find: str) -> _Read:
    def read(start: int, most: int) -> Sequence[PoolRow]:
        found = unmailed.list_kept(
            connection, edition.categories, reason, find=find, start=start, most=most
        )
        return [
            PoolRow(
                post_id=post.id,
                title=post.title,
                reason=_KEPT_TEXTS[reason].format(f"{post.published_at:%Y-%m-%d}"),
                feed=post.feed_title,
            )
            for post in found
        ]

    return read
