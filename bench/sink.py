"""A mail server that accepts every mail, in its own process: `python -m bench.sink PORT_FILE`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.smtp_sink import ScriptedSink


@contextmanager
def running_sink(folder: Path) -> Iterator[int]:
    """Run the server during the block; yield its port."""
    port_file = folder / "port"
    process = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port_file)])
    try:
        deadline = time.monotonic() + 10
        while not port_file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield int(port_file.read_text("utf-8"))
    finally:
        process.kill()
        process.wait()


async def _serve(port_file: Path) -> None:
    async with ScriptedSink() as sink:
        draft = port_file.with_suffix(".part")
        draft.write_text(str(sink.port), "utf-8")
        draft.rename(port_file)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
