"""A small web server on the loopback address, for the sample site and the inbox page."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from digest.demo.pages import Page

HOST = "127.0.0.1"

#: Returns the page at a path (without its query); None if there is none.
FindPage = Callable[[str], Page | None]


class PageServer(ThreadingHTTPServer):
    """Answers GET and HEAD from one function, with validators (RFC 9110 section 13)."""

    daemon_threads = True
    # Browsers and feed readers open many connections at once; the default is 5.
    request_queue_size = 64

    def __init__(self, find_page: FindPage, port: int = 0) -> None:
        """Listen on `port`; 0 takes a free one."""
        super().__init__((HOST, port), _Handler)
        self.find_page = find_page

    @property
    def base_url(self) -> str:
        """The address of the server, without a slash at the end."""
        return f"http://{HOST}:{self.server_port}"


@contextmanager
def serve_pages(find_page: FindPage, port: int = 0) -> Iterator[PageServer]:
    """Serve pages from a thread until the block ends."""
    server = PageServer(find_page, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="pages", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    #: Seconds after which an idle connection is closed.
    timeout = 30

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing, because the demo prints its own lines."""

    def _answer(self, *, with_body: bool) -> None:
        page = self.server.find_page(self.path.partition("?")[0])
        if page is None:
            self._send(HTTPStatus.NOT_FOUND, _NOT_FOUND, {}, with_body=with_body)
            return
        etag = f'"{hashlib.sha256(page.body).hexdigest()[:32]}"'
        if self.headers.get("If-None-Match") == etag:
            self._send(HTTPStatus.NOT_MODIFIED, None, {"ETag": etag}, with_body=False)
            return
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        self._send(HTTPStatus.OK, page, headers, with_body=with_body)

    def _send(
        self, status: HTTPStatus, page: Page | None, headers: dict[str, str], *, with_body: bool
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if page is not None:
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            if page.policy:
                self.send_header("Content-Security-Policy", page.policy)
        self.end_headers()
        if page is not None and with_body:
            self.wfile.write(page.body)


_NOT_FOUND = Page(content_type="text/plain; charset=utf-8", body=b"This page does not exist.\n")
