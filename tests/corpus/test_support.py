"""Features of the finished sample mail, against the caniemail data on mail programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.letter.checks.css import Use, kept_css, unsupported, uses_of
from digest.letter.checks.dom import read_elements
from digest.models import CustomBlock, Poll, Support
from tests.support.caniemail import LIST, NOTICE, Feature, derive_list, read_features
from tests.support.samples import sample_edition, sample_letter

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
DATA = CORPUS / "caniemail" / "caniemail.json"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of mail is not here")

#: For all programs: features that improve a mail that is right without them. `color-scheme` and
#: the dark rules have their own style sheet, which a program may drop; `object-fit` keeps a
#: picture of another shape from being squeezed on a phone; a program that writes its own doctype
#: around the mail shows it equally well.
BETTERMENTS = {
    "css-color-scheme",
    "css-at-media-prefers-color-scheme",
    "css-object-fit",
    "html-doctype",
}
#: By program: further unsupported features, and why they do no harm.
LACKING: dict[str, dict[tuple[str, str], set[str]]] = {
    "Gmail": {
        ("gmail", "desktop-webmail"): set(),
        ("gmail", "android"): set(),
        ("gmail", "ios"): set(),
    },
    "Apple Mail": {("apple-mail", "macos"): set(), ("apple-mail", "ios"): set()},
    "Samsung Email": {("samsung-email", "android"): set()},
    "Outlook Windows": {
        # Square corners; its own tables, 600 wide, in place of the phone's rules. `overflow` and
        # `max-height` hide the line of the inbox, which `mso-hide` does there.
        ("outlook", "windows"): {
            "css-at-media",
            "css-selector-attribute",
            "css-overflow",
            "css-border-radius",
            "css-max-height",
        },
    },
    "Outlook iOS": {("outlook", "ios"): set()},
    "Yahoo": {
        # Labels repeat what the page shows; long addresses are cut to their host. `height`
        # becomes the least height, which suits spacers and pictures; the apps drop `<body>`, whose
        # colour the wrapper has too.
        ("yahoo", "desktop-webmail"): {"html-aria-label", "css-word-break", "css-height"},
        ("yahoo", "ios"): {"html-aria-label", "css-word-break", "css-height", "html-body"},
        ("yahoo", "android"): {"html-aria-label", "css-word-break", "css-height", "html-body"},
    },
}
#: Features that the programs of `CLEAN` support in part. The missing part is not used: flex,
#: negative margins, sizes in percent, `overflow-block`, style sheets outside the head. Or it is no
#: loss: Gmail's apps drop all style sheets for accounts of other providers, and show the mail
#: without them; the attribute selectors are only for Outlook; words break earlier than necessary.
PARTLY = {
    "css-at-media",
    "css-display",
    "css-font-size",
    "css-important",
    "css-margin",
    "css-overflow",
    "css-selector-attribute",
    "css-selector-class",
    "css-selector-descendant",
    "css-selector-grouping",
    "css-selector-type",
    "css-text-align",
    "css-text-decoration",
    "css-word-break",
    "html-body",
    "html-style",
}


def sample_uses() -> frozenset[Use]:
    """Return the features that the sample with every block uses."""
    html = sample_letter(
        sample_edition(
            poll=Poll(question="Is it so?", choices=("Yes", "No")),
            support=Support(
                text="We are read.", link="Support us", url="https://lantern.example/s"
            ),
            custom=(CustomBlock(title="A word", paragraphs=("From the editor.",)),),
        )
    ).html
    return uses_of(html, read_elements(html), kept_css(html))


def used_features() -> list[Feature]:
    uses = sample_uses()
    return [feature for feature in read_features(DATA) if uses & set(feature.uses)]


def test_the_shipped_list_matches_the_data() -> None:
    assert LIST.read_text("utf-8") == derive_list(DATA)
    assert NOTICE in LIST.read_text("utf-8")


def test_the_data_is_read_almost_completely() -> None:
    features = read_features(DATA)
    assert len(features) > 280
    assert ("property", "flex-direction") not in unsupported()
    assert unsupported()[("element", "video")]


def test_most_features_of_the_mail_are_in_the_data() -> None:
    assert len(used_features()) > 35


@pytest.mark.parametrize(
    ("family", "platform"),
    [(family, platform) for family, platforms in LACKING.items() for platform in platforms],
)
def test_each_program_lacks_only_known_harmless_features(
    family: str, platform: tuple[str, str]
) -> None:
    lacking = {each.slug for each in used_features() if each.support.get(platform) == "n"}
    assert lacking - BETTERMENTS == LACKING[family][platform]


@pytest.mark.parametrize("family", ["Gmail", "Apple Mail", "Samsung Email"])
def test_partial_support_of_large_programs_is_known(family: str) -> None:
    partly = {
        each.slug
        for each in used_features()
        for platform in LACKING[family]
        if each.support.get(platform) not in ("y", "n")
    }
    assert partly - BETTERMENTS <= PARTLY


def test_outlook_on_ios_supports_the_body_in_part() -> None:
    partly = {each.slug for each in used_features() if each.support.get(("outlook", "ios")) == "a"}
    assert "html-body" in partly
    assert partly <= PARTLY
