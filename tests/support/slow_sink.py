"""A slow mail server that writes each Message-ID to a file before it answers.

`python -m tests.support.slow_sink PORT_FILE LOG [EXTENSION …]`
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
from pathlib import Path

from tests.support.smtp_sink import GOOD, say

#: Bytes of one line in the log of the slow server, so that a file's size tells how many mails.
LOG_LINE = 256


def gate_of(log: Path) -> Path:
    """Return the file with the number of mails after which the slow server waits; it may lack."""
    return log.with_suffix(".gate")


class SlowSink:
    """Accepts the content, logs its Message-ID and recipient, and answers up to 10 ms later.

    At its gate it answers only when the gate was moved, so that a client is not done before the
    test has looked.
    """

    def __init__(self, log: Path, *extensions: str) -> None:
        *words, last = ("sink", *extensions)
        self._hello = b"".join(say(f"250-{word}") for word in words) + say(f"250 {last}")
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._gate = gate_of(log)

    async def serve(self, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it disconnects."""
        writer.write(GOOD["greeting"])
        recipient = b""
        try:
            while line := await subscriber.readline():
                verb = line[:4].upper().decode()
                if verb == "RCPT":
                    recipient = line[line.index(b"<") + 1 : line.index(b">")]
                if verb == "DATA":
                    await self._take_content(recipient, subscriber, writer)
                else:
                    writer.write(GOOD.get(verb, say("221 bye") if verb == "QUIT" else self._hello))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client was killed, as the test intends
        finally:
            writer.close()

    async def _take_content(
        self, recipient: bytes, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(GOOD["DATA"])
        content = await subscriber.readuntil(b"\r\n.\r\n")
        found = re.search(rb"^Message-ID:\s*(\S+)", content, re.MULTILINE | re.IGNORECASE)
        message_id = found.group(1) if found else b"none"
        os.write(self._log, (message_id + b" " + recipient).ljust(LOG_LINE - 1) + b"\n")
        await asyncio.sleep(random.uniform(0, 0.01))
        while self._is_at_gate():  # noqa: ASYNC110  # the gate is a file of another process
            await asyncio.sleep(0.01)
        writer.write(GOOD["dot"])

    def _is_at_gate(self) -> bool:
        try:
            most = int(self._gate.read_text("ascii"))
        except FileNotFoundError:
            return False
        return os.fstat(self._log).st_size // LOG_LINE > most


async def _serve_slowly(port_file: Path, log: Path, *extensions: str) -> None:
    sink = SlowSink(log, *extensions)
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=1 << 22)
    part = port_file.with_suffix(".part")
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(port_file)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve_slowly(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
