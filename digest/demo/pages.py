"""The responses of the demo's web servers, rendered from the demo's templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from digest.text.counted import counted

HTML = "text/html; charset=utf-8"

#: The number of words in an excerpt of WordPress (`excerpt_length`).
_EXCERPT_WORDS = 55


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One response of a web server."""

    content_type: str
    body: bytes
    #: The Content-Security-Policy; empty: none.
    policy: str = ""


def render(template: str, **context: Any) -> str:
    """Render one of the demo's templates."""
    return _environment().get_template(template).render(**context)


def render_page(template: str, content_type: str = HTML, **context: Any) -> Page:
    """Render one of the demo's templates as a response."""
    return Page(content_type=content_type, body=render(template, **context).encode())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("digest.demo", "data/templates"),
        autoescape=select_autoescape(("html", "xml")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        rfc822=_rfc822, iso=_iso, cdata=_cdata, excerpt=excerpt, longdate=_longdate, plural=counted
    )
    return environment


def excerpt(html: str) -> str:
    """Return the first words of an article, like the `description` of WordPress."""
    # Each paragraph ends with a line break, so no two words are joined.
    words = re.sub(r"<[^>]+>", "", html).split()
    rest = " […]" if len(words) > _EXCERPT_WORDS else ""
    return " ".join(words[:_EXCERPT_WORDS]) + rest


def _cdata(text: str) -> Markup:
    """Put text into a CDATA section; a `]]>` in the text is split over two sections."""
    inner = str(text).replace("]]>", "]]]]><![CDATA[>")
    return Markup(f"<![CDATA[{inner}]]>")  # noqa: S704 - CDATA is the escaping here


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _longdate(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
