from __future__ import annotations

import io
from pathlib import Path

import pytest

from digest.bounces.mailbox import read_maildir, read_mbox, read_pipe
from digest.errors import UsageError


def make_maildir(path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (path / name).mkdir(parents=True)
    return path


def test_a_mail_of_a_maildir_is_read_once(tmp_path: Path) -> None:
    box = make_maildir(tmp_path / "box")
    (box / "new" / "1.a").write_bytes(b"one")
    (box / "cur" / "2.b:2,F").write_bytes(b"two")
    (box / "cur" / "3.c:2,S").write_bytes(b"seen")
    assert sorted(read_maildir(box)) == [b"one", b"two"]
    assert list(read_maildir(box)) == []
    assert sorted(file.name for file in (box / "cur").iterdir()) == [
        "1.a:2,S",
        "2.b:2,FS",
        "3.c:2,S",
    ]


def test_a_mail_that_was_not_finished_is_read_again(tmp_path: Path) -> None:
    box = make_maildir(tmp_path / "box")
    (box / "new" / "1.a").write_bytes(b"one")
    assert next(iter(read_maildir(box))) == b"one"
    assert list(read_maildir(box)) == [b"one"]


def test_a_folder_that_is_no_maildir_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a Maildir"):
        list(read_maildir(tmp_path))


def test_an_mbox_is_split_at_its_from_lines(tmp_path: Path) -> None:
    file = tmp_path / "box"
    file.write_bytes(b"From a\nX: 1\n\nsays:\nFrom here\n>From there\n\nFrom b\nX: 2\n\nend\n")
    first, second = read_mbox(file)
    assert first == b"X: 1\n\nsays:\nFrom here\nFrom there\n\n"
    assert second == b"X: 2\n\nend\n"


def test_a_missing_mbox_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        list(read_mbox(tmp_path / "box"))


def test_a_pipe_holds_one_mail() -> None:
    assert list(read_pipe(io.BytesIO(b"X: 1\n\nhello"))) == [b"X: 1\n\nhello"]
    assert list(read_pipe(io.BytesIO(b"\n"))) == []
