"""Signing up by a program of another site: JSON, for browsers on any site (CORS), no credentials.

It is as open as the form: it answers the same for every address, and has the same limits.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from anyio import to_thread
from fastapi.responses import JSONResponse, Response

from digest.newsroom.self_service.applying import TRAP, FormKind
from digest.newsroom.self_service.choices import Form
from digest.newsroom.self_service.own_fields import PREFIX
from digest.newsroom.self_service.sign_ups import WAIT
from digest.web.public.visit import NewsletterName, OnPublic

_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "86400",
    "cross-origin-resource-policy": "cross-origin",
}
#: The fields that a program may send; `categories` is a list, empty for all.
FIELDS = frozenset(
    {"email", "cadence", "language", "text_size", "zone", "hour", "lang", "source", "consent", TRAP}
)
_CATEGORIES = "categories"
#: The operator's own fields: an object with their names.
_OWN = "fields"
_FAULT = "errors"


def allow(visit: OnPublic, newsletter: NewsletterName) -> Response:
    """Answer a browser that asks whether another site may call (CORS)."""
    if visit.door.sign_ups.find(newsletter) is None:
        return _unknown()
    return Response(status_code=204, headers=_CORS)


async def sign_up(visit: OnPublic, newsletter: NewsletterName) -> Response:
    """Take a sign-up from a program of another site."""
    desk = visit.door.sign_ups
    facts = desk.find(newsletter)
    if facts is None:
        return _unknown()
    try:
        form = read_json(await visit.request.body(), tuple(each.name for each in facts.fields))
    except FieldFaults as error:
        return _answer(422, {_FAULT: error.faults})
    read = desk.read(facts, form, FormKind.API, network=visit.network)
    if read.application is None:
        return _answer(422, {_FAULT: dict(read.faults)})
    if not read.is_automatic and not await to_thread.run_sync(desk.accept, read.application):
        wait_s = str(int(WAIT.total_seconds()))
        problem = {_FAULT: {"email": "Too many sign-ups. Try again in an hour."}}
        return _answer(429, problem, {"retry-after": wait_s})
    return _answer(202, {"status": "confirmation sent"})


class FieldFaults(ValueError):
    """A body that is no form: a line for each field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults)
        self.faults = dict(faults)


def read_json(body: bytes, own: Collection[str] = ()) -> Form:
    """Return the fields of a JSON object as those of a form.

    Args:
        body: the request's body.
        own: the names that the object `fields` may have.

    Raises:
        FieldFaults: it is not an object of known fields with text, a list for `categories`, or an
            object for `fields`.
    """
    try:
        sent: Any = json.loads(body)
        # JSON may escape one half of a surrogate pair, which no text can have.
        json.dumps(sent, ensure_ascii=False).encode()
    # A deep nesting is a RecursionError.
    except (ValueError, RecursionError) as error:
        raise FieldFaults({"body": "The body must be a JSON object."}) from error
    if not isinstance(sent, dict):
        raise FieldFaults({"body": "The body must be a JSON object."})
    form: dict[str, Sequence[str]] = {}
    faults: dict[str, str] = {}
    for name, value in sent.items():
        if name == _CATEGORIES:
            _read_categories(value, form, faults)
        elif name == _OWN and own:
            _read_own(value, own, form, faults)
        elif name not in FIELDS:
            more = {_CATEGORIES, _OWN} if own else {_CATEGORIES}
            known = ", ".join(sorted({*FIELDS, *more} - {TRAP}))
            faults[name] = f"There is no such field; use {known}."
        elif value is None:
            continue
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            # PostgreSQL stores no NUL.
            form[name] = (str(value).replace("\0", ""),)
        else:
            faults[name] = "This must be text."
    if faults:
        raise FieldFaults(faults)
    return form


def _read_categories(value: object, form: dict[str, Sequence[str]], faults: dict[str, str]) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        faults[_CATEGORIES] = "This must be a list of names; an empty list means all."
    elif value:
        form["sections"], form["category"] = ("some",), tuple(value)
    else:
        form["sections"] = ("all",)


def _read_own(
    value: object, own: Collection[str], form: dict[str, Sequence[str]], faults: dict[str, str]
) -> None:
    if not isinstance(value, dict):
        faults[_OWN] = "This must be an object of fields with text."
        return
    for name, written in value.items():
        if name not in own:
            faults[PREFIX + name] = f"There is no such field; use {', '.join(sorted(own))}."
        elif isinstance(written, str | int | float) and not isinstance(written, bool):
            form[PREFIX + name] = (str(written),)
        elif written is not None:
            faults[PREFIX + name] = "This must be text."


def _unknown() -> Response:
    return _answer(404, {_FAULT: {"newsletter": "This newsletter does not exist."}})


def _answer(
    status: int, body: Mapping[str, object], more: Mapping[str, str] | None = None
) -> Response:
    return JSONResponse(dict(body), status, headers={**_CORS, **(more or {})})
