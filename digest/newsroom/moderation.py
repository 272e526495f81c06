"""Held comments: lists them, and stores what editors decide about comments and commenters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.persons import person_of
from digest.composer.quotes.undecided import Undecided, list_undecided
from digest.composer.rules import Rules
from digest.errors import NothingToDo, UsageError
from digest.models import Actor, Comment, Decision, NoQuote, Post
from digest.newsroom.audit import record
from digest.newsroom.context import NewsletterContext, RunContext
from digest.pipeline.policy import with_no_quotes
from digest.store import editions, moderation, posts
from digest.store.choices import CadenceName
from digest.store.comments import comments_of
from digest.store.engine import Connection

#: Comments shown on one page.
PAGE = 50
#: Posts read at once; a page ends before it reads many more comments than it shows.
_POSTS = 10
_MAX_READ = 2000
_MAX_NAME = 200
#: The names of decisions in audit rows; None: a decision is taken back.
_ACTIONS: Mapping[Decision | None, str] = {
    Decision.RELEASED: "release comments",
    Decision.REFUSED: "refuse comments",
    None: "take back decisions",
}
#: A larger number is no id, and the engines refuse it.
_MAX_ID = 2**31 - 1


# --- the list -----------------------------------------------------------------------------------


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
    #: The name and the words that would be printed.
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
    under = comments_of(connection, [post.id for post in found])
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
    reach = posts.last_seq_before(connection, context.clock() - owner.max_window)
    if is_all:
        return [(reach, None)]
    first = reach if editions.has_any_frozen(connection, owner.name) else 0
    names = [CadenceName(owner.name, each.name) for each in owner.cadences]
    cuts = [editions.last_cut(connection, *name) for name in names]
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


# --- decisions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The result of a decision about comments or a person."""

    #: The comments decided about, or now kept out.
    comments: tuple[int, ...] = ()
    #: Ids of the drafts that quoted one of them, and from which it was taken out.
    changed: tuple[int, ...] = ()
    #: Ids of those whose approval is void by this.
    void: tuple[int, ...] = ()


def release(context: RunContext, comment_ids: Sequence[int], *, by: Actor) -> Decided:
    """Let comments be quoted although the gate refuses them; drafts change when composed again.

    Pingbacks, removed comments, and those of people who are never quoted stay out.

    Raises:
        UsageError: a comment does not exist.
    """
    return _decide(context, comment_ids, Decision.RELEASED, by)


def refuse(context: RunContext, comment_ids: Sequence[int], *, by: Actor) -> Decided:
    """Never quote comments; they are taken out of drafts, with nothing in their place.

    Raises:
        UsageError: a comment does not exist.
    """
    return _decide(context, comment_ids, Decision.REFUSED, by)


def take_back(context: RunContext, comment_ids: Sequence[int], *, by: Actor) -> Decided:
    """Forget what editors decided about comments; the gate judges them again.

    Raises:
        UsageError: a comment does not exist.
    """
    return _decide(context, comment_ids, None, by)


def _decide(
    context: RunContext, comment_ids: Sequence[int], decision: Decision | None, by: Actor
) -> Decided:
    ids = tuple(dict.fromkeys(comment_ids))
    with context.database.write() as connection:
        _refuse_unknown(connection, ids)
        if decision is None:
            moderation.take_back(connection, ids)
        else:
            moderation.decide(connection, ids, decision, by=by.name, now=context.clock())
        record(context, connection, by, _ACTIONS[decision], detail=" ".join(map(str, ids)))
    return Decided(comments=ids)


def _refuse_unknown(connection: Connection, ids: Sequence[int]) -> None:
    known = moderation.authors_of(connection, [each for each in ids if 0 < each <= _MAX_ID])
    for comment_id in ids:
        if comment_id not in known:
            raise UsageError(
                f"Comment {comment_id} does not exist; see the ids in `digest comments held`."
            )


# --- people who are never quoted ----------------------------------------------------------------


def never_quote(context: RunContext, name: str, newsletter: str = "", *, by: Actor) -> Decided:
    """Never quote a person, named as the site shows the name; case and spaces do not matter.

    Args:
        context: the installation's context.
        name: the name.
        newsletter: the newsletter's name; empty for all newsletters.
        by: the actor.

    Raises:
        UsageError: the newsletter does not exist, or the name is no person's, such as `guest`.
        NothingToDo: the person is never quoted already.
    """
    person = _person(name)
    owner = context.newsletter_of(newsletter).name if newsletter else ""
    shown = " ".join(name.split())
    now = context.clock()
    no_quote = NoQuote(name=shown, newsletter=owner, added_at=now, added_by=by.name)
    with context.database.write() as connection:
        if not moderation.never_quote(connection, no_quote, person):
            raise NothingToDo(f"{shown}: already never quoted{_where(owner)}")
        # A commenter's name is a person's, and audit rows are kept for ever.
        record(context, connection, by, "never quote", newsletter=owner)
    return Decided()


def quote_again(context: RunContext, name: str, newsletter: str = "", *, by: Actor) -> None:
    """Quote a person again whom an editor excluded.

    Args:
        context: the installation's context.
        name: the name.
        newsletter: the newsletter for which the person was excluded; empty if for all.
        by: the actor.

    Raises:
        NothingToDo: the person was not excluded by an editor for this newsletter.
    """
    with context.database.write() as connection:
        if not moderation.quote_again(connection, newsletter, fold_plain(name)):
            raise NothingToDo(
                f"{name}: not among the people that editors excluded{_where(newsletter)};"
                " see `digest comments never-quoted`"
            )
        record(context, connection, by, "quote again", newsletter=newsletter)


def list_never_quoted(context: RunContext, newsletter: str | None = None) -> tuple[NoQuote, ...]:
    """Return the people whom editors excluded, by name; None: for any newsletter."""
    with context.database.read() as connection:
        return moderation.list_no_quotes(connection, newsletter)


def _person(name: str) -> str:
    if len(name) > _MAX_NAME:
        raise UsageError(f"the name has {len(name)} characters; at most {_MAX_NAME} are stored")
    if not person_of(name):
        raise UsageError(
            f"{name.strip() or 'an empty name'!r} names no person in particular; refuse the"
            " comment instead: `digest comments refuse ID`"
        )
    return fold_plain(name)


def _where(newsletter: str) -> str:
    return f" in {newsletter}" if newsletter else " in all newsletters"
