"""Inlining a style sheet fetches nothing, even if the sheet asks for it."""

from __future__ import annotations

from pytest_httpserver import HTTPServer

from digest.letter.printing.inline import inline_css


def test_imports_and_linked_sheets_are_not_fetched(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/sheet.css").respond_with_data("p{color:red}")
    url = httpserver.url_for("/sheet.css")
    inline_css(
        f'<html><head><link rel="stylesheet" href="{url}"><style>@import url("{url}");'
        f'@import "{url}";p{{margin:0;background-color:#fff}}</style></head>'
        "<body><p>x</p></body></html>"
    )
    assert httpserver.log == []


def test_files_are_not_opened() -> None:
    html = inline_css(
        '<html><head><style>@import "file:///etc/hostname";p{margin:0}</style></head>'
        "<body><p>x</p></body></html>"
    )
    assert '<p style="margin:0">x</p>' in html
