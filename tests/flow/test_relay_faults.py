"""Faults of relays and of their configuration, through the real commands and real servers."""

from __future__ import annotations

import shutil
import sqlite3
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.support.project import Project, Result, rss
from tests.support.smtp_sink import Action, Key, ScriptedSink, say, serving

TLS = Path(__file__).parents[1] / "data" / "tls"
QUOTA = say("550 5.4.5 Daily user sending limit exceeded")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with a draft and ten subscribers."""
    project = Project(tmp_path_factory.mktemp("prepared"))
    with HTTPServer(host="127.0.0.1") as site:
        site.expect_request("/feed").respond_with_data(
            rss("A bridge is mended", "A mill turns again", "A clock is late"),
            content_type="application/rss+xml",
        )
        project.write_config(feed_url=site.url_for("/feed"), smtp_port=1, connections=1)
        alerts = '[alerts]\nemail = "ops@example.net"\n\n[[smtp]]'
        project.change_config("[[smtp]]", alerts)
        project.add_subscribers(10)
        assert project.run("collect").code == 0
        assert project.run("compose").code == 0
    return project


@pytest.fixture
def project(prepared: Project, tmp_path: Path) -> Project:
    """Return a copy of the prepared project."""
    shutil.copytree(prepared.folder, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


def send_over(project: Project, sink: ScriptedSink, *more: str) -> Result:
    text = project.config.read_text("utf-8")
    old = text.partition("port = ")[2].partition("\n")[0]
    project.change_config(f"port = {old}", f"port = {sink.port}")
    return project.run("send", "1", "--now", *more)


def deliveries(project: Project) -> dict[str, int]:
    counts = project.run("status", "1", "--json").data["deliveries"]
    return {state: count for state, count in counts.items() if count and state != "frozen"}


def alerts(project: Project) -> list[str]:
    """Return the keys of the stored alerts, without the cadence and the slot."""
    with closing(sqlite3.connect(project.database)) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM notices ORDER BY id")]
    return ["/".join((key.split("/")[0], *key.split("/")[3:])) for key in keys]


# --- refusals -----------------------------------------------------------------------------------


def test_a_quota_defers_the_rest_and_the_send_has_problems(project: Project) -> None:
    with serving(ScriptedSink(script={("*", "RCPT"): (QUOTA,)}, kind_for=4)) as sink:
        sent = send_over(project, sink)
        assert sent.code == 1, sent.out + sent.err
        assert "Not all mails were accepted" in sent.out
        assert "550 5.4.5 Daily user sending limit exceeded" in sent.out
        assert deliveries(project) == {"sent": 4, "deferred": 6}
        again = project.run("send", "1")
        assert again.code == 1  # nothing is due yet
    assert alerts(project) == ["weekly/send/refused"]
    status = project.run("status", "1")
    assert "Last error: relay 127.0.0.1" in status.out
    assert "550 5.4.5" in status.out
    assert "Next try: 20" in status.out
    assert "or now with" not in status.out  # as `send` has just said
    assert "Edition 1: Last error: relay 127.0.0.1" in project.run("status").out
    one = project.run("status", "1", "--json").data
    for data in (one, project.run("status", "--json").data["editions"][0]):
        assert "550 5.4.5" in data["last_error"]
        assert data["next_try"] is not None


def test_what_holds_mails_back_is_named_with_its_end(project: Project) -> None:
    project.change_config('security = "none"', 'security = "none"\ndaily_limit = 4')
    with serving(ScriptedSink()) as sink:
        sent = send_over(project, sink)
    # Sent mails are counted by the hour, so the last hour of a day ends a day later.
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1, hours=1):%Y-%m-%d}"
    *_, trouble, hold, advice = sent.out.splitlines()
    limit = f"relay 127.0.0.1:{sink.port}: the daily limit of 4 mails is reached"
    assert (sent.code, trouble) == (1, f"Not all mails could be sent now: {limit}")
    assert hold.startswith(f"Held until {tomorrow}")
    assert f"UTC: {limit}. Ends by itself" in hold
    assert advice.startswith(f"6 mails not yet sent; the next is due {tomorrow}")


def test_mails_that_are_due_already_get_no_hour_that_has_passed(project: Project) -> None:
    with serving(ScriptedSink(script={("*", "MAIL"): (say("550 no"),)}, kind_for=4)) as sink:
        sent = send_over(project, sink)
    assert sent.code == 1, sent.out + sent.err
    assert sent.out.splitlines()[-1] == "6 mails not yet sent; run `digest send` again."


def test_a_domain_that_is_paused_is_no_word_of_a_server(project: Project) -> None:
    domains = ("strict.example", "example.net")
    rows = "".join(f"reader{number}@{domain}\n" for number in range(8) for domain in domains)
    people = project.folder / "more.csv"
    people.write_text(f"email\n{rows}", "utf-8")
    assert project.run("subscribers", "import", str(people), "--consent", "paper form").code == 0
    policy = {
        (f"reader{number}@strict.example", "RCPT"): (say("554 5.7.1 policy"),)
        for number in range(8)
    }
    with serving(ScriptedSink(script=policy)) as sink:
        sent = send_over(project, sink)
    assert "strict.example: refuses these mails: 554 5.7.1 policy. Ends by itself" in sent.out
    status = project.run("status", "1").out
    assert "its domain takes no mails now, or only a few at a time [domain]" in status
    assert "Last error: relay 127.0.0.1" in status
    one = project.run("deliveries", "reader0@strict.example").out
    assert "It is not there yet, because it was refused because of the message" in one


def test_a_canary_that_pauses_the_edition_is_for_the_operator(project: Project) -> None:
    with project.config.open("a", encoding="utf-8") as config:
        config.write('\n[send.canary]\nfirst = 4\nwait = "1m"\n')
    with serving(ScriptedSink(script={("*", "RCPT"): (say("554 5.7.1 policy"),)})) as sink:
        assert send_over(project, sink).code == 75  # nothing was accepted
        with closing(sqlite3.connect(project.database)) as connection, connection:
            # A while ago.
            connection.execute(
                "UPDATE deliveries SET claimed_at = datetime(claimed_at, '-2 minutes')"
            )
        judged = project.run("send", "1")
    assert judged.code == 1, judged.out + judged.err
    assert "Paused (canary: 4 of the first 4 mails were not accepted)" in judged.out
    assert "To continue, run `digest resume 1`." in judged.out


def test_a_relay_that_accepts_nothing_is_tried_later(project: Project) -> None:
    with serving(ScriptedSink(script={("*", "dot"): (QUOTA,)})) as sink:
        result = send_over(project, sink, "--json")
    assert result.code == 75
    assert "550 5.4.5" in result.data["run"]["trouble"]
    assert deliveries(project) == {"deferred": 10}


def test_a_stop_is_one_line_and_leaves_the_edition_open(project: Project) -> None:
    more = "".join(f"other{number}@example.com\n" for number in range(40))
    (project.folder / "more.csv").write_text(f"email\n{more}", "utf-8")
    people = str(project.folder / "more.csv")
    assert project.run("subscribers", "import", people, "--consent", "paper form").code == 0
    with serving(ScriptedSink(script={("*", "RCPT"): (say("550 5.1.1 no such user"),)})) as sink:
        result = send_over(project, sink)
    assert result.code == 75
    assert result.err.count("\n") == 1
    assert "20 mails in a row were not accepted" in result.err
    data = project.run("status", "1", "--json").data
    assert (data["state"], data["stops"], deliveries(project)["deferred"]) == ("sending", 1, 20)
    assert data["next_try"] == data["retry_at"] is not None
    assert "UTC, or now with `digest send 1`." in project.run("status", "1").out


def test_mails_without_an_answer_are_not_delivered(project: Project) -> None:
    with serving(ScriptedSink(script={("*", "dot"): ("close",)})) as sink:
        result = send_over(project, sink)
    assert (result.code, deliveries(project)) == (1, {"unknown": 10})
    status = project.run("status").out
    assert "10 subscribers wait for `digest resolve 1` and will get no edition until then" in status
    assert "10 subscribers wait for `digest resolve 1`" in project.run("plan").out
    lost = project.run("resolve", "1", "--assume-lost")
    assert lost.out.splitlines() == [
        "10 mails counted as failed; the next edition has their posts.",
        "10 subscribers who waited for this get editions again.",
        "Edition 1 is finished.",
    ]
    assert "wait for" not in project.run("status").out + project.run("plan").out


def test_resolve_wants_exactly_one_decision(project: Project) -> None:
    for options in ((), ("--resend", "--assume-lost")):
        result = project.run("resolve", "1", *options)
        assert (result.code, "--resend, --assume-sent and --assume-lost" in result.err) == (2, True)


def test_bounces_alone_are_no_problem(project: Project) -> None:
    nobody = {("subscriber3@example.net", "RCPT"): (say("550 5.1.1 no such user"),)}
    with serving(ScriptedSink(script=nobody)) as sink:
        assert send_over(project, sink).code == 0
    assert deliveries(project) == {"sent": 9, "failed": 1}


def test_many_mails_without_an_answer_are_a_problem(project: Project) -> None:
    cut: dict[Key, tuple[Action, ...]] = {
        (f"subscriber{number}@example.net", "dot"): ("close",) for number in (2, 4, 6)
    }
    with serving(ScriptedSink(script=cut)) as sink:
        result = send_over(project, sink)
    assert (result.code, deliveries(project)) == (1, {"sent": 7, "unknown": 3})


#: What an editor may change while an edition is sent; no mail of the edition changes.
EDITS = {
    "<digest@hill.example.org>": "<news@valley.example.com>",
    "https://hill.example.org": "https://valley.example.com/paper",
    'domain = "bounce.example.org"': 'domain = "back.valley.example.com"',
    'reply_to = "editor@hill.example.org"': 'reply_to = "desk@valley.example.com"',
    "1 Hill Road": "2 Valley Road",
    '"The Hill Paper in your inbox"': '"The Valley Paper"',
    'kind = "date"': 'kind = "text"',
}


def test_a_repeat_has_the_same_bytes_after_the_configuration_was_edited(project: Project) -> None:
    bounces = '[bounces]\ndomain = "bounce.example.org"\nmaildir = "back"\n\n[[smtp]]'
    fields = '[[fields]]\nname = "born"\nlabel = "Born"\nkind = "date"\n\n[[newsletters]]'
    more = 'reply_to = "editor@hill.example.org"\nintro = "Hello {{ subscriber.born }}"\nschedule ='
    project.change_config("[[smtp]]", bounces)
    project.change_config("[[newsletters]]", fields)
    project.change_config("schedule =", more)
    people = project.folder / "born.csv"
    people.write_text("email,born\nsubscriber3@example.net,1990-01-31\n", "utf-8")
    options = (
        "--consent",
        "paper form",
    )
    assert project.run("subscribers", "import", str(people), *options).code == 0
    assert project.run("compose").code == 0
    cut: dict[Key, tuple[Action, ...]] = {("subscriber3@example.net", "dot"): ("close",)}
    with serving(ScriptedSink(script=cut)) as sink:
        assert send_over(project, sink).code == 0
        for right, wrong in EDITS.items():
            project.change_config(right, wrong)
        assert project.run("config", "check").code == 0
        assert project.run("resolve", "1", "--resend").code == 0
        sink.script = {}
        assert project.run("send", "1").code == 0
    copies = [mail for mail in sink.contents if b"To: subscriber3@" in mail]
    assert (len(copies), len(set(copies))) == (2, 1)
    assert b"January 31, 1990" in copies[0]
    assert b"https://hill.example.org/u/" in copies[0]
    envelopes = [line for line in sink.commands if line.startswith("MAIL FROM:<b+1.4.")]
    assert (len(envelopes), len(set(envelopes))) == (2, 1)
    assert "@bounce.example.org>" in envelopes[0]
    assert not [mail for mail in sink.contents if b"alley" in mail]


# --- encryption and login -----------------------------------------------------------------------


def certificate(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


def secure(project: Project, security: str, *keys: str) -> None:
    project.change_config('security = "none"', "\n".join([f'security = "{security}"', *keys]))


CA = f'ca_file = "{TLS / "ca.pem"}"'


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_relay_with_a_ca_of_its_own_is_trusted_by_ca_file(
    project: Project, security: str
) -> None:
    secure(project, security, CA)
    assert project.run("config", "check").code == 0
    context = certificate("server")
    sink = ScriptedSink(tls=context) if security == "tls" else ScriptedSink(starttls=context)
    with serving(sink):
        assert send_over(project, sink).code == 0
    assert sink.accepted.total() == 10


@pytest.mark.parametrize(
    ("name", "keys", "said"),
    [
        ("server", (), "[[smtp]] ca_file"),
        ("other-name", (CA,), "[[smtp]] host"),
        ("expired", (CA,), "has expired"),
    ],
    ids=["not trusted", "wrong name", "expired"],
)
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_not_trusted_is_a_fault_of_the_configuration(
    project: Project, security: str, name: str, keys: tuple[str, ...], said: str
) -> None:
    secure(project, security, *keys)
    context = certificate(name)
    sink = ScriptedSink(tls=context) if security == "tls" else ScriptedSink(starttls=context)
    with serving(sink):
        result = send_over(project, sink)
    assert (result.code, result.err.count("\n")) == (2, 1), result.err
    assert said in result.err
    assert deliveries(project) == {"pending": 10}


def test_a_relay_without_starttls_or_tls_is_a_fault_of_the_configuration(project: Project) -> None:
    secure(project, "starttls")
    with serving(ScriptedSink()) as sink:
        result = send_over(project, sink)
    assert (result.code, "offers no STARTTLS; check [[smtp]] port" in result.err) == (2, True)
    project.change_config('security = "starttls"', 'security = "tls"')
    with serving(ScriptedSink()) as sink:
        result = send_over(project, sink)
    assert (result.code, "check [[smtp]] port, security" in result.err) == (2, True), result.err


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("535 5.7.8 wrong", 2),
        ("534 5.7.9 mechanism too weak", 2),
        ("530 5.7.0 needs encryption", 2),
        ("454 4.7.0 temporary failure", 75),
    ],
)
def test_a_refused_login_is_for_the_operator_and_a_temporary_one_for_later(
    project: Project, answer: str, code: int
) -> None:
    project.change_config('security = "none"', 'security = "none"\nusername = "digest"')
    with serving(
        ScriptedSink(login="digest:right", script={("*", "AUTH"): (say(answer),)})
    ) as sink:
        result = send_over(project, sink)
    assert (result.code, result.err.count("\n")) == (code, 1), result.err
    assert answer[:3] in result.err


def test_a_relay_that_wants_a_login_at_mail_is_a_fault_of_the_configuration(
    project: Project,
) -> None:
    with serving(ScriptedSink(script={("*", "MAIL"): (say("530 5.7.0 log in first"),)})) as sink:
        result = send_over(project, sink)
    assert (result.code, "check [[smtp]] username, password" in result.err) == (2, True)
    assert deliveries(project) == {"pending": 10}


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"no certificate", "no certificates in PEM form")],
)
def test_a_ca_file_that_cannot_be_used_is_found_by_the_check(
    project: Project, content: bytes | None, said: str
) -> None:
    secure(project, "tls", 'ca_file = "ca.pem"')
    if content is not None:
        (project.folder / "ca.pem").write_bytes(content)
    result = project.run("config", "check")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "[[smtp]] 127.0.0.1: ca_file: " in result.err
    assert said in result.err


# --- senders ------------------------------------------------------------------------------------


def test_a_sender_with_an_idn_domain_is_written_in_ascii(project: Project) -> None:
    project.change_config(
        'from = "The Hill Paper <digest@hill.example.org>"',
        'from = "Bücher <digest@bücher.example>"\nreply_to = "editor@bücher.example"',
    )
    assert project.run("config", "check").code == 0
    assert project.run("check").code in (0, 1)
    with serving(ScriptedSink()) as sink:
        result = send_over(project, sink)
    assert result.code == 0, result.err
    assert "MAIL FROM:<digest@xn--bcher-kva.example>" in sink.commands
    head = sink.contents[0].partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert b"<digest@xn--bcher-kva.example>" in head
    assert b"Reply-To: editor@xn--bcher-kva.example" in head
    assert b"@xn--bcher-kva.example>" in head.partition(b"Message-ID:")[2].partition(b"\r\n")[0]
