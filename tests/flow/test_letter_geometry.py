"""The numbers of the design, measured in a browser: type, space, pictures, buttons."""

from __future__ import annotations

import email
import email.policy
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from digest.letter.printing.theme import DARK_COLOURS, LIGHT_COLOURS, contrast
from digest.models import Edition, Poll
from tests.support.arabic import arabic_edition
from tests.support.browser import Scheme, chromium, overflow, shown
from tests.support.every_block import full_edition, full_letter
from tests.support.figures import combined
from tests.support.samples import sample_personal

DESKTOP, PHONE = 640, 360
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)
_LONG = "Donaudampfschifffahrtsgesellschaft" * 4


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def desktop(browser: Browser) -> Iterator[Page]:
    with shown(browser, mail_of(full_edition()), width=DESKTOP) as page:
        yield page


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    with shown(browser, mail_of(full_edition()), width=PHONE) as page:
        yield page


def mail_of(edition: Edition, **variant: str) -> str:
    letter = full_letter(edition, **variant)
    return open_message(join(letter.pieces, sample_personal()).content).html


def style(page: Page, selector: str, name: str) -> str:
    where = page.locator(selector).first
    return str(where.evaluate("(node, name) => getComputedStyle(node)[name]", name))


def pixels(page: Page, selector: str, name: str) -> float:
    return float(style(page, selector, name).removesuffix("px"))


def box(place: Locator) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom."""
    found = place.first.bounding_box()
    assert found is not None
    left, top = found["x"], found["y"]
    return left, top, left + found["width"], top + found["height"]


def size(place: Locator) -> tuple[float, float]:
    left, top, right, bottom = box(place)
    return right - left, bottom - top


# --- type ---------------------------------------------------------------------------------------

#: By element: type size in pixels on a desktop and on a phone, and line height relative to it.
TYPE = [
    (".name", 40, 30, 1.1),
    (".lead", 30, 26, 1.2),
    (".pq", 24, 24, 1.35),
    (".title", 21, 21, 1.3),
    (".mdt", 18, 18, 1.35),
    (".num", 28, 28, 1.1),
    (".intro", 17, 17, 1.6),
    (".excerpt", 17, 17, 1.5),
    (".quote", 16, 16, 1.5625),
    (".links", 15, 15, 1.6),
    (".cat", 14, 14, 1.4),
    (".meta", 13, 13, 1.5),
    (".qby", 13, 13, 1.5),
    (".foot", 13, 13, 1.5),
]


@pytest.mark.parametrize(("selector", "wide", "narrow", "line"), TYPE)
def test_type_is_as_large_as_designed(
    desktop: Page, phone: Page, selector: str, wide: int, narrow: int, line: float
) -> None:
    for page, expected in ((desktop, wide), (phone, narrow)):
        assert pixels(page, selector, "fontSize") == expected
        assert pixels(page, selector, "lineHeight") == pytest.approx(expected * line, abs=0.1)


def test_larger_text_is_a_quarter_larger(browser: Browser) -> None:
    html = mail_of(full_edition(), text_size="large")
    with shown(browser, html, width=DESKTOP) as large:
        for selector, wide, _narrow, _line in TYPE:
            assert pixels(large, selector, "fontSize") == round(wide * 1.25)


# --- space --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "paper"), [(1200, 600), (640, 600), (360, 360)])
def test_the_paper_is_600_wide_and_in_the_middle(browser: Browser, width: int, paper: int) -> None:
    with shown(browser, mail_of(full_edition()), width=width) as page:
        left, _top, right, _bottom = box(page.locator(".paper"))
        assert right - left == paper
        assert left == pytest.approx(width - right, abs=1)


def test_the_sides_are_40_and_22_on_a_phone(desktop: Page, phone: Page) -> None:
    for page, side in ((desktop, 40), (phone, 22)):
        paper, title = box(page.locator(".paper")), box(page.locator("h2.lead"))
        assert (title[0] - paper[0], paper[2] - title[2]) == (side, side)


def test_a_title_its_line_and_its_words_keep_their_distances(desktop: Page) -> None:
    story = desktop.locator("td.side:has(h3.title)").first
    parts = [box(story.locator(part)) for part in ("h3.title", ".meta", ".excerpt", ".links")]
    gaps = [below[1] - above[3] for above, below in pairwise(parts)]
    assert gaps == pytest.approx((6, 8, 0), abs=0.5)


def test_boxes_are_padded_as_designed(desktop: Page) -> None:
    assert pixels(desktop, ".qmark", "borderLeftWidth") == 3
    assert pixels(desktop, ".pollpad", "paddingTop") == 32
    assert pixels(desktop, ".pollpad", "paddingLeft") == 32
    assert pixels(desktop, ".foot", "paddingTop") == 20


def test_sections_and_posts_keep_their_distances(desktop: Page) -> None:
    posts = desktop.locator("td.side:has(h3.title)")
    paddings = [
        float(posts.nth(n).evaluate("node => parseFloat(getComputedStyle(node).paddingTop)"))
        for n in range(posts.count())
    ]
    assert set(paddings) == {16}
    heading = desktop.locator("td.side:has(.rule)").first
    assert heading.evaluate("node => getComputedStyle(node).paddingTop") == "28px"
    lines = desktop.locator("td.hr").all()
    assert len(lines) > 3
    for line in lines:
        # From the words above to the line, and from the line to the title below.
        assert line.evaluate("node => getComputedStyle(node).borderTopWidth") == "1px"


def test_pictures_have_their_sizes(desktop: Page, phone: Page) -> None:
    assert size(desktop.locator(".thumb")) == (160, 120)
    assert size(phone.locator(".thumb")) == (PHONE - 2 * 22, 180)
    assert size(desktop.locator(".hero")) == (600, 300)
    assert size(phone.locator(".hero"))[0] == 360


def test_a_picture_is_beside_the_words_and_below_them_on_a_phone(
    desktop: Page, phone: Page
) -> None:
    for page, is_beside in ((desktop, True), (phone, False)):
        story = page.locator("td.side:has(.thumb)").first
        picture, words = box(story.locator(".thumb")), box(story.locator(".excerpt"))
        assert (words[2] < picture[0]) is is_beside
        assert (picture[1] > words[3]) is not is_beside


def test_buttons_are_large_enough_for_a_thumb(desktop: Page, phone: Page) -> None:
    for page in (desktop, phone):
        for button in page.locator(".blink").all():
            width, height = size(button)
            assert (width >= 44, height >= 44) == (True, True)


@pytest.mark.parametrize("text_size", ["normal", "large"])
@pytest.mark.parametrize(
    ("choices", "is_row"),
    [
        (("I agree", "I disagree"), True),
        (("Yes, every night", "No"), False),
        (("Yes", "No", "Fridays only"), False),
    ],
)
def test_poll_answers_are_on_one_line_or_as_wide_as_the_panel(
    browser: Browser, choices: tuple[str, ...], text_size: str, *, is_row: bool
) -> None:
    edition = full_edition(poll=Poll(question="Open until midnight?", choices=choices))
    with shown(browser, mail_of(edition, text_size=text_size), width=PHONE) as page:
        buttons = [box(button) for button in page.locator(".blink").all()]
        one_line = pixels(page, ".blink", "lineHeight") + 26
        assert [bottom - top for _l, top, _r, bottom in buttons] == [
            pytest.approx(one_line, abs=0.5)
        ] * len(choices)
        assert len({top for _left, top, _right, _bottom in buttons}) == (
            1 if is_row else len(choices)
        )
        if not is_row:
            assert {right - left for left, _t, right, _b in buttons} == {PHONE - 2 * 20}


# --- the demo's mail ----------------------------------------------------------------------------

_DEMO = Path(__file__).parents[1] / "data" / "demo-letters" / "ada.applegarth@example.org.eml"
_MEASURES = """() => {
  const words = text => text.trim().split(/\\s+/).filter(Boolean).length;
  const quoted = [...document.querySelectorAll('td.qmark ~ td')];
  const links = [...document.querySelectorAll('a')].map(link => link.getBoundingClientRect());
  return {
    height: document.documentElement.scrollHeight,
    words: words(document.body.innerText),
    quoted: quoted.reduce((sum, node) => sum + words(node.innerText), 0),
    headline: document.querySelector('h2.lead').getBoundingClientRect().top,
    low: links.filter(link => link.height > 0 && link.height < 44).length,
  };
}"""


def demo_measures(browser: Browser, width: int) -> dict[str, float]:
    mail = email.message_from_bytes(_DEMO.read_bytes(), policy=email.policy.default)
    html = mail.get_body(("html",))
    assert html is not None
    with shown(browser, html.get_content(), width=width) as page:
        found: dict[str, float] = page.evaluate(_MEASURES)
    return found


def test_the_demos_mail_is_short_and_mostly_its_authors_words(browser: Browser) -> None:
    found = demo_measures(browser, DESKTOP)
    assert found["height"] <= 6_500
    assert 0 < found["quoted"] <= 0.3 * found["words"]
    assert found["headline"] < 700


def test_every_link_of_the_demos_mail_is_large_enough_for_a_thumb(browser: Browser) -> None:
    assert demo_measures(browser, PHONE)["low"] == 0


# --- every look ---------------------------------------------------------------------------------


def long_words() -> Edition:
    first, *rest = full_edition().stories
    return full_edition(stories=(replace(first, title=_LONG, author=_LONG, excerpt=_LONG), *rest))


_ZOOM = """() => {
  const all = [...document.querySelectorAll('body *')];
  const sizes = all.map(node => parseFloat(getComputedStyle(node).fontSize));
  all.forEach((node, at) => {
    node.style.setProperty('font-size', `${sizes[at] * 1.5}px`, 'important');
  });
}"""


_LOOKS = ("light", "dark", "stripped", "large", "zoomed", "right-to-left", "long", "german")


@pytest.mark.parametrize(
    ("look", "width"), [*((look, 360) for look in _LOOKS), *combined(_LOOKS, (640, 1200))]
)
def test_a_mail_with_every_block_fits_its_window(browser: Browser, look: str, width: int) -> None:
    edition = {"right-to-left": arabic_edition, "long": long_words}.get(look, full_edition)()
    variant = {"large": {"text_size": "large"}, "german": {"language": "de"}}.get(look, {})
    html = mail_of(edition, **variant)
    scheme: Scheme = "dark" if look == "dark" else "light"
    with shown(
        browser, _STYLE.sub("", html) if look == "stripped" else html, width=width, scheme=scheme
    ) as page:
        if look == "zoomed":
            page.evaluate(_ZOOM)
            assert pixels(page, ".excerpt", "fontSize") == 25.5
        assert overflow(page) <= 0


def test_without_style_sheets_the_mail_is_laid_out_alike(browser: Browser) -> None:
    html = mail_of(full_edition())
    with (
        shown(browser, html, width=DESKTOP) as whole,
        shown(browser, _STYLE.sub("", html), width=DESKTOP) as stripped,
    ):
        for selector in ("h1", "h2.lead", "h3.title", ".excerpt", ".thumb", ".qmark", ".blink"):
            assert box(whole.locator(selector)) == box(stripped.locator(selector))


def test_right_to_left_swaps_the_sides(browser: Browser) -> None:
    with shown(browser, mail_of(arabic_edition()), width=DESKTOP) as page:
        story = page.locator("td.side:has(.thumb)").first
        assert box(story.locator("h3"))[2] > box(story.locator(".thumb"))[2]
        assert pixels(page, ".qmark", "borderRightWidth") == 3
        assert pixels(page, ".qmark", "borderLeftWidth") == 0


def test_joined_letters_are_neither_spaced_nor_slanted(browser: Browser) -> None:
    with shown(browser, mail_of(arabic_edition()), width=DESKTOP) as page:
        for selector in ("h1", "h2.lead", "h2.cat", ".quote", ".supp", ".pk"):
            assert style(page, selector, "letterSpacing") == "normal"
            assert style(page, selector, "fontStyle") == "normal"


# --- without pictures ---------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_description_of_an_unloaded_picture_is_readable(
    browser: Browser, scheme: Scheme
) -> None:
    colours = DARK_COLOURS if scheme == "dark" else LIGHT_COLOURS
    with shown(
        browser, mail_of(full_edition()), width=DESKTOP, scheme=scheme, has_pictures=False
    ) as page:
        assert overflow(page) <= 0
        for picture in page.locator(".thumb, .hero").all():
            assert picture.get_attribute("alt")
            drawn = Image.open(io.BytesIO(picture.screenshot())).convert("RGB")
            data = drawn.tobytes()
            found = {f"#{data[at : at + 3].hex()}" for at in range(0, len(data), 3)}
            assert {colours.blocked, colours.muted} <= found
    assert contrast(colours.muted, colours.blocked) >= 4.5


# --- Outlook ------------------------------------------------------------------------------------


def test_markup_for_outlook_arrives_whole() -> None:
    html = mail_of(full_edition())
    found = re.findall(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", html, re.DOTALL)
    assert [re.sub(r"\s.*", "", words) for words in found] == [
        "<xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch>"
        "</o:OfficeDocumentSettings></xml><style>p,h1,h2,h3,td{mso-line-height-rule:exactly}</style>",
        "<table",
        "</td></tr></table>",
    ]
    assert 'width="600"' in found[1]
    assert html.count("<!--") == html.count("-->") == len(found)
