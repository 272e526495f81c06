"""A mail as other programs show it, in a preview that can do nothing."""

from __future__ import annotations

import re

import pytest

from digest.letter.looks.blocks import measure_blocks
from digest.letter.looks.colours import invert
from digest.letter.looks.inert import NOWHERE, make_inert
from digest.letter.looks.links import list_links
from digest.letter.looks.look import LARGER, rewrite
from digest.letter.looks.place import HERE, mark_place
from digest.letter.looks.tags import ANY_TAG, change_tags, read_attribute, set_attribute
from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from digest.models import AlsoAt, Finding
from digest.models.looks import Look, Scheme, Styles
from tests.support.samples import (
    sample_edition,
    sample_letter,
    sample_personal,
    sample_site,
    sample_story,
)

BASE = sample_site().base_url


def mail() -> str:
    """Return the HTML of the sample mail with the inert links of a sample."""
    personal = sample_personal(
        leave_url=f"{BASE}/u/sample",
        preferences_url=f"{BASE}/p/sample",
        web_url=f"{BASE}/v/sample",
        poll_url=f"{BASE}/q/sample",
    )
    return open_message(join(sample_letter().pieces, personal).content).html


def finding(place: str, post_id: int = 0) -> Finding:
    return Finding(rule="E05", is_error=True, place=place, text="wrong", post_id=post_id)


def test_reading_tags_changes_no_byte() -> None:
    assert change_tags(mail(), ANY_TAG, lambda tag: tag) == mail()


@pytest.mark.parametrize(
    ("tag", "href"),
    [
        (
            '<a title=" href=https://safe.example" href="javascript:alert(1)">',
            "javascript:alert(1)",
        ),
        ("<a href='x' href=\"y\">", "x"),
        ("<a\nHREF = y>", "y"),
        ('<a href="a&amp;b">', "a&b"),
        ('<a href="x" title=">">', "x"),
        ("<a name=x>", None),
    ],
)
def test_attributes_are_read_as_browsers_read_them(tag: str, href: str | None) -> None:
    assert read_attribute(tag, "href") == href
    changed = set_attribute(tag, "href", '"><b>')
    assert read_attribute(changed, "href") == '"><b>'
    assert len(ANY_TAG.findall(changed)) == 1


def test_a_dark_screen_uses_the_own_dark_styles() -> None:
    assert "@media not all" in rewrite(mail(), Look())
    dark = rewrite(mail(), Look(scheme=Scheme.DARK))
    assert "@media all{" in dark.replace(" {", "{")
    assert "prefers-color-scheme" not in dark.partition("</head>")[0]


def test_forced_dark_ignores_the_dark_styles_and_inverts_every_colour() -> None:
    inverted = rewrite(mail(), Look(scheme=Scheme.INVERTED))
    assert "background-color:#fff" not in inverted
    assert 'bgcolor="#ffffff"' not in inverted
    assert "@media not all" in inverted


@pytest.mark.parametrize(("colour", "is_lighter"), [("#000", True), ("#ffffff", False)])
def test_inverting_turns_light_and_dark_around(colour: str, is_lighter: bool) -> None:
    assert (int(invert(colour)[1:3], 16) > 127) is is_lighter


def test_no_picture_is_fetched_without_pictures() -> None:
    shown = rewrite(mail(), Look(has_images=False))
    sources = [read_attribute(tag, "src") for tag in re.findall(r"<img[^>]*>", shown)]
    assert sources
    assert set(sources) == {"data:,"}
    assert 'alt="' in shown


def test_stripped_styles_keep_the_words_and_the_hidden_line() -> None:
    inline = rewrite(mail(), Look(styles=Styles.INLINE))
    assert "<style" not in re.sub(r"<!--.*?-->", "", inline, flags=re.DOTALL)
    bare = rewrite(mail(), Look(styles=Styles.NONE))
    assert "font:" not in bare.partition("<body")[2]
    assert "display:none" in bare


def test_larger_text_enlarges_every_size() -> None:
    assert f"font:{17 * LARGER:g}px" in rewrite(mail(), Look(is_larger=True)).replace(
        "font: ", "font:"
    )


def test_a_zoomed_desktop_has_the_room_of_a_phone() -> None:
    wide, zoomed = rewrite(mail(), Look()), rewrite(mail(), Look(is_zoomed=True))
    narrow = ".outer{padding:12px 0 28px !important}"
    assert re.search(r"@media not all\s*\{\s*" + re.escape(narrow), wide)
    assert re.search(r"@media all\s*\{\s*" + re.escape(narrow), zoomed)
    assert "zoom:1.5" in zoomed


def test_the_page_and_its_wrapper_are_turned_around() -> None:
    turned = rewrite(mail(), Look(is_rtl=True))
    assert turned.count('dir="rtl"') == 2


def test_personal_links_do_nothing_and_others_open_a_page_of_their_own() -> None:
    html = make_inert(mail(), BASE)
    for page in "upvq":
        assert f"{BASE}/{page}/" not in html
    assert NOWHERE in html
    posts = re.findall(r"<a [^>]*href=\"https://lantern\.example/2026[^>]*>", html)
    assert posts
    assert all('rel="noopener noreferrer"' in tag and 'target="_blank"' in tag for tag in posts)


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        " javascript:alert(1)",
        "//evil.example/",
        "/editions/1/approve",
        "",
        f"{BASE}/u/another-persons-token",
        f"{BASE.upper()}/Q/token/1",
    ],
)
def test_no_other_link_leads_anywhere(href: str) -> None:
    assert f'href="{NOWHERE}"' in make_inert(f'<a href="{href}">x</a>', BASE)


def test_a_tag_without_a_link_stays_as_it_is() -> None:
    assert make_inert('<a name="x">y</a>', BASE) == '<a name="x">y</a>'


def test_elements_that_act_on_their_own_are_removed() -> None:
    page = (
        '<meta charset="utf-8"><meta http-equiv="refresh" content="0;url=https://evil.example">'
        '<base href="https://evil.example/"><form action="https://evil.example/"><b>kept</b></form>'
        '<iframe src="https://evil.example/"></iframe><link rel="stylesheet" href="//evil.example">'
    )
    assert make_inert(page, BASE) == '<meta charset="utf-8"><b>kept</b></form></iframe>'


def test_the_blocks_add_up_to_the_mail_and_name_each_post() -> None:
    html, variant = mail(), sample_letter().variant
    blocks = measure_blocks(html, variant)
    assert sum(block.size for block in blocks) == len(html.encode())
    shown = {story.post_id for section in variant.sections for story in section.stories}
    assert {block.post_id for block in blocks} >= shown
    assert "Footer" in {block.name for block in blocks}


def test_every_link_is_listed_with_what_it_is() -> None:
    wrong = finding(f"link {sample_edition().stories[0].url!r}")
    links = list_links(mail(), BASE, sample_edition().stories, (wrong,))
    kinds = {link.kind for link in links}
    assert {"Unsubscribe (personal)", "Preferences (personal)", "Post"} <= kinds
    assert next(link for link in links if link.faults).href == sample_edition().stories[0].url
    assert not any(link.is_web for link in links if "/u/sample" in link.href)


def test_a_link_to_another_place_of_a_story_and_a_mail_address_are_named() -> None:
    other = AlsoAt(post_id=5, name="The Lamp", url="https://lamp.example/5")
    html = '<a href="https://lamp.example/5">The Lamp</a> <a href="mailto:a@lamp.example">Write</a>'
    links = list_links(html, BASE, (sample_story(1, also_at=(other,)),), ())
    assert [link.kind for link in links] == ["The same story elsewhere", "Mail address"]


def test_the_blocks_of_broken_markup_add_up_too() -> None:
    html = "<body></tr><table><tr><td>One</td></tr></table></table><tr></tr></body>"
    assert sum(block.size for block in measure_blocks(html, None)) == len(html)


@pytest.mark.parametrize(
    ("place", "post_id"),
    [
        ("“Who guards the water meter?”", 2),
        (f"link {sample_edition().stories[1].url!r}", 2),
        ("quote “Our plant replaced every unit in 2024”", 0),
        ("nothing that the mail has", 2),
        ("link 'https://nowhere.example/'", 2),
        ("“words & signs that the mail has not”", 2),
        # Too short to be found.
        ("“no”", 2),
    ],
)
def test_the_place_of_a_finding_is_marked_where_it_is_seen(place: str, post_id: int) -> None:
    url = sample_edition().stories[1].url if post_id else ""
    marked = mark_place(mail(), finding(place, post_id), url)
    tag = next(tag for tag in ANY_TAG.findall(marked) if f'id="{HERE}"' in tag)
    assert "display:none" not in tag


def test_a_finding_of_the_whole_mail_has_no_place() -> None:
    assert mark_place(mail(), finding("HTML")) == mail()
    assert mark_place(mail(), finding("link 'https://nowhere.example/'")) == mail()
