"""The marks of mails that were read over POP."""

from __future__ import annotations

from digest.store.engine import Database
from digest.store.read_mails import ReadMails


def test_a_marked_mail_is_not_unread(database: Database) -> None:
    marks = ReadMails(database, "bounces@mail.example.org")
    assert marks.unread(["a", "b\0\xe9"]) == {"a", "b\0\xe9"}
    marks.mark("b\0\xe9")
    marks.mark("b\0\xe9")
    assert marks.unread(["a", "b\0\xe9"]) == {"a"}
    assert ReadMails(database, "other@mail.example.org").unread(["b\0\xe9"]) == {"b\0\xe9"}


def test_the_mark_of_a_mail_that_is_gone_is_forgotten(database: Database) -> None:
    marks, other = ReadMails(database, "one"), ReadMails(database, "other")
    for each in (marks, other):
        each.mark("a")
        each.mark("b")
    assert marks.unread(["a"]) == set()
    assert marks.unread(["a", "b"]) == {"b"}
    assert other.unread(["a", "b"]) == set()
