"""Settings from the environment."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from copydesk.errors import ConfigurationError
from copydesk.settings import AllowedRange, Settings, load_settings, parse_range


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting of the caller's, and no `.env` but the test's."""
    import os  # noqa: PLC0415 - only here

    for name in list(os.environ):
        if name.startswith("COPYDESK_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_defaults_hold_when_nothing_is_set() -> None:
    """The documented defaults: SQLite, Wikipedia, the extractive writer, public addresses only."""
    settings = load_settings()
    assert (settings.embedded, settings.search, settings.model) == (True, ("wikipedia",), "extractive")
    assert (settings.max_active_tasks, settings.requests_per_minute, settings.task_deadline) == (20, 600, 3_600)
    assert settings.outbound_allow == ()


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("MAX_ACTIVE_TASKS", ["1", "100000"], ["0", "100001", "many", ""]),
        ("REQUESTS_PER_MINUTE", ["1"], ["0", "-1", "1.5"]),
        ("TASK_DEADLINE", ["1", "86400", "1.5"], ["0.5", "86401"]),
        ("LEASE", ["1", "600"], ["0", "601"]),
        ("SEARCH", ["none", "wikipedia"], ["google", "none,wikipedia", "searxng"]),
        ("MODEL", ["extractive"], ["openai:gpt-5"]),
        ("DATABASE_URL", ["postgresql://u:p@h/d"], ["mysql://h/d", "sqlite:///x"]),
        (
            "OUTBOUND_ALLOW",
            ["10.0.0.0/8", "127.0.0.0/8:8080,[::1/128]:80"],
            ["ten", "10.0.0.0/8:0", "10.0.0.0/8:99999"],
        ),
        ("LOG_LEVEL", ["debug"], ["loud"]),
    ],
)
def test_value_is_taken_or_named_when_set(
    clean: pytest.MonkeyPatch, name: str, inside: list[str], outside: list[str]
) -> None:
    """Inside its bounds a value is taken; outside, the start stops and the sentence names the variable."""
    for value in inside:
        clean.setenv(f"COPYDESK_{name}", value)
        load_settings()
    for value in filter(None, outside):  # an empty variable counts as unset
        clean.setenv(f"COPYDESK_{name}", value)
        with pytest.raises(ConfigurationError, match=f"COPYDESK_{name}|COPYDESK_SEARXNG_URL"):
            load_settings()


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


def test_secret_is_hidden_when_settings_are_shown() -> None:
    """A password never reaches a log."""
    settings = Settings(_env_file=None, database_url="postgresql://user:hidden@host/name")
    assert "hidden" not in repr(settings)


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
