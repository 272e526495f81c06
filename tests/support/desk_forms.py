"""A browser's part at the desk, without scripts: it sends the token of the page with each form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

from tests.support.web_server import Answer, Site

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_BOUNDARY = "a-boundary-of-the-tests"


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms sent to one desk; `page` is any page with a form."""

    site: Site
    page: str = "/subscribers"

    def post(self, path: str, fields: Mapping[str, str | list[str]] | None = None) -> Answer:
        """Send a form."""
        body = urlencode({**(fields or {}), "csrf": self._token()}, doseq=True)
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.site.ask(path, "POST", body.encode(), kind)

    def upload(self, path: str, name: str, content: bytes, fields: Mapping[str, str]) -> Answer:
        """Send a form with a file."""
        begin = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
        parts = b"".join(
            f'{begin}"{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {**fields, "csrf": self._token()}.items()
        )
        head = f'{begin}"file"; filename="{name}"'
        body = parts + head.encode() + b"\r\n\r\n" + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        kind = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}
        return self.site.ask(path, "POST", body, kind)

    def _token(self) -> str:
        found = _TOKEN.search(self.site.ask(self.page).text)
        assert found is not None
        return found[1]


def words_of(answer: Answer) -> str:
    """Return the words of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
