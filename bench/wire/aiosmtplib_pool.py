"""Sends one mail many times with aiosmtplib's `sendmail`.

`python -m bench.wire.aiosmtplib_pool PORT MAILS FILE CONNECTIONS LOOP [CERTIFICATE]`; LOOP is
`asyncio` or `uvloop`. Prints the seconds from the first connection to the last answer, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path
from time import perf_counter

import aiosmtplib
import uvloop


async def _send(port: int, mails: int, content: bytes, connections: int, trusted: str) -> float:
    context = ssl.create_default_context(cafile=trusted) if trusted else None
    waiting = iter(range(mails))

    async def work() -> None:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1",
            port=port,
            use_tls=context is not None,
            start_tls=False,
            tls_context=context,
            local_hostname="localhost",
        )
        async with client:
            for number in waiting:
                recipient = f"subscriber{number}@mail{number % 500}.example.org"
                await client.sendmail("digest@hill.example.org", [recipient], content)

    started = perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return perf_counter() - started


if __name__ == "__main__":
    _port, _mails, _file, _connections, _loop = sys.argv[1:6]
    _trusted = sys.argv[6] if len(sys.argv) > 6 else ""
    _work = _send(int(_port), int(_mails), Path(_file).read_bytes(), int(_connections), _trusted)
    _run = uvloop.run if _loop == "uvloop" else asyncio.run
    print(json.dumps({"seconds": _run(_work)}))
