"""The server of a thousand feeds, in its own process: `python -m bench.papersite FOLDER`.

Every feed has an ETag and is answered with 304 if the client has it; nine in ten are compressed,
as by most servers.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from bench.papers import fault_of

#: Delay before a slow feed is answered.
SLOW_S = 0.3
_XML = {"Content-Type": "application/xml"}
_PAGE = b"<!DOCTYPE html><html><head><title>Moved</title></head><body>" + b"<p>No feed.</p>" * 500
_PORT = "port"


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    """Run the server during the block; yield its address."""
    process = subprocess.Popen([sys.executable, "-m", "bench.papersite", str(folder)])
    port_file = folder / _PORT
    try:
        deadline = time.monotonic() + 20
        while not port_file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port_file.read_text('utf-8')}"
    finally:
        process.kill()
        process.wait()


async def _serve(folder: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return await _answer(folder, int(request.match_info["number"]), request)

    app = web.Application()
    app.router.add_get(r"/{number:\d+}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    draft = folder / "port.part"
    draft.write_text(str(port), "utf-8")
    draft.rename(folder / _PORT)
    await asyncio.Event().wait()


async def _answer(folder: Path, number: int, request: web.Request) -> web.Response:
    fault = fault_of(number)
    if fault == "slow":
        await asyncio.sleep(SLOW_S)
    if fault not in {"", "slow", "truncated"}:
        return _fault(folder, number, fault)
    tag = f'"{number}"'
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    if number % 10 == 0:
        body = (folder / f"{number}.xml").read_bytes()
        return web.Response(body=body, headers=_XML | {"ETag": tag})
    body = (folder / f"{number}.gz").read_bytes()
    return web.Response(body=body, headers=_XML | {"ETag": tag, "Content-Encoding": "gzip"})


def _fault(folder: Path, number: int, fault: str) -> web.Response:
    statuses = {"missing": 404, "broken": 500, "gone": 410}
    if fault in statuses:
        return web.Response(status=statuses[fault])
    if fault == "circle":
        return web.Response(status=302, headers={"Location": f"/{number}"})
    if fault == "page":
        return web.Response(body=_PAGE, content_type="text/html")
    if fault == "garbage":
        return web.Response(body=bytes(range(256)) * 200, headers=_XML)
    packed = (folder / f"{number}.gz").read_bytes()
    if fault == "damaged":
        broken = packed[: len(packed) // 2] + b"\xff" * 40 + packed[len(packed) // 2 :]
        return web.Response(body=broken, headers=_XML | {"Content-Encoding": "gzip"})
    # The client did not accept this encoding, and the bytes are of no other that it knows.
    return web.Response(body=packed[::-1], headers=_XML | {"Content-Encoding": "br"})


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
