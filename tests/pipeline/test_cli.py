"""The real command line as a process of its own.

Input that is refused before anything is opened is tried in this process: a start takes more than a second.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

import pytest
from support.desk import SAMPLES, fresh_postgres
from support.service import free_port, run

from copydesk.cli import main

RECORD = str(SAMPLES / "reading-the-record.txt")
SHORT = ("--file", RECORD, "--min-words", "100", "--max-words", "160")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """This process as the command line's: an empty working folder, no settings but those of `environment`."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("COPYDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COPYDESK_SEARCH", "none")
    return monkeypatch


def code_of(here: pytest.MonkeyPatch, *arguments: str) -> object:
    """The exit code of a command that runs in this process."""
    here.setattr(sys, "argv", ["copydesk", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


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


def test_file_is_kept_once_when_used_again(env: dict[str, str], tmp_path: Path) -> None:
    """The same name and content is one file of the account; its storage does not fill up with copies."""
    (tmp_path / "tea.txt").write_text("Tea is a plant.")
    for _ in range(2):
        assert run("write", "Tea", "--file", str(tmp_path / "tea.txt"), env=env).returncode == 1  # too little to write
    with closing(sqlite3.connect(tmp_path / "data" / "copydesk.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM tasks").fetchall() == [(2,)]
        assert database.execute("SELECT count(*) FROM files").fetchall() == [(1,)]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_stages_are_live_when_on_a_terminal(env: dict[str, str], tmp_path: Path) -> None:
    """On a real terminal the table is redrawn in place, and what remains of it says that all is done."""
    import pty  # noqa: PLC0415 - not everywhere

    ours, theirs = pty.openpty()
    output = tmp_path / "a.md"
    with subprocess.Popen(
        [sys.executable, "-m", "copydesk.cli", "write", "The Keeling Curve", *SHORT, "-o", str(output)],
        env={**env, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        said = b""
        with suppress(OSError):  # Linux ends a terminal with EIO
            while piece := os.read(ours, 65_536):
                said += piece
        os.close(ours)
    text = said.decode()
    assert (process.returncode, output.exists()) == (0, True), text
    last = text.rpartition("research")[2]
    assert "\x1b[" in text  # it was redrawn
    assert "seo" in last
    assert "100 %" in last
    assert "Words: " in last


def test_task_and_article_are_json_when_asked(env: dict[str, str]) -> None:
    """`--json` prints what the API would show, and nothing else."""
    done = run("write", "The Keeling Curve", *SHORT, "--json", env=env)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["task"]["status"] == "completed"
    assert shown["task"]["sources"][0]["disposition"] == "used"
    assert 100 <= shown["article"]["word_count"] <= 160
    assert shown["article"]["writer"] == "extractive"


def test_article_is_kept_when_its_file_cannot_be_written(env: dict[str, str], tmp_path: Path) -> None:
    """A disk that is full at the end: exit code 2, naming the file and the article that the database keeps."""
    full = tmp_path / "full.md"
    full.symlink_to("/dev/full" if Path("/dev/full").exists() else "/nowhere/full")
    done = run("write", "The Keeling Curve", *SHORT, "-o", str(full), env=env)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    with closing(sqlite3.connect(tmp_path / "data" / "copydesk.sqlite")) as database:
        ((article_id,),) = database.execute("SELECT article_id FROM articles").fetchall()
    assert "full.md' cannot be written: " in done.stderr
    assert f"The article is kept as {article_id}." in done.stderr


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
        (("",), "user_prompt"),
        (("t" * 1_001,), "user_prompt"),
        (("Tea", "--file", "no-such-file.pdf"), "'no-such-file.pdf' is not a file"),
        (("Tea", "-o", "tea.docx"), "'tea.docx': the output ends with .md or .html"),
        (("Tea", "-o", f"{RECORD}/tea.md"), "tea.md' cannot be written"),
        (("Tea", "--citations", "apa"), "--citations is one of"),
        (("Tea", *("--file", RECORD) * 51), "at most 50"),
        (("Tea \udcff",), "lone surrogate"),
        (("Tea", "--min-words", "99"), "min_words"),
        (("Tea", "--max-words", "10001"), "max_words"),
        (("Tea", "--min-words", "300", "--max-words", "200"), "max_words"),
        (("Tea", "--reference", "http://127.0.0.1/"), "reference_links"),
        (("Tea", "--language", "english please"), "language"),
        (("Tea", "--brief", RECORD), "reading-the-record.txt' cannot be read"),
        (("Tea", "--brief", "no-such-brief.toml"), "'no-such-brief.toml' cannot be read"),
        (("Tea", "--colour", "red"), "--colour"),
        (("Tea", "--min-words", "many"), "--min-words"),
    ],
)
def test_command_is_refused_when_its_input_is_bad(
    here: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    """Bad input: exit code 2 and a sentence that names it, before anything is opened."""
    assert code_of(here, "write", *arguments) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('prompt = "Tea"\ncolour = 1', "unknown entry 'colour'"),
        ('prompt = "Tea"\nfiles = "tea.txt"', "files is a list of file names"),
        ('prompt = "Tea"\nfiles = [1]', "files is a list of file names"),
        ('prompt = "Tea"\nfiles = ["tea.txt"]', "tea.txt' is not a file"),
        ("prompt = 3", "user_prompt"),
        ('prompt = "Tea"\nmin_words = "many"', "min_words"),
        ('keywords = ["tea"]', "Say what to write about"),
        ("prompt = ", "brief.toml' cannot be read"),
        ('prompt = "\udcff"', "brief.toml' cannot be read"),
    ],
)
def test_brief_is_refused_when_it_is_bad(
    here: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    """A brief with an unknown entry, a wrong type or broken TOML: exit code 2 and a sentence that names it."""
    path = tmp_path / "brief.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert code_of(here, "write", "--brief", str(path)) == 2
    assert said in capsys.readouterr().err


def test_option_wins_when_the_brief_has_another_value(
    here: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The brief's 800 words are no longer the lower bound when an option says 9,999; its own 1,100 still bound it."""
    path = tmp_path / "brief.toml"
    path.write_text('prompt = "Tea"\nmin_words = 800\nmax_words = 1100')
    assert code_of(here, "write", "--brief", str(path), "--min-words", "9999") == 2
    assert "max_words" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COPYDESK_SERCH", "none", "COPYDESK_SERCH is not a setting"),
        ("COPYDESK_LEASE", "soon", "COPYDESK_LEASE"),
        ("COPYDESK_MODEL", "gpt", "names no provider"),
    ],
)
@pytest.mark.parametrize("command", ["keys list", "migrate", "serve --port 0", "worker", "doctor"])
def test_start_is_refused_when_a_setting_is_bad(
    here: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, name: str, value: str, said: str
) -> None:
    """An unknown variable or a bad value stops every command with a sentence that names it."""
    here.setenv(name, value)
    assert code_of(here, *command.split()) == 2
    assert said in capsys.readouterr().err


def test_data_folder_is_named_when_it_cannot_be_made(env: dict[str, str], tmp_path: Path) -> None:
    """`doctor` reports it among its findings and fails; other commands end with 2."""
    (tmp_path / "taken").touch()
    nowhere = {**env, "COPYDESK_DATA_DIR": str(tmp_path / "taken" / "data")}
    done = run("serve", "--port", "0", env=nowhere)
    assert done.returncode == 2, done.stderr
    assert f"COPYDESK_DATA_DIR: '{tmp_path / 'taken' / 'data'}' cannot be made" in done.stderr
    assert "Traceback" not in done.stderr
    examined = run("doctor", env=nowhere)
    assert examined.returncode == 1, examined.stderr
    assert "FAIL  data folder" in examined.stdout
    assert "worker:" not in examined.stdout


def test_file_is_named_when_it_cannot_be_taken(env: dict[str, str], tmp_path: Path) -> None:
    """A file of an unknown kind, and one that the system will not read: exit code 2, naming the file."""
    unreadable = tmp_path / "tea.txt"
    unreadable.symlink_to("/proc/self/mem")  # a file where there is /proc, a missing one elsewhere
    for path, said in ((Path(__file__), "none of the extensions"), (unreadable, "tea.txt'")):
        done = run("write", "Tea", "--file", str(path), env=env)
        assert done.returncode == 2, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_keys_are_made_and_listed_when_asked(env: dict[str, str]) -> None:
    """`create` prints the key alone; `list` never shows it; an unknown one cannot be revoked."""
    made = run("keys", "create", "acme", "--read-only", "--expires-in", "3", env=env)
    key = made.stdout.removesuffix("\n")
    assert (made.returncode, key.count("\n"), key[:3]) == (0, 0, "cd_")
    (listed,) = json.loads(run("keys", "list", "--json", env=env).stdout)
    assert (listed["account"], listed["state"], listed["read_only"]) == ("acme", "active", True)
    assert key.startswith(listed["prefix"])
    assert key not in json.dumps(listed)
    unknown = run("keys", "revoke", "cd_nothing", env=env)
    assert (unknown.returncode, "keys list" in unknown.stderr) == (2, True)


def test_tables_are_made_when_migrate_is_asked(env: dict[str, str]) -> None:
    """On Postgres commands refuse a database without tables and name the command that makes them."""
    with fresh_postgres() as url:
        there = {**env, "COPYDESK_DATABASE_URL": url}
        before = run("keys", "list", env=there)
        assert (before.returncode, "copydesk migrate" in before.stderr) == (2, True)
        for _ in range(2):  # nothing to do is fine
            assert run("migrate", env=there).returncode == 0
        after = run("keys", "list", env=there)
        assert (after.returncode, after.stdout) == (0, "")


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_task_is_cancelled_when_write_is_interrupted(
    env: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    """Ctrl-C or SIGTERM while a task runs: the stored task is cancelled, no article is left, exit code 130."""
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
    process.send_signal(number)
    _, rest = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in rest) == (130, False)
    with closing(sqlite3.connect(tmp_path / "data" / "copydesk.sqlite")) as database:
        assert database.execute("SELECT status FROM tasks").fetchall() == [("cancelled",)]
        assert database.execute("SELECT count(*) FROM articles").fetchall() == [(0,)]


def test_version_is_printed_alone_when_asked(here: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the package's version."""
    assert code_of(here, "--version") == 0
    assert capsys.readouterr().out == f"{version('copydesk')}\n"


def test_help_is_light_when_shown() -> None:
    """`copydesk.cli` loads neither the engine nor the database nor the web framework."""
    code = "import copydesk.cli, sys; print([m for m in ('dbos', 'sqlalchemy', 'fastapi', 'lxml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
