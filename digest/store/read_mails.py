"""The marks of mails that were read from a mailbox which keeps none itself."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import bindparam, delete, select

from digest.store.dialect import insert_for
from digest.store.engine import Database
from digest.store.tables import read_mails


class ReadMails:
    """The marks of one mailbox, each in a transaction of its own."""

    def __init__(self, database: Database, mailbox: str) -> None:
        """Set the mailbox, by what names it."""
        self._database = database
        self._mailbox = _hash(mailbox)

    def unread(self, names: Collection[str]) -> frozenset[str]:
        """Return those of a mailbox's mails that have no mark; forget the marks of all others.

        Raises:
            StoreError: the database cannot be used.
        """
        hashes = {_hash(name): name for name in names}
        marks = read_mails.c
        with self._database.write() as connection:
            found = connection.scalars(select(marks.mail).where(marks.mailbox == self._mailbox))
            marked = frozenset(found)
            gone = [{"gone": mail} for mail in marked - hashes.keys()]
            if gone:
                connection.execute(
                    delete(read_mails).where(
                        marks.mailbox == self._mailbox, marks.mail == bindparam("gone")
                    ),
                    gone,
                )
        return frozenset(name for mail, name in hashes.items() if mail not in marked)

    def mark(self, name: str) -> None:
        """Store that a mail was read and its effects are stored.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._database.write() as connection:
            row = insert_for(connection, read_mails).on_conflict_do_nothing()
            connection.execute(row, {"mailbox": self._mailbox, "mail": _hash(name)})


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
