from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import StoreError
from subscribers.leavings import LeaveJournal, Leaving
from subscribers.tokens import Link


def leaving(public_id: str) -> Leaving:
    link = Link(public_id=public_id, newsletter="weekly")
    return Leaving(link=link, how="page", at=datetime(2026, 11, 23, 7, 0, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leaves.journal"


def test_leavings_are_replayed_in_order_and_once(path: Path) -> None:
    journal = LeaveJournal(path)
    for public_id in ("a", "b"):
        journal.append(leaving(public_id))
    seen: list[Leaving] = []
    assert journal.replay(seen.append) == 2
    assert seen == [leaving("a"), leaving("b")]
    assert journal.replay(seen.append) == 0


def test_a_leaving_is_of_one_newsletter_unless_it_says_all(path: Path) -> None:
    assert leaving("a").is_all is False
    journal = LeaveJournal(path)
    for is_all in (True, False):
        journal.append(replace(leaving("a"), is_all=is_all))
    seen: list[Leaving] = []
    journal.replay(seen.append)
    assert [each.is_all for each in seen] == [True, False]


def test_a_line_of_an_earlier_version_is_of_one_newsletter(path: Path) -> None:
    line = '{"public_id": "a", "newsletter": "weekly", "how": "page", "at": "2026-11-23T07:00:00Z"}'
    path.write_text(f"{line}\n")
    seen: list[Leaving] = []
    LeaveJournal(path).replay(seen.append)
    assert seen == [leaving("a")]


def test_a_failing_replay_keeps_all(path: Path) -> None:
    journal = LeaveJournal(path)
    journal.append(leaving("a"))

    def fail(_leaving: Leaving) -> None:
        raise StoreError("locked")

    with pytest.raises(StoreError):
        journal.replay(fail)
    assert journal.replay(lambda _leaving: None) == 1


def test_a_line_cut_by_a_crash_spoils_no_other(path: Path) -> None:
    journal = LeaveJournal(path)
    journal.append(leaving("a"))
    with path.open("ab") as file:
        file.write(b'\n{"public_id": "b", "newsl')
    journal.append(leaving("c"))
    seen: list[Leaving] = []
    journal.replay(seen.append)
    assert seen == [leaving("a"), leaving("c")]


def test_without_a_file_there_is_nothing_to_replay(path: Path) -> None:
    assert LeaveJournal(path).replay(lambda _leaving: None) == 0
    assert not path.exists()


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    LeaveJournal(path).append(leaving("a"))
    assert path.stat().st_mode & 0o077 == 0


def test_a_leaving_during_a_replay_does_not_wait_for_it_and_is_kept(path: Path) -> None:
    journal = LeaveJournal(path)
    journal.append(leaving("a"))
    seen: list[str] = []

    def apply(each: Leaving) -> None:
        seen.append(each.link.public_id)
        if each == leaving("a"):
            LeaveJournal(path).append(leaving("b"))

    assert journal.replay(apply) == 2
    assert seen == ["a", "b"]
    assert journal.is_empty


def test_a_replay_that_a_crash_ended_is_done_again_before_newer_ones(path: Path) -> None:
    journal = LeaveJournal(path)
    journal.append(leaving("a"))

    def crash(_leaving: Leaving) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.replay(crash)
    journal.append(leaving("b"))
    assert not journal.is_empty
    seen: list[Leaving] = []
    assert LeaveJournal(path).replay(seen.append) == 2
    assert seen == [leaving("a"), leaving("b")]


def test_leavings_of_many_threads_during_replays_are_all_kept(path: Path) -> None:
    seen: list[str] = []
    names = [str(number) for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        writing = [threads.submit(LeaveJournal(path).append, leaving(name)) for name in names]
        while not all(each.done() for each in writing):
            LeaveJournal(path).replay(lambda each: seen.append(each.link.public_id))
    LeaveJournal(path).replay(lambda each: seen.append(each.link.public_id))
    assert sorted(seen) == sorted(names)


@pytest.mark.parametrize("line", ["null", "[]", "3", '{"how": "page"}', '{"public_id": 1}'])
def test_a_line_that_is_no_leaving_spoils_no_other(path: Path, line: str) -> None:
    path.write_text(f"{line}\n")
    LeaveJournal(path).append(leaving("a"))
    seen: list[Leaving] = []
    LeaveJournal(path).replay(seen.append)
    assert seen == [leaving("a")]
