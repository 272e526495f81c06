"""The configuration: a TOML file with overrides from the environment, checked and typed."""

from __future__ import annotations

from digest.config.dkim import DkimConfig
from digest.config.keys import Config
from digest.config.load import load_config
from digest.config.newsletters import CustomConfig, NewsletterConfig
from digest.config.reading import FeedConfig, FilterConfig
from digest.config.sending import SmtpConfig

#: The key in the example file. It is public, so nothing may be sent with it.
EXAMPLE_KEY = "put-a-random-key-here"

__all__ = [
    "EXAMPLE_KEY",
    "Config",
    "CustomConfig",
    "DkimConfig",
    "FeedConfig",
    "FilterConfig",
    "NewsletterConfig",
    "SmtpConfig",
    "load_config",
]
