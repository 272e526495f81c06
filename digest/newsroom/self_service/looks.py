"""A newsletter's design on its pages: the variables of the style sheet, and the icon."""

from __future__ import annotations

from html import escape

from digest.letter.printing.theme import SANS, SERIF, Palette, palettes_of
from digest.models import Theme


def write_theme(theme: Theme) -> str:
    """Return a style sheet that sets a newsletter's colours and fonts, light and dark."""
    light, dark = palettes_of(theme)
    fonts = f"--serif:{theme.serif or SERIF};--sans:{theme.sans or SANS};"
    return (
        f":root{{{_variables(light)}{fonts}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_variables(dark)}}}}}\n"
    )


def draw_icon(title: str, theme: Theme) -> str:
    """Return an SVG with the first letter of a title on the colour of its buttons."""
    light, _ = palettes_of(theme)
    letter = next((character for character in title if character.isalnum()), "@").upper()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="6" fill="{light.button}"/>'
        f'<text x="16" y="23" font-family="Georgia,serif" font-size="21" font-weight="bold"'
        f' text-anchor="middle" fill="{light.button_label}">{escape(letter)}</text></svg>'
    )


def _variables(palette: Palette) -> str:
    return "".join(
        f"--{role.replace('_', '-')}:{getattr(palette, role)};" for role in Palette.__slots__
    )
