"""Several processes of a deployment that start at once."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.desk import fresh_postgres
from support.service import environment, run

pytestmark = pytest.mark.timeout(300)  # real processes start here, on busy machines too
COMMAND = (sys.executable, "-c", "from copydesk.cli import main; main()")


@pytest.fixture(params=["sqlite", "postgres"])
def env(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of a service on an empty database."""
    with ExitStack() as stack:
        url = {} if request.param == "sqlite" else {"COPYDESK_DATABASE_URL": stack.enter_context(fresh_postgres())}
        yield environment(tmp_path / "data", **url)


def test_migrations_run_once_when_several_processes_migrate(env: dict[str, str]) -> None:
    """Three at the same time on an empty database: all succeed, and the tables are there."""
    processes = [subprocess.Popen([*COMMAND, "migrate"], env=env, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=240)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    listed = run("keys", "list", env=env)
    assert listed.returncode == 0, listed.stderr
