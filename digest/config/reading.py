"""The keys for reading: `[[feeds]]`, `[fetch]`, `[images]`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from digest.config.part import Part
from digest.config.values import (
    Category,
    Duration,
    Pattern,
    ProxyAddress,
    WebAddress,
    as_tuple,
    matching,
)
from digest.readers.posts.categories import label_key
from digest.readers.web.access import check_headers


class FetchConfig(Part):
    """Limits of every request for a feed."""

    allow_private: bool = False
    timeout_s: float = Field(default=30, gt=0, le=600)
    #: The largest document, as sent and decompressed.
    max_bytes: int = Field(default=20_000_000, gt=0)
    concurrency: int = Field(default=10, ge=1, le=100)
    #: Requests to one server at once, of the total in `concurrency`.
    per_host: int = Field(default=2, ge=1, le=100)
    #: A page for server operators who find this program in their logs. None: `site.base_url`.
    contact: Annotated[WebAddress, matching(r"\A[\x21-\x7e]+\Z", "must be plain ASCII")] | None = (
        None
    )
    #: The proxy for every request; may contain a user name and a password.
    proxy: ProxyAddress | None = None


class FilterConfig(Part):
    """Selects the posts of a feed that match any entry of any list."""

    #: The feed's own categories.
    category: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    #: Names of authors; `*` is any text.
    author: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()
    #: Words in the title, or the whole title with `*` for any text.
    title: Annotated[tuple[Pattern, ...], BeforeValidator(as_tuple)] = ()


class FeedConfig(Part):
    """One feed and the categories its posts go to."""

    #: The address of the feed.
    url: WebAddress
    #: With `map`: the categories of posts that match no entry of it.
    category: Annotated[tuple[Category, ...], BeforeValidator(as_tuple)] = ()
    #: The feed's own category: the categories of its posts.
    map: dict[Pattern, Annotated[tuple[Category, ...], BeforeValidator(as_tuple)]] = Field(
        default_factory=dict
    )
    #: Only these posts are collected.
    include: FilterConfig = FilterConfig()
    #: These posts are excluded.
    exclude: FilterConfig = FilterConfig()
    #: `off`: comments of its posts are not read.
    comments: Literal["auto", "off"] = "auto"
    #: `auto`: if the feed has only the beginning of an article, read the article's page.
    full_text: Literal["auto", "off"] = "auto"
    #: How often `digest run` fetches it.
    interval: Duration = timedelta(hours=1)
    #: Posts published longer ago are never mailed. None: no limit.
    max_post_age: Duration | None = None
    #: User name for HTTP Basic authentication; sent only to the server of `url`.
    username: Annotated[
        str, matching(r"\A[^:\x00-\x1f\x7f]*\Z", "must not contain colons or line breaks")
    ] = ""
    #: The password for `username`.
    password: SecretStr = SecretStr("")
    #: A file with the password instead.
    password_file: Path | None = None
    #: Extra request headers by name; sent only to the server of `url`, like the next three keys.
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    #: A file with more of them, one `Name: value` on each line.
    headers_file: Path | None = None
    #: The header `Cookie` of each request.
    cookie: SecretStr = SecretStr("")
    #: The header `User-Agent`, for a site that refuses programs it does not know.
    user_agent: str = ""
    #: The largest document of this feed. None: as in `[fetch]`.
    max_bytes: int | None = Field(default=None, gt=0)
    #: Allow that the host of `url` has an address inside this network.
    allow_private: bool = False

    @model_validator(mode="after")
    def _headers_can_be_sent(self) -> Self:
        self.check_headers()
        return self

    def check_headers(self, more: Iterable[tuple[str, str]] = ()) -> None:
        """Check its request headers together, and `more` of them.

        Raises:
            ValueError: one cannot be sent, or is there twice.
        """
        login = (("Authorization", "login"),) if self.username else ()
        try:
            check_headers((*login, *self._written_headers(), *more))
        except ValueError as error:
            raise ValueError(f"headers: {error}") from error

    @property
    def sent_headers(self) -> dict[str, str]:
        """The extra request headers, with `cookie` and `user_agent`."""
        return {name: value.strip() for name, value in self._written_headers()}

    def _written_headers(self) -> list[tuple[str, str]]:
        own = {"Cookie": self.cookie.get_secret_value(), "User-Agent": self.user_agent}
        return [
            *((name, value.get_secret_value()) for name, value in self.headers.items()),
            *((name, value) for name, value in own.items() if value),
        ]

    @model_validator(mode="after")
    def _shows_no_password(self) -> Self:
        if "@" in urlsplit(self.url).netloc:
            # The message does not quote the URL because it may contain the password.
            raise ValueError(
                "url contains a user name or a password; use username and password_file"
            )
        if not self.username and (self.password.get_secret_value() or self.password_file):
            raise ValueError("password needs a username")
        return self

    @model_validator(mode="after")
    def _posts_go_somewhere(self) -> Self:
        if not self.category and not any(self.map.values()):
            raise ValueError("its posts have no category; set category, map or both")
        labels: dict[str, str] = {}
        for label in self.map:
            other = labels.setdefault(label_key(label), label)
            if other != label:
                raise ValueError(f"map: {other!r} and {label!r} are the same; remove one")
        return self

    @property
    def targets(self) -> frozenset[str]:
        """Every category that its posts can get."""
        return frozenset(self.category).union(*self.map.values())


class ImagesConfig(Part):
    """The image folder of newsletters with `images = "folder"`."""

    #: Where the pictures are written; publish it with a web server.
    folder: Path | None = None
    #: The URL at which the operator publishes the folder.
    url: WebAddress | None = None
