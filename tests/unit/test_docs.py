"""The generated pages say what the code says, and links lead somewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.settings import Settings

ROOT = Path(__file__).parents[2]


def check(*arguments: str, columns: int = 80) -> "subprocess.CompletedProcess[str]":
    """Run the script on a terminal of that width."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/check_docs.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": str(columns), "PYTHONHASHSEED": str(columns)},
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A folder with the pages as they should be and a README that links to one."""
    (tmp_path / "README.md").write_text("[Settings](docs/settings.md#top) and [elsewhere](https://example.org/x).\n")
    assert check("--write", str(tmp_path)).returncode == 0
    return tmp_path


def test_pages_are_true_when_compared() -> None:
    """This repository's pages name every setting and command as it is, and its texts have no broken link."""
    done = check()
    assert done.returncode == 0, done.stderr


def test_pages_are_the_same_when_written_elsewhere(repository: Path) -> None:
    """Neither the terminal's width nor the order of hashes shows in the pages."""
    before = {path: path.read_text() for path in (repository / "docs").iterdir()}
    assert check("--write", str(repository), columns=20).returncode == 0
    assert {path: path.read_text() for path in (repository / "docs").iterdir()} == before
    assert len(before) == 2


def test_page_names_everything_when_written(repository: Path) -> None:
    """Each setting has a row; bounds, defaults, arguments and exit codes stand in the pages."""
    settings = (repository / "docs/settings.md").read_text()
    rows = [line for line in settings.splitlines() if line.startswith("| `COPYDESK_")]
    assert len(rows) == len(Settings.model_fields)
    assert "| `COPYDESK_MAX_RESULTS` | `10` | 1 to 50. Pages that research reads for one article. |" in rows
    commands = (repository / "docs/commands.md").read_text()
    assert "## `copydesk keys create`" in commands
    assert "| `[PROMPT]` |" in commands
    assert "| `ACCOUNT` |" in commands
    assert "| `--port` | Port to listen on. 0 to 65,535. Default: `8000`. |" in commands
    assert "130 interrupted" in commands


@pytest.mark.parametrize("name", ["docs/settings.md", "docs/commands.md"])
def test_check_fails_when_a_page_differs(repository: Path, name: str) -> None:
    """A page that was edited, or is missing, is named together with the remedy."""
    page = repository / name
    page.write_text(page.read_text() + "By hand.\n")
    edited = check(str(repository))
    page.unlink()
    missing = check(str(repository))
    for done in (edited, missing):
        assert done.returncode == 1
        assert f"{name} is not what the code says; run 'make fix'" in done.stderr


@pytest.mark.parametrize("link", ["[a](docs/nothing.md)", "![a](docs/images/nothing.svg)", "[a](nothing.md#top)"])
def test_check_fails_when_a_link_leads_nowhere(repository: Path, link: str) -> None:
    """A broken link or picture is named with the text it stands in."""
    (repository / "README.md").write_text(link)
    done = check(str(repository))
    assert done.returncode == 1
    assert done.stderr.startswith("README.md: ")
    assert "nothing" in done.stderr
