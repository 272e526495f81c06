"""Opens a proof: the exact mail of an edition that one person gets, or a stock person would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from digest.errors import NothingToDo, UsageError
from digest.letter.printing.message import Pieces
from digest.models import AudienceGroup, Edition, StoredEdition, StoredVariant
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.desk.listing import load_findings
from digest.newsroom.editions import named_edition
from digest.newsroom.proof.memory import LetterMemory
from digest.newsroom.proof.people import EVERYONE, Addressee, as_addressee, stock_people
from digest.newsroom.proof.proof import Proof, make_proof, proof_of
from digest.newsroom.replay import Subscriber, refuse_unmailed
from digest.newsroom.snapshots import read_snapshot
from digest.pipeline.audience import (
    Mail,
    VariantRule,
    rule_for_group,
    rule_of_variant,
    variant_for,
)
from digest.pipeline.prepare import dated_edition, general_mail, read_present, render_all
from digest.pipeline.removed import take_out_removed
from digest.store import examinations, posts, variants
from digest.store.engine import Connection
from subscribers.fieldvalues import printed_values
from subscribers.people import find_person_id, find_subscription
from subscribers.preferences import load_categories

#: A longer key names no person that a database can store.
_PERSON_LETTERS = 18
#: Letters of a variant's key that name it in an address.
KEY_LETTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEdition:
    """An edition opened for one person."""

    #: None if the edition was never made, but composed again for this proof.
    stored: StoredEdition | None
    edition: Edition
    #: The stock people of this edition.
    people: tuple[Addressee, ...]
    #: None if nobody with this key is known.
    addressee: Addressee | None
    #: None if this person gets no mail of it.
    proof: Proof | None
    #: Why there is no proof, in one sentence; empty if there is one.
    why: str = ""


def open_edition(
    context: RunContext, memory: LetterMemory, edition_id: int, who: str
) -> OpenedEdition:
    """Open the mail of an edition for a person.

    Args:
        context: the installation's context.
        memory: the letters that were written before.
        edition_id: the edition.
        who: the key of a stock person or of a subscriber, or `v` with the start of a variant's key.

    Raises:
        UsageError: the edition, its newsletter or the person does not exist.
        TemplateError: a template cannot be rendered.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    if stored.frozen_at is None:
        # The freeze takes out what its site has removed, too.
        read_snapshot(stored)
        stored = take_out_removed(context.database, stored).stored
    with context.database.read() as connection:
        return _Opening(context, memory, connection, stored).open(who or EVERYONE)


def person_of(who: str) -> int:
    """Return the id of the person that a key names; 0 if it names no subscriber."""
    is_person = who[:1] == "p" and who[1:].isdecimal() and len(who) <= _PERSON_LETTERS
    return int(who[1:]) if is_person else 0


def known_subscriber(connection: Connection, newsletter: str, person_id: int) -> Subscriber:
    """Return a person's subscription to a newsletter, of any state.

    Raises:
        UsageError: the person does not exist, or never subscribed.
    """
    person = find_person_id(connection, person_id)
    subscription = find_subscription(connection, person_id, newsletter) if person else None
    if person is None or subscription is None:
        raise UsageError(f"newsletter {newsletter}: this subscriber does not exist any more")
    return Subscriber(person=person, subscription=subscription)


def addressee_of(
    connection: Connection,
    owner: NewsletterContext,
    edition: Edition,
    subscriber: Subscriber,
    rule: VariantRule,
) -> Addressee:
    """Return a subscriber as an addressee, with the values that the mail prints."""
    values = owner.identity.shown_values(
        printed_values(connection, subscriber.person), rule.language or edition.language
    )
    return as_addressee(subscriber, rule, values)


class _Opening:
    """The opening of one edition."""

    def __init__(
        self,
        context: RunContext,
        memory: LetterMemory,
        connection: Connection,
        stored: StoredEdition,
    ) -> None:
        self._connection = connection
        self._stored = stored
        self._now = context.clock()
        self._owner: NewsletterContext = context.newsletter_of(stored.newsletter)
        self._memory = memory
        self._edition = dated_edition(stored, now=self._now)
        self._is_sent = stored.frozen_at is not None

    def open(self, who: str) -> OpenedEdition:
        people = stock_people(self._edition, now=self._now)
        opened = OpenedEdition(
            stored=self._stored, edition=self._edition, people=people, addressee=None, proof=None
        )
        addressee = next((person for person in people if person.key == who), None)
        try:
            addressee = addressee or self._find(who)
            opened = replace(opened, addressee=addressee)
            is_sent = self._is_sent
            proof = self._stored_proof(addressee) if is_sent else self._draft_proof(addressee)
        except NothingToDo as reason:
            return replace(opened, why=str(reason))
        return replace(opened, proof=proof, edition=proof.edition)

    # --- who ------------------------------------------------------------------------------------

    def _find(self, who: str) -> Addressee:
        if person_id := person_of(who):
            return self._subscriber(person_id)
        if who[:1] == "v":
            return self._of_variant(who)
        raise UsageError("the preview knows nobody with this name; choose one of the list")

    def _subscriber(self, person_id: int) -> Addressee:
        subscriber = known_subscriber(self._connection, self._stored.newsletter, person_id)
        rule = self._rule_of(subscriber)
        return addressee_of(self._connection, self._owner, self._edition, subscriber, rule)

    def _rule_of(self, subscriber: Subscriber) -> VariantRule:
        audience = self._owner.audience_of(self._stored.cadence, self._stored.local_at)
        at = max(self._now, self._stored.due_at)
        reach = posts.last_seq_before(self._connection, at - audience.max_window)
        chosen = subscriber.subscription.preferences
        group = AudienceGroup(
            subscriber.categories,
            subscriber.subscription.seen_seq,
            1,
            chosen.language,
            chosen.text_size,
        )
        if not self._is_sent:
            refuse_unmailed(self._connection, subscriber, audience, self._stored.id, at)
        rule = rule_for_group(self._edition, group, reach=reach)
        if rule.since_seq < self._edition.since_seq and not self._is_sent:
            raise NothingToDo(
                f"edition {self._stored.id}: this subscriber has older unsent posts than this"
                " draft covers; compose it again to include them, else the next edition does"
            )
        return rule

    def _of_variant(self, who: str) -> Addressee:
        """Return a person with the rule of a variant, as the approval page names it."""
        known = examinations.newest(self._connection, self._stored.id)
        largest = known.report.largest if known else ()
        rules = {
            f"v{each.key[:KEY_LETTERS]}": (
                VariantRule(
                    categories=each.categories,
                    since_seq=each.since_seq,
                    language=each.language,
                    text_size=each.text_size,
                ),
                each.label,
            )
            for each in largest
        }
        for each in variants.list_variants(self._connection, self._stored.id):
            label = ", ".join(load_categories(each.categories)) or "All sections"
            rules[f"v{each.key[:KEY_LETTERS]}"] = (rule_of_variant(each), label)
        if who not in rules:
            raise UsageError("this variant does not exist any more; choose one of the list")
        rule, label = rules[who]
        return Addressee(key=who, label=f"Variant: {label}", rule=rule, fields=None)

    # --- what -----------------------------------------------------------------------------------

    def _draft_proof(self, addressee: Addressee) -> Proof:
        """Write the mail as the freeze would: without what a check finds in it."""
        present = read_present(self._connection, self._edition, now=self._now)
        writer = self._memory.writer(self._owner.writer, self._stored.content_hash)

        def plan_mails(edition: Edition) -> Iterator[Mail]:
            yield from general_mail(edition)
            variant = variant_for(edition, addressee.rule)
            if variant is not None:
                yield Mail(rule=addressee.rule, variant=variant)

        settled = render_all(self._edition, writer, present, plan_mails)
        variant = variant_for(settled.edition, addressee.rule)
        if variant is None:
            raise self._nothing_new()
        letter = settled.rendered[variant.key].letter
        return make_proof(
            self._owner.writer,
            settled.edition,
            addressee,
            letter,
            number=str(self._stored.id),
            now=self._now,
            mends=settled.mends,
        )

    def _stored_proof(self, addressee: Addressee) -> Proof:
        """Read the mail as it was stored; write it again if it is no longer kept."""
        found = self._stored_variant(addressee)
        rule = rule_of_variant(found) if found else addressee.rule
        variant = variant_for(self._edition, rule)
        if variant is None:
            raise self._nothing_new()
        kept = variants.variant_pieces(self._connection, found.id) if found else None
        writer = self._owner.writer
        stored = self._stored
        identity = writer.identity.as_frozen(stored.sender, stored.identity)
        if kept is not None and found is not None:
            pieces, letter, findings = Pieces.from_bytes(kept), None, load_findings(found.findings)
        else:
            remembering = self._memory.writer(writer, stored.content_hash)
            letter = remembering.write(self._edition, variant)
            pieces, findings = letter.pieces, letter.findings
        return proof_of(
            replace(writer, identity=identity),
            self._edition,
            addressee,
            pieces,
            number=str(stored.id),
            now=stored.first_at or self._now,
            variant=letter.variant if letter else variant,
            letter=letter,
            findings=findings,
        )

    def _stored_variant(self, addressee: Addressee) -> StoredVariant | None:
        connection, edition_id = self._connection, self._stored.id
        if not addressee.is_stock:
            found = variants.variant_of_subscriber(connection, edition_id, int(addressee.key[1:]))
            if found is None:
                raise NothingToDo(f"edition {edition_id}: this subscriber got no mail of it")
            return found
        wanted = variant_for(self._edition, addressee.rule)
        listed = variants.list_variants(connection, edition_id)
        return next((each for each in listed if wanted and each.key == wanted.key), None)

    def _nothing_new(self) -> NothingToDo:
        return NothingToDo(f"edition {self._stored.id}: it has no new story for this person")
