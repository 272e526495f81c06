from __future__ import annotations

from digest.errors import ConfigError, ExitCode, RelayError, TemplateError


def test_each_kind_of_error_leads_to_its_exit_code() -> None:
    assert ConfigError(("a", "b")).exit_code == ExitCode.USAGE
    assert TemplateError("digest.html.j2", 4, "no such name").exit_code == ExitCode.USAGE
    assert RelayError("relay down").exit_code == ExitCode.TRY_LATER


def test_a_configuration_error_lists_each_problem_on_its_own_line() -> None:
    assert str(ConfigError(("site: missing", "smtp: missing"))) == "site: missing\nsmtp: missing"
