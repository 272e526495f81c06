"""The editors' pages over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from digest.errors import DigestError, TemplateError, UsageError
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.newsroom.desk.rows import EditionHead, EditionPage, EditionRow
from digest.web.server import Listener, open_listener, serve
from tests.support.web_doors import HeldEditions, desk_showing, held_editions
from tests.support.web_server import Site, serving


@dataclass(frozen=True, slots=True)
class BareEditions:
    """One edition whose mails were never written; listing editions may fail."""

    error: DigestError | None = None

    def list_editions(self) -> tuple[EditionRow, ...]:
        if self.error:
            raise self.error
        return ()

    def head(self, edition_id: int) -> EditionHead:
        return held_editions().head(edition_id)

    def find_edition(self, edition_id: int) -> EditionPage | None:
        page = held_editions().find_edition(edition_id)
        return replace(page, variants=()) if page else None

    def read_mail(self, edition_id: int, variant_key: str) -> OpenedMessage | None:
        return None if edition_id and variant_key else open_message(b"")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving(desk_showing(held_editions())) as site:
        yield site


def test_editions_are_listed_newest_first(site: Site) -> None:
    text = site.ask("/").text
    numbers = [text.index(f"No.&nbsp;{number}") for number in (113, 112, 111)]
    assert numbers == sorted(numbers)
    for words in ("11,204 sent", "388 pending", "too many failures", "1 error", "1 story"):
        assert words in text


def test_an_empty_list_shows_the_next_command() -> None:
    with serving(desk_showing(HeldEditions(rows=()))) as site:
        assert "digest compose" in site.ask("/").text


def test_the_mail_is_shown_in_a_frame_that_can_do_nothing(site: Site) -> None:
    page = site.ask("/editions/3/preview?look=phone")
    assert 'sandbox=""' in page.text
    assert "w360" in page.text
    frame = site.ask("/editions/3/preview/mail?variant=all&look=phone")
    policy = frame.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "The Lantern Weekly" in frame.text


@pytest.mark.parametrize(("look", "query"), [("dark", "@media all"), ("desktop", "@media not all")])
def test_a_view_is_light_or_dark_on_any_screen(site: Site, look: str, query: str) -> None:
    text = site.ask(f"/editions/3/preview/mail?variant=all&look={look}").text
    assert query in text
    assert "prefers-color-scheme" not in text


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("text", "Good morning. This week"),
        ("headers", "List-Unsubscribe-Post"),
        ("why", "its section had five better ones"),
        ("why", "FIRST!!"),
    ],
)
def test_every_side_of_an_edition_is_shown(site: Site, tab: str, words: str) -> None:
    assert words in site.ask(f"/editions/3/preview?tab={tab}").text


def test_a_variant_is_picked_without_a_script(site: Site) -> None:
    text = site.ask("/editions/3/preview?variant=some&tab=mail&look=dark").text
    assert '<option value="some" selected>Security, Economy (84)</option>' in text
    assert "variant=some&amp;look=dark" in text


def test_findings_are_shown_with_their_rule_and_place(site: Site) -> None:
    text = site.ask("/editions/3/preview").text
    assert "E05" in text
    assert "html, story 3" in text


@pytest.mark.parametrize(
    "path",
    [
        "/editions/9",
        "/editions/x",
        "/editions/0",
        f"/editions/{10**30}",
        "/editions/3/preview?tab=other",
        "/editions/3/preview/mail?variant=none",
        "/editions/3/preview/mail",
        "/docs",
        "/openapi.json",
    ],
)
def test_a_missing_page_is_answered_with_a_page(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 404
    assert "does not exist" in answer.text


@pytest.mark.parametrize("tab", ["mail", "text", "headers"])
def test_a_purged_mail_is_reported_as_purged(tab: str) -> None:
    with serving(desk_showing(BareEditions())) as site:
        assert "no longer kept" in site.ask(f"/editions/1/preview?tab={tab}").text
        assert "no longer kept" not in site.ask("/editions/1/preview?tab=why").text
        assert site.ask("/editions/1/preview/mail?variant=all").status == 404


def test_an_editor_sees_the_error() -> None:
    with serving(desk_showing(BareEditions(TemplateError("x.j2", 4, "no end")))) as site:
        answer = site.ask("/")
    assert answer.status == 500
    assert "template x.j2, line 4: no end" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/editions/3/preview", "/editions/3/preview/mail?variant=all"]
)
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
