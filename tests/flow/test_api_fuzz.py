"""Every operation of the API's document with generated requests: no answer is a server error."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from digest.models.admins import RIGHTS, Role
from digest.web.api.app import PREFIX
from digest.web.routes import API
from digest.web.table import Route
from tests.support.api_client import make_token
from tests.support.desk_visitor import open_desk
from tests.support.desk_work import Desk
from tests.support.web_server import Site

schemathesis = pytest.importorskip("schemathesis")

_CLOSED = [route for route in API if route.right is not None]
#: Requests of each operation; the long form is a proof.
_EXAMPLES = 150 if os.environ.get("PROOF") else 2


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A served API with its document."""

    site: Site
    schema: Any
    tokens: Mapping[Role, str]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """Serve one edition that is sent, one that is a draft, and some subscribers."""
    work = Desk.open(Path(tmp_path_factory.mktemp("fuzz")))
    work.add_post("A bridge is mended")
    work.add_subscribers(5)
    work.compose()
    assert work.send("1").code == 0
    work.add_post("The library stays open")
    work.compose()
    app = work.app
    tokens = {role: make_token(app, role) for role in Role}
    with open_desk(app, per_minute=10_000_000) as site:
        document = json.loads(site.ask(f"{PREFIX}/openapi.json").body)
        # Most ids of a fuzzer do not exist.
        for operations in document["paths"].values():
            for operation in operations.values():
                for place in operation.get("parameters", ()):
                    if place["in"] == "path" and place["schema"].get("type") == "integer":
                        place["schema"] |= {"minimum": 1, "maximum": 6}
        schema = schemathesis.openapi.from_dict(document)
        yield Fuzzed(site, schema, tokens)


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.proof
@pytest.mark.parametrize("route", _CLOSED, ids=name_of)
def test_no_request_makes_the_server_fail(fuzzed: Fuzzed, route: Route) -> None:
    operation = fuzzed.schema[route.path][route.method]
    role = next(role for role in Role if route.right in RIGHTS[role])
    headers = {"authorization": f"Bearer {fuzzed.tokens[role]}"}
    modes = schemathesis.GenerationMode
    for mode in (modes.POSITIVE, modes.NEGATIVE):
        raw = operation.definition.raw
        if mode is modes.NEGATIVE and not (raw.get("parameters") or raw.get("requestBody")):
            continue  # nothing of this operation can be wrong
        requests = operation.as_strategy(generation_mode=mode)

        @seed(7)
        @settings(
            max_examples=_EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=requests)
        def ask(case: Any) -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = case.call(base_url=fuzzed.site.url + PREFIX, headers=headers)
            assert answer.status_code < 500, (case.body, case.path_parameters, answer.text)
            assert answer.status_code != 401
            known = {int(status) for status in operation.definition.raw["responses"]}
            assert answer.status_code in known, answer.text
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"]

        ask()
