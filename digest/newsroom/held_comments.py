"""Lists the comments that wait for an editor, and those that the gate refused on weak grounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice

from digest.composer.lexicon.persons import person_of
from digest.composer.quotes.undecided import Undecided, list_undecided
from digest.composer.rules import Rules
from digest.errors import UsageError
from digest.models import Comment, Decision, Post
from digest.newsroom.context import NewsletterContext, RunContext
from digest.pipeline.policy import with_no_quotes
from digest.pipeline.window import read_comments
from digest.store import editions, posts
from digest.store.choices import CadenceName
from digest.store.engine import Connection

#: Comments shown on one page.
PAGE = 50
#: Posts read at once; a page ends before it reads many more comments than it shows.
_POSTS = 10
_MAX_READ = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentKey:
    """The place of a comment in the list: the newest post first, under it the oldest comment."""

    #: `Post.seq`.
    seq: int
    #: All comments of the post up to this id come before; 0: none.
    comment_id: int = 0

    def __str__(self) -> str:
        """Return the key for a link, such as `412-9031`."""
        return f"{self.seq}-{self.comment_id}"

    @classmethod
    def parse(cls, text: str) -> CommentKey:
        """Read the output of `str`.

        Raises:
            UsageError: the text is not a key.
        """
        seq, _, comment_id = text.partition("-")
        # A larger number is no id, and the engines refuse it.
        if not all(
            part.isascii() and part.isdigit() and len(part) < 10 for part in (seq, comment_id)
        ):
            raise UsageError(f"{text!r} is not a place in the list; start at its beginning")
        return cls(seq=int(seq), comment_id=int(comment_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldComment:
    """A comment that an editor may release or refuse."""

    id: int
    #: The name as the site shows it.
    author: str
    #: Whether that names somebody, so that the person can be excluded.
    is_person: bool
    #: The name and the words that would be printed; empty if nothing would be.
    name: str
    printed: str
    #: The whole text.
    text: str
    #: None if the source gives no date.
    posted_at: datetime | None
    #: Its address on the site; may be empty.
    url: str
    post_id: int
    post_title: str
    post_url: str
    #: Whether it waits for an editor; otherwise the gate refused it on weak grounds.
    is_held: bool
    #: What an editor decided; None if nothing is decided.
    decision: Decision | None
    #: Why it is not quoted, in an editor's words; empty if it may be quoted.
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPage:
    """A page of the list."""

    newsletter: str
    comments: tuple[HeldComment, ...]
    #: Where the next page starts; None after the last.
    after: CommentKey | None


def list_held(
    context: RunContext,
    newsletter: str = "",
    *,
    after: CommentKey | None = None,
    is_all: bool = False,
    most: int = PAGE,
) -> HeldPage:
    """Return a page of the held and borderline comments of a newsletter.

    They are under the posts of its next editions. A page may have fewer than `most` comments, even
    none, and still not be the last.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for the only one.
        after: the end of the page before; None for the first page.
        is_all: whether to list comments under older posts, and decided ones, too.
        most: the limit of comments.

    Raises:
        UsageError: the newsletter does not exist, or the name is empty and there are several.
    """
    owner = context.newsletter_of(newsletter)
    with context.database.read() as connection:
        return _read_page(context, connection, owner, after, is_all=is_all, most=most)


def _read_page(
    context: RunContext,
    connection: Connection,
    owner: NewsletterContext,
    after: CommentKey | None,
    *,
    is_all: bool,
    most: int,
) -> HeldPage:
    rules = with_no_quotes(connection, owner.cadence("").rules)
    found = posts.discussed_posts(
        connection,
        _windows(context, connection, owner, is_all=is_all),
        owner.categories,
        upto_seq=after.seq if after else None,
        most=_POSTS + 1,
    )
    under = read_comments(connection, [post.id for post in found], rules)
    taken = _count_taken(found[:_POSTS], under)
    listed = _list_under(found[:taken], under, rules, after, is_all=is_all)
    items = tuple(islice(listed, most + 1))
    if len(items) > most:
        post, last = items[most - 1]
        place: CommentKey | None = CommentKey(seq=post.seq, comment_id=last.comment.id)
    else:
        place = CommentKey(seq=found[taken].seq) if taken < len(found) else None
    return HeldPage(
        newsletter=owner.name,
        comments=tuple(_held(*each) for each in items[:most]),
        after=place,
    )


def _windows(
    context: RunContext, connection: Connection, owner: NewsletterContext, *, is_all: bool
) -> list[tuple[int, CadenceName | None]]:
    """Return the windows of the posts whose comments are listed: of each cadence, or of all."""
    oldest = context.clock() - owner.max_window
    if is_all:
        return [(posts.last_seq_before(connection, oldest), None)]
    names = [CadenceName(owner.name, each.name) for each in owner.cadences]
    cuts = [editions.last_cut(connection, *name) for name in names]
    first = 0
    if None in cuts and editions.has_any_frozen(connection, owner.name):
        first = posts.last_seq_before(connection, oldest)
    return [(first if cut is None else cut, name) for cut, name in zip(cuts, names, strict=True)]


def _count_taken(found: Sequence[Post], under: Mapping[int, tuple[Comment, ...]]) -> int:
    """Return how many posts a page is made of: the first, and others while they are small."""
    totals = accumulate(len(under.get(post.id, ())) for post in found)
    small = sum(total <= _MAX_READ for total in totals)
    return max(small, min(1, len(found)))


def _list_under(
    found: Sequence[Post],
    under: Mapping[int, tuple[Comment, ...]],
    rules: Rules,
    after: CommentKey | None,
    *,
    is_all: bool,
) -> Iterator[tuple[Post, Undecided]]:
    for post in found:
        start = after.comment_id if after and after.seq == post.seq else 0
        undecided = list_undecided(
            post,
            under.get(post.id, ()),
            policy=rules.policy,
            language=rules.language,
            with_decided=is_all,
        )
        yield from ((post, each) for each in undecided if each.comment.id > start)


def _held(post: Post, undecided: Undecided) -> HeldComment:
    comment = undecided.comment
    return HeldComment(
        id=comment.id,
        author=comment.author,
        is_person=bool(person_of(comment.author)),
        name=undecided.name,
        printed=undecided.printed,
        text=comment.text,
        posted_at=comment.posted_at,
        url=comment.url,
        post_id=post.id,
        post_title=post.title,
        post_url=post.url,
        is_held=undecided.is_held,
        decision=comment.decision,
        reason=undecided.reason.text if undecided.reason else "",
    )
