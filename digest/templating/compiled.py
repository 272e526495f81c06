"""Keeps the code of templates in memory, so that a process compiles each one once."""

from __future__ import annotations

from collections import defaultdict
from types import CodeType

import jinja2
from jinja2.bccache import Bucket


class CompiledTemplates(jinja2.BytecodeCache):
    """The code of templates, for engines with the same settings and the same language."""

    def __init__(self) -> None:
        #: By file: the checksum of the source, and its code.
        self._code: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Set the code of a template, unless its source has changed."""
        checksum, code = self._code.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._code[bucket.key] = bucket.checksum, bucket.code


_shared: defaultdict[tuple[str, str], CompiledTemplates] = defaultdict(CompiledTemplates)


def compiled_templates(kind: str, language: str) -> CompiledTemplates:
    """Return the code that all engines of a kind share, `letters` or `pages`, for a language."""
    return _shared[kind, language]
