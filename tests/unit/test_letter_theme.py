from __future__ import annotations

import pytest

from digest.letter.printing.theme import (
    DARK_COLOURS,
    LIGHT_COLOURS,
    ROLES,
    contrast,
    find_faults,
    palettes_of,
)
from digest.models import Theme
from tests.support.samples import sample_edition, sample_letter


def coloured(**colours: str) -> Theme:
    return Theme(colours=tuple((role.replace("dark_", "dark."), c) for role, c in colours.items()))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#8a2b17", "#ffffff", 8.6),
        ("#dcd6ca", "#1c1b19", 11.9),
    ],
)
def test_contrast_is_measured_as_in_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.05)


def test_the_design_itself_is_readable() -> None:
    assert find_faults(Theme()) == ()


@pytest.mark.parametrize(
    ("theme", "fault"),
    [
        (coloured(accent="#c0a080"), "accent on paper: contrast 2."),
        (coloured(canvas="#625c52"), "muted on canvas: contrast 1.0"),
        (coloured(button="#eeeeee"), "button_label on button"),
        (coloured(dark_accent="#402010"), "dark.accent on dark.paper"),
        (coloured(dark_text="#555555"), "dark.text on dark.quote"),
        (coloured(accnt="#000000"), "accnt: unknown colour; use one of canvas"),
        (coloured(accent="red"), "accent: 'red' must be a colour"),
        (coloured(accent="#000000;x:y"), "must be a colour"),
        (Theme(serif="Georgia;color:red, serif"), "serif' must be a list"),
        (Theme(sans="Helvetica"), "must be a list of fonts that ends with serif"),
        (Theme(masthead="logo"), "masthead: 'logo' requires a logo"),
    ],
)
def test_unreadable_colours_and_invalid_themes_are_refused(theme: Theme, fault: str) -> None:
    assert fault in "; ".join(find_faults(theme))


def test_a_theme_changes_the_roles_it_names_and_no_other() -> None:
    light, dark = palettes_of(coloured(accent="#1f5f8b", dark_panel="#111111"))
    changed = [role for role in ROLES if getattr(light, role) != getattr(LIGHT_COLOURS, role)]
    changed += [role for role in ROLES if getattr(dark, role) != getattr(DARK_COLOURS, role)]
    assert changed == ["accent", "panel"]


def test_a_letter_takes_the_colours_and_fonts_of_its_theme() -> None:
    theme = Theme(
        colours=(("accent", "#1f5f8b"), ("dark.accent", "#8cc4ec")), serif="Charter,serif"
    )
    html = sample_letter(sample_edition(theme=theme)).html
    assert "#1f5f8b" in html
    assert "#8cc4ec" in html
    assert "Charter,serif" in html
    assert "#8a2b17" not in html
    assert "Georgia" not in html


@pytest.mark.parametrize(("masthead", "alt"), [("logo", "The Lantern Weekly"), ("both", "")])
def test_a_logo_is_in_the_masthead(masthead: str, alt: str) -> None:
    logo = "https://lantern.example/logo.png"
    theme = Theme(logo_url=logo, logo_width=240, masthead=masthead)
    html = sample_letter(sample_edition(theme=theme)).html
    assert f'src="{logo}" width="240" alt="{alt}"' in html
    assert html.count("<h1") == 1
