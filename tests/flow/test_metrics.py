"""The pages for machines: health, readiness, and the metrics that alerts and dashboard ask for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from digest.app import App
from digest.web.doors import ops_door
from digest.web.ops.app import create_ops
from digest.web.routes import OPS
from tests.support.project import Project
from tests.support.web_server import Answer, serving

pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"\bdigest_[a-z_]+\b")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write_config(feed_url="http://127.0.0.1:1/feed", smtp_port=1)
    return project


def ask(app: App, path: str) -> Answer:
    with serving(create_ops(ops_door(app), OPS)) as site:
        return site.ask(path)


def metrics_of(app: App) -> dict[str, float]:
    answer = ask(app, "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_process_is_healthy_and_ready(project: Project) -> None:
    app = App.load(project.config)
    assert ask(app, "/healthz").body == b"ok\n"
    assert ask(app, "/readyz").status == 200


def test_a_process_without_its_database_is_healthy_and_not_ready(project: Project) -> None:
    app = App.load(project.config)
    project.database.unlink()
    assert ask(app, "/healthz").status == 200
    answer = ask(app, "/readyz")
    assert answer.status == 503
    assert b"does not exist" in answer.body
    assert metrics_of(app)["digest_database_up"] == 0


def test_the_metrics_have_the_figures_of_the_installation(project: Project) -> None:
    project.add_subscribers(3)
    assert project.run("collect").code == 1  # the feed is down
    app = App.load(project.config)
    app.tally.sent(1, 5)
    found = metrics_of(app)
    assert found["digest_database_up"] == 1
    assert found['digest_feed_failures{feed="http://127.0.0.1:1/feed"}'] == 1
    assert found['digest_mails_total{outcome="sent"}'] == 5
    assert found['digest_next_slot_timestamp_seconds{cadence="weekly",newsletter="weekly"}'] > 0
    assert found["digest_handed_over_total"] == 0


def test_alerts_and_dashboard_ask_only_for_metrics_that_exist(project: Project) -> None:
    app = App.load(project.config)
    text = ask(app, "/metrics").body.decode()
    known = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    known |= {f"{name}_{end}" for name in known for end in ("total", "sum", "count")}
    asked = set()
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8")
    asked |= {
        name
        for line in re.findall(r"expr:.*(?:\n +[^a-z\n].*)*", rules)
        for name in NAME.findall(line)
    }
    board = json.loads((ROOT / "deploy/grafana/digest.json").read_text("utf-8"))
    for panel in board["panels"]:
        asked |= {name for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert len(asked) > 8
    assert asked <= known


def test_a_log_in_json_has_the_events_of_a_command(project: Project) -> None:
    done = project.run("--log", "json", "--verbose", "collect")
    events = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    assert "collected" in [each.get("event") for each in events]
    assert project.run("--log", "xml", "status").code == 2
