"""The use cases of the pages to sign up, in one object."""

from __future__ import annotations

from digest.newsroom.context import RunContext
from digest.newsroom.self_service import joining, sign_ups
from digest.newsroom.self_service.applying import FormKind, ReadForm, read_form
from digest.newsroom.self_service.choices import Form
from digest.newsroom.self_service.facts import NewsletterFacts, facts_of
from digest.newsroom.self_service.joining import JoiningPage
from digest.newsroom.self_service.showcase import Showcase, Showcases
from digest.newsroom.self_service.sign_ups import Application
from subscribers.stamps import make_stamp
from subscribers.tokens import Link


class SignUps:
    """Signing up and confirming, for one installation.

    Methods that use the database raise `StoreError` if it is not available.
    """

    def __init__(self, context: RunContext, *, per_hour: int) -> None:
        """Store the access to the data.

        Args:
            context: the installation's context; a short patience is best, because people wait.
            per_hour: the most sign-ups in an hour, from all networks together.
        """
        self._context = context
        self._per_hour = per_hour
        self._facts = facts_of(context)
        self._showcases = Showcases(context)

    @property
    def newsletters(self) -> tuple[NewsletterFacts, ...]:
        """The newsletters, in the order of the configuration."""
        return tuple(self._facts.values())

    def find(self, newsletter: str) -> NewsletterFacts | None:
        """Return the facts about a newsletter; None if it is not configured."""
        return self._facts.get(newsletter)

    def newest(self, newsletter: str) -> Showcase | None:
        """Return the newest edition of a newsletter; None before the first."""
        return self._showcases.newest(newsletter)

    def stamp(self, newsletter: str) -> str:
        """Return the stamp of a form shown now."""
        return make_stamp(self._context.keys[0], newsletter, self._context.clock())

    def read(
        self, newsletter: NewsletterFacts, form: Form, kind: FormKind, *, network: str
    ) -> ReadForm:
        """Read a form; see `read_form`."""
        context = self._context
        return read_form(
            form,
            newsletter,
            kind,
            network=network,
            keys=context.keys,
            now=context.clock(),
            allow_reserved=context.is_development,
        )

    def accept(self, application: Application) -> bool:
        """Store a sign-up; return False if there were too many."""
        return sign_ups.accept(self._context, application, per_hour=self._per_hour)

    def find_joining(self, link: Link) -> JoiningPage | None:
        """Return the sign-up of a link; None if it is not there any more."""
        return joining.find_joining(self._context, link)

    def join(self, link: Link) -> JoiningPage | None:
        """Confirm the sign-up of a link; None if it is not there any more. Safe to repeat."""
        return joining.join(self._context, link)
