"""The commands of the guides for moving are run with exports of these services."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.long

_GUIDES = Path(__file__).parent.parent.parent / "docs" / "moving"
_EXPORTS = Path(__file__).parent.parent / "data" / "subscribers"
#: The files that a guide names: an export of the service, or lines of addresses.
FILES = {
    "subscribed.csv": "forms/mailchimp-birthdays.csv",
    "unsubscribed.csv": "forms/mailchimp-unsubscribed-french.csv",
    "cleaned.csv": "forms/mailchimp-cleaned-spanish.csv",
    "listmonk.csv": "listmonk-export.csv",
    "members.csv": "forms/ghost.csv",
    "mailpoet.csv": "mailpoet-export.csv",
    "phplist.csv": "forms/phplist.csv",
}
#: Of each guide, the state of some people, by the local part of their address.
STATES = {
    "mailchimp": {"none-a": "confirmed", "none-b": "confirmed"},
    "listmonk": {"ok": "confirmed", "ok2": "confirmed", "bl": "left"},
    "ghost": {"confirmed-ann": "confirmed", "left-bob": "left", "left-cid": "left"},
    "mailpoet": {"ok": "confirmed", "unsub": "left", "bounced": "bounced"},
    "phplist": {"confirmed-ann": "confirmed", "left-bob": "left", "pending-cid": "pending"},
}


@pytest.mark.parametrize("guide", STATES)
def test_the_commands_of_a_guide_subscribe_who_is_subscribed_and_no_one_else(
    guide: str, tmp_path: Path
) -> None:
    project = Project(tmp_path)
    project.write_config(feed_url="https://hill.example.org/feed", smtp_port=9)
    for name, source in FILES.items():
        shutil.copy(_EXPORTS / source, tmp_path / name)
    (tmp_path / "blacklist.csv").write_text("email\ngone@heritage.org\n")
    text = (_GUIDES / f"{guide}.md").read_text("utf-8")
    lines = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(lines) >= 3
    for line in lines:
        result = project.run(*shlex.split(line)[1:])
        assert result.code == 0, f"{line}: {result.out}{result.err}"
    found = states(project)
    for name, state in STATES[guide].items():
        assert found[name] == state, name
    for name, state in found.items():
        assert state == "confirmed" or name.partition("-")[0] not in ("confirmed", "ok"), name
        assert state != "confirmed" or not name.startswith(("left", "bounced", "pending")), name


def states(project: Project) -> dict[str, str]:
    assert project.run("subscribers", "export", "out.csv").code == 0
    with (project.folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return {re.split(r"[+@]", row["address"])[0]: row["state"] for row in csv.DictReader(file)}


def test_each_guide_is_on_the_list_and_its_links_lead_somewhere() -> None:
    index = (_GUIDES / "index.md").read_text("utf-8")
    for path in _GUIDES.glob("*.md"):
        assert path.stem == "index" or f"({path.name})" in index
        for target in re.findall(r"\]\(([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
