"""Without an extra, its feature names what to install; each extra of the wheel has a case here."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
#: For each extra: the module that is missing without it, and a use of its feature.
_USES = {
    "bounces": (
        "cryptography",
        "from types import SimpleNamespace as Of; from digest.app.bounces import webhooks_of\n"
        "webhooks_of(Of(webhooks=[Of(provider='ses')]))",
    ),
    "demo": (
        "aiosmtpd",
        "from digest.demo.mailserver import require_aiosmtpd; require_aiosmtpd()",
    ),
    "fulltext": (
        "trafilatura",
        "from digest.newsroom.feeds.examine import _missing_extra\n"
        "from types import SimpleNamespace as Of\n"
        "post = Of(summary_html='<p>A mill turns […]</p>', content_html='')\n"
        "sys.exit(_missing_extra(Of(posts=(post,)))[0])",
    ),
    "postgres": (
        "psycopg",
        "from digest.store.engine import Database; from pathlib import Path\n"
        "Database('postgresql:///digest', state=Path('.'))",
    ),
}
#: Tested with their features: signing in `test_config_dkim`.
_ELSEWHERE = {"dkim", "metrics"}


@pytest.mark.parametrize("extra", _USES)
def test_without_an_extra_its_feature_names_what_to_install(extra: str) -> None:
    module, use = _USES[extra]
    script = f"import sys; sys.modules[{module!r}] = None\n{use}\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode != 0
    assert f"inbox-digest[{extra}]" in done.stderr
    assert "pip install" in done.stderr


def test_each_extra_has_such_a_test() -> None:
    assert set(_EXTRAS) <= set(_USES) | _ELSEWHERE
