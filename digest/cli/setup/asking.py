"""Asks for one value at a time, until the configuration would accept it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import typer

from digest.app import parts
from digest.cli.output import say
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.app import App

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Takes values from options; on a terminal it asks for those that were not given."""

    #: The installation with default values, which finds feeds.
    app: App
    is_asking: bool
    #: Whether nothing is shown but the questions.
    is_quiet: bool

    def value(
        self, key: str, option: str, question: str, given: str, *, known: str = "", guess: str = ""
    ) -> str:
        """Return the value of an option, or the answer to its question.

        Args:
            key: a field of `Setup`, or `category`.
            option: the option, for messages.
            question: the question, which is asked on a terminal if the option is missing.
            given: the option's value; empty if it is missing.
            known: the value that is right unless another one is given.
            guess: a value to offer; it is used only if the operator accepts it.

        Raises:
            UsageError: the option has a wrong value.
        """
        if given:
            return self.checked(key, given, option)
        known, guess = self._if_right(key, known), self._if_right(key, guess)
        if not self.is_asking:
            return known
        default = known or guess or None
        return until_right(lambda: self.checked(key, typer.prompt(question, default=default)))

    def checked(self, key: str, text: str, option: str = "") -> str:
        """Return a value that the configuration accepts.

        Raises:
            UsageError: it would refuse it; the message is one line.
        """
        try:
            return parts.setup.check_answer(key, text, is_development=self.app.is_development)
        except UsageError as error:
            raise UsageError(f"{option}: {error}" if option else str(error)) from error

    def _if_right(self, key: str, text: str) -> str:
        try:
            return self.checked(key, text)
        except UsageError:
            return ""


def is_terminal() -> bool:
    """Return whether questions can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def until_right(ask: Callable[[], T]) -> T:
    """Ask until the answer is right; print why one is not."""
    while True:
        try:
            return ask()
        except UsageError as error:
            say(str(error))
