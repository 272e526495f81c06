"""The parts of a newsletter around its posts."""

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
    #: The text of the link.
    link: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomBlock:
    """A block of the editor's text after the sections."""

    #: May be empty.
    title: str
    paragraphs: tuple[str, ...]
    #: The text of its link; empty if there is no link.
    link: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The changes to the built-in design of a newsletter."""

    #: Roles such as `accent` or `dark.canvas` with `#rrggbb`; other roles keep their colour.
    colours: tuple[tuple[str, str], ...] = ()
    #: Font stacks of titles and text, and of the small print; empty: the built-in ones.
    serif: str = ""
    sans: str = ""
    #: Absolute https URL of a picture in the masthead; empty if there is none.
    logo_url: str = ""
    #: Size as shown, in pixels.
    logo_width: int = 0
    logo_height: int = 0
    #: `text`, `logo`, or `both`.
    masthead: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """The parts of a newsletter around its posts, from the configuration."""

    #: The newsletter's name as printed.
    title: str
    tagline: str = ""
    #: URL of the site's page, linked from the title; empty if there is none.
    home_url: str = ""
    #: URL of the comments policy; empty if there is none.
    policy_url: str = ""
    #: Paragraphs of the editor's greeting.
    intro: tuple[str, ...] = ()
    #: The name below the intro; may be empty.
    editor: str = ""
    poll: Poll | None = None
    support: Support | None = None
    #: Blocks after the sections, in this order.
    custom: tuple[CustomBlock, ...] = ()
    theme: Theme = Theme()
