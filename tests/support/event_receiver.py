"""A server that gets events, and proves each as the specification "Standard Webhooks" says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = b"the key that signs every event of this test"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
#: A receiver refuses an event whose time is further away.
_TOLERANCE_S = 300


@dataclass
class Receiver:
    """What a receiver got, and how it answers."""

    port: int = 0
    #: The status of each next answer; 204 after them.
    answers: list[int] = field(default_factory=list)
    #: Seconds before each answer.
    delay_s: float = 0.0
    #: Id and body of each proven event, also if it was not accepted.
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    #: Bodies of requests that proved nothing.
    forged: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?secret=path"

    @property
    def kinds(self) -> list[str]:
        return [body["type"] for _, body in self.got]

    def take(self, headers: Any, body: bytes) -> int:
        """Prove a request; return the status of its answer."""
        if not is_proven(headers, body):
            self.forged.append(body)
            return 401
        self.got.append((headers["webhook-id"], json.loads(body)))
        return self.answers.pop(0) if self.answers else 204


def is_proven(headers: Any, body: bytes, *, key: bytes = KEY) -> bool:
    """Return whether a request was signed with the key, lately."""
    name, seconds = headers["webhook-id"], headers["webhook-timestamp"]
    signed = f"{name}.{seconds}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = [each.partition(",")[2] for each in headers["webhook-signature"].split()]
    is_new = abs(time.time() - int(seconds)) <= _TOLERANCE_S
    return is_new and any(hmac.compare_digest(expected, each) for each in given)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve a receiver on a free port until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.take(self.headers, body)
            time.sleep(receiver.delay_s)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
