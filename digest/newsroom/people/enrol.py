"""Imports subscribers from a file, and adds a single one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO, TextIO

from digest.errors import UsageError
from digest.models import Actor, EventKind
from digest.newsroom.audit import record
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.people.fields import checked_values
from digest.store import posts
from digest.store.events import add_subscriber_event
from subscribers import importing
from subscribers.addresses import parse_typed
from subscribers.filecolumns import ColumnChoices
from subscribers.importing import ImportReport, RowOutcome, RowResult
from subscribers.merging import ImportOptions
from subscribers.people import find_person
from subscribers.preferences import Preferences
from subscribers.rows import RowError, SubscriberRow
from subscribers.segments import SourceError, read_source

__all__ = ["ImportReport", "RowOutcome", "RowResult", "add", "import_file"]


def import_file(
    context: RunContext,
    file: BinaryIO,
    newsletter: str,
    *,
    consent: str,
    seen: str,
    columns: Mapping[str, str],
    ignored: Sequence[str],
    source: str,
    open_rows: Callable[[], AbstractContextManager[TextIO]] | None,
    is_dry_run: bool,
    on_row: Callable[[int], None] | None = None,
    by: Actor,
) -> ImportReport:
    """Import the subscribers of a CSV file; people who left or bounced are not subscribed again.

    Rows are written in batches while the file is read, and the audit row after the last batch, so
    that a subscriber who wants to leave does not wait for a long file. Before the first row is
    written, the whole file is looked at: a column that may say who has left stops the import if its
    meaning is not certain.

    Args:
        context: the installation's context.
        file: the file, seekable and open in binary mode.
        newsletter: the newsletter's name; empty for the only one.
        consent: a note on what people agreed to, or where that is recorded; if empty, new people
            stay pending.
        seen: `now` to mail new subscribers only later posts, `all` to mail all stored posts, empty
            for the newsletter's rule.
        columns: our name of a column, by its heading in the file, such as `state` or `email`.
        ignored: the headings of columns that are not read.
        source: where the people come from, if the file does not say it; empty for `import`.
        open_rows: a function that opens the file, with `newline=""`, into which the outcome of each
            row is written. It is called when the columns are known. None: no such file.
        is_dry_run: whether to store nothing; the report is the same.
        on_row: called after each row with the number of rows so far; None: nothing is.
        by: the actor.

    Raises:
        UsageError: the newsletter does not exist, `seen` has another value, or `source` cannot be
            the name of a source.
        ColumnError: the file has no such column, or the name is not known; nothing was written.
        CsvError: the file cannot be read, or a column's meaning is not certain; nothing was
            written.
        StoreError: the database cannot be used.
    """
    owner = context.newsletter_of(newsletter)
    options = _options(
        context, owner, consent, how="import", seen_seq=_seen_seq(context, seen), source=source
    )
    choices = ColumnChoices(named=columns, ignored=ignored, fields=context.fields)
    known = importing.read_columns(file, choices)
    begin = context.database.read if is_dry_run else context.database.write
    rows = importing.import_file(begin, file, options, known, is_dry_run=is_dry_run)
    with open_rows() if open_rows else nullcontext() as listed:
        if listed is not None:
            rows = importing.write_results(rows, listed)
        if on_row is not None:
            rows = _counted(rows, on_row)
        report = importing.summarise(rows, known, is_dry_run=is_dry_run)
    if is_dry_run:
        return report
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items() if count)
    with context.database.write() as connection:
        record(
            context,
            connection,
            by,
            "import people",
            newsletter=owner.name,
            detail=counts or "no rows",
        )
    return report


def add(
    context: RunContext,
    address: str,
    newsletter: str,
    *,
    consent: str,
    name: str,
    categories: Sequence[str],
    source: str,
    fields: Mapping[str, str],
    by: Actor,
) -> RowOutcome:
    """Add one subscriber, like an import of one row.

    Args:
        context: the installation's context.
        address: the mail address.
        newsletter: the newsletter's name; empty for the only one.
        consent: the consent, as for `import_file`.
        name: the person's name; may be empty.
        categories: the chosen categories; empty for all.
        source: where the person comes from; empty for `manual`.
        fields: values of the operator's own fields as written, by name.
        by: the actor.

    Raises:
        UsageError: the newsletter or a category does not exist, a field does not exist or cannot
            have its value, or `source` cannot be the name of a source.
        SubscriberError: the address is not valid.
        StoreError: the database cannot be used.
    """
    owner = context.newsletter_of(newsletter)
    chosen = _known_categories(owner, categories)
    row = SubscriberRow(
        address=parse_typed(address, allow_reserved=context.is_development),
        name=name,
        preferences=Preferences(categories=chosen),
        fields=tuple(checked_values(context.fields, fields).items()),
    )
    options = _options(context, owner, consent, how="manual", seen_seq=None, source=source)
    with context.database.write() as connection:
        outcome = importing.apply_row(connection, row, options)
        if outcome in (RowOutcome.ADDED, RowOutcome.UPDATED):
            record(
                context, connection, by, "add person", newsletter=owner.name, detail=outcome.value
            )
        if outcome is RowOutcome.ADDED and consent:
            person = find_person(connection, row.address)
            kind = EventKind.SUBSCRIBER_CONFIRMED
            ids = (person.id,) if person else ()
            add_subscriber_event(connection, kind, owner.name, ids, how="manual", source=source)
    return outcome


def _counted(rows: Iterator[RowResult], on_row: Callable[[int], None]) -> Iterator[RowResult]:
    for number, row in enumerate(rows, start=1):
        yield row
        on_row(number)


def _options(
    context: RunContext,
    newsletter: NewsletterContext,
    consent: str,
    *,
    how: str,
    seen_seq: int | None,
    source: str,
) -> ImportOptions:
    try:
        named = read_source(source)
    except SourceError as error:
        raise UsageError(f"--source: {error}") from error
    return ImportOptions(
        newsletter=newsletter.name,
        keys=context.keys,
        now=context.clock(),
        consent=consent,
        how=how,
        seen_seq=seen_seq,
        allow_reserved=context.is_development,
        categories=newsletter.categories,
        zone=newsletter.timezone,
        source=named,
    )


def _seen_seq(context: RunContext, seen: str) -> int | None:
    """Return the `seq` after which windows of new subscribers begin; None for the default rule."""
    if seen == "now":
        with context.database.read() as connection:
            return posts.last_seq(connection)
    if seen not in ("", "all"):
        raise UsageError(f"--seen {seen!r}: must be 'now' or 'all'")
    return 0 if seen else None


def _known_categories(newsletter: NewsletterContext, wanted: Sequence[str]) -> tuple[str, ...]:
    try:
        return importing.known_categories(wanted, newsletter.categories)
    except RowError as error:
        raise UsageError(
            f"newsletter {newsletter.name}: {error.reason};"
            f" choose from {', '.join(newsletter.categories)}"
        ) from error
