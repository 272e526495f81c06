"""The list of unsupported features that E03 ships, made from the caniemail data.

`python -m tests.support.caniemail CANIEMAIL.json` writes the list again.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIST = Path(__file__).parents[2] / "digest" / "letter" / "checks" / "data" / "support.json"
NOTICE = (
    "Derived from https://github.com/hteumeuleu/caniemail, Copyright (c) Rémi Parmentier,"
    " MIT License: Permission is hereby granted, free of charge, to any person obtaining a copy of"
    " this software and associated documentation files (the “Software”), to deal in the Software"
    " without restriction, including without limitation the rights to use, copy, modify, merge,"
    " publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons"
    " to whom the Software is furnished to do so, subject to the following conditions: The above"
    " copyright notice and this permission notice shall be included in all copies or substantial"
    " portions of the Software. THE SOFTWARE IS PROVIDED “AS IS”, WITHOUT WARRANTY OF ANY KIND,"
    " EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS"
    " FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT"
    " HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF"
    " CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE"
    " USE OR OTHER DEALINGS IN THE SOFTWARE."
)
#: The programs whose users must miss nothing, as the data names them: family and platform.
CLEAN = {
    "Gmail": (("gmail", "desktop-webmail"), ("gmail", "android"), ("gmail", "ios")),
    "Apple Mail": (("apple-mail", "macos"), ("apple-mail", "ios")),
    "Samsung Email": (("samsung-email", "android"),),
}

_SEMANTIC = "article aside details figcaption figure footer header main mark nav section summary"
#: Features whose title does not show how they are written in a mail.
_SPECIAL: dict[str, tuple[tuple[str, str], ...]] = {
    "html-anchor-links": (("markup", "local anchor"),),
    "html-comments": (("markup", "comment"),),
    "html-doctype": (("markup", "doctype"),),
    "html-h1-h6": tuple(("element", f"h{level}") for level in range(1, 7)),
    "html-image-maps": (("element", "map"),),
    "html-lists": tuple(("element", name) for name in ("ul", "ol", "dl")),
    "html-mailto-links": (("markup", "mailto link"),),
    "html-semantics": tuple(("element", name) for name in _SEMANTIC.split()),
    "html-svg": (("element", "svg"),),
    "css-selector-adjacent-sibling": (("selector", "a + b"),),
    "css-selector-attribute": (("selector", "[attribute]"),),
    "css-selector-chaining": (("selector", ".a.b"),),
    "css-selector-child": (("selector", "a > b"),),
    "css-selector-class": (("selector", ".class"),),
    "css-selector-descendant": (("selector", "a b"),),
    "css-selector-general-sibling": (("selector", "a ~ b"),),
    "css-selector-grouping": (("selector", "a, b"),),
    "css-selector-id": (("selector", "#id"),),
    "css-selector-type": (("selector", "type"),),
    "css-selector-universal": (("selector", "*"),),
    "css-important": (("markup", "!important"),),
    "css-variables": (("function", "var()"),),
    "css-unit-calc": (("function", "calc()"),),
    "image-base64": (("image", "data:"),),
    "image-jpg": (("image", "jpg"), ("image", "jpeg")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature that a mail may use, and the programs that support it."""

    slug: str
    #: Its form in a mail: kind and name, as `digest.letter.checks.css` finds them.
    uses: tuple[tuple[str, str], ...]
    #: `y`, `a` (partly), `n` or `u` (unknown), of the newest version, by family and platform.
    support: Mapping[tuple[str, str], str]


def read_features(path: Path) -> tuple[Feature, ...]:
    """Read the data; features that no rule can see in a mail are left out."""
    data = json.loads(path.read_text("utf-8"))["data"]
    features = (
        Feature(slug=each["slug"], uses=tuple(_uses(each)), support=dict(_support(each["stats"])))
        for each in data
    )
    return tuple(feature for feature in features if feature.uses)


def derive_list(path: Path) -> str:
    """Return the list of features that at least one of `CLEAN` does not support, as shipped."""
    found = {
        use: clients
        for feature in read_features(path)
        if (clients := [name for name in CLEAN if is_unsupported(feature, name)])
        for use in feature.uses
    }
    rows = [[kind, name, clients] for (kind, name), clients in sorted(found.items())]
    date = json.loads(path.read_text("utf-8"))["last_update_date"]
    head = json.dumps({"notice": NOTICE, "updated": date}, ensure_ascii=False)[1:-1]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{{head},\n"unsupported": [\n{lines}\n]}}\n'


def is_unsupported(feature: Feature, client: str) -> bool:
    """Return whether a platform of the client lacks it; partial support counts as support."""
    return any(feature.support.get(platform, "u") == "n" for platform in CLEAN[client])


def _support(stats: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for family, platforms in stats.items():
        for platform, versions in platforms.items():
            if versions:
                yield (family, platform), str(list(versions.values())[-1])[:1]


def _uses(feature: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    slug, title = feature["slug"], feature["title"]
    if slug in _SPECIAL:
        yield from _SPECIAL[slug]
    elif feature["category"] == "html":
        yield from (("element", name) for name in re.findall(r"^<([a-z0-9]+)>", title))
        yield from (("attribute", name) for name in _attributes(title))
        if re.fullmatch("[a-z]+", title):
            yield "element", title
    elif feature["category"] == "image":
        yield "image", slug.removeprefix("image-")
    elif feature["category"] == "css":
        yield from _css_uses(title)


def _attributes(title: str) -> list[str]:
    found = re.fullmatch(r"([a-z-]+)(?: and ([a-z]+))? attributes?", title)
    return [name for name in found.groups() if name] if found else []


def _css_uses(title: str) -> Iterator[tuple[str, str]]:
    if title.startswith("@"):
        yield from (("at-rule", name) for name in title.split(", "))
    elif title.startswith(":"):
        yield "selector", title
    elif "()" in title:
        yield from (("function", name) for name in re.findall(r"[a-z-]+\(\)", title))
    elif found := re.fullmatch(r"([a-z%]+) unit", title):
        yield "unit", found[1]
    elif found := re.fullmatch(r"([a-z-]+): ?([a-z-]+)", title):
        yield "value", f"{found[1]}:{found[2]}"
    else:
        plain = re.sub(r" (?:CSS )?(?:property|shorthand)$", "", title.strip())
        names = re.split(r", | & ", plain)
        yield from (("property", name) for name in names if re.fullmatch("[a-z-]+", name))


if __name__ == "__main__":
    LIST.write_text(derive_list(Path(sys.argv[1])), "utf-8")
