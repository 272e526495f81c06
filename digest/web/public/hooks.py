"""The addresses that mail providers post bounces and complaints to.

No cookie, no CSRF token: the signature of the provider proves the request. The answer is a status,
by which the provider sends the request again or not.
"""

from __future__ import annotations

from fastapi.responses import PlainTextResponse

from digest.errors import StoreError
from digest.models.paths import PublicPath
from digest.newsroom.hooks import HookAnswer
from digest.web.problems import RETRY_AFTER_S
from digest.web.public.visit import OnPublic, known

#: The longest request of a provider: SendGrid collects events up to about this size.
MAX_HOOK_BYTES = 1_000_000
HOOKS_PATH = f"/{PublicPath.HOOKS}/bounces/"

_STATUS = {
    HookAnswer.STORED: 200,
    HookAnswer.UNKNOWN: 404,
    HookAnswer.REFUSED: 403,
    HookAnswer.UNREADABLE: 400,
    HookAnswer.TRY_LATER: 503,
}


async def take(visit: OnPublic, provider: str) -> PlainTextResponse:
    """Store the bounces and complaints that a mail provider reports."""
    hooks, request = known(visit.door.hooks), visit.request
    try:
        answer = await hooks.receive(provider, dict(request.headers), await request.body())
    except StoreError:
        answer = HookAnswer.TRY_LATER
    status = _STATUS[answer]
    headers = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else {}
    return PlainTextResponse(f"{answer}\n", status, headers=headers)
