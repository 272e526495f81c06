"""The use cases of accounts, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom.admins import use_cases

if TYPE_CHECKING:
    from datetime import date

    from digest.models import Actor
    from digest.models.admins import Account, ApiToken, Recognised, Right, Role
    from digest.newsroom.admins.accounts import ListedAccount
    from digest.newsroom.admins.sign_in import SignIn
    from digest.newsroom.admins.tokens import NewToken
    from digest.newsroom.context import RunContext


class Admins:
    """The use cases of accounts; each is documented in its own module.

    A `password` is None for an account that signs in through a proxy only.
    """

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def list(self) -> tuple[ListedAccount, ...]:
        """Return all accounts, by name."""
        return use_cases.accounts.list_accounts(self._context)

    def check_name(self, name: str, *, is_new: bool) -> str:
        """Return an account's name in lower case, after a check whether it exists or is free."""
        return use_cases.accounts.check_name(self._context, name, is_new=is_new)

    def check_password(self, name: str, password: str) -> None:
        """Refuse a password that is too easy to guess."""
        use_cases.passwords.check_password(name, password)

    def add(self, name: str, role: Role, password: str | None, *, by: Actor) -> Account:
        """Make an account."""
        return use_cases.accounts.add(self._context, name, role, password, by=by)

    def set_role(self, name: str, role: Role, *, by: Actor) -> Account:
        """Change the role of an account."""
        return use_cases.accounts.set_role(self._context, name, role, by=by)

    def set_password(self, name: str, password: str | None, *, by: Actor) -> int:
        """Change the password of an account and end its sessions; return their number."""
        return use_cases.accounts.set_password(self._context, name, password, by=by)

    def remove(self, name: str, *, by: Actor) -> int:
        """Delete an account with its tokens and sessions; return the number of accounts left."""
        return use_cases.accounts.remove(self._context, name, by=by)

    def recognise(self, token: str = "", *, proxied_name: str | None = None) -> Recognised:
        """Return who asks, by the token of a session or by the name that a proxy vouches for."""
        return use_cases.sessions.recognise(self._context, token, proxied_name=proxied_name)

    def sign_in(self, name: str, password: str, *, network: str) -> SignIn:
        """Begin a session if name and password are right."""
        return use_cases.sign_in.sign_in(self._context, name, password, network=network)

    def sign_out(self, token: str, *, by: Actor) -> None:
        """End a session."""
        use_cases.sessions.sign_out(self._context, token, by=by)

    # --- the tokens of the API ------------------------------------------------------------------

    def make_token(
        self,
        name: str,
        role: Role,
        *,
        last_day: date | None = None,
        owner: str,
        rights: frozenset[Right],
        by: Actor,
    ) -> NewToken:
        """Make a token of the API."""
        return use_cases.tokens.make(
            self._context, name, role, last_day=last_day, owner=owner, rights=rights, by=by
        )

    def list_tokens(self, owner: str = "") -> tuple[ApiToken, ...]:
        """Return the tokens that an account made; all without an owner."""
        return use_cases.tokens.list_tokens(self._context, owner)

    def recognise_token(self, secret: str) -> ApiToken | None:
        """Return the token of a secret; None if it does not work."""
        return use_cases.tokens.recognise(self._context, secret)

    def revoke_token(self, token_id: int, *, owner: str, by: Actor) -> str:
        """Revoke a token that an account made; return its name."""
        return use_cases.tokens.revoke(self._context, token_id, owner=owner, by=by)

    def revoke_named_token(self, name: str, *, by: Actor) -> str:
        """Revoke a token by its name; return the name."""
        return use_cases.tokens.revoke_named(self._context, name, by=by)
