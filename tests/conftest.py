"""Rules for every test: no socket leaves the machine, and unit tests open none at all."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, socket_allow_hosts

# A busy machine is no failure: how long an example takes is measured in bench/, not here. CI judges a change by
# the same examples each time; new ones are looked for on developers' machines.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("project")

_UNIT = Path(__file__).parent / "unit"


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close sockets for unit tests; elsewhere allow loopback alone."""
    if item.path.is_relative_to(_UNIT) and item.get_closest_marker("enable_socket") is None:
        disable_socket(allow_unix_socket=True)
    else:
        socket_allow_hosts(["127.0.0.1", "127.0.0.2", "127.0.0.3", "::1", "localhost"], allow_unix_socket=True)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes by their length: their content may differ between the processes of one run."""
    del config
    return f"{argname}[{len(val)}]" if isinstance(val, bytes) else None
