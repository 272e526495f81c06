"""Files of commands: `-` is standard input or output, and addresses are for the owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.desk_work import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a newsletter with a draft and two subscribers, under a permissive umask."""
    work = Desk.open(tmp_path)
    work.add_post("A bridge is mended", "News")
    work.add_subscribers(2)
    work.compose()
    before = os.umask(0o022)
    yield work
    os.umask(before)


def others_rights(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o077 for file in folder.iterdir() if file.is_file()}


@pytest.mark.parametrize("command", ["subscribers", "feeds"])
def test_a_dash_is_standard_output(desk: Desk, command: str) -> None:
    named, unnamed = desk.run(command, "export", "-"), desk.run(command, "export")
    assert (named.code, named.out) == (0, unnamed.out)
    assert not (desk.project.folder / "-").exists()


def test_a_dash_is_refused_where_standard_output_cannot_be_the_file(desk: Desk) -> None:
    refused = desk.run("backup", "-")
    assert refused.code == 2
    assert "name a file" in refused.err
    assert not (desk.project.folder / "-").exists()


_PEOPLE = "email\nann@example.org\nben@example.org\n"
_FEEDS = '<opml><body><outline type="rss" xmlUrl="https://example.org/feed"/></body></opml>'


@pytest.mark.parametrize(
    ("command", "content", "said"),
    [
        (("subscribers", "import"), _PEOPLE, "2 added"),
        (("subscribers", "suppress", "--file"), _PEOPLE, "2 suppressed"),
        (("feeds", "import", "--category", "News"), _FEEDS, "1 feed added"),
    ],
)
def test_a_list_may_come_from_standard_input_or_through_a_pipe(
    desk: Desk, command: tuple[str, ...], content: str, said: str
) -> None:
    pipe = desk.project.folder / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        written = pool.submit(pipe.write_text, content)
        done = desk.run(*command, str(pipe))
        written.result(timeout=60)
    assert said in done.out, done.err
    again = desk.run(*command, "-", stdin=content)
    assert "standard input: " in again.out + again.err
    assert "[Errno" not in again.err


@pytest.mark.parametrize("command", [("feeds", "import"), ("comments", "import")])
def test_a_file_without_end_is_refused(desk: Desk, command: tuple[str, ...]) -> None:
    refused = desk.run(*command, "/dev/zero")
    assert (refused.code, "larger than" in refused.err) == (2, True)


def test_a_list_of_subscribers_is_for_its_owner_alone(desk: Desk) -> None:
    file = desk.project.folder / "people.csv"
    assert desk.run("subscribers", "export", str(file)).code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    assert desk.run("subscribers", "export", str(file)).code == 0
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_preview_of_a_subscriber_is_for_its_owner_alone(desk: Desk) -> None:
    out, listed = desk.project.folder / "out", desk.run("subscribers", "export").out
    address = listed.splitlines()[1].split(",")[0]
    assert desk.run("preview", "--out", str(out), "--as", address).code == 0
    assert set(others_rights(out).values()) == {0}
    everyones = desk.project.folder / "everyone"
    assert desk.run("preview", "--out", str(everyones)).code == 0
    assert set(others_rights(everyones).values()) == {0o044}
