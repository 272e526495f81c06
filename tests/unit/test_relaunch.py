"""A site that moved to another system: links, identifiers and perhaps dates are new."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.models import KnownPost, ParsedPost
from digest.readers.posts.entries import entries_of
from digest.readers.posts.identity import KnownPosts
from digest.text.links import url_key
from tests.support.parsed import NOW, parsed_post
from tests.support.timing import least_seconds

OLD, NEW = "https://old.example", "https://www.new.example/blog"


def post(number: int, *, at: datetime | None, title: str = "", words: str = "") -> ParsedPost:
    own = " ".join(f"{letter}{number}" for letter in "abcdefghijkl")
    return parsed_post(
        guid=f"old-{number}",
        url=f"{OLD}/{number}",
        title=title or f"Chapter {number}",
        content_html=words or f"<p>{own}</p>",
        published_at=at,
    )


def moved(old: ParsedPost, **fields: object) -> ParsedPost:
    number = old.guid.removeprefix("old-")
    new = replace(old, guid=f"new-{number}", url=f"{NEW}/{number}")
    return replace(new, **fields)  # type: ignore[arg-type]  # fields of the case


def stored(posts: list[ParsedPost]) -> tuple[KnownPost, ...]:
    return tuple(
        KnownPost(
            post_id=number,
            guid=each.guid,
            url_key=url_key(each.url),
            content_hash="x",
            is_of_feed=True,
            is_owner=True,
            url=each.url,
            title=each.title,
            html=each.content_html,
            published_at=each.published_at,
        )
        for number, each in enumerate(posts)
    )


def found(known: list[ParsedPost], document: list[ParsedPost]) -> list[int | None]:
    each_found = KnownPosts(stored(known)).find(entries_of(document))
    return [each.post_id if each else None for each in each_found]


def days_ago(number: int) -> datetime:
    return NOW - timedelta(days=2 * number, minutes=number)


def paper(count: int) -> list[ParsedPost]:
    return [post(number, at=days_ago(number)) for number in range(count)]


def shifted(old: ParsedPost, **by: float) -> ParsedPost:
    assert old.published_at is not None
    return moved(old, published_at=old.published_at + timedelta(**by))


def test_dates_that_moved_by_hours_are_no_new_posts() -> None:
    known = paper(8)
    assert found(known, [shifted(each, hours=5) for each in known]) == list(range(8))


def test_dates_of_the_day_of_the_import_are_no_new_posts_if_the_texts_are_alike() -> None:
    known = paper(8)[1:]
    imported = [moved(each, published_at=NOW) for each in known]
    assert found(known, imported) == list(range(7))
    words = f"<p>{' '.join(f'other{number}' for number in range(9))}</p>"
    rewritten = [replace(each, content_html=words) for each in imported]
    assert found(known, rewritten) == [None] * 7


def test_four_posts_are_no_relaunch() -> None:
    known = paper(4)
    assert found(known, [shifted(each, hours=5) for each in known]) == [None] * 4


def test_one_new_post_in_five_may_come_with_the_move_and_is_new() -> None:
    known = paper(4)
    document = [shifted(each, hours=5) for each in known]
    new = parsed_post(guid="new-n", url=f"{NEW}/n", title="News", published_at=NOW)
    assert found(known, [new, *document]) == [None, 0, 1, 2, 3]
    other = replace(new, guid="new-o", url=f"{NEW}/o", title="Other news")
    assert found(known, [new, other, *document]) == [None] * 6


def test_a_yearly_series_is_no_relaunch() -> None:
    months = ["January", "February", "March", "April", "May", "June"]
    last = [
        post(number, at=days_ago(number) - timedelta(days=365), title=title)
        for number, title in enumerate(months)
    ]
    this = [
        moved(each, published_at=days_ago(number), content_html=f"<p>{'x ' * 9}{number * 'y '}</p>")
        for number, each in enumerate(last)
    ]
    assert found(last, this) == [None] * 6


def test_a_title_that_several_posts_have_pairs_nothing() -> None:
    threads = [post(number, at=days_ago(number), title="Open thread") for number in (8, 9)]
    known = [*paper(8), *threads]
    document = [shifted(each, hours=5) for each in known]
    assert found(known, document) == [*range(8), None, None]


def test_a_post_that_is_listed_under_its_old_identity_is_not_paired() -> None:
    known = paper(7)
    document = [
        *(shifted(each, hours=5) for each in known[:6]),
        known[6],
        shifted(known[6], hours=9),
    ]
    assert found(known, document) == [0, 1, 2, 3, 4, 5, 6, None]


def test_titles_may_be_spelled_with_other_marks() -> None:
    known = [
        post(number, at=days_ago(number), title=f"“It’s” part {number}") for number in range(6)
    ]
    document = [shifted(replace(each, title=f"\"It's\" Part {n}"), hours=1)
                for n, each in enumerate(known)]  # fmt: skip
    assert found(known, document) == list(range(6))


def test_posts_with_equal_instants_count_as_moved() -> None:
    known = paper(6)
    document = [*(moved(each) for each in known[:5]), shifted(known[5], hours=30)]
    assert found(known, document) == list(range(6))


@given(
    st.integers(5, 30),
    st.randoms(use_true_random=False),
    st.sampled_from([0.0, 1.0, 30.0, 71.0]),
)
def test_no_post_of_a_moved_site_is_new_and_no_two_are_one(
    count: int, chance: object, hours: float
) -> None:
    known = paper(count)
    document = [shifted(each, hours=hours) for each in known]
    chance.shuffle(document)  # type: ignore[attr-defined]  # a `random.Random`
    numbers = [int(each.guid.removeprefix("new-")) for each in document]
    assert found(known, document) == numbers


@given(st.integers(5, 30), st.integers(2, 40))
def test_news_under_new_titles_is_never_paired(count: int, fresh: int) -> None:
    known = paper(count)
    document = [
        moved(post(number + 100, at=days_ago(number), title=f"News {number}"))
        for number in range(fresh)
    ]
    assert found(known, document) == [None] * fresh


def test_a_thousand_posts_are_paired_in_two_seconds() -> None:
    known = paper(1000)
    document = [shifted(each, days=100) for each in known]
    assert least_seconds(lambda: found(known, document), under=2) < 2


def test_a_thousand_posts_of_one_title_take_at_most_two_seconds() -> None:
    known = [replace(each, title="Open thread", published_at=NOW) for each in paper(1000)]
    document = [shifted(each, days=100) for each in known]
    assert least_seconds(lambda: found(known, document), under=2) < 2
