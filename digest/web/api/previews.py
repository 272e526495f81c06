"""The previews: exactly what is sent, to a stock person or a subscriber."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from digest.models.admins import Right
from digest.newsroom.proof.opening import OpenedEdition
from digest.newsroom.proof.proof import Proof
from digest.web.api.call import Call, EditionId, OnCall
from digest.web.api.problems import Problem
from digest.web.api.shapes import mails as shapes
from digest.web.api.shapes.editions import Finding
from digest.web.guards import letter_policy

_Who = Annotated[
    str,
    Query(
        pattern=r"^[a-z0-9]{0,40}$",
        description="`who` of a stock person or of a variant, or of a subscriber, which needs the"
        " right `people`. Empty: what most subscribers get.",
    ),
]


def show(call: OnCall, edition_id: EditionId, who: _Who = "") -> shapes.Preview:
    """Return the mail that a person gets of an edition, with its headers and findings."""
    opened = _open(call, edition_id, who)
    proof = opened.proof
    message = proof.message if proof else None
    return shapes.Preview(
        edition_id=edition_id,
        who=opened.addressee.key if opened.addressee else who,
        why=opened.why,
        people=[shapes.Addressee(who=each.key, label=each.label) for each in opened.people],
        subject=proof.subject if proof else "",
        sender=proof.sender if proof else "",
        headers=[
            shapes.Header(name=name, value=value)
            for name, value in (message.headers if message else ())
        ],
        html=message.html if message else "",
        text=message.text if message else "",
        size=len(proof.content) if proof else 0,
        findings=[Finding.model_validate(each) for each in (proof.findings if proof else ())],
    )


def show_html(call: OnCall, edition_id: EditionId, who: _Who = "") -> Response:
    """Return the HTML of the mail."""
    policy = letter_policy(allow_http_images=True, frame_ancestors="'none'")
    return Response(
        _proof(call, edition_id, who).message.html,
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": policy},
    )


def show_text(call: OnCall, edition_id: EditionId, who: _Who = "") -> Response:
    """Return the text of the mail."""
    text = _proof(call, edition_id, who).message.text
    return Response(text, media_type="text/plain; charset=utf-8")


def show_message(call: OnCall, edition_id: EditionId, who: _Who = "") -> Response:
    """Return the message as it is sent, for a mail program."""
    return Response(
        _proof(call, edition_id, who).content,
        media_type="message/rfc822",
        headers={"content-disposition": f'attachment; filename="edition-{edition_id}.eml"'},
    )


def find(call: OnCall, edition_id: EditionId, wanted: shapes.Find) -> shapes.Found:
    """Return the key by which a preview opens the mail of the subscriber with an address."""
    name = call.newsroom.desk.head(edition_id).name
    return shapes.Found(who=call.newsroom.proofs.find_subscriber(name, wanted.address))


def _open(call: Call, edition_id: int, who: str) -> OpenedEdition:
    """Open a mail; the mail of a subscriber has their address and their fields."""
    if who[1:].isdecimal() and who.startswith("p") and not call.sees_people:
        raise Problem(403, f"token {call.token.name}: has not the right {Right.PEOPLE}")
    return call.newsroom.proofs.open(edition_id, who)


def _proof(call: Call, edition_id: int, who: str) -> Proof:
    opened = _open(call, edition_id, who)
    if opened.proof is None:
        raise Problem(409, opened.why or "this person gets no mail of it")
    return opened.proof
