"""A program that uses the API: it has a token, sends JSON and reads JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from digest.app import App
from digest.models import Actor
from digest.models.admins import Right, Role
from digest.web.api.app import PREFIX
from tests.support.web_server import Answer, Site

MAKER = Actor(name="anna")


def make_token(app: App, role: Role, name: str = "", *, owner: str = "") -> str:
    """Make a token, as the terminal or an account does; return its secret."""
    made = app.newsroom.admins.make_token(
        name or f"the {role}", role, owner=owner, rights=frozenset(Right), by=MAKER
    )
    return made.secret


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a token."""

    site: Site
    secret: str = ""

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Send a request; a body that is no bytes is sent as JSON."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if sent is not None:
            given = {"content-type": "application/json", **given}
        if self.secret:
            given = {"authorization": f"Bearer {self.secret}", **given}
        return self.site.ask(PREFIX + path, method, sent, given)

    def get(self, path: str, **query: object) -> Any:
        """Return what an address answers, which must be 200."""
        answer = self.ask(path + (f"?{urlencode(query)}" if query else ""))
        assert answer.status == 200, (path, answer.status, answer.text)
        return json.loads(answer.body)

    def post(self, path: str, **body: object) -> Any:
        """Return what a change answers, which must be 200."""
        answer = self.ask(path, "POST", body)
        assert answer.status == 200, (path, answer.status, answer.text)
        return json.loads(answer.body)

    def refused(self, path: str, method: str = "POST", body: Any = None) -> tuple[int, Any]:
        """Return the status and the error of a request."""
        answer = self.ask(path, method, {} if body is None and method == "POST" else body)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
        assert problem["error"]
        assert problem["do"]
        return answer.status, problem
