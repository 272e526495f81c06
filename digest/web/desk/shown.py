"""The shown part of a proof, read from the address of the page."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from digest.models.looks import Look, Scheme, Styles


class Tab(StrEnum):
    """A side of a proof."""

    HTML = "html"
    TEXT = "text"
    SOURCE = "source"
    HEADERS = "headers"
    LINKS = "links"
    SIZE = "size"
    FINDINGS = "findings"
    WHY = "why"


class Dark(StrEnum):
    """The treatment of dark mode by screens and mail programs."""

    #: One dark phone; its program obeys the mail's own dark styles.
    OWN = ""
    #: One dark phone, whose program inverts every colour.
    FORCED = "forced"
    #: Every screen is dark.
    ALL = "all"
    ALL_FORCED = "all-forced"

    @property
    def scheme(self) -> Scheme:
        """The colours of a dark screen."""
        return Scheme.INVERTED if self in (Dark.FORCED, Dark.ALL_FORCED) else Scheme.DARK

    @property
    def is_everywhere(self) -> bool:
        """Whether every screen is dark."""
        return self in (Dark.ALL, Dark.ALL_FORCED)


class Screen(StrEnum):
    """A screen on which the mail is shown."""

    DESKTOP = "desktop"
    PHONE = "phone"
    DARK = "dark"

    @property
    def width(self) -> int:
        """Its width in CSS pixels."""
        return 640 if self is Screen.DESKTOP else 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The person, the side and the look of a proof; each field is a part of the address."""

    who: str = ""
    tab: Tab = Tab.HTML
    dark: Dark = Dark.OWN
    styles: Styles = Styles.KEPT
    no_images: bool = False
    larger: bool = False
    zoom: bool = False
    rtl: bool = False
    #: The number of the finding whose place is marked; 0 for none.
    at: int = 0

    def query(self, **changes: object) -> str:
        """Return the part of an address after `?`, with some fields changed."""
        wanted = replace(self, **changes)  # type: ignore[arg-type]  # fields named by a template
        pairs = [(each.name, getattr(wanted, each.name), each.default) for each in fields(wanted)]
        return urlencode(
            {name: _written(value) for name, value, default in pairs if value != default}
        )

    def look(self, screen: Screen) -> Look:
        """Return how the mail looks on a screen."""
        is_dark = screen is Screen.DARK or self.dark.is_everywhere
        return Look(
            width=screen.width,
            scheme=self.dark.scheme if is_dark else Scheme.LIGHT,
            styles=self.styles,
            has_images=not self.no_images,
            is_larger=self.larger,
            is_zoomed=self.zoom,
            is_rtl=self.rtl,
        )

    def caption(self, screen: Screen) -> str:
        """Return the words above a screen."""
        name = "Desktop" if screen is Screen.DESKTOP else "Phone"
        words = {
            Scheme.LIGHT: "light",
            Scheme.DARK: "dark",
            Scheme.INVERTED: "dark, colours forced",
        }
        return f"{name} {screen.width}, {words[self.look(screen).scheme]}"


def _written(value: object) -> str:
    return "1" if value is True else str(value)


def read_shown(
    who: Annotated[str, Query(max_length=40)] = "",
    tab: Tab = Tab.HTML,
    dark: Dark = Dark.OWN,
    styles: Styles = Styles.KEPT,
    no_images: bool = False,
    larger: bool = False,
    zoom: bool = False,
    rtl: bool = False,
    at: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Shown:
    """Return what an address asks to show."""
    return Shown(
        who=who,
        tab=tab,
        dark=dark,
        styles=styles,
        no_images=no_images,
        larger=larger,
        zoom=zoom,
        rtl=rtl,
        at=at,
    )


OnShown = Annotated[Shown, Depends(read_shown)]
