"""What the code says about a field: the `#:` lines above it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache


@cache
def field_comments(owner: type) -> dict[str, str]:
    """Return the comment of each field of a class and its bases, by the field's name."""
    found: dict[str, str] = {}
    for each in reversed(owner.__mro__):
        if each.__module__.partition(".")[0] in ("digest", "subscribers"):
            found |= _own_comments(each)
    return found


def _own_comments(owner: type) -> dict[str, str]:
    source = textwrap.dedent(inspect.getsource(owner))
    (tree,) = ast.parse(source).body
    if not isinstance(tree, ast.ClassDef):
        return {}
    fields = [node for node in tree.body if isinstance(node, ast.AnnAssign | ast.Assign)]
    return {
        name: text
        for node in fields
        for name, text in [_comment_of(node, source.splitlines())]
        if text
    }


def _comment_of(node: ast.AnnAssign | ast.Assign, source: list[str]) -> tuple[str, str]:
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    words: list[str] = []
    for line in reversed(source[: node.lineno - 1]):
        if not line.strip().startswith("#:"):
            break
        words.insert(0, line.strip().removeprefix("#:").strip())
    return ast.unparse(target), " ".join(words)
