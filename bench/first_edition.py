"""From the address of a site to its first edition in the browser, with an installed `digest`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.project import rss
from tests.support.terminal import Terminal

_PAGE = "<title>The Hill Paper</title><link rel=alternate type='application/rss+xml' href='/feed/'>"
_TITLES = ("A bridge is mended", "A clock is late", "The mill turns again", "Snow on the hill")
#: The site is on this machine.
_ENVIRONMENT = {
    "DIGEST_FETCH__ALLOW_PRIVATE": "true",
    "DIGEST_SITE__DEVELOPMENT": "true",
    "PYTHONPATH": "",
    "COLUMNS": "200",
}
#: The questions and answers of a person; an empty answer takes what is proposed.
_DIALOGUE = (
    ("Section for the posts", ""),
    ("Name of the publisher", ""),
    ("Title of the newsletter", ""),
    ("subscribers' pages", "https://digest.hill.net"),
    ("Postal address", "1 Hill Road, Anytown"),
    ("Sender of the mails", "The Hill Paper <digest@hill.net>"),
    ("Day and time of the mails", ""),
    ("Time zone", ""),
    ("Mail relay", ""),
)


def open_first_edition(digest: str, folder: Path) -> float:
    """Run `digest init URL` at a terminal over a small paper; answer its questions at once.

    Returns:
        The seconds until the browser was asked to open the edition.
    """
    opened, browser = folder / "opened", folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', "utf-8")
    browser.chmod(0o700)
    started = time.monotonic()
    with _paper() as url:
        environment = {**_ENVIRONMENT, "BROWSER": str(browser), "DISPLAY": ""}
        with Terminal((digest, "init", url), folder, environment) as screen:
            for question, answer in _DIALOGUE:
                screen.answer(question, answer)
        assert screen.code == 0, screen.shown
    taken = time.monotonic() - started
    page = Path(opened.read_text("utf-8").strip().removeprefix("file://"))
    assert _TITLES[0] in page.read_text("utf-8"), page
    return taken


@contextmanager
def _paper() -> Iterator[str]:
    """Serve a home page and its feed during the block; yield the site's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Paper)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Paper(BaseHTTPRequestHandler):
    """Answers each request with the page or the feed."""

    def do_GET(self) -> None:
        """Answer with the feed, the home page, or 404."""
        host = f"http://{self.headers['host']}"
        pages = {
            "/": (_PAGE, "text/html"),
            "/feed/": (
                rss(*_TITLES).replace("https://hill.example.org", host),
                "application/rss+xml",
            ),
        }
        text, kind = pages.get(self.path, ("", "text/html"))
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Print nothing."""
