"""The sides of a proof: its picture in a frame, its links, its size, its findings."""

from __future__ import annotations

from dataclasses import dataclass

from digest.letter.checks.reading import MAX_BYTES, WARN_BYTES
from digest.letter.checks.rule_names import RuleName, name_rule
from digest.letter.fit import Cut
from digest.letter.looks.blocks import Block, measure_blocks
from digest.letter.looks.inert import make_inert
from digest.letter.looks.links import MailLink, list_links
from digest.letter.looks.look import rewrite
from digest.letter.looks.place import find_place, mark_place
from digest.letter.writer import LetterWriter
from digest.models import Finding
from digest.models.looks import Look
from digest.newsroom.proof.proof import Proof

#: Gmail cuts off what comes after this many bytes of HTML.
CLIPPED_AT = 102_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """One finding, for people."""

    finding: Finding
    rule: RuleName
    #: Its number among the findings of the proof, from 1.
    number: int
    #: Whether its place can be marked in the mail.
    has_place: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSize:
    """The weight of a mail, in bytes."""

    html: int
    text: int
    #: With headers and encoding, as it is sent.
    message: int
    blocks: tuple[Block, ...]
    #: What was cut already, one line each.
    trims: tuple[str, ...]
    #: What would be cut next; empty if the mail is stored.
    next_cuts: tuple[Cut, ...]
    #: Above this a check warns; above `limit` parts are cut; above `clipped` Gmail cuts.
    advised: int = WARN_BYTES
    limit: int = MAX_BYTES
    clipped: int = CLIPPED_AT


def show(proof: Proof, look: Look, marked: int = 0) -> str:
    """Return the HTML for the frame of a proof; its links do nothing, or open a page of the web.

    Args:
        proof: the proof.
        look: how a mail program shows it.
        marked: the number of the finding whose place is marked; 0 for none.
    """
    html = proof.message.html
    if 0 < marked <= len(proof.findings):
        finding = proof.findings[marked - 1]
        html = mark_place(html, finding, _url_of(proof, finding))
    return make_inert(rewrite(html, look), proof.base_url)


def findings_of(proof: Proof) -> tuple[ShownFinding, ...]:
    """Return the findings for people, those that block the edition first."""
    shown = [
        ShownFinding(
            finding=finding,
            rule=name_rule(finding.rule),
            number=number,
            has_place=_has_place(proof, finding),
        )
        for number, finding in enumerate(proof.findings, 1)
    ]
    return tuple(sorted(shown, key=lambda each: (not each.finding.is_error, each.number)))


def name_rules(findings: tuple[Finding, ...]) -> tuple[tuple[Finding, RuleName], ...]:
    """Return findings with their rules in words, those that block the edition first."""
    ordered = sorted(findings, key=lambda finding: (not finding.is_error, finding.rule))
    return tuple((finding, name_rule(finding.rule)) for finding in ordered)


def links_of(proof: Proof) -> tuple[MailLink, ...]:
    """Return the links of the mail by target; nothing is fetched."""
    html, stories = proof.message.html, proof.edition.stories
    return list_links(html, proof.base_url, stories, proof.findings)


def size_of(proof: Proof, writer: LetterWriter) -> MailSize:
    """Return what the mail weighs, part by part.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    html = proof.message.html
    letter = proof.letter
    return MailSize(
        html=len(html.encode()),
        text=len(proof.message.text.encode()),
        message=len(proof.content),
        blocks=measure_blocks(html, proof.variant),
        trims=proof.variant.trims,
        next_cuts=writer.forecast(proof.edition, letter) if letter else (),
    )


def _has_place(proof: Proof, finding: Finding) -> bool:
    return find_place(proof.message.html, finding, _url_of(proof, finding)) is not None


def _url_of(proof: Proof, finding: Finding) -> str:
    stories = proof.edition.stories
    return next((story.url for story in stories if story.post_id == finding.post_id), "")
