from __future__ import annotations

import asyncio
import threading

import pytest

from digest.threads import CallThread

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_calls_run_one_after_another_in_one_thread() -> None:
    calls, order = CallThread("calls"), []

    def call(number: int) -> int:
        order.append((number, threading.current_thread().name))
        return number

    results = await asyncio.gather(*(calls.result(lambda n=n: call(n)) for n in range(5)))  # type: ignore[misc]
    calls.close()
    assert results == [0, 1, 2, 3, 4]
    assert order == [(number, "calls") for number in range(5)]


async def test_an_error_reaches_its_caller_and_the_thread_goes_on() -> None:
    calls = CallThread("calls")
    with pytest.raises(ZeroDivisionError):
        await calls.result(lambda: 1 // 0)
    assert await calls.result(lambda: 1) == 1
    calls.close()


async def test_a_cancelled_caller_does_not_stop_the_call_or_the_thread() -> None:
    calls, may_go, is_done = CallThread("calls"), threading.Event(), threading.Event()

    def call() -> None:
        may_go.wait(10)
        is_done.set()

    waiting = asyncio.create_task(calls.result(call))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    may_go.set()
    assert await calls.result(is_done.is_set)
    calls.close()


async def test_a_thread_that_was_never_asked_ends_at_once() -> None:
    calls = CallThread("never asked")
    calls.close()
    assert all(each.name != "never asked" for each in threading.enumerate())
