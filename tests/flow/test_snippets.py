"""The commands of the README and of the documentation run as they are written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.demo.pages import Page
from digest.demo.pageserver import serve_pages
from docs.making.json_shapes import commands as documented_commands
from docs.making.json_shapes import results
from tests.support.kill_harness import slow_server
from tests.support.project import Project, rss
from tests.support.snippets import NOT_RUN, TABLE, Command, commands

pytestmark = pytest.mark.long

_MORE = """
[bounces]
domain = "bounce.hill.example.org"
maildir = "bounces"

[[fields]]
name = "plan"

[[fields]]
name = "city"
"""
_FOREIGN = re.compile(r"(?:https?://)?(?:[\w-]+\.)*example\.(?:org|com)(?:/\S*)?")
#: What a page writes where the reader has something of their own.
_OWN = {"ADDRESS": "subscriber0@example.net", "DIR": "bounces", "EDITION": "2", "POST": "1"}
#: Editions and posts of the examples; the newsletter here has a sent one and a draft.
_NUMBERS = {"11": "1", "12": "2", "38": "1", "40": "2", "41": "3", "44": "4"}
#: The options of a command are right, and what it asks for is not there: no edition to resolve, no
#: post of that number.
_UNDERSTOOD = (0, 1, 3, 4)


_TITLES = ["The bridge is open", "A new mill", "The ferry stays"]


def _feed(path: str) -> Page | None:
    is_feed = path.startswith("/feed")
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    if is_feed:
        return Page(content_type="application/rss+xml", body=rss(*_TITLES).encode())
    return Page(content_type="text/html", body=f"<html><head>{link}</head></html>".encode())


@pytest.fixture(scope="module")
def newsletter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, str]]:
    """Return a newsletter with a sent edition and a draft, and the address of its site."""
    project = Project(tmp_path_factory.mktemp("snippets"))
    for name in ("new", "cur", "tmp"):
        (project.folder / "bounces" / name).mkdir(parents=True)
    with serve_pages(_feed) as site, slow_server(project.folder) as relay:
        project.write_config(feed_url=f"{site.base_url}/feed", smtp_port=relay.port)
        with project.config.open("a", encoding="utf-8") as file:
            file.write(_MORE)
        for name, text in TABLE["files"].items():
            (project.folder / name).write_text(text.replace("FEED", f"{site.base_url}/feed2"))
        project.add_subscribers(3)
        for steps in ("collect", "compose", "send"):
            assert project.run(*steps.split()).code == 0
        _TITLES[:0] = ["A new hall", "The mill burns"]
        for steps in ("collect --force", "compose --extra"):
            assert project.run(*steps.split()).code == 0
        (project.folder / "people.csv").write_text(TABLE["files"]["people.csv"], "utf-8")
        yield project, site.base_url


def _runnable() -> dict[str, Command]:
    return {each.text: each for each in commands() if each.is_ours and not each.reason}


@pytest.mark.parametrize("text", _runnable())
def test_a_command_is_understood(
    newsletter: tuple[Project, str], tmp_path: Path, text: str
) -> None:
    prepared, site = newsletter
    project = Project(tmp_path / "copy")
    shutil.copytree(prepared.folder, project.folder)
    _, *words = _runnable()[text].words
    for word in words:
        if word.endswith((".csv", ".txt")) and not (project.folder / word).exists():
            (project.folder / word).write_text("email\nada@example.net\n", "utf-8")
    done = project.run(*(_own(word, site) for word in words))
    assert done.code in _UNDERSTOOD, f"{_runnable()[text].block}: {done.err}{done.out}"
    assert "Traceback" not in done.err


def _own(word: str, site: str) -> str:
    word = _OWN.get(word, _NUMBERS.get(word, word))
    return word if "@" in word else _FOREIGN.sub(f"{site}/", word)


def test_every_command_is_run_or_has_a_reason() -> None:
    left = {str(each.block): each.text for each in commands() if not each.is_ours}
    unknown = {
        str(each.block): each.text for each in commands() if not (each.is_ours or each.reason)
    }
    assert left
    assert unknown == {}


def test_no_reason_covers_every_command_of_the_program() -> None:
    assert not any("digest ".startswith(start) for start in NOT_RUN)
    assert len(_runnable()) > 30


@pytest.mark.parametrize(
    "words",
    [
        "collect",
        "status",
        "status 1",
        "plan",
        "check 2",
        "approve 2",
        "diff 1 2",
        "preview 2",
        "send --dry-run",
        "send 2",
        "deliveries subscriber0@example.net",
        "config check",
        "pause 2",
        "feeds list",
        "subscribers fields",
        "subscribers add new@example.net",
        "subscribers import people.csv",
        "db upgrade",
    ],
)
def test_the_result_has_the_documented_keys(
    newsletter: tuple[Project, str], tmp_path: Path, words: str
) -> None:
    project = Project(tmp_path / "copy")
    shutil.copytree(newsletter[0].folder, project.folder)
    found = project.run(*words.split(), "--json").data
    found = found[0] if isinstance(found, list) else found
    name = max((each for each in _SHAPES if f"digest {words} ".startswith(f"{each} ")), key=len)
    shapes = [{_first(key.path) for key in shape} for shape in results(_SHAPES[name])]
    # An empty name: keys that the data names, such as the lines of `digest diff`.
    assert any(set(found) == keys or ("" in keys and keys - {""} < set(found)) for keys in shapes)


_SHAPES = dict(documented_commands())


def _first(path: str) -> str:
    """Return the first key of a path such as `[].feeds[].url`."""
    return re.split(r"[.\[{]", path.removeprefix("[]."))[0]
