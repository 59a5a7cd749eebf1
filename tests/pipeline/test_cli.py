"""The real command line as a process of its own."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from support.desk import SAMPLES
from support.service import Service, environment, free_port, run, running

RECORD = str(SAMPLES / "reading-the-record.txt")
SHORT = ("--file", RECORD, "--min-words", "100", "--max-words", "160")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A folder of its own, without search."""
    return environment(tmp_path / "data")


def test_article_is_written_to_files_when_a_brief_is_given(env: dict[str, str], tmp_path: Path) -> None:
    """The sample brief gives Markdown and a standalone page, and a report of every source on standard output."""
    md, html = tmp_path / "out" / "a.md", tmp_path / "out" / "a.html"
    done = run("write", "--brief", str(SAMPLES / "brief.toml"), "-o", str(md), "-o", str(html), env=env)
    assert done.returncode == 0, done.stderr
    assert md.read_text().startswith("# ")
    assert "[^1]:" in md.read_text()
    assert html.read_text().startswith("<!DOCTYPE html>")
    assert "application/ld+json" in html.read_text()
    assert done.stdout.count("  used  ") == 5
    assert "asked for: 800 to 1100" in done.stdout
    assert "files completed: Read 5 of 5." in done.stderr


def test_article_goes_to_standard_output_when_no_file_is_named(env: dict[str, str]) -> None:
    """Markdown alone on standard output, progress and report on standard error; links where they are asked for."""
    done = run("write", "The Keeling Curve", *SHORT, "--citations", "none", env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# ")
    assert "[^" not in done.stdout
    assert "Words: " in done.stderr


def test_task_and_article_are_json_when_asked(env: dict[str, str]) -> None:
    """`--json` prints what the API would show, and nothing else."""
    done = run("write", "The Keeling Curve", *SHORT, "--json", env=env)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["task"]["status"] == "completed"
    assert shown["task"]["sources"][0]["disposition"] == "used"
    assert 100 <= shown["article"]["word_count"] <= 160
    assert shown["article"]["writer"] == "extractive"


def test_failed_task_ends_the_command_with_one(env: dict[str, str]) -> None:
    """No evidence: exit code 1, with the reason and the remedy."""
    done = run("write", "The history of tea", env=env)
    assert done.returncode == 1
    assert "WORKFLOW_ERROR" in done.stderr
    assert "Add reference links or files" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say what to write about"),
        (("Tea", "--file", "no-such-file.pdf"), "'no-such-file.pdf' is not a file"),
        (("Tea", "-o", "tea.docx"), "ends with .md or .html"),
        (("Tea", "--citations", "apa"), "--citations is one of"),
        (("Tea", "--min-words", "99"), "min_words"),
        (("Tea", "--min-words", "300", "--max-words", "200"), "max_words"),
        (("Tea", "--reference", "http://127.0.0.1/"), "reference_links"),
        (("Tea", "--file", __file__), "none of the extensions"),
        (("Tea", "--brief", RECORD), "cannot be read"),
    ],
)
def test_command_is_refused_when_its_input_is_bad(env: dict[str, str], arguments: tuple[str, ...], said: str) -> None:
    """Bad input: exit code 2 and one sentence that names it, without a traceback."""
    done = run("write", *arguments, env=env)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COPYDESK_SERCH", "none", "COPYDESK_SERCH is not a setting"),
        ("COPYDESK_LEASE", "soon", "COPYDESK_LEASE"),
        ("COPYDESK_MODEL", "openai:gpt", "this version has one writer"),
    ],
)
def test_start_is_refused_when_a_setting_is_bad(env: dict[str, str], name: str, value: str, said: str) -> None:
    """An unknown variable or a bad value stops the start with a sentence that names it."""
    done = run("keys", "list", env={**env, name: value})
    assert done.returncode == 2
    assert said in done.stderr


def test_keys_are_made_listed_and_revoked_when_asked(env: dict[str, str]) -> None:
    """`create` prints the key alone; `list` never shows it; `revoke` is for good."""
    made = run("keys", "create", "acme", "--read-only", "--expires-in", "3", env=env)
    key = made.stdout.removesuffix("\n")
    assert (made.returncode, key.count("\n"), key[:3]) == (0, 0, "cd_")
    (listed,) = json.loads(run("keys", "list", "--json", env=env).stdout)
    assert (listed["account"], listed["state"], listed["read_only"]) == ("acme", "active", True)
    assert key not in json.dumps(listed)
    assert run("keys", "revoke", listed["prefix"], env=env).returncode == 0
    assert "revoked" in run("keys", "list", env=env).stdout
    unknown = run("keys", "revoke", "cd_nothing", env=env)
    assert (unknown.returncode, "keys list" in unknown.stderr) == (2, True)


def test_doctor_says_what_there_is_when_asked(env: dict[str, str]) -> None:
    """Search first, then writer, database, sandbox; a needed thing that is missing fails it."""
    done = run("doctor", "--json", env=env)
    assert done.returncode == 0, done.stdout
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert next(iter(findings)) == "search"
    assert "COPYDESK_SEARXNG_URL" in findings["search"]["message"]
    assert findings["database"]["ok"]
    assert findings["sandbox watchdog"]["ok"]
    away = run("doctor", env={**env, "COPYDESK_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"})
    assert away.returncode == 1
    assert "FAIL  database" in away.stdout


def test_command_ends_with_three_when_the_database_is_away(env: dict[str, str]) -> None:
    """A Postgres that nobody serves: exit code 3 and a sentence."""
    away = {**env, "COPYDESK_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"}
    done = run("keys", "list", env=away)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr


def test_write_watches_when_a_service_does_the_work(env: dict[str, str], tmp_path: Path) -> None:
    """On a folder that `serve` works on, `write` submits there; a second port in use is told; SIGTERM ends with 0."""
    with running(Service(env=env, log=tmp_path / "service.log")) as service:
        done = run("write", "The Keeling Curve", *SHORT, env=env)
        assert done.returncode == 0, done.stderr
        assert "Another Copydesk process does the work" in done.stderr
        taken = run("serve", "--port", str(service.port), env=env)
        assert taken.returncode == 2
        assert "--port" in taken.stderr
        assert httpx2.get(f"{service.url}/healthz").status_code == 200
        assert service.stop() == 0


def test_task_is_cancelled_when_write_is_interrupted(env: dict[str, str]) -> None:
    """Ctrl-C while a task runs: the task is cancelled, exit code 130."""
    process = subprocess.Popen(
        [sys.executable, "-m", "copydesk.cli", "write", "--brief", str(SAMPLES / "brief.toml")],
        env=env,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "files running" in line:
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_help_is_light_when_shown() -> None:
    """`copydesk.cli` loads neither the engine nor the database nor the web framework."""
    code = "import copydesk.cli, sys; print([m for m in ('dbos', 'sqlalchemy', 'fastapi', 'lxml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
