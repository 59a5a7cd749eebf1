"""Settings from the environment."""

import os
import traceback
from ipaddress import ip_network
from pathlib import Path

import pytest

from copydesk.errors import ConfigurationError
from copydesk.settings import SEARCH_KEYS, AllowedRange, Settings, load_settings, parse_range


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting of the caller's, and no `.env` but the test's."""
    for name in list(os.environ):
        if name.startswith(("COPYDESK_", "AWS_")) or name in SEARCH_KEYS.values():
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_defaults_hold_when_nothing_is_set() -> None:
    """The documented defaults: SQLite, Wikipedia, the extractive writer, public addresses only."""
    settings = load_settings()
    assert (settings.embedded, settings.search, settings.model) == (True, ("wikipedia",), "extractive")
    assert (settings.max_active_tasks, settings.requests_per_minute, settings.task_deadline) == (20, 600, 3_600)
    assert settings.outbound_allow == ()


WHOLE = (  # settings that are whole numbers, with their bounds
    ("MAX_ACTIVE_TASKS", 1, 100_000),
    ("REQUESTS_PER_MINUTE", 1, 1_000_000),
    ("WORKER_CONCURRENCY", 1, 1_000),
    ("ACCOUNT_CONCURRENCY", 1, 1_000),
    ("MAX_STORAGE_MB", 1, 10_000_000),
    ("MAX_RESULTS", 1, 50),
    ("MODEL_WINDOW", 1_024, 10_000_000),
    ("MODEL_TRIES", 1, 20),
    ("MODEL_CONCURRENCY", 1, 1_000),
    ("SANDBOX_WORKERS", 1, 64),
    ("SANDBOX_MEMORY_MB", 256, 65_536),
    ("SANDBOX_TEXT_MB", 1, 1_024),
    ("FETCH_MAX_MB", 1, 1_024),
    ("PAGE_CACHE_MB", 1, 1_000_000),
    ("RETENTION_DAYS", 0, 36_500),
)
SECONDS = (  # settings that are seconds: name, just inside and just outside below, the same above
    ("TASK_DEADLINE", ("1", "86400", "1.5"), ("0.9", "86400.1", "nan")),
    ("STALL_AFTER", ("10", "86400"), ("9.9", "86400.1")),
    ("WRITING_DEADLINE", ("1", "86400"), ("0.9", "86400.1")),
    ("TASK_TRIES", ("1", "10"), ("0", "11", "1.5")),
    ("RETRY_PAUSE", ("0", "3600"), ("-0.1", "3600.1")),
    ("SHUTDOWN_GRACE", ("0", "3600"), ("-0.1", "3600.1")),
    ("STAGE_DEADLINE", ("1", "3600"), ("0.9", "3600.1", "nan")),
    ("LEASE", ("1", "600"), ("0.9", "600.1", "inf")),
    ("SANDBOX_SECONDS", ("0.001", "600"), ("0", "-1", "600.1", "inf")),
    ("MODEL_SECONDS", ("0.001", "3600"), ("0", "-1", "3600.1", "inf")),
    ("MODEL_SILENCE", ("0.001", "3600"), ("0", "-1", "3600.1", "inf")),
    ("EMBEDDING_SECONDS", ("0.001", "600"), ("0", "-1", "600.1", "inf")),
    ("FETCH_SECONDS", ("0.001", "600"), ("0", "-1", "600.1", "inf")),
    ("HOST_PAUSE", ("0", "60"), ("-0.1", "60.1", "nan")),
    ("PAGE_CACHE_HOURS", ("0", "0.5", "8760"), ("-1", "8760.1", "nan")),
    ("RESEARCH_GRACE", ("0", "600"), ("-0.1", "600.1", "inf")),
    ("SEARCH_SECONDS", ("0.001", "120"), ("0", "-1", "120.1", "nan")),
)
WORDS = (  # the others
    ("DATA_DIR", ("/srv/copydesk", "data"), ()),
    ("DATABASE_URL", ("postgresql://u:p@h/d", "postgres://h/d"), ("mysql://h/d", "sqlite:///x", "h/d")),
    ("MODEL", ("extractive", "openai:gpt-5", "ollama:a, anthropic:b"), ("gpt-5", "extractive,openai:a", ",")),
    ("SEARCH", ("none", "wikipedia", "ddgs", " wikipedia , "), ("google", "none,wikipedia", "Wikipedia")),
    *((variable, ("sk-key_0123", " key "), ("two words", "ключ", "a\x7fb")) for variable in SEARCH_KEYS.values()),
    ("MODEL_BASE_URL", ("http://127.0.0.1:8080/v1", "https://models.example/v1"), ("localhost:8080", "ftp://h/")),
    ("MODEL_API_KEY", ("secret",), ()),
    (
        "MODEL_PRICE",
        ("0,0", "3,15", " 0.15 , 0.60 ", "1000000,0"),
        ("3", "3,15,1", "-1,2", "nan,1", "1,1000001", "a,b"),
    ),
    ("EMBEDDING_PRICE", ("0", "0.02", "1000000"), ("-0.1", "1000001", "nan", "inf", "cheap")),
    ("MODEL_FAST", ("openai:gpt-5-mini",), (",",)),
    ("EMBEDDING_MODEL", ("openai:text-embedding-3-small", "nomic-embed-text"), ()),
    ("EMBEDDING_BASE_URL", ("http://127.0.0.1:8080/v1", "https://models.example/v1"), ("localhost:8080", "ftp://h/")),
    ("EMBEDDING_API_KEY", ("secret",), ()),
    (
        "BLOBS",
        ("database", "directory", "directory:/srv/files", "s3://bucket", "s3://my.bucket-1/some/prefix"),
        ("folder", "directory:", "s3://", "s3://Bucket", "s3://b", "s3://bucket/a b", "http://bucket"),
    ),
    ("S3_ENDPOINT", ("http://127.0.0.1:9000", "https://s3.example"), ("s3.example", "ftp://h/")),
    ("S3_REGION", ("eu-central-1",), ()),
    ("S3_ACCESS_KEY_ID", (), ()),  # with its secret alone, which is tested below
    ("S3_SECRET_ACCESS_KEY", (), ()),
    ("S3_SESSION_TOKEN", ("token",), ()),
    ("SEARXNG_URL", ("http://localhost:8888", "https://search.example/x"), ("localhost:8888", "ftp://h/")),
    ("WIKIPEDIA_URL", ("https://{language}.wikipedia.org", "http://mirror/"), ("wikipedia.org", "file:///x")),
    ("CONTACT", ("https://example.org/bot", "me@example.org"), ()),
    (
        "OUTBOUND_ALLOW",
        ("10.0.0.0/8", "127.0.0.0/8:1,[::1/128]:65535"),
        (
            "ten",
            "10.0.0.0/33",
            "10.0.0.0/8:0",
            "10.0.0.0/8:65536",
            "10.0.0.0/8:http",
            "[::1/128",
            "[::1/128]80",
            "[::1/128]:",
        ),
    ),
    (
        "OUTBOUND_PROXY",
        ("http://proxy:3128", "https://user:p%40ss@proxy.example", "http://[::1]:8080/", "http://10.0.0.1:65535"),
        (
            "proxy:3128",
            "socks5://proxy:1080",
            "http://",
            "http://proxy:port",
            "http://proxy:65536",
            "http://proxy:3128/path",
            "http://a@b@proxy",
            "http://two words",
        ),
    ),
    ("TRUSTED_PROXIES", ("10.0.0.1", "10.0.0.0/8, ::1"), ("proxy.local", "10.0.0.0/33", "*")),
    ("CORS_ORIGINS", ("https://a.example", "https://a.example,https://b.example"), ()),
    ("LOG_LEVEL", ("debug", "info", "warning", "error"), ("loud", "INFO")),
    ("LOG_FORMAT", ("auto", "json", "console"), ("xml",)),
)
BOUNDS = (
    *((name, (str(low), str(high)), (str(low - 1), str(high + 1), "1.5", "many")) for name, low, high in WHOLE),
    *SECONDS,
    *WORDS,
)


def test_every_setting_is_tried_when_bounds_are_tested() -> None:
    """A new setting needs a line in the table of bounds."""
    assert {name for name, _, _ in BOUNDS} == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, inside, _ in BOUNDS for value in inside])
def test_value_is_taken_when_within_its_bounds(clean: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Just inside its bounds a value is taken; the setting is set."""
    clean.setenv(f"COPYDESK_{name}", value)
    assert name.lower() in load_settings().model_fields_set


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, _, outside in BOUNDS for value in outside])
def test_start_is_refused_when_a_value_is_out_of_bounds(clean: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Just outside, the start stops and the sentence names the variable."""
    clean.setenv(f"COPYDESK_{name}", value)
    with pytest.raises(ConfigurationError, match=f"COPYDESK_{name}"):
        load_settings()


@pytest.mark.parametrize("name", [name for name, _, _ in BOUNDS])
def test_default_holds_when_a_variable_is_empty(clean: pytest.MonkeyPatch, name: str) -> None:
    """An empty variable counts as unset, as compose files leave them."""
    expected = load_settings()
    clean.setenv(f"COPYDESK_{name}", "")
    assert load_settings() == expected


def test_engines_are_several_when_separated_by_commas(clean: pytest.MonkeyPatch) -> None:
    """Order is kept; SearXNG needs its address, and the sentence says which variable."""
    clean.setenv("COPYDESK_SEARCH", "searxng,wikipedia")
    with pytest.raises(ConfigurationError, match="COPYDESK_SEARXNG_URL must be set"):
        load_settings()
    clean.setenv("COPYDESK_SEARXNG_URL", "http://localhost:8888")
    assert load_settings().search == ("searxng", "wikipedia")


@pytest.mark.parametrize(("name", "variable"), sorted(SEARCH_KEYS.items()))
def test_key_is_needed_when_an_engine_asks_for_one(clean: pytest.MonkeyPatch, name: str, variable: str) -> None:
    """The start is refused, with the engine's own variable, which is honoured; ours wins over it."""
    clean.setenv("COPYDESK_SEARCH", f"wikipedia,{name}")
    with pytest.raises(ConfigurationError, match=f"SEARCH names {name}, so {variable} must be set"):
        load_settings()
    clean.setenv(variable, " own ")
    assert getattr(load_settings(), f"{name}_api_key").get_secret_value() == "own"
    clean.setenv(f"COPYDESK_{variable}", "ours")
    assert getattr(load_settings(), f"{name}_api_key").get_secret_value() == "ours"


def test_keys_of_the_bucket_are_read_when_either_name_is_used(clean: pytest.MonkeyPatch) -> None:
    """Amazon's own variables are honoured, ours win; half a pair stops the start and is not shown."""
    clean.setenv("AWS_ACCESS_KEY_ID", "their-id")
    with pytest.raises(ConfigurationError, match="S3_SECRET_ACCESS_KEY") as refused:
        load_settings()
    assert "their-id" not in "".join(traceback.format_exception(refused.value))
    clean.setenv("AWS_SECRET_ACCESS_KEY", "their-secret")
    clean.setenv("AWS_REGION", "eu-north-1")
    clean.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    clean.setenv("COPYDESK_S3_ACCESS_KEY_ID", "our-id")
    settings = load_settings()
    assert settings.s3_access_key_id is not None
    assert settings.s3_secret_access_key is not None
    assert settings.s3_access_key_id.get_secret_value() == "our-id"
    assert settings.s3_secret_access_key.get_secret_value() == "their-secret"
    assert (settings.s3_region, settings.s3_endpoint) == ("eu-north-1", "http://127.0.0.1:9000")


def test_key_is_read_from_the_file_when_it_stands_there(tmp_path: Path) -> None:
    """`.env` may hold the engine's own variable."""
    (tmp_path / ".env").write_text("COPYDESK_SEARCH=brave\nBRAVE_API_KEY=filed\n")
    key = load_settings().brave_api_key
    assert key is not None
    assert key.get_secret_value() == "filed"


@pytest.mark.parametrize(("search", "key"), [("brave", "open sesame"), ("tavily", "sesame")])
def test_key_is_hidden_when_the_start_is_refused(clean: pytest.MonkeyPatch, search: str, key: str) -> None:
    """Neither the refusal nor what it came from shows a key."""
    clean.setenv("COPYDESK_SEARCH", search)
    clean.setenv("BRAVE_API_KEY", key)
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert "sesame" not in "".join(traceback.format_exception(refused.value))


def test_proxies_are_ranges_when_set(clean: pytest.MonkeyPatch) -> None:
    """Host bits are dropped: uvicorn silently trusts nobody for a range that has them."""
    clean.setenv("COPYDESK_TRUSTED_PROXIES", "10.1.2.3/8,::1")
    assert load_settings().trusted_proxies == ("10.0.0.0/8", "::1/128")


def test_start_is_refused_when_a_variable_is_unknown(clean: pytest.MonkeyPatch) -> None:
    """A typo is not ignored."""
    clean.setenv("COPYDESK_SEERCH", "none")
    with pytest.raises(ConfigurationError, match="COPYDESK_SEERCH"):
        load_settings()


@pytest.mark.parametrize("name", ["COPYDESK_SERVICE_HOST", "COPYDESK_PORT", "COPYDESK_PORT_80_TCP_ADDR"])
def test_variable_is_ignored_when_kubernetes_injects_it(clean: pytest.MonkeyPatch, name: str) -> None:
    """A service named copydesk makes Kubernetes set these."""
    clean.setenv(name, "tcp://10.0.0.1:80")
    load_settings()


def test_file_is_read_when_there_is_one(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`.env` in the working folder counts; the environment wins; other programs' entries are left alone."""
    (tmp_path / ".env").write_text("COPYDESK_LEASE=30\nCOPYDESK_SEARCH=none\nOTHER=1\n")
    clean.setenv("COPYDESK_SEARCH", "wikipedia")
    settings = load_settings()
    assert (settings.lease, settings.search) == (30, ("wikipedia",))


def test_start_is_refused_when_the_file_has_an_unknown_variable(tmp_path: Path) -> None:
    """A typo in `.env` is not ignored either."""
    (tmp_path / ".env").write_text("COPYDESK_LEESE=30\n")
    with pytest.raises(ConfigurationError, match="COPYDESK_LEESE"):
        load_settings()


def test_secret_is_hidden_when_settings_are_shown(clean: pytest.MonkeyPatch) -> None:
    """A password reaches neither a log nor a refusal."""
    clean.setenv("COPYDESK_DATABASE_URL", "postgresql://user:hidden@host/name")
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://user:hidden@host/name"
    assert not settings.embedded
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hidden" not in shown
    clean.setenv("COPYDESK_DATABASE_URL", "mysql://user:hidden@host/name")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert "hidden" not in refused.value.message


def test_proxys_password_is_hidden_when_settings_are_shown(clean: pytest.MonkeyPatch) -> None:
    """Shown or refused, the credentials of the proxy stay with it."""
    clean.setenv("COPYDESK_OUTBOUND_PROXY", "http://user:hidden@proxy:3128")
    settings = load_settings()
    assert "hidden" not in repr(settings) + settings.model_dump_json()
    clean.setenv("COPYDESK_OUTBOUND_PROXY", "ftp://user:hidden@proxy")
    with pytest.raises(ConfigurationError, match="COPYDESK_OUTBOUND_PROXY") as refused:
        load_settings()
    assert "hidden" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "network", "port"),
    [
        ("10.0.0.0/8", "10.0.0.0/8", None),
        ("10.1.2.3", "10.1.2.3/32", None),
        ("127.0.0.0/8:8080", "127.0.0.0/8", 8080),
        ("fd00::/8", "fd00::/8", None),
        ("[fd00::/8]:443", "fd00::/8", 443),
        ("[fd00::/8]", "fd00::/8", None),
    ],
)
def test_range_is_read_when_well_formed(text: str, network: str, port: int | None) -> None:
    """`CIDR`, `CIDR:port` and `[CIDR]:port`."""
    assert parse_range(text) == AllowedRange(ip_network(network), port)
