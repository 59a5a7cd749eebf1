"""The environment of real commands, each run in a process of its own."""

import sys
from pathlib import Path

import pytest
from support.service import environment


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where Python writes no bytecode, every start would compile everything anew: three seconds instead of one."""
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("bytecode"))}


@pytest.fixture
def env(tmp_path: Path, bytecode: dict[str, str]) -> dict[str, str]:
    """A folder of its own, without search."""
    return environment(tmp_path / "data", **bytecode)
