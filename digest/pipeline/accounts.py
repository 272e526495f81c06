"""Accounts for the posts of a window: each is shown, or left out for a reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from digest.composer.rules import Issue, Rules
from digest.models import Accounts, Edition, KeptPosts, NotMailed, Omission, Reason
from digest.store import unmailed
from digest.store.choices import CadenceName
from digest.store.engine import Connection, Database
from digest.store.unmailed import UnmailedPost
from digest.text.counted import counted

#: Categories named in one line.
_MAX_NAMED = 8
#: What is said of posts that are kept for a reason.
_TEXTS = {
    NotMailed.BACKLOG: "was there before its feed was added",
    NotMailed.ARCHIVE: "belongs to the archive that its site began to list",
    NotMailed.TOO_OLD: "is older than the feed's max_post_age",
}
_MORE = "; `digest compose --include {0}` mails it"


def account(database: Database, edition: Edition) -> Accounts:
    """Return the posts that an edition does not show, and why."""
    of = CadenceName(edition.newsletter, edition.cadence)
    window = (edition.last_cut_seq, edition.cut_seq, edition.categories)
    with database.read() as connection:
        return account_window(connection, of, *window, omitted=edition.omitted)


def account_window(
    connection: Connection,
    of: CadenceName,
    since_seq: int,
    cut_seq: int,
    categories: Sequence[str],
    *,
    omitted: tuple[Omission, ...],
) -> Accounts:
    """Return the posts that are not shown of a window, and why.

    Args:
        connection: a connection inside a transaction.
        of: the cadence.
        since_seq: the end of the previous window.
        cut_seq: the end of this window.
        categories: the newsletter's categories.
        omitted: the posts of these categories that the composer left out.
    """
    unlisted = unmailed.unlisted_posts(connection, since_seq, cut_seq, categories, of)
    kept = unmailed.kept_posts(connection, categories, cut_seq=cut_seq)
    waiting = [each for each in kept if each.reason == NotMailed.AHEAD]
    return Accounts(
        left_out=(*omitted, *map(_of_waiting, waiting), *map(_of_unlisted, unlisted)),
        kept=tuple(_by_feed([each for each in kept if each.reason != NotMailed.AHEAD])),
    )


def explain_nothing(connection: Connection, rules: Rules, issue: Issue) -> str:
    """Return where the posts of a window are that has too few for an edition; may be empty."""
    window = (issue.last_cut_seq, issue.cut_seq, rules.categories)
    of = CadenceName(rules.newsletter, rules.cadence)
    unlisted = unmailed.unlisted_posts(connection, *window, of)
    kept = unmailed.count_kept(connection, *window, of)
    return "".join(f"; {line}" for line in _lines(rules.newsletter, unlisted, kept))


def _lines(
    newsletter: str, unlisted: Sequence[UnmailedPost], kept: dict[str, int]
) -> Iterator[str]:
    named = Counter(name for post in unlisted for name in post.categories)
    elsewhere = sum(bool(post.categories) for post in unlisted)
    if elsewhere:
        names = [f"{name} ({count})" for name, count in named.most_common(_MAX_NAMED)]
        more = ", …" if len(named) > _MAX_NAMED else ""
        yield (
            f"{counted(elsewhere, 'new post is', 'new posts are')} in categories that"
            f" `{newsletter}` does not list: {', '.join(names)}{more}"
        )
    if ruled_out := len(unlisted) - elsewhere:
        left = counted(ruled_out, "new post is", "new posts are")
        yield f"{left} left out by the rules of their feeds"
    for reason, count in kept.items():
        left = counted(count, "new post is", "new posts are")
        yield f"{left} kept without being mailed: {reason}"


def _of_unlisted(post: UnmailedPost) -> Omission:
    if not post.categories:
        reason = Reason(code="rule", text="is left out by the rules of its feed")
    else:
        named = ", ".join(post.categories)
        reason = Reason(code="no-section", text=f"no section for its categories ({named})")
    return Omission(post_id=post.id, title=post.title, reason=reason)


def _of_waiting(post: UnmailedPost) -> Omission:
    text = f"is dated ahead, and waits for {post.published_at:%Y-%m-%d}"
    return Omission(post_id=post.id, title=post.title, reason=Reason(code="dated-ahead", text=text))


def _by_feed(kept: Sequence[UnmailedPost]) -> Iterator[KeptPosts]:
    """Yield the posts of each feed and reason, by the feed's URL."""
    parts: defaultdict[tuple[str, str], list[UnmailedPost]] = defaultdict(list)
    for post in kept:
        parts[post.feed_url, post.reason].append(post)
    for (feed_url, reason), posts in sorted(parts.items()):
        yield KeptPosts(
            feed_url=feed_url,
            feed_title=posts[0].feed_title,
            reason=reason,
            posts=tuple(map(_of_kept, posts)),
        )


def _of_kept(post: UnmailedPost) -> Omission:
    text = f"{_TEXTS[NotMailed(post.reason)]} ({post.published_at:%Y-%m-%d})"
    code = post.reason.replace(" ", "-")
    return Omission(
        post_id=post.id,
        title=post.title,
        reason=Reason(code=code, text=text + _MORE.format(post.id)),
    )
