"""The page of logs, from the module that writes them."""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass
from importlib import import_module
from importlib.util import find_spec

from docs.making import markdown
from docs.making.comments import field_comments

#: Modules whose classes are the fields of a line in the log.
_MODULES = ("digest.cli.logs", "digest.newsroom.observer")


def page() -> str:
    """Return the page."""
    modules = [import_module(name) for name in _MODULES if find_spec(name)]
    parts = [inspect.getdoc(module) or "" for module in modules]
    for module in modules:
        for each in vars(module).values():
            if inspect.isclass(each) and is_dataclass(each) and each.__module__ == module.__name__:
                notes = field_comments(each)
                rows = [(markdown.code(f.name), notes.get(f.name, "")) for f in fields(each)]
                parts += [f"## {each.__name__}", inspect.getdoc(each) or ""]
                parts.append(markdown.table(("field", "meaning"), rows))
    return markdown.page("Logs", *(parts or [_PLAIN]))


_PLAIN = """\
Commands log to standard error, one line for each event: the time, the level, the part of the
program, the words. `digest --verbose COMMAND` shows what was tried; otherwise only errors are
logged. A line contains no address of a subscriber."""
