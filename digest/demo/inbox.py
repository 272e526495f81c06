"""The inbox page: the mails that arrived, each as its reader would see it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from digest.demo.mailbox import ReceivedMail, list_mails, read_mail
from digest.demo.pages import HTML, Page, render_page
from digest.demo.pageserver import FindPage

#: A mail may show pictures and its own styles, and run nothing.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox;"
    " default-src 'none'; img-src http: https:; style-src 'unsafe-inline'"
)

#: A mail that arrived never changes.
_read = lru_cache(maxsize=1024)(read_mail)


def inbox_of(mailbox: Path) -> FindPage:
    """Give the pages over a mailbox: `/` lists it, `/mail/00001/` shows one mail."""

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
    """Give a mail's file; names are digits, so that no path leads out of the mailbox."""
    file = mailbox / f"{name}.eml"
    return file if name.isdecimal() and name.isascii() and file.is_file() else None


def _list_page(mailbox: Path) -> Page:
    return render_page("inbox.html", mails=[_read(file) for file in list_mails(mailbox)])


def _mail_page(mail: ReceivedMail, rest: list[str]) -> Page | None:
    if not rest:
        return render_page("mail.html", mail=mail)
    if rest == ["html"]:
        # Links open beside the inbox, not inside its frame.
        html = mail.html.replace("<head>", '<head><base target="_blank">', 1)
        return Page(content_type=HTML, body=html.encode(), policy=_MAIL_POLICY)
    return None
