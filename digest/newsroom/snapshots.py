"""Reads the stored text of editions that may be damaged."""

from __future__ import annotations

from digest.composer.snapshot import edition_from_json
from digest.errors import CorruptStoreError
from digest.models import Edition, StoredEdition


def read_snapshot(stored: StoredEdition) -> Edition:
    """Return the edition that a row stores.

    Raises:
        CorruptStoreError: its text is damaged.
        SchemaError: a newer version of `digest` wrote it.
    """
    try:
        return edition_from_json(stored.snapshot)
    except ValueError as error:
        raise CorruptStoreError.of_edition(stored.id) from error
