"""The page of exit codes and errors, from `digest/errors.py`."""

from __future__ import annotations

import inspect

from digest import errors
from digest.errors import DigestError, ExitCode
from docs.making import markdown
from docs.making.comments import field_comments

_HEAD = """\
The exit codes are a promise: they do not change. With `--json`, a command that fails prints
`{"error": "…", "exit_code": 2}`."""


def page() -> str:
    """Return the page."""
    notes = field_comments(ExitCode)
    codes = [
        (str(int(code)), markdown.code(code.name), notes.get(code.name, "")) for code in ExitCode
    ]
    tree = inspect.getdoc(errors) or ""
    _, _, drawn = tree.partition("\n\n")
    drawing, _, rest = drawn.partition("\n\n")
    classes = [each for each in vars(errors).values() if inspect.isclass(each)]
    rows = [
        (markdown.code(each.__name__), str(int(each.exit_code)), _first_line(each))
        for each in classes
        if issubclass(each, DigestError)
    ]
    return markdown.page(
        "Exit codes and errors",
        _HEAD,
        markdown.table(("code", "name", "meaning"), codes),
        "## The tree of errors",
        "Each error has the exit code behind its name.",
        f"```text\n{inspect.cleandoc(drawing)}\n```",
        rest,
        markdown.table(("error", "exit code", "meaning"), rows),
    )


def _first_line(owner: type) -> str:
    return (inspect.getdoc(owner) or "").partition("\n")[0]
