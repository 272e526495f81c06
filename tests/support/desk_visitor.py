"""The desk over a real database, and a browser's part: cookies and the tokens of forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from digest.app import App
from digest.models import Actor
from digest.models.admins import Role
from digest.web.desk.app import create_desk
from digest.web.doors import desk_door
from digest.web.routes import API, DESK
from tests.support.web_server import Answer, Site, serving

OPERATOR = Actor(name="operator")
PASSWORD = "seven quiet lanterns"
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def add_account(app: App, name: str, role: Role, password: str | None = PASSWORD) -> None:
    app.newsroom.admins.add(name, role, password, by=OPERATOR)


@contextmanager
def open_desk(app: App, *, per_minute: int = 10_000) -> Iterator[Site]:
    """Serve the desk of an installation on a free port."""
    with serving(create_desk(desk_door(app), DESK, API, per_minute=per_minute)) as site:
        yield site


@dataclass(slots=True)
class Visitor:
    """A browser without scripts: it keeps cookies and sends the token of the last form."""

    site: Site
    #: Added to each request, such as those of a proxy.
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        *,
        is_read: bool = True,
    ) -> Answer:
        headers = {**self.headers}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        answer = self.site.ask(path, method, body, headers, is_read=is_read)
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
            if morsel["max-age"] == "0":
                del self.cookies[name]
        if found := _TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form with the token of the last page that had one."""
        sent = urlencode({"csrf": self.token, **fields})
        return self.ask(path, "POST", sent.encode())

    def sign_in(self, name: str, password: str = PASSWORD, to: str = "/") -> Answer:
        self.ask("/sign-in")
        return self.post("/sign-in", name=name, password=password, to=to)
