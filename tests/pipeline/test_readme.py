"""The README's lines do what it says they do."""

import re
import shlex
import time
from pathlib import Path
from string import Template
from typing import Any

import httpx2
from support.service import Service, create_key, running

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds a task may take on a busy machine


def curl_lines() -> list[str]:
    """The README's calls of curl, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^curl .+$", text, re.MULTILINE)


def send(line: str, values: dict[str, str], **ids: str) -> httpx2.Response:
    """Do what curl would do with the line: -H, -F, -d and -X, after variables and the reader's ids are put in."""
    for name, value in ids.items():
        line = line.replace(name, value)
    words = iter(shlex.split(Template(line).substitute(values))[1:])
    headers: dict[str, str] = {}
    method, url, content, files = None, "", None, None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-F":
            field, _, path = next(words).partition("=@")
            files = {field: (Path(path).name, (ROOT / path).read_bytes())}
        elif word == "-d":
            content = next(words).encode()
        elif word == "-X":
            method = next(words)
        else:
            assert not word.startswith("-"), f"this test does not know the option {word}"
            url = word
    method = method or ("POST" if content or files else "GET")
    return httpx2.request(method, url, headers=headers, content=content, files=files, timeout=30)


def completed(line: str, values: dict[str, str], task_id: str) -> dict[str, Any]:
    """Ask until the task has ended."""
    until = time.monotonic() + PATIENCE
    while True:
        task: dict[str, Any] = send(line, values, TASK_ID=task_id).json()
        if task["status"] not in ("pending", "processing"):
            return task
        assert time.monotonic() < until, task
        time.sleep(0.2)


def test_article_is_published_when_the_five_lines_are_followed(env: dict[str, str], tmp_path: Path) -> None:
    """Upload, post, ask, read, publish: each line answers with what the next one needs."""
    upload, post, ask, read, publish = curl_lines()
    with running(Service(env=env, log=tmp_path / "service.log")) as service:
        values = {
            "KEY": f"X-API-Key: {create_key('me', env)}",
            "JSON": "Content-Type: application/json",
            "API": f"{service.url}/api/v1",
        }
        file = send(upload, values)
        assert file.status_code == 201, file.text
        accepted = send(post, values, FILE_ID=file.json()["file_id"])
        assert accepted.status_code == 202, accepted.text
        task = completed(ask, values, accepted.json()["task_id"])
        assert task["status"] == "completed", task["error"]
        (article_id,) = task["article_ids"]
        article = send(read, values, ARTICLE_ID=article_id).json()
        assert 300 <= article["word_count"] <= 450
        assert "[^" not in article["content"]
        published = send(publish, values, ARTICLE_ID=article_id).json()
        assert published["publication_status"] == "published"
        assert published["published_at"] is not None
        assert httpx2.get(f"{service.url}/docs").status_code == 200
        assert httpx2.get(f"{service.url}/openapi.json").json()["openapi"].startswith("3.1")
