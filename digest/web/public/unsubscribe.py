"""The page to leave without a mail at hand: an address is typed, and the links come by mail.

The answer is the same, and takes the same time, whether the address is subscribed or not.
"""

from __future__ import annotations

from functools import partial

from anyio import current_time, sleep_until, to_thread
from fastapi.responses import HTMLResponse

from digest.text.languages import base_of, is_spoken
from digest.web.forms import SentForm, first_of
from digest.web.public.visit import OnPublic
from subscribers.errors import SubscriberError

#: Seconds after which a request is answered; longer than its work takes.
ANSWER_AFTER_S = 0.4


def ask(visit: OnPublic, lang: str = "") -> HTMLResponse:
    """Ask for the address that wants to leave."""
    return visit.pages.answer("unsubscribe", language=_spoken(lang), address="", is_wrong=False)


async def mail_links(visit: OnPublic, form: SentForm) -> HTMLResponse:
    """Mail the links to leave to a typed address."""
    started = current_time()
    address, language = first_of(form, "address").strip(), _spoken(first_of(form, "lang"))
    send_links = partial(visit.door.send_leave_links, address, network=visit.network)
    try:
        is_admitted = await to_thread.run_sync(send_links)
    except SubscriberError:
        return visit.pages.answer(
            "unsubscribe", language=language, status=422, address=address[:320], is_wrong=True
        )
    finally:
        await sleep_until(started + ANSWER_AFTER_S)
    if not is_admitted:
        return visit.too_many("unsubscribe", language=language)
    return visit.pages.answer("unsubscribe-mailed", language=language)


def _spoken(lang: str) -> str:
    """Return the language of a page if there are words in it; empty for the first newsletter's."""
    return base_of(lang) if is_spoken(lang) else ""
