"""What the demo's web servers answer: a content type and bytes, rendered from its templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

HTML = "text/html; charset=utf-8"

#: How many words WordPress takes for an excerpt (`excerpt_length`).
_EXCERPT_WORDS = 55


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a web server."""

    content_type: str
    body: bytes
    #: Content-Security-Policy; none where empty.
    policy: str = ""


def render(template: str, **context: Any) -> str:
    """Fill one of the demo's templates."""
    return _environment().get_template(template).render(**context)


def render_page(template: str, content_type: str = HTML, **context: Any) -> Page:
    """Fill one of the demo's templates into an answer."""
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
        rfc822=_rfc822, iso=_iso, cdata=_cdata, excerpt=excerpt, longdate=_longdate, plural=_plural
    )
    return environment


def excerpt(html: str) -> str:
    """Give the first words of an article, as WordPress makes its `description`."""
    # Paragraphs end their lines, so that no words grow together.
    words = re.sub(r"<[^>]+>", "", html).split()
    rest = " […]" if len(words) > _EXCERPT_WORDS else ""
    return " ".join(words[:_EXCERPT_WORDS]) + rest


def _cdata(text: str) -> Markup:
    """Put text into a CDATA section; the mark that ends one is split over two."""
    inner = str(text).replace("]]>", "]]]]><![CDATA[>")
    return Markup(f"<![CDATA[{inner}]]>")  # noqa: S704 - CDATA is the escaping here


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _longdate(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
