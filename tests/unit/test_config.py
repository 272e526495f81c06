from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.app.composing import rules_of
from digest.app.sources import feed_sources
from digest.config import Config, load_config
from digest.errors import ConfigError

GOOD = """
[site]
name = "Heritage"
base_url = "https://digest.heritage.example/"
postal_address = "1 Hill Road, Anytown"
secret_keys = ["a key that is long enough"]

[[smtp]]
host = "smtp.heritage.example"

[[feeds]]
url = "https://heritage.example/security/feed/"
category = "Security"

[[newsletters]]
name = "weekly"
title = "Heritage in your inbox"
from = "Heritage <digest@heritage.example>"
categories = ["Security"]
schedule = "Mon 07:00"
"""


def _load(tmp_path: Path, text: str, **environment: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return load_config(path, environment)


def _problems(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    return str(caught.value)


def test_a_short_configuration_gets_the_defaults(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD)
    newsletter = config.newsletters[0]
    assert (newsletter.max_posts_per_category, newsletter.max_age) == (5, timedelta(hours=24))
    assert (newsletter.max_posts_per_author, newsletter.max_posts_per_feed) == (0, 0)
    assert config.smtp[0].security == "starttls"
    assert config.site.base_url == "https://digest.heritage.example"


def test_the_mailbox_of_bounces_is_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass word\n", "utf-8")
    table = '[bounces]\ndomain = "b.heritage.example"\nmaildir = "box"\npassword_file = "secret"\n'
    bounces = _load(tmp_path, GOOD + table).bounces
    assert bounces.domain == "b.heritage.example"
    assert bounces.maildir == tmp_path / "box"
    assert bounces.password.get_secret_value() == "pass word"
    assert "pass word" not in repr(bounces)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('protocol = "http"', "bounces.protocol"),
        ('domain = "a@b.example"', "bounces.domain"),
        ('ca_file = "none.pem"', "[bounces]: ca_file"),
        ('maildirs = "box"', "maildir"),
    ],
)
def test_an_error_in_the_mailbox_of_bounces_is_reported(
    tmp_path: Path, line: str, said: str
) -> None:
    assert said in _problems(tmp_path, f"{GOOD}[bounces]\n{line}\n")


def test_the_secret_of_a_webhook_is_beside_the_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("the signing key\n", "utf-8")
    table = '[[bounces.webhooks]]\nprovider = "mailgun"\nsecret_file = "key"\n'
    (webhook,) = _load(tmp_path, GOOD + table).bounces.webhooks
    assert webhook.secret.get_secret_value() == "the signing key"
    assert "signing key" not in repr(webhook)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('provider = "mandrill"', "provider"),
        ('provider = "ses"', "ses needs `topics`"),
        ('provider = "sendgrid"\nsecret = "a"', "sendgrid needs `public_key`"),
        ('provider = "sendgrid"\npublic_key = "-----BEGIN"', "public_key: must be"),
        ('provider = "mailgun"', "mailgun needs `secret`"),
        # Any request would prove itself.
        ('provider = "postmark"\nsecret = ""', "postmark needs `secret`"),
        ('provider = "postmark"\nsecret_file = "empty"', "is empty"),
        ('provider = "postmark"\nsecret_file = "missing"', "cannot be read"),
    ],
)
def test_a_webhook_that_proves_nothing_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    (tmp_path / "empty").write_text("\n", "utf-8")
    assert said in _problems(tmp_path, f"{GOOD}[[bounces.webhooks]]\n{lines}\n")


def test_caps_of_authors_and_feeds_reach_the_composer(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    caps = "max_posts_per_author = 2\nmax_posts_per_feed = 3\nschedule ="
    path.write_text(GOOD.replace("schedule =", caps, 1))
    app = App.load(path)
    rules = rules_of(app.config, app.newsletter())
    assert (rules.max_posts_per_author, rules.max_posts_per_feed) == (2, 3)


@pytest.mark.parametrize(
    ("policy", "is_held"),
    [("", False), ('first_time = "show"', False), ('first_time = "hold"', True)],
)
def test_the_first_comment_under_a_name_is_held_when_asked(
    tmp_path: Path, policy: str, *, is_held: bool
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{GOOD}\n[newsletters.policy]\n{policy}\n")
    app = App.load(path)
    assert rules_of(app.config, app.newsletter()).policy.holds_first_timers is is_held


def test_an_invalid_first_time_policy_is_reported(tmp_path: Path) -> None:
    said = _problems(tmp_path, f'{GOOD}\n[newsletters.policy]\nfirst_time = "wait"\n')
    assert "policy.first_time: " in said
    assert "'show' or 'hold'" in said


@pytest.mark.parametrize("level", ["", "strict", "normal", "lenient"])
def test_the_strictness_of_the_gate_reaches_the_composer(tmp_path: Path, level: str) -> None:
    path = tmp_path / "config.toml"
    civility = f'civility = "{level}"' if level else ""
    path.write_text(f"{GOOD}\n[newsletters.policy]\n{civility}\n")
    app = App.load(path)
    assert rules_of(app.config, app.newsletter()).policy.civility == (level or "normal")


def test_an_invalid_strictness_is_reported(tmp_path: Path) -> None:
    said = _problems(tmp_path, f'{GOOD}\n[newsletters.policy]\ncivility = "kind"\n')
    assert "policy.civility: " in said


def test_a_judge_that_is_not_installed_is_reported(tmp_path: Path) -> None:
    said = _problems(tmp_path, f'{GOOD}\n[newsletters.policy]\njudge = "house-of-none"\n')
    assert "policy.judge: 'house-of-none' is not installed; " in said


def test_a_feed_may_be_limited_to_its_own_content(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD).feeds[0].full_text == "auto"
    quiet = GOOD.replace('category = "Security"', 'category = "Security"\nfull_text = "off"')
    config = _load(tmp_path, quiet)
    assert [source.full_text for source in feed_sources(config)] == [False]


def test_pages_are_not_read_for_pictures_if_no_newsletter_shows_any(tmp_path: Path) -> None:
    without = f'{GOOD}images = "none"\n'
    second = GOOD[GOOD.index("[[newsletters]]") :].replace('"weekly"', '"other"')
    for text, shown in ((GOOD, True), (without, False), (without + second, True)):
        assert [each.has_images for each in feed_sources(_load(tmp_path, text))] == [shown]


def test_a_state_folder_must_exist(tmp_path: Path) -> None:
    own = GOOD.replace("[[smtp]]", '[state]\nfolder = "state"\n[[smtp]]')
    assert "state.folder: the folder" in _problems(tmp_path, own)
    (tmp_path / "state").mkdir()
    assert _load(tmp_path, own).state.folder == tmp_path / "state"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://digest@db.example.org/paper",
        "postgresql+psycopg:///paper?host=/run/postgresql",
        "sqlite:////var/lib/digest/digest.db",
    ],
)
def test_a_database_is_a_file_or_on_a_server(tmp_path: Path, url: str) -> None:
    own = GOOD.replace("[[smtp]]", f'[database]\nurl = "{url}"\n[[smtp]]')
    assert _load(tmp_path, own).database.url == url


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD).database.url == f"sqlite:///{tmp_path / 'digest.db'}"
    assert _load(tmp_path, GOOD).state.folder == tmp_path


_FOLDER = (
    GOOD.replace(
        "[[smtp]]", '[images]\nfolder = "pictures"\nurl = "https://s.example/p/"\n[[smtp]]'
    )
    + 'images = "folder"\n'
)


def test_pictures_may_be_in_a_folder_next_to_the_file(tmp_path: Path) -> None:
    images = _load(tmp_path, _FOLDER).images
    assert (images.folder, images.url) == (tmp_path / "pictures", "https://s.example/p")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (
            'folder = "pictures"',
            "",
            '[[newsletters]] weekly: images = "folder" needs images.folder',
        ),
        ('url = "https://s.example/p/"', "", "and images.url (the URL of that folder)"),
        ("https://s.", "http://s.", "images.url: must start with https://"),
        ("https://s.", "ftp://s.", "images.url: 'ftp://s"),
        ('= "folder"', '= "foldr"', "[[newsletters]] weekly: images"),
    ],
)
def test_a_picture_folder_without_a_url_is_reported(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert said in _problems(tmp_path, _FOLDER.replace(right, wrong))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("base_url =", "base_urll =", "site.base_urll: unknown key; did you mean 'base_url'?"),
        ("host =", "hots =", "[[smtp]] no. 1: hots: unknown key; did you mean 'host'?"),
        (
            "schedule =",
            "shedule =",
            "[[newsletters]] weekly: shedule: unknown key; did you mean 'schedule'?",
        ),
        ("from =", "form =", "[[newsletters]] weekly: form: unknown key; did you mean 'from'?"),
        ("[[feeds]]", "[[feed]]", "feed: unknown key; did you mean 'feeds'?"),
        ('"Mon 07:00"', '"Monday"', "[[newsletters]] weekly: schedule: 'Monday' is not a schedule"),
        ('["Security"]', '["Securty"]', "no feed has the category 'Securty'; did you mean"),
        ("https://digest.", "http://digest.", "site.base_url: must start with https://"),
        (
            "https://heritage",
            "ftp://heritage",
            "[[feeds]] ftp://heritage.example/security/feed/: url: 'ftp://heritage",
        ),
        ("a key that is long enough", "short", "site.secret_keys: needs a key of 16 characters"),
        ('name = "weekly"', 'name = "Weekly!"', "[[newsletters]] Weekly!: name"),
        ("<digest@heritage.example>", "<digest>", "[[newsletters]] weekly: from: "),
        ("[site]", "[site", "not valid TOML"),
    ],
)
def test_an_error_is_reported_with_its_place_and_remedy(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert said in _problems(tmp_path, GOOD.replace(right, wrong))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            "",
            "security/feed/: its posts have no category; set category, map or both",
        ),
        (
            "map = {}",
            "[[feeds]] https://heritage.example/security/feed/: its posts have no category",
        ),
        ('map = { "Ports" = "Sea" }', "no feed has the category 'Security'"),
        ('map = { Ports = "Security", " ports" = "Sea" }', "'Ports' and ' ports' are the same"),
        (
            'category = "Security"\nmap = { Ports = 5 }',
            "[[feeds]] https://heritage.example/security/feed/: map.Ports",
        ),
        ('category = ""', "[[feeds]] https://heritage.example/security/feed/: category.0"),
        ('category = "Security"\nexclude = { titel = "x" }', "did you mean 'title'?"),
        ('category = "Security"\nexclude = { title = "**" }', "matches everything or nothing"),
        (
            'category = "Security"\ninclude = { title = 5 }',
            "[[feeds]] https://heritage.example/security/feed/: include.title",
        ),
    ],
)
def test_an_error_in_filing_rules_is_reported(tmp_path: Path, rules: str, said: str) -> None:
    assert said in _problems(tmp_path, GOOD.replace('category = "Security"', rules))


def test_categories_of_a_map_fill_a_newsletter(tmp_path: Path) -> None:
    rules = 'map = { Ports = ["Sea", "Security"], Markets = "Economy" }\nexclude = { author = "X" }'
    feed = _load(tmp_path, GOOD.replace('category = "Security"', rules)).feeds[0]
    assert feed.targets == {"Sea", "Security", "Economy"}
    assert (feed.category, feed.exclude.author) == ((), ("X",))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('["Security"]', '"Security"', '[[newsletters]] weekly: categories: must be a list: ["…"'),
        ('host = "', 'host = 3 # "', "[[smtp]] no. 1: host: must be text in quotes"),
        (
            "[[smtp]]",
            "[[smtp]]\nport = 99999",
            "[[smtp]] smtp.heritage.example: port: must be 65535 or less",
        ),
        (
            "[[smtp]]",
            '[[smtp]]\nport = "x"',
            "[[smtp]] smtp.heritage.example: port: must be a whole number",
        ),
        (
            "[[smtp]]",
            '[[smtp]]\nsecurity = "ssl"',
            "[[smtp]] smtp.heritage.example: security: must be 'starttls', 'tls'",
        ),
        ("[[smtp]]", '[web]\npublic = "x"\n[[smtp]]', "web.public: must be a host and a port"),
        ("[[smtp]]", "fetch = []\n[[smtp]]", "site.fetch: unknown key"),
        ("[[smtp]]", "[smtp]", "smtp: must be a list of tables: [[smtp]]"),
        ("[[smtp]]", "[images]\nfolder = 3\n[[smtp]]", "images.folder: must be a path"),
        (
            "[[smtp]]",
            '[database]\nurl = "mysql://u:pw@h/x"\n[[smtp]]',
            "database.url: must be 'sqlite:///FILE' or 'postgresql://USER@HOST/NAME'",
        ),
        (
            'name = "weekly"',
            'name = "My Weekly"',
            "[[newsletters]] My Weekly: name: must be 1 to 64 of the",
        ),
        (
            "[[feeds]]",
            "[[feeds]]\nmap = 3",
            "[[feeds]] https://heritage.example/security/feed/: map: must be a table",
        ),
        (
            "[[feeds]]",
            "[[feeds]]\ninterval = 5",
            "[[feeds]] https://heritage.example/security/feed/: interval: 5 is not a duration",
        ),
        ("[[feeds]]", f'[[feeds]]\ninterval = "{"9" * 30}w"', "is too long"),
        (
            "[[smtp]]",
            '[retention]\nunconfirmed = "1h"\n[[smtp]]',
            "retention.unconfirmed: must be '1d' or more",
        ),
        (
            "[[feeds]]",
            '[[feeds]]\nusername = "a:b"',
            "[[feeds]] https://heritage.example/security/feed/: username: must not contain colons",
        ),
    ],
)
def test_a_wrong_value_is_reported_in_the_words_of_the_file(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    problems = _problems(tmp_path, GOOD.replace(right, wrong, 1))
    assert said in problems
    assert "Input" not in problems
    assert ":pw@" not in problems


def test_a_broken_list_in_the_environment_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(GOOD)
    with pytest.raises(ConfigError, match=r"newsletters]] weekly: categories: must be a list"):
        load_config(path, {"DIGEST_NEWSLETTERS__CATEGORIES": "[Security"})


def test_every_error_is_reported_at_once(tmp_path: Path) -> None:
    wrong = GOOD.replace("host =", "hots =").replace('"Mon 07:00"', '"never"')
    assert len(_problems(tmp_path, wrong).splitlines()) == 3  # the missing host, too


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD, DIGEST_SMTP__PASSWORD="hush", DIGEST_FETCH__TIMEOUT_S="5")
    assert config.smtp[0].password.get_secret_value() == "hush"
    assert config.fetch.timeout_s == 5
    assert "hush" not in repr(config)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("DIGEST_SMTP__1__PASSWORD", "the file has 1 table [[smtp]]; the first is number 0"),
        ("DIGEST_FEEDS__7__USERNAME", "the file has 1 table [[feeds]]"),
        ("DIGEST_NEWSLETTERS__2__TITLE", "the file has 1 table [[newsletters]]"),
        ("DIGEST_SMTP__0", "the name of a key is missing"),
        ("DIGEST_SITE__NAME__X", "site.name is not a table"),
    ],
)
def test_a_variable_that_fits_nowhere_is_reported(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD, **{name: "hush"})
    assert str(caught.value).startswith(f"{name} (in the environment): {said}")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    ["", "a..b", "x" * 64, "smtp://mail.example.org", "mail.example.org:587", "a b", "[::1]"],
)
def test_a_relay_that_is_no_host_is_reported(tmp_path: Path, host: str) -> None:
    problem = _problems(tmp_path, GOOD.replace('"smtp.heritage.example"', f'"{host}"'))
    assert problem.count("\n") == 0
    assert ": host: " in problem


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "bücher.example", "relay_1"])
def test_a_relay_may_be_a_name_or_an_address(tmp_path: Path, host: str) -> None:
    config = _load(tmp_path, GOOD.replace('"smtp.heritage.example"', f'"{host}"'))
    assert config.smtp[0].host == host


def test_the_environment_reaches_every_relay(tmp_path: Path) -> None:
    two = GOOD.replace("[[feeds]]", '[[smtp]]\nhost = "b.heritage.example"\n\n[[feeds]]')
    config = _load(tmp_path, two, DIGEST_SMTP__1__PASSWORD="hush")
    assert [relay.password.get_secret_value() for relay in config.smtp] == ["", "hush"]


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("Bücher <digest@bücher.example>", "Bücher <digest@xn--bcher-kva.example>"),
        ("digest@日本語.jp", "digest@xn--wgv71a119e.jp"),
        ("news@bücher.example <news@bücher.example>", "news@xn--bcher-kva.example"),
        ('\\"A, B\\" <a@example.org>', '"A, B" <a@example.org>'),
    ],
)
def test_the_domain_of_a_sender_is_written_in_ascii(
    tmp_path: Path, written: str, sender: str
) -> None:
    config = _load(tmp_path, GOOD.replace("Heritage <digest@heritage.example>", written))
    assert config.newsletters[0].sender == sender


@pytest.mark.parametrize(
    ("written", "base_url"),
    [
        ("https://bücher.example:8443/a/", "https://xn--bcher-kva.example:8443/a"),
        ("https://faß.example/", "https://xn--fa-hia.example"),
    ],
)
def test_the_host_of_the_pages_is_written_in_ascii(
    tmp_path: Path, written: str, base_url: str
) -> None:
    config = _load(tmp_path, GOOD.replace("https://digest.heritage.example/", written))
    assert config.site.base_url == base_url


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Digest <jörg@heritage.example>", "has letters beyond ASCII before the @"),
        ("a@heritage.example, b@heritage.example", "must be one address"),
        ("Digest <a@heri tage.example>", "is not a mail address"),
        ("Digest", "is not a mail address"),
    ],
)
def test_a_sender_that_cannot_be_used_is_reported(tmp_path: Path, written: str, said: str) -> None:
    problem = _problems(tmp_path, GOOD.replace("Heritage <digest@heritage.example>", written))
    assert problem.count("\n") == 0
    assert said in problem


def test_a_secret_may_be_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    config = _load(tmp_path, GOOD.replace("host =", 'password_file = "password"\nhost ='))
    assert config.smtp[0].password.get_secret_value() == "hush"


def test_a_missing_secret_file_is_reported(tmp_path: Path) -> None:
    wrong = GOOD.replace("host =", 'password_file = "nowhere"\nhost =')
    assert "nowhere cannot be read" in _problems(tmp_path, wrong)


def test_a_missing_file_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="digest init"):
        load_config(tmp_path / "config.toml", {})


def test_a_feed_configured_twice_is_reported(tmp_path: Path) -> None:
    feed = GOOD[GOOD.index("[[feeds]]") : GOOD.index("[[newsletters]]")]
    assert "appears twice" in _problems(tmp_path, GOOD + feed)


def test_the_password_of_a_feed_may_be_in_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    named = GOOD.replace("category =", 'username = "me"\ncategory =')
    in_file = _load(tmp_path, named.replace("category =", 'password_file = "password"\ncategory ='))
    in_environment = _load(tmp_path, named, DIGEST_FEEDS__0__PASSWORD="hush")
    for config in (in_file, in_environment):
        assert config.feeds[0].password.get_secret_value() == "hush"
        assert "hush" not in repr(config)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("https://heritage", "https://me:hush@heritage", "use username and password_file"),
        ("category =", 'password = "hush"\ncategory =', "password needs a username"),
        (
            "category =",
            'username = "a:hush"\ncategory =',
            "[[feeds]] https://heritage.example/security/feed/: username",
        ),
        (
            "[[smtp]]",
            '[fetch]\nproxy = "socks5://hush:1"\n[[smtp]]',
            "fetch.proxy: must be a proxy",
        ),
        ("[[smtp]]", "[fetch]\nper_host = 0\n[[smtp]]", "fetch.per_host"),
        ("[[smtp]]", '[fetch]\ncontact = "https://a.example/ x"\n[[smtp]]', "fetch.contact"),
    ],
)
def test_an_error_next_to_a_secret_is_reported_without_it(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    problems = _problems(tmp_path, GOOD.replace(right, wrong))
    assert said in problems
    assert "hush" not in problems


def test_a_proxy_with_a_password_is_never_shown(tmp_path: Path) -> None:
    proxy = "http://me:hush@proxy.example:3128"
    config = _load(tmp_path, GOOD, DIGEST_FETCH__PROXY=proxy)
    assert config.fetch.proxy
    assert config.fetch.proxy.get_secret_value() == proxy
    assert "hush" not in repr(config) + config.model_dump_json()


def test_a_fault_in_a_list_of_tables_names_the_table(tmp_path: Path) -> None:
    second = GOOD[GOOD.index("[[newsletters]]") :].replace('"weekly"', '"daily"')
    problems = _problems(tmp_path, GOOD + second.replace("Mon 07:00", "Monday"))
    assert "[[newsletters]] daily: schedule: 'Monday' is not a schedule" in problems


def test_a_feed_is_named_without_the_secrets_in_its_address(tmp_path: Path) -> None:
    address = "https://me:hush@heritage.example/feed/?key=psst"
    problems = _problems(tmp_path, GOOD.replace("https://heritage.example/security/feed/", address))
    assert "[[feeds]] https://heritage.example/feed/: " in problems
    assert "hush" not in problems
    assert "psst" not in problems


def test_the_age_of_posts_is_limited_only_if_a_feed_says_so(tmp_path: Path) -> None:
    (plain,) = feed_sources(_load(tmp_path, GOOD))
    limited = GOOD.replace("[[feeds]]", '[[feeds]]\nmax_post_age = "30d"')
    (source,) = feed_sources(_load(tmp_path, limited))
    assert (plain.max_post_age, source.max_post_age) == (None, timedelta(days=30))


@pytest.mark.parametrize("name", ["archive", "api", "u", "subscribe", "theme", "style", "-", "--"])
def test_a_newsletter_named_like_a_page_is_reported(tmp_path: Path, name: str) -> None:
    said = _problems(tmp_path, GOOD.replace('name = "weekly"', f'name = "{name}"'))
    assert said.count("\n") == 0
    assert f"name: '{name}' is the address of another public page" in said


@pytest.mark.parametrize("name", ["archive-2", "a", "weekly-", "privacy-news"])
def test_a_newsletter_may_have_any_other_name(tmp_path: Path, name: str) -> None:
    assert _load(tmp_path, GOOD.replace('name = "weekly"', f'name = "{name}"'))


def test_proxies_are_addresses_or_networks(tmp_path: Path) -> None:
    web = '\n[web]\ntrusted_proxies = ["127.0.0.1", "10.0.0.0/8", "::1"]\n'
    assert _load(tmp_path, GOOD + web).web.trusted_proxies == (
        "127.0.0.1/32",
        "10.0.0.0/8",
        "::1/128",
    )


@pytest.mark.parametrize("wrong", ["proxy.example.org", "10.0.0.1/8", ""])
def test_a_proxy_that_is_no_address_is_reported(tmp_path: Path, wrong: str) -> None:
    said = _problems(tmp_path, GOOD + f'\n[web]\ntrusted_proxies = ["{wrong}"]\n')
    assert "web.trusted_proxies" in said
    assert "is not an address or a network" in said


def test_sign_ups_are_kept_for_a_day_at_least(tmp_path: Path) -> None:
    said = _problems(tmp_path, GOOD + '\n[retention]\nunconfirmed = "1h"\n')
    assert "retention.unconfirmed: must be" in said
