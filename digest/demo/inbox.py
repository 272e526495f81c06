"""The inbox page: the mails that arrived, each as its subscriber sees it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from digest.demo.mailbox import ReceivedMail, list_mails, read_mail
from digest.demo.pages import HTML, Page, render_page
from digest.demo.pageserver import FindPage

#: Content policy of a mail: pictures and its own styles, no scripts.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox;"
    " default-src 'none'; img-src http: https:; style-src 'unsafe-inline'"
)

# A page cannot choose the colour scheme of a frame in every browser, so each scheme is a page of
# its own: the mail's rules for dark screens apply there always or never.
_SCHEMES = {"light": "not all", "dark": "all"}
_ON_DARK = re.compile(r"\(prefers-color-scheme:\s*dark\)")
_EITHER = re.compile(r"(?<![-\w])color-scheme:\s*light dark")

#: A mail that arrived never changes.
_read = lru_cache(maxsize=1024)(read_mail)


def inbox_of(mailbox: Path) -> FindPage:
    """Return the pages of a mailbox: `/` lists the mails, `/mail/00001/` shows one."""

    def find_page(path: str) -> Page | None:
        match path.strip("/").split("/"):
            case [""]:
                return _list_page(mailbox)
            case ["inbox.css"]:
                return render_page("inbox.css", "text/css; charset=utf-8")
            case ["mail", name, *rest] if (file := _file_of(mailbox, name)) is not None:
                return _mail_page(_read(file), rest)
            case _:
                return None

    return find_page


def _file_of(mailbox: Path, name: str) -> Path | None:
    """Return a mail's file; a name is digits only, so that no path leaves the mailbox."""
    file = mailbox / f"{name}.eml"
    return file if name.isdecimal() and name.isascii() and file.is_file() else None


def _list_page(mailbox: Path) -> Page:
    return render_page("inbox.html", mails=[_read(file) for file in list_mails(mailbox)])


def _mail_page(mail: ReceivedMail, rest: list[str]) -> Page | None:
    match rest:
        case []:
            return render_page("mail.html", mail=mail)
        case [scheme] if scheme in _SCHEMES:
            return Page(content_type=HTML, body=_shown(mail, scheme).encode(), policy=_MAIL_POLICY)
        case _:
            return None


def _shown(mail: ReceivedMail, scheme: str) -> str:
    """Return the HTML part as it looks on a light or dark screen."""
    html = _EITHER.sub(f"color-scheme:{scheme}", _ON_DARK.sub(_SCHEMES[scheme], mail.html))
    # Links open in a new page, not inside the frame.
    return html.replace("<head>", '<head><base target="_blank">', 1)
