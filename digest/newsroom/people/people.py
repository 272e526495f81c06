"""The use cases of people, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom.people import use_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import BinaryIO, TextIO

    from digest.models import Actor, UploadOptions
    from digest.newsroom.context import RunContext
    from digest.newsroom.people.enrol import ImportReport, RowOutcome, RowResult
    from digest.newsroom.people.fields import FieldCount
    from digest.newsroom.people.forms import EmbeddedForm
    from digest.newsroom.people.profile import Profile
    from digest.newsroom.people.records import PersonRecord
    from digest.newsroom.people.search import FoundPeople, Search
    from digest.newsroom.people.uploads import UploadPage
    from digest.newsroom.self_service.choices import Form
    from subscribers.fields import Field
    from subscribers.reasons import GivenReason


class People:
    """The use cases of people; each is documented in its own module.

    `newsletter` is a newsletter's name; empty for the only one.
    """

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def import_file(
        self,
        file: BinaryIO,
        newsletter: str = "",
        *,
        consent: str = "",
        seen: str = "",
        columns: Mapping[str, str] | None = None,
        ignored: Sequence[str] = (),
        source: str = "",
        open_rows: Callable[[], AbstractContextManager[TextIO]] | None = None,
        is_dry_run: bool = False,
        by: Actor,
    ) -> ImportReport:
        """Import the subscribers of a CSV file; a bad row does not stop the others."""
        return use_cases.enrol.import_file(
            self._context,
            file,
            newsletter,
            consent=consent,
            seen=seen,
            columns=columns or {},
            ignored=ignored,
            source=source,
            open_rows=open_rows,
            is_dry_run=is_dry_run,
            by=by,
        )

    def add(
        self,
        address: str,
        newsletter: str = "",
        *,
        consent: str = "",
        name: str = "",
        categories: Sequence[str] = (),
        source: str = "",
        fields: Mapping[str, str] | None = None,
        by: Actor,
    ) -> RowOutcome:
        """Add one subscriber."""
        return use_cases.enrol.add(
            self._context,
            address,
            newsletter,
            consent=consent,
            name=name,
            categories=categories,
            source=source,
            fields=fields or {},
            by=by,
        )

    def export(
        self,
        newsletter: str,
        open_file: Callable[[], AbstractContextManager[TextIO]],
        *,
        raw: bool = False,
    ) -> int:
        """Write all people of a newsletter, in any state, as CSV; return their number."""
        return use_cases.records.export(self._context, newsletter, open_file, raw=raw)

    def write_form(
        self,
        newsletter: str = "",
        *,
        source: str = "",
        language: str = "",
        fields: Sequence[str] = (),
    ) -> EmbeddedForm:
        """Return the form that lets people sign up on another site."""
        return use_cases.forms.write(
            self._context, newsletter, source=source, language=language, fields=fields
        )

    def show(self, address: str) -> PersonRecord:
        """Return everything that is stored about a person."""
        return use_cases.records.show(self._context, address)

    def list_fields(self) -> tuple[FieldCount, ...]:
        """Return the subscribers' own fields, with the number of people who have a value."""
        return use_cases.fields.list_fields(self._context)

    def set_fields(self, address: str, written: Mapping[str, str], *, by: Actor) -> bool:
        """Set values of one person; return whether anything changed."""
        return use_cases.fields.set_fields(self._context, address, written, by=by)

    def reasons(self, newsletter: str = "") -> tuple[GivenReason, ...]:
        """Return why people have left a newsletter, newest first."""
        return use_cases.records.reasons(self._context, newsletter)

    def leave(self, address: str, newsletter: str = "", *, by: Actor) -> bool:
        """End one person's subscription; return whether there was one to end."""
        return use_cases.withdraw.leave_newsletter(self._context, address, newsletter, by=by)

    def suppress(self, address: str, *, reason: str = "manual", note: str = "", by: Actor) -> None:
        """Never mail an address again."""
        named = use_cases.amend.reason_named(reason)
        use_cases.withdraw.suppress_address(self._context, address, reason=named, note=note, by=by)

    def suppress_file(
        self, file: BinaryIO, *, on_refused: Callable[[RowResult], None], by: Actor
    ) -> Mapping[str, int]:
        """Never mail the addresses of a file again; return their number by outcome."""
        return use_cases.withdraw.suppress_file(self._context, file, on_refused=on_refused, by=by)

    def unsuppress(self, address: str, *, by: Actor) -> bool:
        """Allow mail to an address again; return whether it was suppressed."""
        return use_cases.withdraw.unsuppress_address(self._context, address, by=by)

    def erase(self, address: str, *, by: Actor) -> bool:
        """Delete a person and suppress the address; return whether the person was known."""
        return use_cases.withdraw.erase(self._context, address, by=by)

    # --- at the desk ----------------------------------------------------------------------------

    def find(self, search: Search) -> FoundPeople:
        """Return a page of people."""
        return use_cases.search.find_people(self._context, search)

    def profile(self, person_id: int) -> Profile | None:
        """Return one person's page; None if there is no such person."""
        return use_cases.profile.show_profile(self._context, person_id)

    def export_person(self, person_id: int) -> dict[str, object] | None:
        """Return all data about a person; None if there is no such person."""
        return use_cases.profile.export_person(self._context, person_id)

    def address_of(self, person_id: int) -> str:
        """Return a person's address."""
        return use_cases.amend.address_of(self._context, person_id)

    def add_by_mail(
        self, address: str, newsletter: str = "", *, source: str = "", by: Actor
    ) -> None:
        """Ask the owner of an address by mail whether they want a newsletter."""
        use_cases.amend.add_by_mail(self._context, address, newsletter, source=source, by=by)

    def change_choices(self, person_id: int, newsletter: str, form: Form, *, by: Actor) -> None:
        """Store the choices of a confirmed subscriber."""
        use_cases.amend.change_choices(self._context, person_id, newsletter, form, by=by)

    def change_person(
        self, person_id: int, name: str, written: Mapping[str, str], *, by: Actor
    ) -> None:
        """Store a person's name and values of the operator's fields."""
        use_cases.amend.change_person(self._context, person_id, name, written, by=by)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The configured fields, in order."""
        return self._context.fields

    def erase_typed(self, person_id: int, typed: str, *, by: Actor) -> None:
        """Delete a person whose address was typed as a confirmation."""
        use_cases.amend.erase_typed(self._context, person_id, typed, by=by)

    # --- uploaded files -------------------------------------------------------------------------

    def receive_upload(
        self, file: BinaryIO, name: str, newsletter: str, options: UploadOptions, *, by: Actor
    ) -> str:
        """Keep an uploaded file for its check; return its token."""
        return use_cases.uploads.receive(self._context, file, name, newsletter, options, by=by)

    def show_upload(self, token: str) -> UploadPage | None:
        """Return an upload; None if it does not exist, or was deleted."""
        return use_cases.uploads.show_upload(self._context, token)

    def list_uploads(self) -> tuple[UploadPage, ...]:
        """Return the newest uploads."""
        return use_cases.uploads.list_uploads(self._context)

    def start_upload(self, token: str, *, by: Actor) -> None:
        """Allow the import of a checked file."""
        use_cases.uploads.start(self._context, token, by=by)

    def discard_upload(self, token: str, *, by: Actor) -> None:
        """Delete an uploaded file that is not being imported."""
        use_cases.uploads.discard(self._context, token, by=by)

    def run_upload(self, token: str) -> None:
        """Check or import an upload, by its state; raise nothing."""
        use_cases.uploads.run(self._context, token)
