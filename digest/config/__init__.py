"""The configuration: a TOML file, environment over it, checked once and typed from then on."""

from __future__ import annotations

from digest.config.keys import Config, FilterConfig, SmtpConfig
from digest.config.load import load_config
from digest.config.newsletters import CustomConfig, NewsletterConfig

#: Stands in the example; everybody knows it, so nothing is ever sent under it.
EXAMPLE_KEY = "put-a-random-key-here"

__all__ = [
    "EXAMPLE_KEY",
    "Config",
    "CustomConfig",
    "FilterConfig",
    "NewsletterConfig",
    "SmtpConfig",
    "load_config",
]
