"""The use cases of a subscriber's choices: they are shown, changed and paused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from digest.newsroom.context import RunContext
from digest.newsroom.self_service.choices import Form
from digest.newsroom.self_service.preferences_page import (
    Case,
    Done,
    PreferencesPage,
    Standing,
    change_page,
    find_case,
)
from digest.store.engine import Connection
from digest.text.catalogue import translations_for
from subscribers.tokens import Link


def show_preferences(
    context: RunContext, link: Link, *, form: Form | None = None
) -> PreferencesPage | None:
    """Return the page of a link; None if there is no such subscription any more.

    Args:
        context: the installation's context.
        link: the link.
        form: choices to show without storing them; None for the stored ones.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        case = find_case(context, connection, link)
        if case is None:
            return None
        if form is None or case.standing is not Standing.ACTIVE:
            return case.page(connection)
        parsed = case.parse(form)
        return case.page(connection, parsed=parsed, done=Done.SHOWN)


def save_preferences(context: RunContext, link: Link, form: Form) -> PreferencesPage | None:
    """Store the choices of a form; return the page, and raise errors, as `change_page`.

    Nothing is stored if the page has faults.
    """

    def save(connection: Connection, case: Case) -> PreferencesPage:
        parsed = case.parse(form)
        if parsed.faults:
            return case.page(connection, parsed=parsed)
        return case.store(connection, parsed.preferences, Done.SAVED, own=parsed.own.values)

    return change_page(context, link, save)


def pause(context: RunContext, link: Link, form: Form) -> PreferencesPage | None:
    """Pause until the day that a form names, or end the pause; as `change_page`.

    The fields: `pause`, one of `PAUSES`, `date` or `end`; and `until`, a date such as `2026-12-24`.
    """
    asked, until = (form.get(name, ("",))[-1] for name in ("pause", "until"))

    def change(connection: Connection, case: Case) -> PreferencesPage:
        if asked == "end":
            preferences = replace(case.stored, paused_until=None)
            return case.store(connection, preferences, Done.RESUMED)
        day = case.read_pause(asked, until.strip())
        if day is None:
            fault = translations_for(case.language).gettext(
                "Choose a day from tomorrow to a year from now."
            )
            return case.page(connection, faults={"pause": fault})
        end = datetime.combine(day, time(), case.zone).astimezone(UTC)
        return case.store(connection, replace(case.stored, paused_until=end), Done.PAUSED)

    return change_page(context, link, change)
