"""Pictures, from the page that has them to the mail that shows our copies."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.app import App
from digest.app.composing import rules_of, schedules_of
from digest.app.printing import letter_writer_of
from digest.app.reading import open_fetcher, open_image_settings
from digest.app.sources import feed_sources
from digest.letter.letter import Letter, render_web
from digest.models import CollectReport, Edition
from digest.newsroom.web_view import find_picture
from digest.pipeline.audience import general_rule, variant_for
from digest.pipeline.collect import collect
from digest.pipeline.compose import compose
from digest.readers.parsing.pool import ParserPool
from digest.scheduler.slots import next_slot
from tests.support.databases import create_configured
from tests.support.parsed import NOW
from tests.support.pictures import a_photo, written
from tests.support.workers import needs_proc, worker_pids

pytestmark = pytest.mark.anyio

_CONFIG = """
[site]
name = "The Hill Paper"
base_url = "https://hill.example.org"
postal_address = "1 Hill Road, Anytown"
secret_keys = ["a key that is long enough"]
development = true
[fetch]
allow_private = true
[[smtp]]
host = "127.0.0.1"
[[feeds]]
url = "{feed_url}"
category = "News"
# Nothing is read from the posts' pages.
comments = "off"
full_text = "off"
[images]
folder = "pictures"
url = "https://static.example.org/pictures/"
[[newsletters]]
name = "weekly"
title = "The Hill Paper in your inbox"
from = "The Hill Paper <digest@hill.example.org>"
categories = ["News"]
schedule = "Mon 07:00"
images = "{images}"
"""
_WORDS = "The council met in the old hall and agreed to mend the bridge before winter."
_SHOWN = re.compile(r'<img [^>]*src="([^"]*)"')


@dataclass
class Paper:
    """A feed whose posts have pictures, and its newsletter."""

    server: HTTPServer
    folder: Path
    pool: ParserPool
    #: By path.
    files: dict[str, bytes] = field(default_factory=dict)
    #: Pictures that each post names, by title.
    posts: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def answer(self, request: Request) -> Response:
        self.asked[request.path] += 1
        if request.path == "/feed":
            return Response(self._feed(), content_type="application/rss+xml")
        body = self.files.get(request.path)
        return Response(status=503) if body is None else Response(body, content_type="image/jpeg")

    def _feed(self) -> str:
        date = format_datetime(NOW - timedelta(days=1))
        items = (
            f"<item><title>{title}</title><link>{self.server.url_for('/')}{title}</link>"
            f"<pubDate>{date}</pubDate><description>{_WORDS}</description>"
            f"<enclosure url='{path}' type='image/jpeg'/></item>"
            for title, path in self.posts.items()
        )
        return f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>"

    def app(self, images: str = "serve") -> App:
        config = self.folder / "config.toml"
        feed_url = self.server.url_for("/feed")
        config.write_text(_CONFIG.format(feed_url=feed_url, images=images), "utf-8")
        app = App.load(config)
        create_configured(app.config)
        return app

    async def collect(self, app: App) -> CollectReport:
        async with (
            open_fetcher(app.config) as fetcher,
            open_image_settings(app.config, self.pool) as image_settings,
        ):
            return await collect(
                app.database,
                fetcher,
                self.pool,
                feed_sources(app.config),
                now=NOW,
                image_settings=image_settings,
            )

    def edition(self, app: App) -> Edition:
        newsletter = app.newsletter()
        schedule = schedules_of(newsletter)["weekly"]
        rules = rules_of(app.config, newsletter)
        slot = next_slot(schedule, ZoneInfo("UTC"), after=NOW)
        return compose(app.database, rules, schedule, now=NOW, slot=slot).edition

    def letter(self, app: App) -> Letter:
        edition = self.edition(app)
        variant = variant_for(edition, general_rule(edition))
        assert variant is not None
        return letter_writer_of(app, app.newsletter()).write(edition, variant)


@pytest.fixture
def paper(httpserver: HTTPServer, tmp_path: Path, parsers: ParserPool) -> Paper:
    paper = Paper(httpserver, tmp_path, parsers)
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(paper.answer)
    photo = written(a_photo())
    for title in ("one", "two", "three", "four"):
        paper.posts[title] = f"/{title}.jpg"
        paper.files[f"/{title}.jpg"] = photo
    return paper


async def test_the_letter_shows_only_our_pictures(paper: Paper) -> None:
    app = paper.app()
    report = await paper.collect(app)
    assert [feed.problems for feed in report.feeds] == [()]
    html = paper.letter(app).html
    shown = _SHOWN.findall(html)
    assert len(shown) == 2
    pattern = re.compile(r"https://hill\.example\.org/i/[0-9a-f]{32}\.jpg")
    assert all(pattern.fullmatch(url) for url in shown)
    assert paper.server.url_for("/one.jpg") not in html
    sizes = []
    for url in shown:
        found = find_picture(app, url.rpartition("/")[2])
        assert found is not None
        sizes.append(Image.open(io.BytesIO(found.content)).size)
    assert sizes == [(1200, 600), (320, 240)]
    assert re.search(r'<img[^>]* width="600" height="300"', html)
    assert html.count('width="160" height="120"') == 1


async def test_the_web_view_shows_what_the_mail_shows(paper: Paper) -> None:
    app = paper.app()
    await paper.collect(app)
    edition = paper.edition(app)
    variant = variant_for(edition, general_rule(edition))
    assert variant is not None
    writer = letter_writer_of(app, app.newsletter())
    web = render_web(edition, variant, writer.site, writer.renderer)
    assert _SHOWN.findall(web) == _SHOWN.findall(paper.letter(app).html)


async def test_each_picture_is_fetched_once(paper: Paper) -> None:
    app = paper.app()
    for _ in range(3):
        await paper.collect(app)
    assert {paper.asked[path] for path in paper.files} == {1}


async def test_a_broken_picture_leaves_its_post_without_and_is_named_once(paper: Paper) -> None:
    app = paper.app()
    paper.files["/two.jpg"] = b"<html>Sign in</html>"
    paper.files["/three.jpg"] = written(a_photo())[:5000]
    reports = [await paper.collect(app) for _ in range(3)]
    first, *later = [report.feeds[0].problems for report in reports]
    assert [problem.rpartition("/")[2].partition(" (")[0] for problem in sorted(first)] == [
        "three.jpg: a damaged picture",
        "two.jpg: not a JPEG, PNG, GIF, WebP or AVIF",
    ]
    assert later == [(), ()]
    stories = {story.title: story for story in paper.edition(app).stories}
    assert (stories["two"].image_url, stories["two"].lead_image_url) == ("", "")
    assert stories["two"].image_alt == ""
    assert len(_SHOWN.findall(paper.letter(app).html)) >= 1


async def test_a_server_that_is_down_is_tried_with_later_collections(paper: Paper) -> None:
    app = paper.app()
    photo = paper.files.pop("/two.jpg")
    problems = [(await paper.collect(app)).feeds[0].problems for _ in range(2)]
    assert [len(each) for each in problems] == [1, 0]
    paper.files["/two.jpg"] = photo
    await paper.collect(app)
    stories = {story.title: story for story in paper.edition(app).stories}
    assert stories["two"].image_url.startswith("https://hill.example.org/i/")
    await paper.collect(app)
    assert paper.asked["/two.jpg"] == 3


async def test_a_picture_that_never_comes_is_given_up(paper: Paper) -> None:
    app = paper.app()
    del paper.files["/two.jpg"]
    for _ in range(5):
        await paper.collect(app)
    assert paper.asked["/two.jpg"] == 3


@pytest.mark.parametrize("images", ["hotlink", "none"])
async def test_other_newsletters_fetch_no_pictures(paper: Paper, images: str) -> None:
    app = paper.app(images)
    await paper.collect(app)
    assert set(paper.asked) == {"/feed"}
    shown = _SHOWN.findall(paper.letter(app).html)
    expected = [paper.server.url_for(path) for path in paper.files]
    # That of the top story, and the first one of the section.
    assert (len(shown), set(shown) <= set(expected)) == (2 if images == "hotlink" else 0, True)


async def test_a_small_picture_is_shown_only_beside_its_title(paper: Paper) -> None:
    app = paper.app()
    paper.posts = {"one": "/one.jpg"}
    paper.files["/one.jpg"] = written(a_photo(300, 200))
    await paper.collect(app)
    (story,) = paper.edition(app).stories
    assert story.lead_image_url == ""
    assert story.image_url.startswith("https://hill.example.org/i/")


async def test_a_folder_gets_each_picture_as_a_whole_file(paper: Paper) -> None:
    app = paper.app("folder")
    await paper.collect(app)
    files = {path.name: path for path in (paper.folder / "pictures").iterdir()}
    assert len(files) == 8
    assert all(re.fullmatch(r"[0-9a-f]{32}\.jpg", name) for name in files)
    shown = _SHOWN.findall(paper.letter(app).html)
    assert len(shown) == 2
    for url in shown:
        base, _, name = url.rpartition("/")
        assert base == "https://static.example.org/pictures"
        assert Image.open(io.BytesIO(files[name].read_bytes())).format == "JPEG"


async def test_a_folder_is_filled_again_from_what_is_stored(paper: Paper) -> None:
    await paper.collect(paper.app("serve"))
    app = paper.app("folder")
    await paper.collect(app)
    folder = paper.folder / "pictures"
    before = sorted(path.name for path in folder.iterdir())
    next(folder.iterdir()).unlink()
    await paper.collect(app)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert {paper.asked[path] for path in paper.files} == {1}


async def test_a_folder_that_cannot_be_written_is_named(paper: Paper) -> None:
    (paper.folder / "pictures").write_text("a file in its place")
    report = await paper.collect(paper.app("folder"))
    assert ["check images.folder" in each for each in report.feeds[0].problems] == [True]
    assert report.feeds[0].new == 4


@needs_proc
async def test_a_worker_does_not_grow_with_the_pictures_it_makes() -> None:
    photo = written(a_photo(4000, 3000))
    drawing = written(a_photo(3000, 2000).quantize(200), "PNG")
    sizes = []
    async with ParserPool(workers=1) as pool:
        for _ in range(4):
            for body in (photo, drawing, photo):
                await pool.make_pictures(body, "https://harbour.example/a.jpg")
            sizes.append(_worker_rss_mb())
    assert max(sizes) < 250
    assert sizes[-1] <= sizes[1] * 1.2


def _worker_rss_mb() -> float:
    (worker,) = worker_pids()
    pages = int(Path(f"/proc/{worker}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
