"""The rules of `check` that read the page: style sheets, styles, pictures, structure, colours."""

from __future__ import annotations

import pytest

from digest.letter.checks.css import WARN_CSS
from digest.models import CustomBlock, Edition
from tests.support.checking import WORDS, found, with_story
from tests.support.samples import IMAGES, sample_edition

pytestmark = pytest.mark.slow


@pytest.mark.quick
@pytest.mark.parametrize(
    ("css", "reason"),
    [
        ("@media print{@media screen{.a{color:red}}}", "inside another"),
        (".a{color:red!important}", "no space"),
        ("@import url(https://lantern.example/a.css);", "@import"),
        ("@font-face{font-family:x}", "@font-face"),
        ("/* why */", "a comment"),
    ],
)
def test_e02_reads_the_style_sheets_that_stay(css: str, reason: str) -> None:
    (finding,) = found("E02", html=(":root{", f"{css}:root{{"))
    assert finding.is_error
    assert reason in finding.text


@pytest.mark.quick
def test_e02_warns_of_long_style_sheets() -> None:
    (finding,) = found("E02", html=(".paper{", ".a{color:#ffffff}" * (WARN_CSS // 17) + ".paper{"))
    assert not finding.is_error


def test_e02_leaves_a_sheet_for_word_alone() -> None:
    assert found("E02", html=("<style>p,h1", "<style>/* x */p,h1")) == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("style", "is_sound"),
    [
        ("margin:0 auto", True),
        ("margin:-4px 0", False),
        ("margin-top:-4px", False),
        ("padding:0 12px", True),
        ("border-left:3px solid #c9a27b", True),
        ("display:inline-block", True),
        ("display:flex", False),
        ("display:grid", False),
        ("position:absolute", False),
        ("float:left", False),
        ("opacity:0.5", False),
        ("box-shadow:0 0 2px #000", False),
        ("background-image:url(a.png)", False),
        ("background:url(a.png)", False),
        ("width:calc(100% - 4px)", False),
        ("color:var(--ink)", False),
        ("font-size:1.2rem", False),
        ("mso-hide:all", True),
    ],
)
def test_e03_knows_what_every_program_obeys(style: str, *, is_sound: bool) -> None:
    findings = found("E03", html=("letter-spacing:-0.5px", style))
    assert (findings == []) == is_sound
    assert all(finding.is_error and finding.post_id == 0 for finding in findings)


@pytest.mark.parametrize(
    ("words", "use"),
    [
        ("<video></video>", "element video"),
        ("<svg></svg>", "element svg"),
        ("<style>@media (hover){.a{color:#000}}</style>", "at-rule @media (hover)"),
    ],
)
def test_e03_names_what_large_programs_lack(words: str, use: str) -> None:
    findings = found("E03", html=("</body>", f"{words}</body>"))
    assert use in {finding.place for finding in findings}


@pytest.mark.quick
@pytest.mark.parametrize(
    "words",
    [
        "<script>count()</script>",
        '<form action="https://lantern.example/"></form>',
        '<iframe src="https://lantern.example/"></iframe>',
        '<link rel="stylesheet" href="https://lantern.example/a.css">',
    ],
)
def test_e03_refuses_what_has_no_place_in_a_mail(words: str) -> None:
    for end in ("</head>", "</body>"):
        assert any("not allowed" in each.text for each in found("E03", html=(end, f"{words}{end}")))


def pictured(url: str = f"{IMAGES}a.jpg", alt: str = "Rooftops of a town") -> Edition:
    return with_story(image_url=url, image_alt=alt)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("broken", "reason"),
    [((' alt="Rooftops of a town"', ""), "no alt"), ((' width="160"', ""), "no width")],
)
def test_e07_blames_a_missing_attribute_on_the_template(
    broken: tuple[str, str], reason: str
) -> None:
    (finding,) = found("E07", edition=pictured(), html=broken)
    assert reason in finding.text
    assert (finding.post_id, finding.part) == (0, "")


@pytest.mark.quick
@pytest.mark.parametrize(
    "src",
    [
        f"{IMAGES}a.svg",
        f"{IMAGES}a.WEBP?w=300",
        "http://lantern.example/a.jpg",
        "data:image/png;base64,AAAA",
    ],
)
def test_e07_holds_back_pictures_that_are_not_shown(src: str) -> None:
    findings = found("E07", edition=pictured(), html=(f"{IMAGES}a.jpg", src))
    assert [finding.is_error for finding in findings] == [True]


@pytest.mark.quick
@pytest.mark.parametrize(("weight", "is_light"), [(150_001, False), (150_000, True), (None, True)])
def test_e07_warns_of_a_heavy_picture(weight: int | None, *, is_light: bool) -> None:
    edition = with_story(image_url=f"{IMAGES}a.jpg", image_alt="Rooftops", image_bytes=weight)
    findings = found("E07", edition=edition)
    assert [each.is_error for each in findings] == ([] if is_light else [False])


def test_e07_names_the_story_whose_picture_it_is() -> None:
    (finding,) = found("E07", edition=pictured(f"{IMAGES}a.svg"))
    assert (finding.post_id, finding.part) == (1, "image")


@pytest.mark.parametrize(
    ("alt", "is_sound"),
    [
        ("IMG_2031.JPG", False),
        ("harbour-at-night.png", False),
        ("DSC00412", False),
        ("The harbour at night", True),
        ("", True),
    ],
)
def test_e07_wants_words_in_place_of_a_file_name(alt: str, *, is_sound: bool) -> None:
    findings = found("E07", edition=pictured(alt=alt))
    assert [(each.post_id, each.part) for each in findings] == ([] if is_sound else [(1, "alt")])


@pytest.mark.quick
@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (('<table role="presentation"', "<table"), "no role"),
        (('<html lang="en"', "<html"), "no lang"),
        ((' dir="ltr" class="canvas', ' class="canvas'), "no dir"),
        (("<h1 ", "<h2 "), "0 of the first level"),
        (("<h2 ", "<h1 "), "of the first level"),
        (("<h2 ", "<h4 "), "level 4 follows level 1"),
    ],
)
def test_e08_reads_the_structure(html: tuple[str, str], reason: str) -> None:
    findings = found("E08", html=html)
    assert any(reason in finding.text for finding in findings)
    assert all(finding.is_error and finding.post_id == 0 for finding in findings)


def test_e09_reads_the_dark_colours_too() -> None:
    findings = found("E09", html=("{color:#dcd6ca", "{color:#55524c"))
    assert findings
    assert all("dark mode" in finding.text for finding in findings)


def test_e09_sees_words_on_the_ground_of_an_outer_element() -> None:
    findings = found("E09", html=("background-color:#fff", "background-color:#33302b"))
    assert any("on #33302b" in finding.text for finding in findings)


def test_e10_lets_the_hidden_line_and_spacers_be_small() -> None:
    assert found("E10") == []


@pytest.mark.quick
def test_e10_finds_small_print() -> None:
    findings = found("E10", html=("font:13px", "font:11px"))
    assert all("11 pixels" in finding.text and finding.is_error for finding in findings)


@pytest.mark.quick
@pytest.mark.parametrize(
    "style", ["font-size:9pt", "font:0.8em/1.5 serif", "font-size:75%", "font-size:x-small"]
)
def test_e10_knows_small_print_in_any_unit(style: str) -> None:
    assert found("E10", html=("</body>", f'<p style="{style}">small print</p></body>'))
    assert found("E10", html=("</body>", "<p><small>small print</small></p></body>")) == []


@pytest.mark.parametrize(
    "words", ["Click here!", "HERE", "[here]", "Read more …", "weiterlesen", "читать далее"]
)
def test_e14_wants_link_words_that_name_the_target(words: str) -> None:
    (finding,) = found("E14", html=(">Comments policy<", f">{words}<"))
    assert finding.is_error


def test_e14_accepts_a_label() -> None:
    label = f' aria-label="Read more: {WORDS}">Read more<'
    assert found("E14", html=(">Comments policy<", label)) == []


@pytest.mark.quick
def test_e14_reads_the_links_of_the_editor() -> None:
    block = CustomBlock(title="", paragraphs=("Join us.",), link="here", url="https://a.example/b")
    assert found("E14", edition=sample_edition(custom=(block,)))


@pytest.mark.quick
@pytest.mark.parametrize(
    ("title", "count"),
    [("a" * 40, 0), ("a" * 41, 1), ("会" * 60, 0), ("ก" * 60, 0), ("a" * 30 + "-" + "b" * 30, 0)],
)
def test_e19_counts_what_no_line_can_break(title: str, count: int) -> None:
    findings = found("E19", edition=with_story(title=title))
    assert [finding.is_error for finding in findings] == [False] * count
