"""Faults outside the program: each gives one clear line, the promised code, and loses nothing."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.support.kill_harness import SlowServer, slow_server
from tests.support.project import Project, Result, rss


@pytest.fixture
def project(tmp_path: Path, httpserver: HTTPServer) -> Project:
    """Return a project with three posts in its feed, no relay and five subscribers."""
    return _project(tmp_path, httpserver)


@pytest.fixture(scope="module")
def drafted(make_httpserver: HTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project with a draft."""
    make_httpserver.clear()  # of what other files left
    project = _project(tmp_path_factory.mktemp("drafted"), make_httpserver)
    collected = project.run("collect")
    assert project.run("compose").code == 0, collected
    make_httpserver.clear()
    return project


@pytest.fixture
def composed(drafted: Project, tmp_path: Path) -> Project:
    """Return a copy of the project with a draft; its feed is down now."""
    shutil.copytree(drafted.folder, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


def _project(folder: Path, server: HTTPServer) -> Project:
    server.expect_request("/feed").respond_with_data(
        rss("A bridge is mended", "A mill turns again", "A clock is late"),
        content_type="application/rss+xml",
    )
    project = Project(folder)
    project.write_config(feed_url=server.url_for("/feed"), smtp_port=1)
    project.add_subscribers(5)
    return project


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _assert_one_line(result: Result, code: int, *words: str) -> None:
    assert (result.code, result.err.count("\n")) == (code, 1), result.err
    assert result.err.startswith("digest: ")
    assert "Traceback" not in result.out + result.err
    for word in words:
        assert word in result.err


def test_a_relay_that_is_down_loses_nothing(composed: Project, tmp_path: Path) -> None:
    down = composed.run("send")
    _assert_one_line(down, 75, "relay 127.0.0.1:")
    assert composed.run("status", "1", "--json").data["deliveries"]["pending"] == 5
    with slow_server(tmp_path) as server:
        old = f"port = {composed.config.read_text().split('port = ')[1].split()[0]}"
        composed.change_config(old, f"port = {server.port}")
        assert composed.run("send").code == 0
        assert sum(server.arrived().values()) == 5


def test_a_feed_that_is_down_is_named_and_the_others_are_read(
    project: Project, httpserver: HTTPServer
) -> None:
    dead = f"http://127.0.0.1:{_free_port()}/feed"
    feed = f'[[feeds]]\nurl = "{dead}"\ncategory = "News"\n\n[[newsletters]]'
    project.change_config("[[newsletters]]", feed)
    result = project.run("collect", "--json")
    assert result.code == 1
    failed = [feed for feed in result.data["feeds"] if feed["result"] == "failed"]
    assert [feed["url"] for feed in failed] == [dead]
    assert sum(feed["new"] for feed in result.data["feeds"]) == 3
    assert "Traceback" not in result.err


def test_nothing_new_makes_no_edition(composed: Project, relay: SlowServer) -> None:
    old = composed.config.read_text().split("port = ")[1].split()[0]
    composed.change_config(f"port = {old}", f"port = {relay.port}")
    assert composed.run("send").code == 0
    _assert_one_line(composed.run("compose"), 3, "new posts since the last weekly edition: 0")
    _assert_one_line(composed.run("send"), 3, "no draft to send")
    _assert_one_line(composed.run("send", "1"), 3, "already finished")


def test_a_broken_template_is_named_with_its_line_and_nothing_is_sent(
    composed: Project, tmp_path: Path
) -> None:
    checkout = Path(__file__).parents[2]
    copy = tmp_path / "copy"
    for name in ("digest", "subscribers", "templates"):
        shutil.copytree(checkout / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    template = copy / "templates" / "email" / "digest.txt.j2"
    template.write_text(template.read_text("utf-8") + "\n{{ no_such_thing }}\n", "utf-8")
    done = subprocess.run(
        composed.command("send"), cwd=copy, capture_output=True, text=True, timeout=300
    )
    result = Result(code=done.returncode, out=done.stdout, err=done.stderr)
    _assert_one_line(result, 2, "digest.txt.j2, line", "no_such_thing")
    assert composed.run("status", "--json").data["editions"][0]["state"] == "draft"


def test_a_typo_in_the_configuration_names_the_nearest_key(project: Project) -> None:
    project.change_config("schedule =", "shedule =")
    result = project.run("collect")
    assert result.code == 2
    assert "[[newsletters]] weekly: shedule: unknown key; did you mean 'schedule'?" in result.err
    assert "Traceback" not in result.err


def test_a_read_only_database_is_reported(composed: Project, tmp_path: Path) -> None:
    # Asked for read-only, as a mounted snapshot would be: root may write any file that has a mode.
    name = f"sqlite:///file:{composed.database}?mode=ro&uri=true"
    composed.change_config("sqlite:///digest.db", name)
    _assert_one_line(composed.run("collect"), 75, "read-only")
    _assert_one_line(composed.run("send"), 75, "read-only")


def test_bad_rows_are_listed_and_the_good_ones_come_in(project: Project) -> None:
    people = project.folder / "bad.csv"
    people.write_text("email\nnot an address\nanna@example.net\nanna@@example.net\n", "utf-8")
    result = project.run("subscribers", "import", str(people), "--consent", "form", "--json")
    assert result.code == 1
    assert (result.data["counts"]["added"], result.data["counts"]["refused"]) == (1, 2)
    assert [row["line"] for row in result.data["refused"]] == [2, 4]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("subscribers", "import", "nowhere.csv"), ("nowhere.csv", "No such file")),
        (("send", "77"), ("edition 77: does not exist", "`digest status`")),
        (("status", "77"), ("edition 77: does not exist", "`digest status`")),
        (("collect", "-n"), ()),
        (("compose", "--newsletter", "daily"), ("newsletter 'daily' does not exist", "weekly")),
        (("subscribers", "add", "nobody"), ()),
        (("resolve", "--resend", "--assume-sent"), ("--resend, --assume-sent and --assume-lost",)),
        (("init",), ("already exists", "--force")),
    ],
)
def test_wrong_use_is_reported(
    project: Project, arguments: tuple[str, ...], words: tuple[str]
) -> None:
    result = project.run(*arguments)
    assert result.code == 2
    assert "Traceback" not in result.err
    for word in words:
        assert word in result.err


@pytest.mark.parametrize("setting", ["ascii", "latin-1"])
def test_output_without_some_letters_shows_the_rest(composed: Project, setting: str) -> None:
    composed.change_config('title = "The Hill Paper in your inbox"', 'title = "Hügel – ∞"')
    environment = os.environ | {"PYTHONIOENCODING": setting}
    command = [sys.executable, "-m", "digest", "--config", str(composed.config), "compose"]
    result = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"No. 1" in result.stdout


def test_closed_output_ends_no_command_with_a_traceback(composed: Project) -> None:
    command = f"{sys.executable} -m digest --config {composed.config} feeds list >&-"
    result = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("subscribers import -", 2, "standard input: the file is empty"),
        ("feeds import -", 2, "standard input: not OPML"),
        ("doctor --mail -", 1, ""),
    ],
)
def test_closed_input_is_empty_input(
    composed: Project, arguments: str, code: int, said: str
) -> None:
    command = f"{sys.executable} -m digest --config {composed.config} {arguments} <&-"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (result.returncode, "Traceback" in result.stderr) == (code, False), result.stderr
    assert said in result.stderr


def test_a_damaged_database_is_refused(project: Project) -> None:
    project.database.write_bytes(b"no database at all " * 500)
    for path in project.folder.glob("digest.db-*"):
        path.unlink()
    _assert_one_line(project.run("send"), 4, "damaged", "restore a backup")


@pytest.mark.parametrize("is_frozen", [False, True])
def test_an_edition_with_a_damaged_text_is_refused(composed: Project, is_frozen: bool) -> None:
    if is_frozen:
        assert composed.run("send").code == 75  # no relay
    with closing(sqlite3.connect(composed.database)) as connection, connection:
        connection.execute("UPDATE editions SET snapshot = substr(snapshot, 1, 100)")
    _assert_one_line(composed.run("send"), 4, "stored text is damaged", "restore a backup")


def test_the_examples_key_sends_nothing(composed: Project) -> None:
    composed.change_config("a key that is long enough", "put-a-random-key-here")
    _assert_one_line(composed.run("send"), 4, "secret_keys")


def test_a_refusal_is_json_too_if_json_is_asked_for(project: Project) -> None:
    nothing = project.run("send", "--json")
    assert nothing.code == 3
    assert nothing.data["exit_code"] == 3
    assert nothing.data["error"] in nothing.err


def test_a_relay_that_is_down_is_json_too_if_json_is_asked_for(composed: Project) -> None:
    down = composed.run("send", "--json")
    assert down.code == 75
    assert down.out.count("{") >= 1
    assert isinstance(down.data, dict)


@pytest.mark.parametrize(
    "command", ["status", "check", "send", "approve", "cancel", "preview", "pause", "resume"]
)
def test_every_command_says_the_same_of_an_edition_that_does_not_exist(
    project: Project, command: str
) -> None:
    missing = project.run(command, "99")
    _assert_one_line(missing, 2, "edition 99: does not exist; see `digest status`")


def test_log_lines_have_a_time(project: Project) -> None:
    said = project.run("--verbose", "collect").err
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO digest\.", said, re.MULTILINE)
