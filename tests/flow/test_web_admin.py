"""The editors' pages over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import pytest

from digest.errors import DigestError, StoreError, TemplateError, UsageError
from digest.newsroom.desk.home import Home
from digest.newsroom.desk.rows import EditionHead
from digest.web.server import Listener, open_listener, serve
from tests.support.web_doors import HeldEditions, desk_showing, held_editions
from tests.support.web_server import Site, serving


@dataclass(frozen=True, slots=True)
class BareEditions:
    """No editions; listing them may fail."""

    error: DigestError | None = None

    def home(self) -> Home:
        raise self.error or StoreError("database locked")

    def head(self, edition_id: int) -> EditionHead:
        return held_editions().head(edition_id)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving(desk_showing(held_editions())) as site:
        yield site


def test_editions_are_listed_newest_first(site: Site) -> None:
    text = site.ask("/editions").text
    numbers = [text.index(f"No.&nbsp;{number}") for number in (113, 112, 111)]
    assert numbers == sorted(numbers)
    for words in ("11,592", "last time", "64.2 KB", "too many failures", "1 error", "2 older"):
        assert words in text


def test_an_empty_list_shows_the_next_command() -> None:
    with serving(desk_showing(HeldEditions(rows=()))) as site:
        assert "digest compose" in site.ask("/editions").text


@pytest.mark.parametrize(
    "path",
    [
        "/editions/9",
        "/editions/x",
        "/editions/0",
        f"/editions/{10**30}",
        "/editions/3/preview?tab=other",
        "/docs",
        "/openapi.json",
    ],
)
def test_a_missing_page_is_answered_with_a_page(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 404
    assert "does not exist" in answer.text


def test_an_editor_sees_the_error() -> None:
    with serving(desk_showing(BareEditions(TemplateError("x.j2", 4, "no end")))) as site:
        answer = site.ask("/")
    assert answer.status == 500
    assert "template x.j2, line 4: no end" in answer.text


@pytest.mark.parametrize("path", ["/", "/editions"])
def test_nothing_can_be_changed_here(site: Site, path: str) -> None:
    assert site.ask(path, "POST", b"x=1").status == 405
    assert site.ask(path, "HEAD").status == 200


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "x-forwarded-host",
        "X-Real-IP",
        "X-Envoy-External-Address",
        "X-Original-Forwarded-For",
        "CF-Ray",
        "True-Client-IP",
        "Fly-Client-IP",
        "Proxy-Connection",
    ],
)
def test_a_client_behind_a_proxy_is_refused(site: Site, header: str) -> None:
    assert site.ask("/", headers={header: "127.0.0.1"}).status == 403


def test_a_name_that_was_pointed_at_this_machine_is_refused(site: Site) -> None:
    assert site.ask("/", headers={"host": "rebound.example"}).status == 400
    assert site.ask("/", headers={"host": "localhost:8001"}).status == 200


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("peer", "status"),
    [
        (("127.0.0.1", 1), 200),
        (("127.8.9.1", 1), 200),
        (("::1", 1), 200),
        (("::ffff:127.0.0.1", 1), 200),
        (("192.168.0.7", 1), 403),
        (("::ffff:10.0.0.1", 1), 403),
        (("2001:db8::1", 1), 403),
        (("unix", 1), 403),
        (None, 403),
    ],
)
async def test_only_this_machine_is_answered(peer: tuple[str, int] | None, status: int) -> None:
    assert await status_for(peer) == status


async def status_for(peer: tuple[str, int] | None) -> int:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "scheme": "http",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1")],
        "client": peer,
        "server": ("127.0.0.1", 8001),
    }
    await desk_showing(held_editions())(scope, receive, send)
    return int(sent[0]["status"])


def test_admin_pages_are_never_framed_elsewhere(site: Site) -> None:
    headers = site.ask("/").headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_taken_port_is_one_clear_line(site: Site) -> None:
    with pytest.raises(UsageError, match=f"127.0.0.1:{site.port}.*choose another port"):
        open_listener(desk_showing(held_editions()), "127.0.0.1", site.port)


@pytest.mark.anyio
async def test_both_doors_stop_together() -> None:
    app = desk_showing(held_editions())
    listeners: list[Listener] = [open_listener(app, "127.0.0.1", 0) for _ in range(2)]
    stop = asyncio.Event()
    served = asyncio.create_task(serve(listeners, stop=stop))
    stop.set()
    await asyncio.wait_for(served, 120)
    assert served.result() is None
    for listener in listeners:
        listener.socket.close()
