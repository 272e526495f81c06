"""`make proof`: the long figures as a list of parts, each of at most 20 minutes.

`python -m bench.proof` runs each part that is not done at the present commit, so a run that was
stopped goes on where it was. `python -m bench.proof kill ledger-1` runs the parts named, also if
they are done; `--list` shows all of them. A part writes its figures into `bench/results/`, with the
commit, the date and the machine; `bench/results/proof.json` says how each part ended.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.circumstances import ROOT, circumstances, measured_commit
from bench.report import RESULTS

LIMIT_S = 20 * 60
LEDGER = RESULTS / "proof.json"
#: Long loops are cut into this number of parts.
SHARES = 4
_RUNS = "tests/flow/test_run_processes.py"
_SEVERAL = f"{_RUNS}::test_several_runs_at_once_make_one_edition_and_one_mail_per_subscriber"
_STOPPED = f"{_RUNS}::test_a_process_stopped_repeatedly_loses_and_repeats_nothing"
_LIFE = "tests/flow/test_half_year.py"
_HALF_YEAR = f"{_LIFE}::test_over_half_a_year_each_subscriber_gets_every_promised_post"
_LEDGER_MACHINE = "tests/contract/test_ledger_machine.py"


@dataclass(frozen=True)
class Part:
    """One part of the proof."""

    name: str
    #: What it shows, in a few words.
    about: str
    #: Arguments of Python, or of pytest if `is_test`.
    arguments: tuple[str, ...]
    is_test: bool = True
    #: Which share of a long loop, such as `1/4`; empty: all of it.
    share: str = ""

    @property
    def command(self) -> list[str]:
        """The command that measures it."""
        # Without a marker: each test named here is part of the proof.
        tests = ["-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider"] if self.is_test else []
        return [sys.executable, *tests, *self.arguments]


def _tests(name: str, about: str, *arguments: str) -> Part:
    return Part(name, about, arguments)


def _shares(name: str, about: str, *arguments: str) -> Iterator[Part]:
    for number in range(1, SHARES + 1):
        yield Part(f"{name}-{number}", about, arguments, share=f"{number}/{SHARES}")


def _flow(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/flow/test_{name}.py" for name in names)


def _bench(name: str, about: str) -> Part:
    return Part(f"bench-{name}", about, ("-m", "bench", name), is_test=False)


def _wire(name: str, about: str) -> Part:
    return Part(f"wire-{name}", about, ("-m", "bench.wire", name), is_test=False)


_NAMED = (
    _tests("kill", "`kill -9` of `digest send`", *_flow("kill_send")),
    _tests("stop", "`SIGTERM` during `digest send`", *_flow("stop_send")),
    _tests("runs-2", "two `digest run` on one database", f"{_SEVERAL}[2]"),
    _tests("runs-4", "four `digest run` on one database", f"{_SEVERAL}[4]"),
    _tests("runs-8", "eight `digest run` on one database", f"{_SEVERAL}[8]"),
    _tests("run-stopped", "`SIGTERM` during `digest run`", _STOPPED),
    *_shares("half-year", "simulated half-years against a model", _HALF_YEAR),
    _tests("any-half-year", "events in any order", f"{_LIFE}::TestAnyHalfYear"),
    *_shares("hung-send", "a process that hangs while another goes on", *_flow("hung_send")),
    *_shares("ledger", "the ledger in random orders", f"{_LEDGER_MACHINE}::TestLedger"),
    _tests("ledger-postgresql", "the same there", f"{_LEDGER_MACHINE}::TestPostgresqlLedger"),
    _tests(
        "relay-faults",
        "scripts of faulty mail servers",
        *_flow("fault_server", "fault_server_cuts", "fault_server_exit_codes"),
    ),
    _tests("database-faults", "full disks, damaged and locked files", *_flow("database_faults")),
    _tests("leaving", "leaving during a send", *_flow("leaving_locked", "leave_during_send")),
    _tests("pages", "attacks on the pages", *_flow("public_security", "sign_up", "leaving")),
    _tests(
        "browser",
        "the pages in a browser, in every width and scheme",
        *_flow(
            "accessibility",
            "archive_browser",
            "desk_preview",
            "leaving_browser",
            "letter_geometry",
            "poll_pages",
            "sign_up_browser",
            "web_browser",
        ),
    ),
    _tests("lists", "hostile lists of subscribers", *_flow("hostile_lists", "bombs")),
    _tests("corpus", "foreign documents, each by every reader", "tests/corpus"),
    Part(
        "desk",
        "every page of the desk with a million subscribers",
        ("-m", "bench.desk"),
        is_test=False,
    ),
    Part(
        "wheel", "the wheel on each Python of this machine", ("-m", "bench.wheels"), is_test=False
    ),
    _tests(
        "workers", "PostgreSQL restarted and workers killed", *_flow("worker_outages", "worker")
    ),
    _tests("api", "generated requests to the API", *_flow("api_fuzz", "api_routes")),
    _tests(
        "desk-attacks",
        "hostile posts on every page of the desk",
        *_flow("desk_attacks", "desk_week"),
    ),
    _tests("demo", "every mail of the demo", *_flow("demo", "engines")),
    _tests("properties", "properties of pure functions", "tests/unit", "-m", "proof or hypothesis"),
    _bench("message", "making one mail"),
    _bench("freeze", "composing and freezing for 100,000"),
    _bench("people", "importing subscribers"),
    _bench("edition", "one variant of a large edition"),
    _bench("collect", "collecting 1,000 feeds"),
    _bench("preview", "a click to a new preview"),
    _bench("judged", "quotes against judged comments"),
    _bench("house", "the code itself"),
    _wire("speed", "rate against other senders"),
    _wire("connections", "one connection and 64"),
    _wire("distance", "at 20 ms a round trip"),
    _wire("tls", "over TLS"),
    _wire("dkim", "signing"),
    _wire("building", "building a mail"),
    _wire("memory", "memory of 100,000 mails"),
    _wire("start", "from the start to the first mail"),
    _wire("cpu", "processor time"),
    _wire("million", "a million subscribers"),
    _wire("postgres", "the ledger on PostgreSQL"),
    _wire("postgres-million", "a million subscribers there"),
)
#: The tests that each part names: a folder, a file or a test.
_TESTS = [each for part in _NAMED for each in part.arguments if each.startswith("tests/")]
#: Whatever no other part names, so that a new test is never left out.
REST = _tests(
    "rest",
    "all other tests marked `proof`",
    "tests",
    "-m",
    "proof or hypothesis",
    *(f"--deselect={each}" for each in dict.fromkeys(_TESTS)),
)
PARTS = {part.name: part for part in (*_NAMED, REST)}


def main() -> int:
    """Run the parts; return 1 if one failed."""
    arguments = _arguments()
    if arguments.list:
        for part in PARTS.values():
            print(f"{part.name:20} {'done' if is_done(part) else '    '}  {part.about}")
        return 0
    names = arguments.part or [name for name, part in PARTS.items() if not is_done(part)]
    outcomes = {name: run_part(PARTS[name]) for name in names}
    failed = [name for name, outcome in outcomes.items() if outcome != "passed"]
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} passed.")
    if older := [name for name, part in PARTS.items() if not is_done(part)]:
        print(f"not of commit {measured_commit()}: {', '.join(older)}")
    if failed:
        print(f"failed: {', '.join(failed)}; again: make proof PART={failed[0]}")
    return 1 if failed else 0


def is_done(part: Part) -> bool:
    """Return whether the part passed at the present commit, without changes in the tree."""
    found = _read().get(part.name, {})
    commit = measured_commit()
    is_same = bool(commit) and "+" not in commit and found.get("commit") == commit
    return is_same and found.get("outcome") == "passed"


def run_part(part: Part) -> str:
    """Run a part within its time and write down how it ended: `passed`, `failed` or `too long`."""
    print(f"--- {part.name}: {part.about}", flush=True)
    started = time.monotonic()
    outcome = _run(part)
    took = round(time.monotonic() - started)
    written = {**circumstances(), "outcome": outcome, "seconds": took}
    stored = {**_read(), part.name: written}
    LEDGER.parent.mkdir(exist_ok=True)
    LEDGER.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    print(f"--- {part.name}: {outcome} after {took} s", flush=True)
    return outcome


def _run(part: Part) -> str:
    environment = {**os.environ, "PROOF": "1"}
    if part.share:
        environment["PROOF_SHARE"] = part.share
    # A session of its own, so that its servers end with it.
    process = subprocess.Popen(part.command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        return "passed" if process.wait(LIMIT_S) == 0 else "failed"
    except subprocess.TimeoutExpired:
        return "too long"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def _read() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    if LEDGER.exists():
        found = json.loads(LEDGER.read_text("utf-8"))
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.proof", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--list", action="store_true", help="show the parts and which are done")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
