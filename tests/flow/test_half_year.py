"""Half a year of three cadences: every subscriber gets the promised posts, each once.

Posts come late, out of order and in two feeds; subscribers join, pause, change their minds, leave
and come back; mailboxes refuse, defer and do not answer. Each mail is compared with
`tests.support.promises`.
"""

from __future__ import annotations

import string
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from digest.sender.attempt import Fate
from digest.sender.retry import MIN_ATTEMPTS
from subscribers.preferences import State
from tests.support.databases import new_file
from tests.support.figures import IS_PROOF, record, share
from tests.support.paper import FEEDS, SCHEDULES, SECTIONS, Mailed, Paper, slot_at
from tests.support.promises import Issue, Promises, Subscriber

#: Number of half-years that are simulated, each with its own random seed.
LIVES = 20 if IS_PROOF else 1
#: Fewer and shorter outside the proof, but with everything that happens in a whole one.
SUBSCRIBERS, WEEKS = (300, 26) if IS_PROOF else (40, 9)

pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600 if IS_PROOF else 1800)]

#: A Thursday.
START = datetime(2026, 1, 1, tzinfo=UTC)
#: Cadences chosen by subscribers; `hourly` does not exist, or no longer.
CADENCES = (*["weekly"] * 5, *[""] * 3, "hourly", "daily", *["monthly"] * 3)
CHOICES = ((), ("News",), ("Security",), ("Culture", "Security"), ("Culture", "News"))
#: Few enough that no edition has 20 refusals in a row, which stop a send.
MOODS = (*[Fate.SENT] * 6, Fate.TRANSIENT, Fate.REFUSED, Fate.UNKNOWN)


class Life:
    """The newsletter and the model of its promises, side by side: each event is applied to both."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        self.paper = Paper(new_file(folder / "paper.db"), START)
        self.promises = Promises()
        self.issues: dict[int, Issue] = {}
        self.frozen_at: dict[int, datetime] = {}
        #: When a mail was deferred; it is not tried again at that moment.
        self.put_off: dict[tuple[int, str], datetime] = {}
        self.tries: Counter[tuple[int, str]] = Counter()
        self.drafts: dict[str, tuple[int, Issue]] = {}
        self.day = START
        self.names = 0
        self.mails = 0
        self.paper.collect()

    # --- subscribers ------------------------------------------------------------------------------

    def some_subscriber(self) -> str:
        """Return any subscriber."""
        return self.random.choice(sorted(self.promises.subscribers))

    def join(self, seen: str = "") -> None:
        """Add a new subscriber, perhaps imported with `--seen now` or `--seen all`."""
        name = f"subscriber{len(self.promises.subscribers)}"
        choice, cadence = self.random.choice(CHOICES), self.random.choice(CADENCES)
        told = {"": None, "now": len(self.promises.posts), "all": 0}[seen]
        self.paper.join(name, choice, cadence, told)
        self.promises.subscribers[name] = Subscriber(_sections(choice), cadence, told=told)

    def choose_sections(self) -> None:
        """Let a subscriber choose other sections."""
        name, choice = self.some_subscriber(), self.random.choice(CHOICES)
        self.paper.change(name, categories=choice)
        self.promises.subscribers[name].sections = _sections(choice)

    def choose_cadence(self) -> None:
        """Let a subscriber choose another cadence."""
        name, cadence = self.some_subscriber(), self.random.choice(CADENCES)
        self.paper.change(name, cadence=cadence)
        self.promises.subscribers[name].cadence = cadence

    def pause(self) -> None:
        """Let a subscriber pause for some days, or end a pause."""
        name, days = self.some_subscriber(), self.random.choice((0, 2, 9, 30, 60))
        until = self.paper.now + timedelta(days=days)
        self.paper.change(name, paused_until=until)
        self.promises.subscribers[name].paused_until = until

    def leave_or_return(self) -> None:
        """Let a subscriber leave, or one who left come back."""
        name = self.some_subscriber()
        subscriber = self.promises.subscribers[name]
        subscriber.is_confirmed = not subscriber.is_confirmed
        self.paper.set_state(name, State.CONFIRMED if subscriber.is_confirmed else State.LEFT)

    def change_mood(self) -> None:
        """Let a mailbox accept mail, refuse it, defer it, or not answer after the content."""
        mood = self.random.choice(MOODS)
        self.paper.mail.moods[f"{self.some_subscriber()}@example.org"] = mood

    def cancel(self) -> None:
        """Cancel an edition that is being sent."""
        under_way = [number for number, issue in self.issues.items() if issue.open]
        if under_way:
            number = self.random.choice(under_way)
            self.paper.cancel(number)
            self.promises.cancel(self.issues[number])

    # --- the days ---------------------------------------------------------------------------------

    def live(self) -> None:
        """Let a day pass."""
        self.day += timedelta(days=1)
        self._collect(6)
        self._publish_editions()
        self._at(13)
        self._send()
        self._collect(20)
        if self.random.random() < 0.2:
            self._draft_ahead()

    def be_down(self, days: int) -> None:
        """Let days pass in which the program does nothing; feeds go on."""
        for _ in range(days):
            self.day += timedelta(days=1)
            self._at(12)
            self._publish_posts()

    def _at(self, hour: int) -> None:
        self.paper.now = self.day + timedelta(hours=hour)

    def _collect(self, hour: int) -> None:
        self._at(hour)
        self._publish_posts()
        self.paper.collect()
        documents = self.paper.documents.posts.items()
        self.promises.collect(
            ((frozenset(FEEDS[url]), [post.title for post in posts]) for url, posts in documents),
            self.paper.now,
        )

    def _publish_posts(self) -> None:
        for url in FEEDS:
            if self.random.random() < 0.2:
                name = _word(self.names)
                self.names += 1
                # Not a week: much older posts are an archive, which is kept.
                late = timedelta(hours=self.random.choice((1, 1, 30, 150)))
                published_at = self.paper.now - late
                self.paper.documents.publish(url, name, published_at, self.random)
                if self.random.random() < 0.2:
                    other = self.random.choice(list(FEEDS))
                    self.paper.documents.publish(other, name, published_at, self.random)
        self.paper.documents.trim()

    def _publish_editions(self) -> None:
        self._at(7)
        cadences = list(SCHEDULES)
        self.random.shuffle(cadences)
        for cadence in cadences:
            slot = slot_at(SCHEDULES[cadence], self.paper.now)
            draft = self.drafts.pop(cadence, None)
            if slot is not None:
                draft = draft or self._compose(cadence)
                if draft is not None:
                    self._freeze(*draft)
                if self.random.random() < 0.3:
                    self._send()
        self._send()

    def _draft_ahead(self) -> None:
        """Compose tomorrow's editions now, like drafts that a person reviews first."""
        for cadence in SCHEDULES:
            draft = self._compose(cadence, ahead=timedelta(days=1))
            if draft is not None:
                self.drafts[cadence] = draft

    def _compose(self, cadence: str, *, ahead: timedelta = timedelta()) -> tuple[int, Issue] | None:
        slot = slot_at(SCHEDULES[cadence], self.day + ahead)
        if slot is None:
            return None
        issue = self.promises.compose(cadence, self.paper.now)
        number = self.paper.compose(cadence, slot)
        assert (number is None) == (issue is None)
        return (number, issue) if number is not None and issue is not None else None

    def _freeze(self, number: int, issue: Issue) -> None:
        count = self.paper.freeze(number)
        is_promised = self.promises.freeze(issue, self.paper.now)
        assert count == len(issue.open)
        if is_promised:
            self.issues[number] = issue
            self.frozen_at[number] = self.paper.now

    # --- the mails --------------------------------------------------------------------------------

    def _send(self) -> None:
        waiting = {
            (number, name)
            for number, issue in self.issues.items()
            for name in issue.open
            if self.put_off.get((number, name)) != self.paper.now
        }
        tried = self.paper.send()
        accepted = Counter(each.edition_id for each in tried if each.fate is Fate.SENT)
        for mailed in tried:
            waiting.remove((mailed.edition_id, mailed.subscriber))
            self._check(mailed, accepted=accepted[mailed.edition_id])
        for number, name in waiting:
            assert not self.promises.subscribers[name].is_confirmed, f"{name} was not tried"
            self.promises.failed(self.issues[number], name)

    def _check(self, mailed: Mailed, *, accepted: int) -> None:
        issue = self.issues[mailed.edition_id]
        assert sorted(mailed.posts) == sorted(issue.open[mailed.subscriber])
        self.mails += 1
        self.tries[mailed.edition_id, mailed.subscriber] += 1
        is_too_old = (
            self.paper.now - self.frozen_at[mailed.edition_id] >= timedelta(hours=23)
            and self.tries[mailed.edition_id, mailed.subscriber] >= MIN_ATTEMPTS
        )
        # A relay that accepts nothing may refuse everybody; several refusals at the end of a send
        # may be its fault too.
        is_open = self.paper.is_open(mailed.edition_id, mailed.subscriber)
        assert is_open or accepted or is_too_old or mailed.fate is Fate.UNKNOWN
        if mailed.fate in (Fate.SENT, Fate.UNKNOWN):
            self.promises.arrived(issue, mailed.subscriber)
        elif is_too_old or (mailed.fate is Fate.REFUSED and not is_open):
            self.promises.failed(issue, mailed.subscriber)
        else:
            self.put_off[mailed.edition_id, mailed.subscriber] = self.paper.now


def _sections(choice: tuple[str, ...]) -> frozenset[str]:
    return frozenset(choice or SECTIONS)


def _word(number: int) -> str:
    """Return a title of one word; each is different."""
    letters = string.ascii_lowercase
    return "Tale" + "".join(letters[number // 26**place % 26] for place in (2, 1, 0))


def _let_something_happen(life: Life) -> None:
    events = (
        life.join,
        life.choose_sections,
        life.choose_cadence,
        life.pause,
        life.leave_or_return,
        life.change_mood,
        life.change_mood,
    )
    for _ in range(life.random.randint(0, 8)):
        life.random.choice(events)()
    if life.random.random() < 0.05:
        life.cancel()
    if life.random.random() < 0.1:
        life.join(seen=life.random.choice(("now", "all")))


def _live_half_a_year(folder: Path, seed: int) -> int:
    """Return the number of mails; each was compared with the promises."""
    folder.mkdir()
    life = Life(folder, seed)
    for _ in range(SUBSCRIBERS):
        life.join()
    for day in range(WEEKS * 7):
        _let_something_happen(life)
        life.live()
        if day == 100:
            life.be_down(life.random.choice((3, 20, 40)))
    life.paper.database.close()
    return life.mails


def test_over_half_a_year_each_subscriber_gets_every_promised_post(tmp_path: Path) -> None:
    mails = [_live_half_a_year(tmp_path / str(seed), seed) for seed in share(range(LIVES))]
    assert min(mails) > 10 * SUBSCRIBERS
    record(
        "half-year",
        command="make proof",
        lives=len(mails),
        weeks=WEEKS,
        subscribers_at_first=SUBSCRIBERS,
        mails_as_promised=sum(mails),
    )


class AnyHalfYear(RuleBasedStateMachine):
    """A few subscribers and events in any order that hypothesis generates."""

    @initialize(seed=st.integers(0, 2**32), subscribers=st.integers(1, 8))
    def begin(self, seed: int, subscribers: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.life = Life(Path(self.folder.name), seed)
        for _ in range(subscribers):
            self.life.join()

    @rule(seen=st.sampled_from(["", "now", "all"]))
    def join(self, seen: str) -> None:
        self.life.join(seen)

    @rule()
    def choose_sections(self) -> None:
        self.life.choose_sections()

    @rule()
    def choose_cadence(self) -> None:
        self.life.choose_cadence()

    @rule()
    def pause(self) -> None:
        self.life.pause()

    @rule()
    def leave_or_return(self) -> None:
        self.life.leave_or_return()

    @rule()
    def change_mood(self) -> None:
        self.life.change_mood()

    @rule()
    def cancel(self) -> None:
        self.life.cancel()

    @rule(days=st.sampled_from([1, 1, 6, 8, 31]))
    def live(self, days: int) -> None:
        for _ in range(days):
            self.life.live()

    @rule(days=st.sampled_from([1, 9, 40]))
    def be_down(self, days: int) -> None:
        self.life.be_down(days)

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.life.paper.database.close()
            self.folder.cleanup()


TestAnyHalfYear = AnyHalfYear.TestCase
TestAnyHalfYear.settings = settings(
    max_examples=40 if IS_PROOF else 3,
    stateful_step_count=40 if IS_PROOF else 12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    # The same search each time: a fault it finds can be looked at again.
    derandomize=not IS_PROOF,
)
