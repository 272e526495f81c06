"""Every route of the desk, with the right that it needs."""

from __future__ import annotations

from digest.models.admins import Right
from digest.web.desk import editions, feeds, people, preview, settings, static, uploads
from digest.web.table import Route

DESK: tuple[Route, ...] = (
    Route("GET", "/static/{version}/{name}", None, static.show),
    Route("GET", "/", Right.SEE, editions.list_editions),
    Route("GET", "/editions", Right.SEE, editions.list_editions),
    Route("GET", "/editions/{edition_id}", Right.SEE, editions.open_edition),
    Route("GET", "/editions/{edition_id}/preview", Right.SEE, preview.show_edition),
    Route("GET", "/editions/{edition_id}/preview/mail", Right.SEE, preview.show_mail),
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
    Route("GET", "/subscribers/fields", Right.SEE, people.list_fields),
    Route("GET", "/subscribers/add", Right.PEOPLE, people.ask),
    Route("POST", "/subscribers/add", Right.PEOPLE, people.add),
    Route("GET", "/subscribers/import", Right.IMPORT, uploads.ask),
    Route("POST", "/subscribers/import", Right.IMPORT, uploads.receive),
    Route("GET", "/subscribers/import/{token}", Right.IMPORT, uploads.show),
    Route("POST", "/subscribers/import/{token}/start", Right.IMPORT, uploads.start),
    Route("POST", "/subscribers/import/{token}/discard", Right.IMPORT, uploads.discard),
    Route("GET", "/subscribers/{person_id}", Right.SEE, people.show),
    Route("GET", "/subscribers/{person_id}/export", Right.PEOPLE, people.export),
    Route("POST", "/subscribers/{person_id}", Right.PEOPLE, people.change_person),
    Route("POST", "/subscribers/{person_id}/choices", Right.PEOPLE, people.change_choices),
    Route("POST", "/subscribers/{person_id}/suppress", Right.PEOPLE, people.suppress),
    Route("POST", "/subscribers/{person_id}/unsuppress", Right.PEOPLE, people.unsuppress),
    Route("POST", "/subscribers/{person_id}/leave", Right.PEOPLE, people.leave),
    Route("POST", "/subscribers/{person_id}/erase", Right.PEOPLE, people.erase),
    # --- settings ---
    Route("GET", "/settings", Right.SEE, settings.show),
    Route("POST", "/counts", Right.SEE, settings.count_again),
)
