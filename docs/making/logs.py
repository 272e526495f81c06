"""The page of logs: the fields of each event, from the code that logs it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from docs.making import markdown

#: Sets up the log; events with fields are logged by the observer.
_LOGS, _OBSERVER = "digest.cli.logs", "digest.newsroom.observer"
_PLAIN = """\
Commands log to standard error, one line for each event: the time, the level, the part of the
program, the words. `digest --verbose COMMAND` shows what was tried; otherwise only errors are
logged. A line contains no address of a subscriber."""
_JSON = """\
## The log in JSON

With `digest --log json COMMAND` each line is an object with `time`, `level`, `logger` and
`message`. A fault that was not expected adds `exception`. An event adds these fields:"""


def page() -> str:
    """Return the page."""
    if find_spec(_LOGS) is None:
        return markdown.page("Logs", _PLAIN)
    rows = [
        (markdown.code(event), ", ".join(map(markdown.code, fields)))
        for event, fields in events(import_module(_OBSERVER))
    ]
    return markdown.page("Logs", _PLAIN, _JSON, markdown.table(("event", "fields"), rows))


def events(module: ModuleType) -> Iterator[tuple[str, list[str]]]:
    """Yield each event that a module logs with the names of its fields."""
    tree = ast.parse(inspect.getsource(module))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        for call in _calls(function, "_fields"):
            edition = ["edition"] if len(call.args) > 1 else []
            fields = ["event", *edition, *(each.arg for each in call.keywords if each.arg)]
            for event in _values(call.args[0], function, tree):
                yield event, fields


def _values(node: ast.expr, function: ast.FunctionDef, tree: ast.AST) -> Iterator[str]:
    """Yield the texts that an argument may have: its own, or what callers of the function give."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.Name):
        names = [each.arg for each in function.args.args if each.arg != "self"]
        for call in _calls(tree, function.name) if node.id in names else ():
            given = call.args[names.index(node.id)]
            if isinstance(given, ast.Constant):
                yield str(given.value)


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if name in (getattr(called, "id", ""), getattr(called, "attr", "")):
                yield node
