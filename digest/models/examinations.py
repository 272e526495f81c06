"""Examinations before an approval: a draft's content, its checks and its audience."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.models.letters import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The number of subscribers with one value."""

    value: str
    subscribers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSummary:
    """One variant of an edition, with the rule that it is made by."""

    key: str
    #: Its categories, such as `Security, Economy` or `All sections`.
    label: str
    subject: str
    #: Size of its HTML in bytes.
    size: int
    story_count: int
    subscribers: int
    categories: str
    since_seq: int
    language: str
    text_size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminationReport:
    """The checks and the audience of a draft; each count of subscribers is of those due now."""

    subscribers: int
    #: Those further behind than the edition covers; they get no mail of it.
    waiting: int
    #: Those who get some stories again, to limit the number of variants.
    widened: int
    #: By chosen section; who chose several is counted in each. An empty value: all sections.
    sections: tuple[Share, ...]
    #: Of the whole newsletter, as chosen; an empty value: the first cadence.
    cadences: tuple[Share, ...]
    #: As chosen; an empty value: the newsletter's language.
    languages: tuple[Share, ...]
    text_sizes: tuple[Share, ...]
    #: Domains of the addresses, only the most frequent.
    domains: tuple[Share, ...]
    #: Number of variants.
    variants: int
    #: The three variants with the largest HTML, the largest first.
    largest: tuple[VariantSummary, ...]
    #: Each finding once, even if it is in several letters.
    findings: tuple[Finding, ...]
    #: What was left out because a check found an error in it, one line each.
    left_out: tuple[str, ...]
    #: Subscribers of the cadence's last edition; 0 before the first.
    last_audience: int
    #: How the audience differs too much from the last one; empty if it does not.
    jump: str

    @property
    def errors(self) -> int:
        """Number of findings that block the edition."""
        return sum(finding.is_error for finding in self.findings)


class ApprovalMark(StrEnum):
    """The outcome of an approval of examined content."""

    NONE = ""
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One look at a draft: exactly this content, for exactly this audience rule."""

    edition_id: int
    #: The hash that an approval of it has.
    hash: str
    #: The hash of the stored draft and the audience rule that it was made from.
    made_from: str
    #: The content, as JSON: the draft without what a check refuses.
    snapshot: str
    report: ExaminationReport
    made_at: datetime
    #: `Actor.name`.
    made_by: str
    mark: ApprovalMark = ApprovalMark.NONE
    marked_at: datetime | None = None
    #: `Actor.name` of who approved it, or took the approval back.
    marked_by: str = ""
