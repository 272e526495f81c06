"""What a newsletter prints around its posts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A question to the subscribers."""

    question: str
    #: Labels of two to five answers.
    choices: tuple[str, ...]
    #: Printed under the answers; may be empty.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The line that asks for support."""

    text: str
    #: The words of the link.
    link: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomBlock:
    """Words of the editor's own, after the sections."""

    #: May be empty.
    title: str
    paragraphs: tuple[str, ...]
    #: The words of its link; empty without one.
    link: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """How a newsletter looks: what differs from the design's own colours and type."""

    #: By role, such as `accent` or `dark.canvas`: `#rrggbb`. The rest is the design's.
    colours: tuple[tuple[str, str], ...] = ()
    #: Font stacks of titles and text, and of the small print; empty: the design's.
    serif: str = ""
    sans: str = ""
    #: Absolute https address of a picture in the masthead; empty without one.
    logo_url: str = ""
    #: Pixels as shown.
    logo_width: int = 0
    logo_height: int = 0
    #: `text`, `logo`, or `both`.
    masthead: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What a newsletter prints around its posts, in one value from the configuration on."""

    #: The newsletter's name as printed.
    title: str
    tagline: str = ""
    #: The site's page, behind the title; empty where there is none.
    home_url: str = ""
    #: Comments policy; empty where there is none.
    policy_url: str = ""
    #: Paragraphs of the editor's greeting.
    intro: tuple[str, ...] = ()
    #: Signs the intro; may be empty.
    editor: str = ""
    poll: Poll | None = None
    support: Support | None = None
    #: After the sections, in this order.
    custom: tuple[CustomBlock, ...] = ()
    theme: Theme = Theme()
