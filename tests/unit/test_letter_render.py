"""Templates and their values."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import TemplateError
from digest.letter.letter import render_web
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.presentation import build_view
from digest.letter.printing.render import Renderer
from digest.letter.printing.view import LetterView
from digest.models import Edition
from digest.resources import templates_dir
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_letter,
    sample_quote,
    sample_renderer,
    sample_site,
    sample_story,
)

pytestmark = pytest.mark.slow

MARKS = PlaceMarks(seed="0123456789abcdef")


def view_of(edition: Edition) -> LetterView:
    return build_view(edition, plan_for_all(edition), sample_site(), MARKS)


def web_of(edition: Edition) -> str:
    return render_web(edition, plan_for_all(edition), sample_site(), sample_renderer())


def overriding(folder: Path, name: str, source: str) -> Renderer:
    path = folder / "email" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return Renderer((folder, templates_dir()))


def test_hostile_words_are_printed_and_never_run() -> None:
    hostile = "<script>alert(1)</script> {{ 7*7 }} {% raw %}"
    story = sample_story(
        title=hostile, author=hostile, excerpt=hostile, quotes=(sample_quote(1, hostile, hostile),)
    )
    html = sample_renderer().render_mail(view_of(sample_edition(stories=(story,))))
    assert "<script>" not in html
    assert "49" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} {% raw %}") >= 3


def test_a_quote_in_a_title_does_not_end_an_attribute() -> None:
    story = sample_story(title='" onclick="x')
    html = sample_renderer().render_mail(view_of(sample_edition(stories=(story,))))
    assert 'onclick="' not in html


def test_the_same_words_are_in_both_parts() -> None:
    view = view_of(sample_edition())
    renderer = sample_renderer()
    html = renderer.render_mail(view)
    text = " ".join(renderer.render_text(view).replace("  > ", "").split())
    for section in view.sections:
        for story in section.stories:
            assert story.title in html
            assert " ".join(story.title.split()) in text
            assert story.excerpt in text
            assert all(quote.text in text and quote.text in html for quote in story.quotes)


def test_a_file_of_the_operator_replaces_a_shipped_one(tmp_path: Path) -> None:
    renderer = overriding(tmp_path, "parts/masthead.html.j2", "<tr><td>OURS</td></tr>")
    html = renderer.render_mail(view_of(sample_edition()))
    assert "OURS" in html
    assert "Who guards the water meter?" in html


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("a\n{{ letter.nonsense }}", 2, "nonsense"),
        ("a\n\n{{ nothing }}", 3, "nothing"),
        ("{% if %}", 1, "Expected an expression"),
        ("a\n{{ 1 / 0 }}", 2, "division"),
        ("{{ letter.subject | nofilter }}", 1, "nofilter"),
        ("\n{{ ''.__class__.mro() }}", 2, "unsafe"),
    ],
)
def test_a_broken_template_is_named_with_its_line(
    tmp_path: Path, source: str, line: int, reason: str
) -> None:
    renderer = overriding(tmp_path, "parts/footer.html.j2", source)
    with pytest.raises(TemplateError) as caught:
        renderer.render_mail(view_of(sample_edition()))
    assert caught.value.template == "email/parts/footer.html.j2"
    assert caught.value.line == line
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"email/digest\.txt\.j2.*does not exist"):
        Renderer((tmp_path,)).render_text(view_of(sample_edition()))


def test_absent_blocks_leave_nothing_behind() -> None:
    bare = sample_edition(tagline="", home_url="", policy_url="", intro=(), editor="")
    story = sample_story(author="", excerpt="", minutes=None)
    html = sample_renderer().render_mail(view_of(replace(bare, stories=(story,))))
    text = sample_renderer().render_text(view_of(replace(bare, stories=(story,))))
    for absent in ("Comments policy", "min read", "Most discussed", 'href=""', "None", "<img"):
        assert absent not in html
        assert absent not in text


def test_the_web_page_has_no_data_of_a_subscriber() -> None:
    html = web_of(sample_edition())
    for personal in ("Unsubscribe", "Preferences", "You receive this", "PLACE_", "View in browser"):
        assert personal not in html
    assert "<main" in html
    assert '<meta name="robots" content="noindex">' in html


def test_the_web_page_lists_titles_that_the_mail_had_no_room_for() -> None:
    spare = (sample_story(number) for number in range(20, 24))
    edition = sample_edition(stories=(*sample_edition().stories, *spare), max_posts_per_category=4)
    mail = sample_letter(edition)
    assert "Story number 20" not in mail.html
    assert "And 4 more in Security" in mail.html
    assert "_web_url_#section-1-more" in mail.html
    web = web_of(edition)
    assert 'id="section-1-more"' in web
    assert "Story number 20" in web


def test_the_mail_names_a_few_posts_beyond_the_cap() -> None:
    mail = sample_letter(sample_edition(max_posts_per_category=2))
    assert re.search(r">Also</span>.{0,300}>A harbour exercise", mail.html, re.DOTALL)
    assert "Also: A harbour exercise" in mail.text
    assert " more in " not in mail.html


def test_http_images_are_shown_in_development_only() -> None:
    story = sample_story(image_url="http://127.0.0.1:8000/a.jpg")
    edition = sample_edition(stories=(story,))
    variant = plan_for_all(edition)
    site = replace(sample_site(), is_development=True)
    assert "<img" not in web_of(edition)
    assert "<img" in render_web(edition, variant, site, sample_renderer())


@pytest.mark.parametrize(
    ("lead_image_url", "shown"),
    [
        (None, 'src="https://a.example/thumb1.jpg" width="600" alt='),
        ("https://a.example/lead.jpg", 'src="https://a.example/lead.jpg" width="600" height="300"'),
        ("", ""),
    ],
)
def test_the_lead_shows_the_picture_for_its_place(lead_image_url: str | None, shown: str) -> None:
    first, *rest = (
        sample_story(number, image_url=f"https://a.example/thumb{number}.jpg")
        for number in (1, 2, 3)
    )
    edition = sample_edition(stories=(replace(first, lead_image_url=lead_image_url), *rest))
    html = sample_renderer().render_mail(view_of(edition))
    assert shown in html
    assert html.count('class="hero"') == bool(shown)
    assert 'src="https://a.example/thumb2.jpg" width="160" height="120"' in html
    assert "thumb3.jpg" not in html


def test_words_against_the_reading_direction_have_a_dir_attribute() -> None:
    story = sample_story(title="الأخبار المحلية")
    html = sample_renderer().render_mail(view_of(sample_edition(stories=(story,))))
    assert '<h3 class="title" lang="ar" dir="rtl">' in html


def test_a_right_to_left_letter_swaps_its_sides() -> None:
    letter = sample_letter(sample_edition(), language="ar")
    assert '<html lang="ar" dir="rtl"' in letter.html
    assert "border-right:3px solid #c9a27b" in letter.html


def test_larger_text_enlarges_every_size() -> None:
    html = sample_letter(sample_edition(), text_size="large").html
    assert "font:21px/1.6 Georgia,serif" in html
    assert "font:17px/1.6" not in html


def test_a_section_of_one_post_uses_the_singular() -> None:
    text = sample_renderer().render_text(view_of(sample_edition(stories=(sample_story(),))))
    assert "| 1 post\n" in text


def test_a_letter_without_words_in_its_language_has_english_ones() -> None:
    story = sample_story(title="港の線", excerpt="港の役員会は合意できなかった。")
    letter = sample_letter(sample_edition(language="ja", stories=(story,)))
    assert '<html lang="en" dir="ltr"' in letter.html
    assert re.search(r'<h\d [^>]*lang="ja"', letter.html)
    assert re.search(r'<p [^>]*lang="ja"[^>]*>港の役員会', letter.html)
    assert "November 20, 2026" in letter.html
