from __future__ import annotations

import time

import pytest

from digest.readers.web.challenge import is_challenge, is_web_page

HEAD = "<!DOCTYPE html><html><head><title>{}</title>"
CHALLENGES = {
    "a named script": HEAD.format("Just a moment...")
    + "</head><body><script src='/cdn-cgi/challenge-platform/h/b'></script></body></html>",
    "script and cookies": HEAD.format("Attention")
    + "</head><body><noscript>Enable JavaScript and cookies to continue</noscript></body></html>",
    "proof of work": HEAD.format("Making sure you're not a bot!")
    + "</head><body><main><h1>Making sure you're not a bot!</h1><img src=a.webp><p>Loading...</p>"
    + "<details><summary>Why am I seeing this?</summary><p>The administrator has set up a proof of"
    + " work against scrapers.</p></details><script async type=module src=/.x/main.mjs></script>"
    + "</main></body></html>",
    "a check of the browser": "<html><head><meta http-equiv=refresh content='5'><title>DDOS</title>"
    + "<script src='/check.js'></script></head><body>Checking your browser before accessing"
    + " harbour.example</body></html>",
    "a cookie set by a script": "<html><body><script>function toHex(){};var a=toNumbers('f65');"
    + "document.cookie='__test='+toHex(a)+'; path=/';location.href='/feed?i=1';</script>"
    + "<noscript>This site requires Javascript to work</noscript></body></html>",
    "French": HEAD.format("Un instant")
    + "</head><body><p>Prouvez que vous n’êtes pas un robot.</p><script src=v.js></script></body>",
    "Russian": HEAD.format("Проверка")
    + "</head><body><p>Подтвердите, что вы не робот</p><script>go()</script></body></html>",
    "Japanese": HEAD.format("確認")
    + "</head><body><p>あなたはロボットではありませんか。</p><script src='/c.js'></script></body>",
    "a form": "<html><body><form action=/v><p>Please verify you are human.</p>"
    + "<script src='https://api.example/captcha.js'></script></form></body></html>",
}

_WORDS = "<p>The old ferry left the harbour at dusk, and nobody had thought that it would.</p>"
DOCUMENTS = {
    "a feed that speaks of robots": "<rss version='2.0'><channel><title>Robot challenge</title>"
    "<item><description>&lt;script&gt; captcha</description></item></channel></rss>",
    "an article about robots": HEAD.format("The captcha challenge")
    + f"<script src=a.js></script></head><body><article>{_WORDS}</article></body></html>",
    "a long page with a form": HEAD.format("Harbour")
    + f"</head><body>{_WORDS * 15}<script src='captcha.js'></script></body></html>",
    "a page with its feed": HEAD.format("Robots")
    + "<link rel=alternate type='application/rss+xml' href=/feed><script src=a.js></script></head>",
    "an application": HEAD.format("Harbour")
    + "<meta name='google-site-verification' content='x'><meta name=robots content=index></head>"
    + "<body><noscript>You need to enable JavaScript to run this app.</noscript>"
    + "<div id=root></div><script src=/static/main.js></script></body></html>",
    "a page without a script": HEAD.format("No robots")
    + "</head><body><p>No robot may read this.</p></body></html>",
    "a question to a reader": HEAD.format("Please verify your address")
    + "</head><body><noscript>x</noscript><p>Please verify your mail address.</p></body></html>",
    "not found": "<html><head><title>404</title></head><body>nginx</body></html>",
    "JSON": '{"title": "captcha challenge", "items": []}',
    "nothing": "",
}


@pytest.mark.parametrize("status", [200, 403, 429, 503])
@pytest.mark.parametrize("page", CHALLENGES.values(), ids=CHALLENGES)
def test_a_page_that_asks_for_a_person_is_recognised(page: str, status: int) -> None:
    assert is_challenge(status, {}, page.encode())


@pytest.mark.parametrize("page", DOCUMENTS.values(), ids=DOCUMENTS)
def test_other_documents_are_no_challenge(page: str) -> None:
    assert not is_challenge(200, {}, page.encode())


@pytest.mark.parametrize("status", [401, 404, 410, 500, 522])
@pytest.mark.parametrize("page", CHALLENGES.values(), ids=CHALLENGES)
def test_a_status_that_means_something_else_keeps_its_meaning(page: str, status: int) -> None:
    assert not is_challenge(status, {}, page.encode())


@pytest.mark.parametrize("name", ["cf-mitigated", "x-amzn-waf-action", "x-protection"])
def test_a_header_that_names_a_challenge_is_enough(name: str) -> None:
    assert is_challenge(403, {name: "challenge"}, b"")
    assert is_challenge(405, {name: "Captcha"}, b"")
    assert not is_challenge(403, {name: "none"}, b"")


def test_a_request_accepted_without_a_document_is_a_challenge() -> None:
    assert is_challenge(202, {}, b" \n")
    assert not is_challenge(200, {}, b"")
    assert not is_challenge(202, {}, b"<rss/>")


@pytest.mark.parametrize(
    "unit", [b"<", b"<script ", b"<!--", b"<svg>", b"document.cookie=", b"javascript ", b"<a"]
)
def test_hostile_pages_are_judged_quickly(unit: bytes) -> None:
    page = b"<html><script>" + unit * (1_000_000 // len(unit))
    started = time.process_time()
    is_challenge(200, {}, page)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("body", "is_page"),
    [
        (b"<!doctype html><html>", True),
        (b"\xef\xbb\xbf <!-- a --><HTML lang=de>", True),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html/>", True),
        (b"<title>x</title>", True),
        (b"<?xml version='1.0'?><rss/>", False),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", False),
        (b"{}", False),
        (b"", False),
    ],
)
def test_a_web_page_is_known_by_its_beginning(body: bytes, *, is_page: bool) -> None:
    assert is_web_page(body) is is_page
