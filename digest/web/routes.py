"""Every route of the program: the public pages, the desk, the API, and the pages for machines."""

from __future__ import annotations

from digest.models.admins import Right
from digest.web.api import comments as api_comments
from digest.web.api import document
from digest.web.api import drafts as api_drafts
from digest.web.api import editions as api_editions
from digest.web.api import newsroom as api_newsroom
from digest.web.api import people as api_people
from digest.web.api import previews as api_previews
from digest.web.api import sending as api_sending
from digest.web.desk import (
    approve,
    comments,
    compose,
    editions,
    feeds,
    home,
    people,
    preview,
    report,
    sending,
    settings,
    signing_in,
    static,
    testing,
    tokens,
    uploads,
)
from digest.web.ops import pages as machine
from digest.web.public import (
    archive,
    confirm,
    design,
    hooks,
    leave,
    moving,
    pictures,
    poll,
    preferences,
    privacy,
    private,
    sign_up,
    sign_up_api,
    unsubscribe,
    view,
)
from digest.web.table import Route

#: On the public listener, open to everybody. `{token}` proves whose page it is.
PUBLIC: tuple[Route, ...] = (
    # --- pages of one subscriber ---
    Route("GET", "/v/{token}", None, view.show_edition),
    Route("GET", "/p/{token}", None, preferences.show),
    Route("POST", "/p/{token}", None, preferences.save),
    Route("POST", "/p/{token}/pause", None, preferences.change_pause),
    Route("POST", "/p/{token}/address", None, preferences.move),
    Route("POST", "/p/{token}/data", None, preferences.ask_for_data),
    Route("GET", "/p/{token}/{part}", None, preferences.show_again),
    Route("GET", "/m/{token}", None, moving.show),
    Route("POST", "/m/{token}", None, moving.decide),
    Route("GET", "/d/{token}", None, private.show),
    Route("POST", "/d/{token}", None, private.download),
    Route("GET", "/d/{token}/erase", None, private.ask_to_erase),
    Route("POST", "/d/{token}/erase", None, private.erase),
    Route("GET", "/u/{token}", None, leave.ask),
    Route("POST", "/u/{token}", None, leave.answer),
    Route("GET", "/q/{token}", None, poll.ask),
    Route("POST", "/q/{token}", None, poll.take_answer),
    Route("GET", "/q/{token}/{choice}", None, poll.ask_chosen),
    Route("GET", "/c/{token}", None, confirm.ask),
    Route("POST", "/c/{token}", None, confirm.confirm),
    # --- pages for everybody ---
    Route("GET", "/unsubscribe", None, unsubscribe.ask),
    Route("POST", "/unsubscribe", None, unsubscribe.mail_links),
    Route("GET", "/privacy", None, privacy.show),
    Route("GET", "/privacy/{newsletter}", None, privacy.show),
    Route("GET", "/archive", None, archive.show_archives),
    Route("GET", "/archive/{newsletter}", None, archive.show_list),
    Route("GET", "/archive/{newsletter}/feed.xml", None, archive.show_feed),
    Route("GET", "/archive/{newsletter}/{number}", None, archive.show_edition),
    # --- parts of pages and mails ---
    Route("GET", "/i/{file}", None, pictures.show),
    Route("GET", "/style.css", None, design.show_style),
    Route("GET", "/theme/{newsletter}.css", None, design.show_theme),
    Route("GET", "/theme/{newsletter}.svg", None, design.show_icon),
    Route("GET", "/favicon.ico", None, design.show_first_icon),
    # --- requests of mail providers; only if a webhook is configured ---
    Route("POST", "/hooks/bounces/{provider}", None, hooks.take),
    # --- signing up ---
    Route("OPTIONS", "/api/subscribe/{newsletter}", None, sign_up_api.allow),
    Route("POST", "/api/subscribe/{newsletter}", None, sign_up_api.sign_up),
    Route("GET", "/subscribe/{newsletter}", None, sign_up.show_newsletter),
    Route("POST", "/subscribe/{newsletter}", None, sign_up.sign_up),
    Route("GET", "/", None, sign_up.show_home),
    # The last, because the name of a newsletter may be any word.
    Route("GET", "/{newsletter}", None, sign_up.show_newsletter),
)

#: On the listener of `[metrics]`, for monitors.
OPS: tuple[Route, ...] = (
    Route("GET", "/healthz", None, machine.show_health),
    Route("GET", "/readyz", None, machine.show_readiness),
    Route("GET", "/metrics", None, machine.show_metrics),
)

#: On the admin listener.
DESK: tuple[Route, ...] = (
    Route("GET", "/static/{version}/{name}", None, static.show),
    Route("GET", "/sign-in", None, signing_in.show),
    Route("POST", "/sign-in", None, signing_in.sign_in),
    Route("POST", "/sign-out", Right.SEE, signing_in.sign_out),
    Route("GET", "/", Right.SEE, home.show),
    Route("GET", "/plan", Right.SEE, home.show_plan),
    Route("GET", "/editions", Right.SEE, editions.list_editions),
    Route("GET", "/editions/{edition_id}", Right.SEE, editions.open_edition),
    Route("GET", "/editions/{edition_id}/preview", Right.SEE, preview.show_edition),
    Route("GET", "/editions/{edition_id}/preview/mail", Right.SEE, preview.show_mail),
    Route("GET", "/editions/{edition_id}/history", Right.SEE, editions.show_history),
    Route("GET", "/editions/{edition_id}/preview/test", Right.TEST, testing.show),
    Route("POST", "/editions/{edition_id}/preview/test", Right.TEST, testing.send),
    Route("GET", "/editions/{edition_id}/sending", Right.SEE, sending.show),
    Route("GET", "/editions/{edition_id}/sending/events", Right.SEE, sending.watch),
    Route("GET", "/editions/{edition_id}/sending/mails", Right.SEE, sending.list_mails),
    Route("GET", "/editions/{edition_id}/sending/mails.csv", Right.SEE, report.deliveries_file),
    Route("POST", "/editions/{edition_id}/sending/order", Right.SEND, sending.order),
    Route("POST", "/editions/{edition_id}/sending/withdraw", Right.SEND, sending.withdraw),
    Route("POST", "/editions/{edition_id}/sending/pause", Right.PAUSE, sending.pause),
    Route("POST", "/editions/{edition_id}/sending/resume", Right.RESUME, sending.resume),
    Route("POST", "/editions/{edition_id}/sending/cancel", Right.CANCEL, sending.cancel),
    Route("POST", "/editions/{edition_id}/sending/resolve", Right.RESOLVE, sending.resolve),
    Route("GET", "/report", Right.SEE, report.show),
    Route("GET", "/report/editions.csv", Right.SEE, report.editions_file),
    Route("GET", "/report/days.csv", Right.SEE, report.days_file),
    Route("GET", "/report/mails", Right.PEOPLE, report.ask_mails),
    Route("POST", "/report/mails", Right.PEOPLE, report.find_mails),
    Route("GET", "/report/mails/{person_id}", Right.PEOPLE, report.show_mails),
    Route("GET", "/report/webhooks", Right.SEE, report.show_webhooks),
    Route("GET", "/editions/{edition_id}/preview/message.eml", Right.SEE, preview.save_message),
    Route("POST", "/editions/{edition_id}/preview/find", Right.OPEN, preview.find_subscriber),
    Route("GET", "/weeks", Right.SEE, preview.choose_week),
    Route("GET", "/weeks/{newsletter}/{week}", Right.SEE, preview.show_week),
    Route("GET", "/weeks/{newsletter}/{week}/mail", Right.SEE, preview.show_week_mail),
    Route("POST", "/weeks/{newsletter}/{week}/find", Right.OPEN, preview.find_week_subscriber),
    Route("GET", "/weeks/{newsletter}/{week}/message.eml", Right.SEE, preview.save_week_message),
    Route("GET", "/editions/{edition_id}/approve", Right.SEE, approve.show),
    Route("POST", "/editions/{edition_id}/approve", Right.APPROVE, approve.approve),
    Route("POST", "/editions/{edition_id}/approve/check", Right.COMPOSE, approve.examine),
    Route("POST", "/editions/{edition_id}/approve/withdraw", Right.APPROVE, approve.withdraw),
    Route("POST", "/editions/{edition_id}/approve/cancel", Right.CANCEL, approve.cancel),
    # --- feeds ---
    Route("GET", "/feeds", Right.SEE, feeds.list_feeds),
    Route("GET", "/feeds/add", Right.FEEDS, feeds.ask),
    Route("POST", "/feeds/add", Right.FEEDS, feeds.add),
    Route("POST", "/feeds/find", Right.FEEDS, feeds.find),
    Route("POST", "/feeds/test", Right.FEEDS, feeds.test),
    Route("POST", "/feeds/import", Right.FEEDS, feeds.check_list),
    Route("POST", "/feeds/import/add", Right.FEEDS, feeds.add_list),
    Route("GET", "/feeds/export", Right.SEE, feeds.export),
    Route("GET", "/feeds/{name}", Right.SEE, feeds.show),
    Route("POST", "/feeds/{name}/try", Right.FEEDS, feeds.try_now),
    Route("POST", "/feeds/{name}/remove", Right.FEEDS, feeds.remove),
    # --- people ---
    Route("GET", "/subscribers", Right.SEE, people.list_people),
    Route("GET", "/subscribers/find", Right.PEOPLE, people.find_again),
    Route("POST", "/subscribers/find", Right.PEOPLE, people.find),
    Route("GET", "/subscribers/fields", Right.SEE, people.list_fields),
    Route("GET", "/subscribers/add", Right.PEOPLE, people.ask),
    Route("POST", "/subscribers/add", Right.PEOPLE, people.add),
    Route("GET", "/subscribers/import", Right.IMPORT, uploads.ask),
    Route("POST", "/subscribers/import", Right.IMPORT, uploads.receive),
    Route("GET", "/subscribers/import/{token}", Right.IMPORT, uploads.show),
    Route("POST", "/subscribers/import/{token}/start", Right.IMPORT, uploads.start),
    Route("POST", "/subscribers/import/{token}/discard", Right.IMPORT, uploads.discard),
    Route("GET", "/subscribers/{person_id}", Right.PEOPLE, people.show),
    Route("GET", "/subscribers/{person_id}/export", Right.PEOPLE, people.export),
    Route("POST", "/subscribers/{person_id}", Right.PEOPLE, people.change_person),
    Route("POST", "/subscribers/{person_id}/choices", Right.PEOPLE, people.change_choices),
    Route("POST", "/subscribers/{person_id}/suppress", Right.PEOPLE, people.suppress),
    Route("POST", "/subscribers/{person_id}/unsuppress", Right.PEOPLE, people.unsuppress),
    Route("POST", "/subscribers/{person_id}/leave", Right.PEOPLE, people.leave),
    Route("POST", "/subscribers/{person_id}/erase", Right.PEOPLE, people.erase),
    # --- settings ---
    Route("GET", "/settings", Right.SEE, settings.show),
    Route("POST", "/counts", Right.COUNT, settings.count_again),
    Route("GET", "/settings/tokens", Right.SEE, tokens.show),
    Route("POST", "/settings/tokens", Right.SEE, tokens.make),
    Route("POST", "/settings/tokens/{token_id}/revoke", Right.SEE, tokens.revoke),
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

#: The comments below a story of an edition.
_COMMENTS = "/editions/{edition_id}/stories/{post_id}/comments"

#: Below `/api/v1`, for programs with a token.
API: tuple[Route, ...] = (
    Route("GET", "/openapi.json", None, document.show),
    Route("GET", "/token", Right.SEE, api_newsroom.show_token),
    # --- editions ---
    Route("GET", "/editions", Right.SEE, api_editions.list_editions),
    Route("GET", "/editions/{edition_id}", Right.SEE, api_editions.show),
    Route("GET", "/editions/{edition_id}/variants", Right.SEE, api_editions.list_variants),
    Route("GET", "/editions/{edition_id}/findings", Right.SEE, api_editions.list_findings),
    Route("GET", "/editions/{edition_id}/history", Right.SEE, api_editions.show_history),
    Route("GET", "/editions/{edition_id}/review", Right.SEE, api_editions.show_review),
    Route("POST", "/editions/{edition_id}/check", Right.COMPOSE, api_editions.check),
    Route("POST", "/editions/{edition_id}/approve", Right.APPROVE, api_editions.approve),
    Route("POST", "/editions/{edition_id}/withdraw", Right.APPROVE, api_editions.withdraw),
    Route("POST", "/editions/{edition_id}/pause", Right.PAUSE, api_editions.pause),
    Route("POST", "/editions/{edition_id}/resume", Right.RESUME, api_editions.resume),
    Route("POST", "/editions/{edition_id}/cancel", Right.CANCEL, api_editions.cancel),
    Route("GET", "/editions/{edition_id}/choices", Right.SEE, api_drafts.show),
    Route("POST", "/editions/{edition_id}/choices", Right.CHANGE, api_drafts.change),
    Route("POST", "/editions/{edition_id}/undo", Right.CHANGE, api_drafts.undo),
    Route("POST", "/editions/{edition_id}/redo", Right.CHANGE, api_drafts.redo),
    Route("POST", "/editions/{edition_id}/refresh", Right.COMPOSE, api_drafts.refresh),
    # --- comments ---
    Route("GET", _COMMENTS, Right.SEE, api_comments.show),
    Route("POST", f"{_COMMENTS}/{{comment_id}}/pick", Right.CHANGE, api_comments.pick),
    Route("POST", f"{_COMMENTS}/{{comment_id}}/release", Right.CHANGE, api_comments.release),
    Route("POST", f"{_COMMENTS}/{{comment_id}}/refuse", Right.CHANGE, api_comments.refuse),
    Route("POST", f"{_COMMENTS}/{{comment_id}}/forget", Right.CHANGE, api_comments.forget),
    Route("GET", "/never-quoted", Right.SEE, api_comments.list_never_quoted),
    Route("POST", "/never-quoted", Right.CHANGE, api_comments.never_quote),
    Route("POST", "/never-quoted/remove", Right.CHANGE, api_comments.quote_again),
    # --- previews ---
    Route("GET", "/editions/{edition_id}/preview", Right.SEE, api_previews.show),
    Route("GET", "/editions/{edition_id}/preview.html", Right.SEE, api_previews.show_html),
    Route("GET", "/editions/{edition_id}/preview.txt", Right.SEE, api_previews.show_text),
    Route("GET", "/editions/{edition_id}/preview.eml", Right.SEE, api_previews.show_message),
    Route("POST", "/editions/{edition_id}/preview/find", Right.PEOPLE, api_previews.find),
    # --- sending ---
    Route("GET", "/editions/{edition_id}/sending", Right.SEE, api_sending.show),
    Route("POST", "/editions/{edition_id}/send", Right.SEND, api_sending.order),
    Route("POST", "/editions/{edition_id}/send/withdraw", Right.SEND, api_sending.withdraw),
    Route("POST", "/editions/{edition_id}/resolve", Right.RESOLVE, api_sending.resolve),
    Route("POST", "/editions/{edition_id}/test", Right.TEST, api_sending.test),
    Route("GET", "/editions/{edition_id}/deliveries", Right.SEE, api_sending.list_deliveries),
    Route("POST", "/deliveries/find", Right.PEOPLE, api_sending.find),
    # --- subscribers ---
    Route("GET", "/subscribers", Right.PEOPLE, api_people.list_people),
    Route("POST", "/subscribers", Right.PEOPLE, api_people.add),
    Route("POST", "/subscribers/find", Right.PEOPLE, api_people.find),
    Route("GET", "/subscribers/{person_id}", Right.PEOPLE, api_people.show),
    Route("POST", "/subscribers/{person_id}", Right.PEOPLE, api_people.change),
    Route("GET", "/subscribers/{person_id}/export", Right.PEOPLE, api_people.export),
    Route(
        "POST",
        "/subscribers/{person_id}/preferences",
        Right.PEOPLE,
        api_people.change_preferences,
    ),
    Route("POST", "/subscribers/{person_id}/suppress", Right.PEOPLE, api_people.suppress),
    Route("POST", "/subscribers/{person_id}/unsuppress", Right.PEOPLE, api_people.unsuppress),
    Route("POST", "/subscribers/{person_id}/leave", Right.PEOPLE, api_people.leave),
    Route("POST", "/subscribers/{person_id}/erase", Right.PEOPLE, api_people.erase),
    # --- feeds, plan, figures ---
    Route("GET", "/feeds", Right.SEE, api_newsroom.list_feeds),
    Route("POST", "/feeds", Right.FEEDS, api_newsroom.add_feed),
    Route("POST", "/feeds/{name}/try", Right.FEEDS, api_newsroom.read_feed),
    Route("POST", "/feeds/{name}/remove", Right.FEEDS, api_newsroom.remove_feed),
    Route("GET", "/plan", Right.SEE, api_newsroom.show_plan),
    Route("GET", "/counts", Right.SEE, api_newsroom.show_counts),
    Route("POST", "/counts", Right.COUNT, api_newsroom.count_again),
    Route("GET", "/reports/{newsletter}", Right.SEE, api_newsroom.show_report),
)
