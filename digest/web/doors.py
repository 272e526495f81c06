"""Opens the listeners: the subscribers' pages, the desk, and the pages for machines."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_network
from typing import TYPE_CHECKING

from digest.app.user import terminal_user
from digest.errors import ConfigError
from digest.newsroom.copied import refuse_changes
from digest.newsroom.hooks import Hooks
from digest.newsroom.self_service.archive import Archive
from digest.newsroom.self_service.facts import facts_of
from digest.newsroom.self_service.leave_links import send_leave_links
from digest.newsroom.self_service.poll import find_poll, vote
from digest.newsroom.self_service.returning import Leavers
from digest.newsroom.self_service.sign_up_pages import SignUps
from digest.newsroom.web_view import find_picture, show_edition
from digest.web.desk.app import create_desk
from digest.web.desk.door import DeskDoor
from digest.web.desk.pages import DeskPages
from digest.web.ops.app import create_ops
from digest.web.ops.door import OpsDoor
from digest.web.public.app import create_public
from digest.web.public.door import PublicDoor
from digest.web.public.pages import PublicPages
from digest.web.routes import API, DESK, OPS, PUBLIC
from digest.web.server import Listener, open_listener
from subscribers.tokens import LinkReader, LinkSigner

if TYPE_CHECKING:
    from digest.app import App

#: Seconds that a page waits for the database.
PATIENCE_S = 3.0
#: The same for leaving, which then goes to the journal: it is answered within a second.
LEAVE_PATIENCE_S = 0.4


def open_doors(app: App, patient: App, impatient: App) -> tuple[Listener, Listener]:
    """Open the listeners of the subscribers' pages and of the desk.

    Args:
        app: the installation.
        patient: the same installation, whose database waits only `PATIENCE_S`.
        impatient: the same installation, whose database waits only `LEAVE_PATIENCE_S`.

    Raises:
        UsageError: a port is already in use.
        TemplateError: a web template of the operator cannot be read.
    """
    web = app.config.web
    desk = desk_door(patient)
    desk.pages.check()
    door = public_door(app, patient, impatient)
    door.pages.check()
    # Opened now, so that a problem of the database is reported at the start.
    _ = app.database
    return (
        open_listener(create_public(door, PUBLIC), *_host_and_port(web.public)),
        open_listener(create_desk(desk, DESK, API), *_host_and_port(web.admin)),
    )


def open_ops(app: App) -> tuple[Listener, ...]:
    """Open the listener of the pages for machines; none if `[metrics] listen` is not set.

    Raises:
        ConfigError: the extra `metrics` is not installed.
        UsageError: the port is already in use.
    """
    listen = app.config.metrics.listen
    if not listen:
        return ()
    return (open_listener(create_ops(ops_door(app), OPS), *_host_and_port(listen)),)


def public_door(app: App, patient: App, impatient: App | None = None) -> PublicDoor:
    """Return the parts of the public pages; arguments as for `open_doors`."""
    site, web = app.config.site, app.config.web
    return PublicDoor(
        base_url=site.base_url,
        links=LinkReader(app.keys),
        signer=LinkSigner(app.keys[0]),
        leavers=Leavers.of(patient, impatient=impatient),
        web_view=partial(show_edition, patient),
        pages=PublicPages(
            app.template_folders,
            site=site.name,
            newsletters=facts_of(app),
            base_url=site.base_url,
            postal_address=site.postal_address,
            privacy_url=site.privacy_url,
        ),
        clock=app.clock,
        is_development=app.is_development,
        pictures=partial(find_picture, patient),
        find_poll=partial(find_poll, patient),
        vote=partial(vote, patient),
        send_leave_links=partial(send_leave_links, patient),
        archive=Archive(patient),
        context=patient,
        sign_ups=SignUps(patient, per_hour=web.sign_ups_per_hour),
        unconfirmed=app.retention.unconfirmed,
        hooks=Hooks(patient, webhooks) if (webhooks := app.webhooks) else None,
        refuse_changes=partial(refuse_changes, patient),
        trusted_proxies=tuple(map(ip_network, web.trusted_proxies)),
    )


def desk_door(patient: App) -> DeskDoor:
    """Return the parts of the desk; `patient` is as for `open_doors`."""
    web = patient.config.web
    return DeskDoor(
        newsroom=patient.newsroom,
        pages=DeskPages(patient.template_folders, paths=frozenset(route.path for route in DESK)),
        key=patient.keys[0],
        operator=terminal_user(),
        hosts=web.admin_hosts,
        trusted_proxies=tuple(map(ip_network, web.trusted_proxies)),
        user_header=web.admin_user_header,
    )


def ops_door(app: App) -> OpsDoor:
    """Return the parts of the pages for machines.

    Raises:
        ConfigError: the extra `metrics` is not installed.
    """
    try:
        from digest.web.ops.metrics import write_metrics
    except ImportError as error:
        raise ConfigError(
            ("[metrics] listen: needs prometheus-client: pip install inbox-digest[metrics]",)
        ) from error
    return OpsDoor(context=app, write_metrics=partial(write_metrics, app, app.tally))


def _host_and_port(listener: str) -> tuple[str, int]:
    host, _, port = listener.rpartition(":")
    return host.strip("[]"), int(port)
