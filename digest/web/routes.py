"""Every route of the desk, with the right that it needs."""

from __future__ import annotations

from digest.models.admins import Right
from digest.web.desk import comments, compose, editions, preview, static
from digest.web.table import Route

DESK: tuple[Route, ...] = (
    Route("GET", "/static/{version}/{name}", None, static.show),
    Route("GET", "/", Right.SEE, editions.list_editions),
    Route("GET", "/editions", Right.SEE, editions.list_editions),
    Route("GET", "/editions/{edition_id}", Right.SEE, editions.open_edition),
    Route("GET", "/editions/{edition_id}/preview", Right.SEE, preview.show_edition),
    Route("GET", "/editions/{edition_id}/preview/mail", Right.SEE, preview.show_mail),
    Route("GET", "/comments", Right.SEE, comments.list_held),
    Route("POST", "/comments/decide", Right.CHANGE, comments.decide),
    Route("GET", "/comments/people", Right.SEE, comments.list_people),
    Route("POST", "/comments/never-quote", Right.CHANGE, comments.never_quote),
    Route("POST", "/comments/quote-again", Right.CHANGE, comments.quote_again),
    Route("GET", "/editions/{edition_id}/compose", Right.SEE, compose.show),
    Route("POST", "/editions/{edition_id}/compose/step", Right.COMPOSE, compose.step),
    Route("POST", "/editions/{edition_id}/compose/lines", Right.CHANGE, compose.write_lines),
    Route("POST", "/editions/{edition_id}/compose/intro", Right.CHANGE, compose.write_intro),
    Route("POST", "/editions/{edition_id}/compose/poll", Right.CHANGE, compose.write_poll),
    Route(
        "POST", "/editions/{edition_id}/compose/posts/{post_id}", Right.CHANGE, compose.change_post
    ),
    Route(
        "POST",
        "/editions/{edition_id}/compose/posts/{post_id}/texts",
        Right.CHANGE,
        compose.write_texts,
    ),
    Route(
        "POST",
        "/editions/{edition_id}/compose/posts/{post_id}/comments/{comment_id}",
        Right.CHANGE,
        compose.change_comment,
    ),
)
