"""`digest comments import`, run as a real command."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from digest.cli.comments.importing import MAX_BYTES
from digest.store.tables import comments, posts
from tests.support.desk_work import Desk

_SPACES = "xmlns:wp='http://wordpress.org/export/1.2/'"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a newsletter with two stored posts."""
    work = Desk.open(tmp_path)
    work.add_post("A bridge is mended")
    work.add_post("A mill turns again")
    return work


def links(desk: Desk) -> list[str]:
    with desk.app.database.read() as connection:
        return list(connection.scalars(select(posts.c.url).order_by(posts.c.seq)))


def count(desk: Desk) -> int:
    with desk.app.database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(comments)) or 0)


def write(desk: Desk, *threads: tuple[str, int]) -> str:
    """Write an export: the link of each post, and the number of its comments."""
    items = "".join(
        f"<item><title>Post</title><link>{link}</link>{_comments(index, number)}</item>"
        for index, (link, number) in enumerate(threads)
    )
    path = desk.project.folder / "export.xml"
    path.write_text(f"<rss version='2.0' {_SPACES}><channel>{items}</channel></rss>")
    return str(path)


def _comments(thread: int, number: int) -> str:
    return "".join(
        f"<wp:comment><wp:comment_id>{thread * 100 + each}</wp:comment_id>"
        "<wp:comment_author>Anna</wp:comment_author><wp:comment_approved>1</wp:comment_approved>"
        "<wp:comment_date_gmt>2026-11-20 08:00:00</wp:comment_date_gmt>"
        "<wp:comment_content>Well said.</wp:comment_content><wp:comment_type>comment"
        "</wp:comment_type><wp:comment_parent>0</wp:comment_parent></wp:comment>"
        for each in range(1, number + 1)
    )


def test_comments_come_to_their_posts_and_twice_is_once(desk: Desk) -> None:
    first, second = links(desk)
    file = write(desk, (first, 2), (f"{second}?utm_source=x", 3))
    told = desk.run("comments", "import", file, "--json")
    assert told.code == 0
    assert told.data == {"threads": 2, "matched": 2, "new": 5, "known": 0, "unmatched": []}
    again = desk.run("comments", "import", file, "--json")
    assert (again.data["new"], again.data["known"], count(desk)) == (0, 5, 5)


def test_threads_without_a_post_are_named_up_to_ten(desk: Desk) -> None:
    lost = [(f"https://hill.example.org/gone/{number}", 1) for number in range(12)]
    told = desk.run("comments", "import", write(desk, (links(desk)[0], 1), *lost))
    assert told.code == 1
    assert "13 threads, 1 of stored posts; 1 new comment, 0 already stored." in told.out
    assert told.out.count("Post not stored: ") == 10
    assert "and 2 more." in told.out


def test_threads_without_comments_do_not_count(desk: Desk) -> None:
    file = write(desk, (links(desk)[0], 1), ("https://hill.example.org/gone", 0))
    assert desk.run("comments", "import", file).code == 0


def test_a_file_of_another_site_is_nothing_to_do(desk: Desk) -> None:
    told = desk.run("comments", "import", write(desk, ("https://elsewhere.example/a", 1)))
    assert (told.code, count(desk)) == (3, 0)
    assert "none of its posts is stored" in told.err


def test_a_file_without_a_comment_is_nothing_to_do(desk: Desk) -> None:
    assert desk.run("comments", "import", write(desk)).code == 3


def test_comments_missing_in_a_shorter_file_of_the_same_name_are_deleted(desk: Desk) -> None:
    (link, _) = links(desk)
    desk.run("comments", "import", write(desk, (link, 3)))
    desk.run("comments", "import", write(desk, (link, 1)))
    assert count(desk) == 1


@pytest.mark.parametrize("content", ["", "Dear sirs,", "<html><body>Log in</body></html", "{}"])
def test_a_file_that_is_not_an_export_is_a_usage_error(desk: Desk, content: str) -> None:
    path = desk.project.folder / "letter.xml"
    path.write_text(content)
    told = desk.run("comments", "import", str(path))
    assert (told.code, count(desk)) == (2, 0)
    assert "letter.xml: " in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_a_file_that_is_not_there_or_too_long_is_wrong_use(desk: Desk) -> None:
    path = desk.project.folder / "huge.xml"
    assert desk.run("comments", "import", str(path)).code == 2
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    told = desk.run("comments", "import", str(path))
    assert (told.code, "larger than 100 MB" in told.err) == (2, True)
