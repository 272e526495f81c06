"""`digest doctor` over a real configuration: a local DNS server, relay, web and database."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_httpserver import HTTPServer

from digest.newsroom.doctor import place
from digest.store.engine import Database
from tests.support.dkim_keys import ed25519_key, pem_of, record_of, rsa_key
from tests.support.dns_server import dns_server
from tests.support.project import Project, rss
from tests.support.smtp_sink import ScriptedSink, serving

DOMAIN = "hill.example.org"


def _public_ed25519() -> str:
    raw = ed25519_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


ZONE = {
    (DOMAIN, "TXT"): ('"v=spf1 include:relay.example.net -all"',),
    ("relay.example.net", "TXT"): ('"v=spf1 ip4:192.0.2.1 -all"',),
    (f"_dmarc.{DOMAIN}", "TXT"): ('"v=DMARC1; p=reject"',),
    (DOMAIN, "MX"): ("10 mx.hill.example.org.",),
    ("127.0.0.1", "A"): ("127.0.0.1",),
}


@pytest.fixture
def project(tmp_path: Path, httpserver: HTTPServer) -> Project:
    project = Project(tmp_path)
    httpserver.expect_request("/feed").respond_with_data(rss("Harbour"), content_type="text/xml")
    httpserver.expect_request("/pages/").respond_with_data("Sign up")
    httpserver.expect_request("/logo.png").respond_with_data(b"x", content_type="image/png")
    project.write_config(feed_url=httpserver.url_for("/feed"), smtp_port=1)
    project.change_config("https://hill.example.org", httpserver.url_for("/pages"))
    return project


def examine(project: Project, *arguments: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    done = project.run("doctor", "--json", *arguments)
    assert done.err == ""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(done.out)["findings"]:
        if "not durable" in each["text"]:
            continue  # the tests' folder is in memory
        found.setdefault(each["area"], []).append(each)
    return done.code, found


def levels(found: list[dict[str, Any]]) -> set[str]:
    return {each["level"] for each in found}


def test_a_sound_installation_has_nothing_to_mend(project: Project, httpserver: HTTPServer) -> None:
    keys = {
        "rsa": (rsa_key(), record_of(rsa_key()).decode()),
        "ed": (ed25519_key(), f"v=DKIM1; k=ed25519; p={_public_ed25519()}"),
    }
    zone = dict(ZONE)
    text = project.config.read_text("utf-8")
    for name, (key, record) in keys.items():
        file = project.folder / f"{name}.pem"
        file.write_text(pem_of(key), "utf-8")
        file.chmod(0o600)
        text += (
            f'\n[[dkim]]\ndomain = "{DOMAIN}"\nselector = "{name}"\n'
            f'private_key_file = "{name}.pem"\n'
        )
        parts = " ".join(f'"{record[at : at + 200]}"' for at in range(0, len(record), 200))
        zone[f"{name}._domainkey.{DOMAIN}", "TXT"] = (parts,)
    text += f'\n[newsletters.theme]\nlogo = "{httpserver.url_for("/logo.png")}"\n'
    with serving(ScriptedSink(extensions=("PIPELINING", "SMTPUTF8"))) as sink:
        project.config.write_text(text.replace("port = 1\n", f"port = {sink.port}\n"), "utf-8")
        with dns_server(zone) as dns:
            code, found = examine(project, "--dns", dns)
        assert sink.commands[-1] == "QUIT"
        assert not sink.contents
    bad = [
        each for all_ in found.values() for each in all_ if each["level"] in ("warning", "fault")
    ]
    assert bad == []
    assert code in (0, 1)  # 1 if the folder is in memory
    assert set(found) == {
        "clock",
        "configuration",
        "database",
        "dns",
        "images",
        "pages",
        "relay",
        "templates",
        "versions",
    }
    assert sum("DKIM" in each["text"] for each in found["dns"]) == 2


def test_what_is_missing_is_named_with_what_to_do(project: Project, httpserver: HTTPServer) -> None:
    httpserver.clear()  # no feed, no pages, no picture
    project.change_config("port = 1\n", "port = 1\ntimeouts = { connect = '2s' }\n")
    text = project.config.read_text("utf-8")
    text += '\n[newsletters.theme]\nlogo = "http://127.0.0.1:1/logo.png"\n'
    project.config.write_text(text, "utf-8")
    with dns_server({("127.0.0.1", "A"): ("127.0.0.1",)}) as dns:
        code, found = examine(project, "--dns", dns)
    assert code == 1
    assert levels(found["relay"]) == {"fault"}
    assert levels(found["pages"]) == levels(found["images"]) == {"warning"}
    assert {"warning", "fault"} <= levels(found["dns"])
    bad = [
        each for all_ in found.values() for each in all_ if each["level"] in ("warning", "fault")
    ]
    assert all(each["advice"] for each in bad)


def test_an_included_name_without_an_spf_record_is_a_fault(project: Project) -> None:
    wrong = ('"v=spf1 include:relay.example.net include:relya.example.net -all"',)
    with dns_server({**ZONE, (DOMAIN, "TXT"): wrong}) as dns:
        _, found = examine(project, "--dns", dns)
    assert [each["text"] for each in found["dns"] if each["text"].startswith("SPF")] == [
        f"SPF: the record of {DOMAIN} names relya.example.net, where no SPF record is, which"
        " counts as an error"
    ]


def test_a_circle_of_included_records_is_a_fault(project: Project) -> None:
    circle = {
        (DOMAIN, "TXT"): ('"v=spf1 include:a.example.net -all"',),
        ("a.example.net", "TXT"): ('"v=spf1 include:b.example.net -all"',),
        ("b.example.net", "TXT"): ('"v=spf1 include:a.example.net -all"',),
    }
    with dns_server({**ZONE, **circle}) as dns:
        _, found = examine(project, "--dns", dns)
    assert [each["text"] for each in found["dns"] if each["text"].startswith("SPF")] == [
        f"SPF: the record of {DOMAIN} needs 30 lookups; receivers stop at 10"
    ]


def test_a_dns_server_that_does_not_answer_is_a_warning(project: Project) -> None:
    code, found = examine(project, "--dns", "127.0.0.1:1")
    assert code == 1
    assert all("no answer" in each["text"] for each in found["dns"] if each["level"] == "warning")
    assert levels(found["dns"]) == {"warning"}


def test_a_database_that_is_missing_old_or_replaced_is_a_fault(project: Project) -> None:
    assert levels(examine(project, "--offline")[1]["database"]) <= {"ok", "note"}
    database = Database(f"sqlite:///{project.database}")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    assert "has schema 0003" in examine(project, "--offline")[1]["database"][0]["text"]
    database.close()
    project.database.write_bytes(b"not a database at all" * 100)
    assert "damaged" in examine(project, "--offline")[1]["database"][0]["text"]
    for file in project.folder.glob("digest.db*"):
        if file.is_file():
            file.unlink()
    assert "does not exist" in examine(project, "--offline")[1]["database"][0]["text"]


def test_a_database_that_was_put_back_is_a_fault(project: Project) -> None:
    state = project.database.with_name("digest.db.state")
    state.write_text('{"epoch": "another", "handed_over": 9, "last_slots": []}', "utf-8")
    database = Database(f"sqlite:///{project.database}")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = 'upgraded' WHERE name = 'origin'")
    database.close()
    code, found = examine(project, "--offline")
    assert code == 1
    assert "restored or copied" in "".join(each["text"] for each in found["database"])


@pytest.mark.parametrize(
    ("seconds", "free", "words"),
    [
        (0.2, 10**12, "a durable write takes 200 ms"),
        (0.0000001, 10**12, "probably is not durable"),
        (0.001, 10**7, "only 9 MB are free"),
        (0.001, 10**12, "durable write 1.0 ms"),
    ],
)
def test_a_disk_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, free: int, words: str
) -> None:
    monkeypatch.setattr(place, "fsync_seconds", lambda _folder: seconds)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: type("Usage", (), {"free": free}))
    found = list(place.examine_disk((), tmp_path / "digest.db.state"))
    assert words in "\n".join(each.text for each in found)


def test_a_folder_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    found = list(place.examine_disk((), tmp_path / "gone" / "digest.db.state"))
    assert [each.level for each in found] == ["fault"]


def test_a_configuration_with_errors_is_named_and_ends_with_1(project: Project) -> None:
    project.change_config('title = "The Hill Paper in your inbox"', "titel = 'x'")
    code, found = examine(project, "--offline")
    assert code == 1
    assert "titel" in "".join(each["text"] for each in found["configuration"])


def test_a_received_mail_is_judged_from_a_file(project: Project) -> None:
    file = project.folder / "mail.eml"
    file.write_text("From: a@hill.example.org\nSubject: x\n\nx\n", "utf-8")
    code, found = examine(project, "--mail", str(file))
    assert code == 1
    assert "no DKIM signature" in "".join(each["text"] for each in found["received mail"])
    assert project.run("doctor", "--mail", "missing.eml").code == 2
