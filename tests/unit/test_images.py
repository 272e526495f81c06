"""The picture chosen for a post or a page, and its description."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Document, ParsedFeed, ParsedPage, ParsedPost
from digest.readers.feeds.feed import read_feed
from digest.readers.feeds.images import (
    alt_text,
    best_candidate,
    choose_image,
    is_of_post,
    show_late_images,
)
from digest.readers.pages.page import read_page

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SITE = "https://harbour.example"
SPACES = (
    "xmlns:media='http://search.yahoo.com/mrss/'"
    " xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
)


def post_of(item: str, channel: str = "") -> ParsedPost:
    body = f"<rss version='2.0' {SPACES}><channel>{channel}<item>{item}</item></channel></rss>"
    return read_feed(Document(body=body.encode(), url=f"{SITE}/feed"), NOW).posts[0]


def page_of(head: str = "", body: str = "") -> ParsedPage:
    markup = f"<html><head>{head}</head><body>{body}</body></html>"
    return read_page(Document(body=markup.encode(), url=f"{SITE}/a/"), NOW, wants_article=False)


@pytest.mark.parametrize(
    ("item", "chosen"),
    [
        ("<media:group><media:content url='/s.jpg' width='90' medium='image'/>"
         "<media:content url='/l.jpg' width='1200' medium='image'/></media:group>", "/l.jpg"),
        ("<media:content url='/print.jpg' width='6000' medium='image'/>"
         "<media:content url='/l.jpg' width='1200' medium='image'/>", "/l.jpg"),
        ("<media:content url='/l.jpg' width='1200' medium='image'/>"
         "<media:content url='/d.jpg' width='600' medium='image' isDefault='true'/>", "/d.jpg"),
        ("<media:content url='/a.mp4' medium='video'/><media:thumbnail url='/t.jpg'/>", "/t.jpg"),
        ("<media:content url='/a.mp3' type='audio/mpeg'/>", ""),
        ("<media:content url='/icon.png' width='16' medium='image'/>", ""),
        ("<media:thumbnail url='/t.jpg' width='75'/><media:thumbnail url='/u.jpg' width='300'/>",
         "/u.jpg"),
        ("<media:thumbnail url='/s72-c/t.jpg' width='72'/>"
         "<description>&lt;img src='/whole.jpg'&gt;</description>", "/whole.jpg"),
        ("<enclosure url='/a.mp3' type='audio/mpeg'/><enclosure url='/b.png' type='image/png'/>",
         "/b.png"),
        ("<enclosure url='/b.jpg'/>", "/b.jpg"),
        ("<enclosure url='/film.jpg' type='video/mp4'/>", ""),
        ("<itunes:image href='/cover.jpg'/>", "/cover.jpg"),
        ("<enclosure url='/drawing.svg' type='image/svg+xml'/>", ""),
    ],
)  # fmt: skip
def test_the_picture_that_a_feed_names(item: str, chosen: str) -> None:
    assert post_of(item).image_url == (f"{SITE}{chosen}" if chosen else "")


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("<enclosure url='/b.jpg' type='image/jpeg' length='180000'/>", 180_000),
        ("<enclosure url='/b.jpg' type='image/jpeg' length='0'/>", None),
        ("<enclosure url='/b.jpg' type='image/jpeg' length='some'/>", None),
        ("<media:content url='/b.jpg' medium='image' fileSize='90000'/>", 90_000),
        ("<enclosure url='/a.mp3' type='audio/mpeg' length='9000000'/>", None),
    ],
)
def test_a_picture_has_the_size_that_its_feed_gives(item: str, told: int | None) -> None:
    assert post_of(item).image_bytes == told


def test_the_media_rss_text_of_a_picture_describes_it_and_is_not_post_text() -> None:
    picture = "<media:content url='/a.jpg' medium='image'>{}</media:content>"
    caption = "<media:description type='plain'>The quay under water</media:description>"
    toot = post_of("<description>High tide</description>" + picture.format(caption))
    assert (toot.summary_html, toot.content_html) == ("High tide", "")
    assert toot.image_alt == "The quay under water"
    assert post_of(picture.format(caption) + picture.format(caption)).image_alt == ""


@pytest.mark.parametrize(
    ("named", "shown", "alt"),
    [
        ("/a.jpg", "/a.jpg?w=1024", "A ferry"),
        ("/a.jpg", "/a-1024x683.jpg", "A ferry"),
        ("/a-scaled.jpg", "/a-768x512.jpg", "A ferry"),
        ("/a.jpg", "/b.jpg", ""),
        ("/show?n=1.jpg", "/show?n=2.jpg", ""),
    ],
)
def test_words_of_one_size_of_a_picture_describe_the_others(
    named: str, shown: str, alt: str
) -> None:
    text = f"<description><![CDATA[<img src='{shown}' alt='A ferry'>]]></description>"
    post = post_of(f"<media:content url='{named}' medium='image'/>{text}")
    assert post.image_alt == alt


def test_the_media_rss_text_of_a_film_is_post_text() -> None:
    film = post_of("<media:group><media:description>How to moor</media:description></media:group>")
    assert film.summary_html == "How to moor"


def test_the_picture_of_a_podcast_is_not_the_picture_of_a_post() -> None:
    assert post_of("<title>a</title>", channel="<itunes:image href='/cover.jpg'/>").image_url == ""


@pytest.mark.parametrize(
    "name",
    [
        "logo.png", "site-logo-2x.png", "logos/ours.png", "wp-content/themes/x/head.jpg",
        "a/avatar_77.jpg", "author-avatar.jpg", "emoji/1f600.png", "sprite.png", "blank.jpg",
        "ads/top.jpg", "favicon.png", "Anna-Lee_avatar_1460.jpg",
        "cropped-harbour-favicon.jpg?w=200", "placeholder-600.png", "wp-content/plugins/x/y.png",
    ],
)  # fmt: skip
def test_logos_portraits_and_ads_are_passed_over(name: str) -> None:
    named = (f"{SITE}/{name}", f"{SITE}/ferry.jpg")
    assert choose_image(named) == (f"{SITE}/ferry.jpg", "")


@pytest.mark.parametrize(
    "name",
    ["gta-v-logo1.jpg", "blanket.jpg", "avatar-the-way-of-water.jpg", "2026/road-to-adelaide.jpg"],
)
def test_a_picture_of_a_post_may_have_many_names(name: str) -> None:
    assert choose_image([f"{SITE}/{name}"])[0] == f"{SITE}/{name}"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("A ferry &amp; its crew", "A ferry & its crew"),
        ("IMG_2041.JPG", ""),
        ("my holiday.jpeg", ""),
        ("DSC01234", ""),
        ("20260814_101500", ""),
        ("ferry-at-dusk", ""),
        ("ferry_at_dusk-300x200", ""),
        ("Ferry", "Ferry"),
        ("Pier 7", "Pier 7"),
        ("", ""),
    ],
)
def test_a_file_name_describes_nothing(written: str, kept: str) -> None:
    assert alt_text(written, f"{SITE}/i/ferry-at-dusk-300x200.jpg") == kept


@pytest.mark.parametrize(
    ("image", "chosen"),
    [
        ("<img src='data:image/gif;base64,R0' data-src='/late.jpg' alt='A ferry'>", "/late.jpg"),
        ("<img src='/img/blank.gif' data-lazy-src='/late.jpg' alt='A ferry'>", "/late.jpg"),
        ("<img data-original='/late.jpg' alt='A ferry'>", "/late.jpg"),
        ("<img src='/m.jpg' srcset='/s.jpg 300w, /l.jpg 1300w, /xl.jpg 4000w' alt='A ferry'>",
         "/l.jpg"),
        ("<img src='/m.jpg' srcset='/s.jpg 300w' alt='A ferry'>", "/m.jpg"),
        ("<img alt='A ferry' srcset='/s.jpg 300w, /n.jpg 700w'>", "/n.jpg"),
        ("<IMG data-srcset='/x,w_600/a.jpg 600w,/x,w_900/a.jpg 900w' alt='A ferry'>",
         "/x,w_900/a.jpg"),
    ],
)  # fmt: skip
def test_lazy_loaded_pictures_are_found(image: str, chosen: str) -> None:
    post = post_of(f"<description><![CDATA[<p>Words</p>{image}]]></description>")
    assert (post.image_url, post.image_alt) == (f"{SITE}{chosen}", "A ferry")


@pytest.mark.parametrize(
    ("srcset", "best"),
    [
        ("a.jpg", ("a.jpg", 100)),
        ("a.jpg 1x, b.jpg 2x", ("b.jpg", 200)),
        ("a.jpg 640w,b.jpg 1280w", ("b.jpg", 1280)),
        ("a.jpg, b.jpg 1.5x", ("b.jpg", 150)),
        (" , ,", ("", 0)),
        ("a.jpg nonsense, b.jpg 300w", ("b.jpg", 300)),
        ("data:image/gif;base64,R0 1x", ("", 0)),
    ],
)
def test_the_best_of_several_sizes(srcset: str, best: tuple[str, int]) -> None:
    assert best_candidate(srcset) == best


@given(st.text(alphabet="<img srcet=\"'/,1w x>data-", max_size=200))
def test_markup_without_lazy_pictures_is_unchanged(markup: str) -> None:
    once = show_late_images(markup)
    assert show_late_images(once) == once
    if "srcset" not in markup.lower() and "data-" not in markup.lower():
        assert once == markup


@pytest.mark.parametrize(
    ("head", "image"),
    [
        ("<meta property='og:image' content='/og.jpg'>"
         "<meta property='og:image:alt' content='A ferry'>", ("/og.jpg", "A ferry")),
        ("<meta property='og:image' content='/logo.png'>"
         "<meta property='og:image' content='/second.jpg'>", ("/second.jpg", "")),
        ("<meta name='twitter:image' content='/tw.jpg'>"
         "<meta name='twitter:image:alt' content='tw.jpg'>", ("/tw.jpg", "")),
        ("<link rel='image_src' href='/src.jpg'>", ("/src.jpg", "")),
        ("<meta property='og:image' content='javascript:alert(1)'>", ("", "")),
        ("<meta property='og:image'>", ("", "")),
    ],
)  # fmt: skip
def test_the_picture_that_a_page_names(head: str, image: tuple[str, str]) -> None:
    page = page_of(head)
    url, alt = image
    assert (page.image_url, page.image_alt) == (f"{SITE}{url}" if url else "", alt)


@pytest.mark.parametrize(
    ("data", "url"),
    [
        ({"@type": "NewsArticle", "image": "/ld.jpg"}, "/ld.jpg"),
        ({"@type": "BlogPosting", "image": ["/a.jpg", "/b.jpg"]}, "/a.jpg"),
        ({"@type": "Article", "image": {"@type": "ImageObject", "url": "/o.jpg"}}, "/o.jpg"),
        ({"@graph": [{"@type": "Organization", "image": "/n.jpg"},
                     {"@type": "WebPage", "image": "/g.jpg"}]}, "/g.jpg"),
        ([{"@type": "Organization", "image": "/n.jpg"}], ""),
        ({"@type": "Article", "image": {"url": 7}}, ""),
        ({"@type": "Article", "image": [7, "/b.jpg"]}, "/b.jpg"),
        ({"@graph": 3}, ""),
        ("words", ""),
    ],
)  # fmt: skip
def test_the_picture_in_the_linked_data_of_a_page(data: object, url: str) -> None:
    page = page_of(f"<script type='application/ld+json'>{json.dumps(data)}</script>")
    assert page.image_url == (f"{SITE}{url}" if url else "")


def test_broken_linked_data_is_passed_over() -> None:
    deep = "[" * 100_000
    scripts = (f"<script type='application/ld+json'>{text}</script>" for text in ("{", deep))
    assert page_of("".join(scripts)).image_url == ""


def test_a_page_without_a_named_picture_gives_the_first_of_its_article() -> None:
    page = page_of(
        body="<header><img src='/h.jpg' width='900'></header><article>"
        "<aside><img src='/x.jpg'></aside><img src='/small.jpg' width='90'>"
        "<img src='data:,' data-src='/one.jpg' alt='A ferry'><img src='/two.jpg'></article>"
    )
    assert (page.image_url, page.image_alt) == (f"{SITE}/one.jpg", "A ferry")


@pytest.mark.parametrize("source", ["https://harbour.example/f.jpg", "/f.jpg", "../f-300x200.jpg"])
def test_the_words_of_the_page_describe_the_picture_it_names(source: str) -> None:
    page = page_of(
        "<meta property='og:image' content='https://harbour.example/f.jpg'>",
        f"<img src='{source}' alt='A ferry'>",
    )
    assert page.image_alt == "A ferry"


DATA = Path(__file__).parent.parent / "data" / "feeds"


def feed_of(name: str) -> ParsedFeed:
    return read_feed(Document(body=(DATA / name).read_bytes(), url=f"{SITE}/feed/"), NOW)


def test_a_word_in_the_name_of_a_picture_does_not_refuse_it() -> None:
    names = [post.image_url.rpartition("/")[2] for post in feed_of("picture-names.xml").posts]
    assert names == [
        "avatar-2-premiere.jpg",
        "logo-design-contest.jpg",
        "blank-walls.jpg",
        "transparent-budget.png",
        "grey-heron.jpg",
    ]


def test_counters_and_icons_are_no_pictures() -> None:
    assert [post.image_url for post in feed_of("counter-as-picture.xml").posts] == ["", "", ""]


@pytest.mark.parametrize(
    "url",
    [
        "https://stats.blog.example/hit?id=7",
        "https://blog.example/counter.php?page=7",
        "https://blog.example/go.php?id=7",
        "https://blog.example/piwik.php?idsite=2&rec=1",
        "https://blog.example/img/no-image.png",
        "https://blog.example/img/logo-300x80.png",
        "https://blog.example/themes/dark/head.jpg",
        "https://blog.example/i/spacer.gif?x=1",
    ],
)
def test_an_address_of_the_wrong_kind_is_no_picture(url: str) -> None:
    assert not is_of_post(url)


@pytest.mark.parametrize(
    ("url", "image", "is_picture"),
    [
        ("https://quay.goatcounter.example/count?p=/ships", {"alt": ""}, False),
        ("https://vg03.met.vgwort.example/na/abcdef", {}, False),
        ("https://p.example/api/event?d=a", {"width": "", "alt": ""}, False),
        ("https://p.example/api/event?d=a", {"alt": "The quay"}, True),
        ("https://p.example/ships/a1b2c3", {"width": "900", "height": "600"}, True),
        ("https://images.example/a1b2c3?w=1200", {}, True),
        ("https://lh3.googleusercontent.com/a1b2c3", {}, True),
        ("https://blog.example/ships.jpg", {}, True),
    ],
)
def test_an_address_that_nothing_describes_is_a_counter(
    url: str, image: dict[str, str], *, is_picture: bool
) -> None:
    assert is_of_post(url, image) is is_picture


@pytest.mark.parametrize(
    "url",
    [
        "https://blog.example/thumb.php?src=/2026/ferry.jpg&w=900",
        "https://blog.example/image.php?id=7",
        "https://cdn.example/AbCdEf123",
        "https://blog.example/up/icons-of-the-harbour.jpg",
        "https://blog.example/up/the-no-show.jpg",
        "https://blog.example/up/pixel-art.png",
    ],
)
def test_an_address_of_a_picture_is_one(url: str) -> None:
    assert is_of_post(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://vg02.met.vgwort.de/na/0a1b2c3d",
        "https://news.example/Harbour?g=2059",
        "https://post.example/_/stat?event=post.clientViewed",
        "https://mail.example/open/4f5e",
    ],
)
def test_an_address_of_which_nothing_says_that_it_is_a_picture_is_none(url: str) -> None:
    ferry = '<img src="https://blog.example/ferry.jpg">'
    assert choose_image((), f'<p><img src="{url}" alt=""></p>') == ("", "")
    assert choose_image((), f'<p><img src="{url}">{ferry}</p>')[0].endswith("ferry.jpg")
    assert choose_image((), f'<p><img src="{url}" alt="The ferry"></p>') == (url, "The ferry")
    assert choose_image((), f'<p><img src="{url}" width="600"></p>') == (url, "")
    assert choose_image((url,)) == (url, "")


def test_a_file_named_by_a_small_size_is_a_badge() -> None:
    assert not is_of_post("https://badges.example/by/4.0/88x31.png")
    assert is_of_post("https://blog.example/ferry-900x600.png")


def test_a_large_picture_in_a_folder_of_icons_is_used() -> None:
    url = f"{SITE}/avatar/still.jpg"
    assert choose_image([], f'<img src="{url}" width="900" height="600">')[0] == url
    assert choose_image([], f'<img src="{url}">')[0] == ""


def with_covers(covers: list[str]) -> list[str]:
    items = "".join(
        f"<item><title>{at}</title><link>{SITE}/{at}</link>"
        f"<description>&lt;img src='{SITE}/{cover}'&gt;"
        f"&lt;img src='{SITE}/own-{at}.jpg'&gt;</description></item>"
        for at, cover in enumerate(covers)
    )
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    posts = read_feed(Document(body=body, url=f"{SITE}/feed/"), NOW).posts
    return [post.image_url.rpartition("/")[2] for post in posts]


def test_a_cover_that_many_posts_have_is_no_posts_picture() -> None:
    assert with_covers(["cover.jpg"] * 30) == [f"own-{at}.jpg" for at in range(30)]
    assert with_covers(["cover.jpg"] * 3) == ["own-0.jpg", "own-1.jpg", "own-2.jpg"]


def test_a_picture_that_two_of_many_posts_have_stays() -> None:
    covers = [f"{at}.jpg" for at in range(8)] + ["same.jpg"] * 2
    assert with_covers(covers) == covers
