"""What stands in most posts of a feed is left out of the excerpt of each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text
from digest.composer.excerpts.recurring import find_recurring
from digest.models import Recurring

NEWS = (
    "The ferry ran again on Monday after nine weeks, and the pier was full by eight that morning.",
    "Two boats left the harbour before the storm came, and only one of them had a working radio.",
    "Nobody had asked the lighthouse keeper, who knew the answer and had written it down in 1911.",
    "A map of the channel was found in an attic, drawn by hand and signed by the first surveyor.",
    "The council will vote on the bridge in May, and the road to the quay stays closed until then.",
)
NOTICE = (
    "This letter is free for everybody because its readers pay for it with their subscriptions."
)


def feed_of(*posts: str) -> Recurring:
    return find_recurring([("", post, "") for post in posts])


def excerpt_in(posts: Sequence[str], language: str = "en") -> str:
    """Return the excerpt of the first of a feed's posts."""
    return write_excerpt("", read_text(posts[0]), "A title", language, feed_of(*posts)).short


@pytest.mark.parametrize(
    "form",
    [
        "<p>{notice}</p><p>{news}</p>",
        "<p>{notice} {news}</p>",
        "<p>{notice}<br>{news}</p>",
        "<p>{news}</p><p>{notice}</p>",
        "<p>{news} {notice}</p>",
        # What follows it is not joined to the post's own words.
        "<p>{news}</p><p>{notice}</p><p>We thank {news}</p>",
    ],
)
def test_a_notice_of_each_post_is_left_out(form: str) -> None:
    posts = [form.format(notice=NOTICE, news=news) for news in NEWS]
    assert excerpt_in(posts) == NEWS[0]


def test_a_notice_with_another_number_in_each_post_is_left_out() -> None:
    posts = [
        f"<p>This is letter no. {number} of the harbour office.</p><p>{news}</p>"
        for number, news in enumerate(NEWS, start=98)
    ]
    assert excerpt_in(posts) == NEWS[0]


def test_a_notice_in_a_script_without_spaces_is_left_out() -> None:
    news = (
        "港口的渡轮在停航九周之后于星期一恢复运行，码头上早上八点就挤满了等候的居民和游客。",
        "暴风雨来临之前有两艘船离开了港口，其中只有一艘船上的无线电设备还能够正常工作。",
        "没有人问过灯塔的看守人，他知道答案，而且在很多年以前就已经把它写在了本子上。",
        "有人在阁楼里发现了一张手绘的航道地图，上面还有第一位测量员留下的签名和日期。",
    )
    posts = [f"<p>这里记录每周值得分享的内容，星期五发布。</p><p>{each}</p>" for each in news]
    assert excerpt_in(posts, "zh") == news[0]


def test_a_sentence_of_a_few_posts_stays() -> None:
    posts = [f"<p>{NOTICE}</p><p>{NEWS[0]}</p>", f"<p>{NOTICE}</p><p>{NEWS[1]}</p>", *NEWS[2:]]
    assert excerpt_in(posts).startswith(NOTICE)


def test_three_posts_show_no_habit() -> None:
    posts = [f"<p>{NOTICE}</p><p>{news}</p>" for news in NEWS[:3]]
    assert excerpt_in(posts).startswith(NOTICE)


def test_one_post_that_came_several_times_counts_once() -> None:
    posts = [f"<p>{NOTICE}</p><p>{NEWS[0]}</p>"] * 6
    assert excerpt_in(posts).startswith(NOTICE)


@pytest.mark.parametrize("form", ["<p>{notice}</p>", "<p>{notice}</p><p>It is {number} °C.</p>"])
def test_posts_that_are_all_alike_keep_their_text(form: str) -> None:
    posts = [form.format(notice=NOTICE, number=number) for number in range(10, 18)]
    assert excerpt_in(posts).startswith(NOTICE)


def test_a_post_with_no_other_text_keeps_it() -> None:
    posts = [f"<p>{NOTICE}</p>", *(f"<p>{NOTICE}</p><p>{news}</p>" for news in NEWS)]
    assert excerpt_in(posts) == NOTICE


def test_what_introduces_a_list_stays() -> None:
    form = "<p>{notice}</p><ul><li>{news}</li></ul>"
    posts = [form.format(notice=NOTICE, news=news) for news in NEWS]
    assert excerpt_in(posts).startswith(NOTICE)


def test_an_abbreviation_of_each_post_is_no_sentence() -> None:
    posts = [f"<p>Dr. Marsh writes: {news}</p>" for news in NEWS]
    assert excerpt_in(posts).startswith("Dr. Marsh writes: The ferry")


def test_a_quotation_at_the_beginning_keeps_its_marks() -> None:
    posts = [
        f"<blockquote><p>The bridge is too low.</p></blockquote><p>{news}</p><p>{NOTICE}</p>"
        for news in NEWS
    ]
    alone = write_excerpt("", read_text(posts[0].replace(NOTICE, "")), "A title", "en").short
    assert excerpt_in(posts[:1] + [f"<p>{each}</p><p>{NOTICE}</p>" for each in NEWS[1:]]) == alone
