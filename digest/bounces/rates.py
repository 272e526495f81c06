"""Judges what the reports about one edition mean for the rest of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.bounces.classes import BounceClass

#: Fewer reports say nothing about an edition: some people press the wrong button.
_LEAST_TO_WARN = 3
#: A pause stops the mails to everybody, so it needs more than a few people of a small list.
_LEAST_TO_PAUSE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRule:
    """The shares of an edition's mails above which reports of a class are too many."""

    bounce_class: BounceClass
    #: What happened to the mails, after their number.
    words: str
    warn: float
    #: None: the edition does not pause.
    pause: float | None
    #: `paused_reason` of the edition; always the same, because an edition pauses for it once.
    reason: str = ""


#: Mailbox providers ask for complaints below 0.1 % and filter the sender from 0.3 % on:
#: https://support.google.com/a/answer/81126
_RULES = (
    RateRule(
        bounce_class=BounceClass.COMPLAINT,
        words="were reported as spam",
        warn=0.001,
        pause=0.003,
        reason="many recipients reported it as spam",
    ),
    RateRule(
        bounce_class=BounceClass.POLICY,
        words="were refused because of the sender, such as by a spam filter",
        warn=0.02,
        pause=0.02,
        reason="many servers refused it because of the sender",
    ),
    RateRule(
        bounce_class=BounceClass.MESSAGE,
        words="were refused because of their content or size",
        warn=0.02,
        pause=0.02,
        reason="many servers refused its content or size",
    ),
    # `digest.store.bad_import` decides about the pause.
    RateRule(
        bounce_class=BounceClass.HARD,
        words="went to mailboxes that do not exist; was a list imported?",
        warn=0.05,
        pause=None,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Reports of one class that are too many."""

    rule: RateRule
    #: `3 of 400 mails (0.8%) were reported as spam`.
    words: str
    must_pause: bool


def judge_rates(mailed: int, counts: Mapping[str, int]) -> Iterator[Finding]:
    """Yield what is too much.

    Args:
        mailed: the number of mails that were handed over.
        counts: by class, the number of persons whose mail came back.
    """
    for rule in _RULES:
        count = counts.get(rule.bounce_class, 0)
        if count < _LEAST_TO_WARN or count <= rule.warn * mailed:
            continue
        part = f"{count:,} of {mailed:,} mails ({count / mailed:.1%})" if mailed else f"{count:,}"
        is_most = rule.pause is not None and count >= rule.pause * mailed
        yield Finding(
            rule=rule,
            words=f"{part} {rule.words}",
            must_pause=is_most and count >= _LEAST_TO_PAUSE,
        )
