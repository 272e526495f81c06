"""Reads the structure of a package from its imports: rooms, arrows, floors, circles.

A room is a direct module or sub-package. An arrow is a pair of rooms of which the first imports the
second anywhere in its files, also inside a function. A package's own `__init__` and `__main__` are
not rooms. `import_module` makes no arrow, because its argument is only known at run time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Arrow = tuple[str, str]

_NOT_ROOMS = ("__init__", "__main__", "__pycache__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rooms of one package and how they import each other."""

    package: str
    rooms: tuple[str, ...]
    #: Pairs of importing and imported room, each once.
    arrows: tuple[Arrow, ...]
    #: Number of rooms on the longest path along the arrows; a circle counts as one.
    floors: int
    #: Groups of rooms that import each other, directly or not.
    circles: tuple[tuple[str, ...], ...]
    #: Arrows between rooms of one circle.
    upward: tuple[Arrow, ...]


def draw_plan(root: Path, package: str) -> Plan:
    """Return the plan of a package, such as `digest/letter`, under `root`."""
    folder = root / package
    rooms = {each.stem: each for each in sorted(folder.iterdir()) if _is_room(each)}
    dotted = package.replace("/", ".")
    arrows = {
        (room, target)
        for room, place in rooms.items()
        for name in _imported_by(root, place)
        if name.startswith(f"{dotted}.")
        and (target := name.removeprefix(f"{dotted}.").partition(".")[0]) in rooms
        and target != room
    }
    down: dict[str, set[str]] = {room: set() for room in rooms}
    for room, target in arrows:
        down[room].add(target)
    reach = {room: _reachable(down, room) for room in rooms}
    groups = {
        room: tuple(sorted({room, *(each for each in reach[room] if room in reach[each])}))
        for room in rooms
    }
    return Plan(
        package=package,
        rooms=tuple(rooms),
        arrows=tuple(sorted(arrows)),
        floors=_count_floors(groups, arrows),
        circles=tuple(sorted({group for group in groups.values() if len(group) > 1})),
        upward=tuple(sorted(each for each in arrows if groups[each[0]] == groups[each[1]])),
    )


def _is_room(place: Path) -> bool:
    if place.stem in _NOT_ROOMS:
        return False
    return place.suffix == ".py" or (place.is_dir() and any(place.rglob("*.py")))


def _imported_by(root: Path, place: Path) -> Iterator[str]:
    """Yield the dotted names that the files of a room import.

    For `from a import b`, yield both `a` and `a.b`, because `b` may be a module or a name in `a`.
    """
    for file in [place] if place.is_file() else place.rglob("*.py"):
        # A relative import starts at the package of the file.
        around = file.relative_to(root).parent.parts
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (each.name for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = around[: len(around) - node.level + 1] if node.level else ()
                source = ".".join((*above, *filter(None, [node.module])))
                yield source
                yield from (f"{source}.{each.name}" for each in node.names)


def _reachable(down: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = set(down[waiting.pop()]) - found
        found |= new
        waiting.extend(new)
    return found


def _count_floors(groups: Mapping[str, tuple[str, ...]], arrows: Iterable[Arrow]) -> int:
    below: dict[tuple[str, ...], set[tuple[str, ...]]] = {each: set() for each in groups.values()}
    for room, target in arrows:
        if groups[room] != groups[target]:
            below[groups[room]].add(groups[target])

    @cache
    def height(group: tuple[str, ...]) -> int:
        return 1 + max((height(each) for each in below[group]), default=0)

    return max(map(height, below), default=0)
