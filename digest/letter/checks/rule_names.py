"""The rules in words for editors: what a rule is about, and what happens if it is broken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleName:
    """One rule in words."""

    #: What it is about, such as `Links`.
    name: str
    #: What subscribers notice if it is broken.
    effect: str


_OTHER = RuleName(name="Other", effect="")

_NAMES = {
    "E01": ("Size of the mail", "Gmail cuts off long mails, and their unsubscribe link with them."),
    "E02": ("Style sheets", "Some mail programs drop the styles, and the mail looks broken there."),
    "E03": ("Styles and elements", "Some mail programs ignore them and show the mail broken."),
    "E04": ("Leftovers", "Subscribers would see template code, an empty value or a dead address."),
    "E05": ("Links", "Subscribers who click would not arrive, or not where they expect."),
    "E06": ("Required parts", "Laws and mailbox providers refuse mail without these parts."),
    "E07": ("Pictures", "Subscribers would see a gap, or hear an address read aloud."),
    "E08": ("Structure", "Screen readers would read the mail in the wrong way."),
    "E09": ("Contrast", "Some subscribers could not read these words."),
    "E10": ("Text size", "Some subscribers could not read these words on a phone."),
    "E11": ("Plain text part", "Filters distrust the mail, or people without HTML miss a part."),
    "E12": ("Subject", "It is what subscribers decide by."),
    "E13": ("Preheader", "It is the line after the subject in the inbox."),
    "E14": ("Vague links", "Screen readers read links without the words around them."),
    "E15": ("Duplicates", "Subscribers would see a story twice."),
    "E16": ("Excerpts", "The words below a title end badly or say too little."),
    "E17": ("Quoted comments", "A quote is not whole, or its author did not leave it there."),
    "E18": ("Empty parts and dates", "Subscribers would see an empty section or a future date."),
    "E19": ("Long words", "Phones cut off words without a break."),
    "E20": ("Balance", "One section, or the number of posts, outweighs the rest."),
}  # fmt: skip


def name_rule(rule: str) -> RuleName:
    """Return a rule such as `E05` in words."""
    name, effect = _NAMES.get(rule, (_OTHER.name, _OTHER.effect))
    return RuleName(name=name, effect=effect)
