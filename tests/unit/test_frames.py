from __future__ import annotations

import os
import pickle
import struct
from datetime import UTC, datetime, timedelta
from enum import Enum, EnumType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import models
from digest.models import CommentKind, Manners, ParsedComment
from digest.readers.parsing import frames
from digest.readers.parsing.frames import FrameError, frame, receive_frame
from tests.support.parsed import NOW, parsed_feed, parsed_post

pytestmark = pytest.mark.anyio


class Pipe:
    """Return a worker's output as a stream to read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def readexactly(self, n: int) -> bytes:
        taken, self._content = self._content[:n], self._content[n:]
        return taken


async def received(content: bytes) -> Any:
    return await receive_frame(Pipe(struct.pack(">I", len(content)) + content))


@pytest.mark.parametrize(
    "value",
    [
        "ready",
        ("done", parsed_feed(parsed_post(published_at=NOW))),
        ("done", Manners(min_interval=timedelta(hours=1), skip_hours=frozenset({1, 2}))),
        (
            "done",
            (
                ParsedComment(
                    external_id="1",
                    parent_id="",
                    author="Anna",
                    posted_at=datetime(2026, 1, 1, tzinfo=UTC),
                    text="Well said.",
                    kind=CommentKind.PINGBACK,
                ),
            ),
        ),
        ("failed", "no feed", True),
        ("done", b"\0" * 1000),
    ],
)
async def test_answers_of_workers_arrive_whole(value: object) -> None:
    assert await receive_frame(Pipe(frame(value))) == value


_ENUMERATIONS = [each for each in vars(models).values() if isinstance(each, EnumType)]


@pytest.mark.parametrize("kind", _ENUMERATIONS)
async def test_members_of_an_enumeration_are_written_by_their_values(kind: type[Enum]) -> None:
    written = frame(list(kind))
    # On every Python: an old one would write a call of `getattr`.
    assert b"getattr" not in written
    assert await receive_frame(Pipe(written)) == list(kind)


class _Calls:
    """A pickle that calls a function when it is read."""

    def __init__(self, what: Any, *arguments: Any) -> None:
        self._call = (what, arguments)

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize(
    "what",
    [
        _Calls(os.system, "exit 1"),
        _Calls(eval, "1"),
        _Calls(bytearray, 10**9),
        _Calls(getattr, "", "join"),
        _Calls(frames.frame, ""),
        os.path.join,
        FrameError,
        object(),
    ],
)
async def test_an_answer_can_name_no_other_code(what: object) -> None:
    with pytest.raises(FrameError, match="not allowed"):
        await received(pickle.dumps(("done", what)))


async def test_a_name_inside_an_allowed_module_is_not_allowed_automatically() -> None:
    for name in ("dataclass", "datetime", "ParsedFeed.__init__", "StrEnum"):
        named = b"\x80\x04\x8c\x14digest.models.parsed\x8c" + bytes([len(name)]) + name.encode()
        with pytest.raises(FrameError, match="not allowed"):
            await received(named + b"\x93.")


async def test_a_huge_answer_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError, match="4294967295 bytes"):
        await receive_frame(Pipe(b"\xff\xff\xff\xff"))


@given(st.binary(max_size=200))
async def test_garbage_raises_one_kind_of_error(content: bytes) -> None:
    raised: BaseException | None = None
    try:
        await received(content)
    except Exception as error:
        raised = error
    assert raised is None or isinstance(raised, FrameError)
