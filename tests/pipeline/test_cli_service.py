"""The command line beside a service that runs on the same folder."""

import re
import subprocess
import sys
import time
from pathlib import Path

import httpx2
from support.desk import SAMPLES
from support.service import Service, create_key, run, running

SHORT = ("--file", str(SAMPLES / "reading-the-record.txt"), "--min-words", "100", "--max-words", "160")


def test_commands_work_when_a_service_runs_on_the_folder(env: dict[str, str], tmp_path: Path) -> None:
    """`write` submits to it, a port in use is told, a key revoked is refused at once, and SIGTERM ends it with 0."""
    with running(Service(env=env, log=tmp_path / "service.log")) as service:
        said = service.log.read_text()
        assert f"Copydesk listens on {service.url} " in said
        assert "There is no API key yet" in said
        assert signed_in(service)
        key = create_key("acme", env)
        done = run("write", "The Keeling Curve", *SHORT, env=env)
        assert done.returncode == 0, done.stderr
        assert "Another Copydesk process does the work" in done.stderr
        taken = run("serve", "--port", str(service.port), env=env)
        assert (taken.returncode, "listens" in taken.stderr) == (2, False)
        assert "--port" in taken.stderr
        second = run("serve", "--port", "0", env=env)
        assert (second.returncode, "listens" in second.stderr) == (2, False)
        assert "Another Copydesk process works on" in second.stderr
        assert status_of(service, key) == 200
        revoked = run("keys", "revoke", key[:11], env=env)
        assert (revoked.returncode, "Revoked" in revoked.stdout) == (0, True)
        assert status_of(service, key) == 401
        assert "revoked" in run("keys", "list", env=env).stdout
        begun = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - begun < 5


def signed_in(service: Service) -> bool:
    """Whether the link that the service prints signs in."""
    found, until = None, time.monotonic() + 10
    while found is None and time.monotonic() < until:
        found = re.search(rf"{re.escape(service.url)}(/desk/link/\S+)\n", service.log.read_text())
    assert found is not None
    with httpx2.Client(base_url=service.url) as browser:
        assert browser.get(found[1]).status_code == 200
        assert browser.post(found[1]).status_code == 303
        return "local" in browser.get("/desk/tasks").text


def test_key_is_not_asked_for_when_there_is_one(env: dict[str, str], tmp_path: Path) -> None:
    """`api` says where it listens, and nothing of keys where a usable one is."""
    create_key("acme", env)
    with running(Service(env=env, log=tmp_path / "service.log", command=("api",))) as service:
        assert f"Copydesk listens on {service.url} " in service.log.read_text()
        assert "API key" not in service.log.read_text()


def test_task_is_finished_by_write_when_the_service_dies(env: dict[str, str], tmp_path: Path) -> None:
    """Who only watches becomes the worker when the one that was there is gone: nobody waits for ever."""
    output = tmp_path / "a.md"
    with running(Service(env=env, log=tmp_path / "service.log")) as service:
        process = subprocess.Popen(
            [sys.executable, "-m", "copydesk.cli", "write", "--brief", str(SAMPLES / "brief.toml"), "-o", str(output)],
            env=env,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert process.stderr is not None
        for line in process.stderr:
            if "files running" in line:
                break
        service.kill()
        _, rest = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert "That process has ended; this one goes on with the work." in rest
    assert output.read_text().startswith("# ")


def status_of(service: Service, key: str) -> int:
    """The status of a listing of tasks with the key."""
    return httpx2.get(f"{service.url}/api/v1/tasks", headers={"X-API-Key": key}).status_code
