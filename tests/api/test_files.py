"""Files: uploaded, listed, shown, deleted."""

import asyncio
import hashlib
import re
from typing import Any

import pytest
from sqlalchemy import func, select
from support.api import Api, Caller, running

from copydesk.domain.task import TaskStatus
from copydesk.errors import ReadError
from copydesk.store.database import Database
from copydesk.store.schema import file_contents

FIELDS = {
    *("file_id", "filename", "kind", "content_type", "size", "sha256", "words", "pages", "sheets", "rows", "preview"),
    "created_at",
}
TEXT = b"Air on Mauna Loa."
LIMIT = 25_000_000


async def test_upload_answers_created_when_file_is_readable(api: Api) -> None:
    """201 with the whole record as GET shows it, and a relative Location."""
    acme = await api.caller()
    response = await acme.upload("note.txt", TEXT)
    file = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"/api/v1/files/{file['file_id']}"
    assert set(file) == FIELDS
    assert (file["filename"], file["kind"], file["content_type"]) == ("note.txt", "txt", "text/plain")
    assert (file["size"], file["sha256"]) == (len(TEXT), hashlib.sha256(TEXT).hexdigest())
    assert (file["words"], file["preview"]) == (4, TEXT.decode())
    assert (file["pages"], file["sheets"], file["rows"]) == (None, None, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", file["created_at"])
    assert (await acme.get(f"/files/{file['file_id']}")).json() == file


@pytest.mark.parametrize(
    ("sent", "kept", "kind", "content_type"),
    [
        ("a.TXT", "a.TXT", "txt", "text/plain"),
        ("a.md", "a.md", "txt", "text/markdown"),
        ("data.csv", "data.csv", "csv", "text/csv"),
        ("../../etc/notes.txt", "notes.txt", "txt", "text/plain"),
        ("C:\\temp\\notes.txt", "notes.txt", "txt", "text/plain"),
        ("a\u202etxt.txt", "atxt.txt", "txt", "text/plain"),
        (
            "\u0645\u0646\u062d\u0646\u0649 \U0001f30d.txt",
            "\u0645\u0646\u062d\u0646\u0649 \U0001f30d.txt",
            "txt",
            "text/plain",
        ),
        ("x" * 300 + ".txt", "x" * 251 + ".txt", "txt", "text/plain"),
    ],
)
async def test_upload_cleans_name_when_it_is_odd(api: Api, sent: str, kept: str, kind: str, content_type: str) -> None:
    """The name is its last component, without control and direction characters, at most 255 characters."""
    acme = await api.caller()
    response = await _raw(acme, _multipart(sent, b"a,b\n1,2\n"))
    file = response.json()
    assert response.status_code == 201, file
    assert (file["filename"], file["kind"], file["content_type"]) == (kept, kind, content_type)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.exe", b"x", "unsupported"),
        ("a", b"x", "unsupported"),
        ("a.doc", b"x", "unsupported"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n", "empty"),
        ("a.pdf", b"just text", "mismatch"),
        ("a.txt", b"%PDF-1.7\n", "mismatch"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "mismatch"),
        ("a.docx", b"PK\x03\x04 truncated", "damaged"),
    ],
)
async def test_upload_says_what_is_wrong_when_file_is_unfit(api: Api, name: str, data: bytes, kind: str) -> None:
    """A 422 at `file` that says which, and nothing is kept."""
    acme = await api.caller()
    response = await acme.upload(name, data)
    assert response.status_code == 422
    assert [(detail["field"], detail["type"]) for detail in response.json()["details"]] == [("file", kind)]
    await _assert_nothing_kept(api, acme)


@pytest.mark.parametrize("reason", ["encrypted", "damaged", "empty", "bomb", "mismatch"])
async def test_upload_says_what_is_wrong_when_sandbox_refuses(api: Api, reason: str) -> None:
    """What the reader finds is told the same way."""
    acme = await api.caller()
    api.reader.error = ReadError("The file is not readable, for a reason.", reason=reason)
    response = await acme.upload("a.txt", TEXT)
    assert response.status_code == 422
    assert response.json()["error"] == "The file is not readable, for a reason."
    assert response.json()["details"][0]["type"] == reason
    await _assert_nothing_kept(api, acme)


async def test_upload_counts_bytes_when_file_is_at_its_limit(api: Api) -> None:
    """A file of 25,000,000 bytes is kept; one more is a 413, also where the frame alone makes it."""
    acme = await api.caller()
    inside = await acme.upload("a.txt", b"word " * (LIMIT // 5))
    assert (inside.status_code, inside.json()["size"]) == (201, LIMIT)
    for data in (b"x" * (LIMIT + 1), b"x" * (LIMIT + 100_000)):
        response = await acme.upload("a.txt", data)
        assert (response.status_code, response.json()["code"]) == (413, "VALIDATION_ERROR")
    assert (await acme.get("/files")).json()["total"] == 1


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"files": {"upload": ("a.txt", TEXT)}}, {"upload", "file"}),
        ({"files": [("file", ("a.txt", TEXT)), ("file", ("b.txt", TEXT))]}, {"file"}),
        ({"files": {"file": ("a.txt", TEXT)}, "data": {"note": "x"}}, {"note"}),
        ({"files": {"file": (None, b"text without a name")}}, {"file"}),
    ],
)
async def test_upload_names_part_when_form_is_wrong(api: Api, options: dict[str, Any], fields: set[str]) -> None:
    """The form holds one file in `file`, and nothing else."""
    acme = await api.caller()
    response = await acme.post("/files", **options)
    assert response.status_code == 422
    assert {detail["field"] for detail in response.json()["details"]} == fields


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (TEXT, "text/plain", 415),
        (TEXT, "", 415),
        (b"", "multipart/form-data", 400),
        (b"", "multipart/form-data; boundary=", 400),
        (b"no parts", "multipart/form-data; boundary=x", 400),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
    ],
)
async def test_upload_is_refused_when_body_is_no_form(api: Api, content: bytes, kind: str, status: int) -> None:
    """Another media type is a 415, a broken form a 400, an empty one a 422."""
    acme = await api.caller()
    response = await acme.post("/files", content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["code"]) == (status, "VALIDATION_ERROR")


async def test_upload_is_refused_when_form_breaks_off(api: Api) -> None:
    """A form without its end keeps nothing."""
    acme = await api.caller()
    response = await _raw(acme, _multipart("a.txt", TEXT)[:-10])
    assert response.status_code == 400
    await _assert_nothing_kept(api, acme)


async def test_upload_is_refused_when_storage_is_full(database: Database) -> None:
    """MAX_STORAGE_MB counts bytes per account; what does not fit is a 422 that says so; deleting makes room."""
    async with running(database, max_storage_mb=1) as api:
        acme, globex = await api.caller("acme"), await api.caller("globex")
        half = b"word " * (2**20 // 10)
        first = await acme.upload("a.txt", half)
        assert first.status_code == 201
        assert (await acme.upload("b.txt", half)).status_code == 201
        full = await acme.upload("c.txt", half)
        assert (full.status_code, full.json()["details"][0]["type"]) == (422, "storage_full")
        assert "full" in full.json()["error"]
        assert (await globex.upload("a.txt", half)).status_code == 201
        assert (await acme.delete(f"/files/{first.json()['file_id']}")).status_code == 204
        assert (await acme.upload("c.txt", half)).status_code == 201


async def test_storage_holds_when_many_upload_at_once(database: Database) -> None:
    """Parallel uploads cannot pass the limit together."""
    async with running(database, max_storage_mb=1) as api:
        acme = await api.caller()
        third = b"word " * (2**20 // 15)
        answers = await asyncio.gather(*(acme.upload(f"{n}.txt", third) for n in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] * 3 + [422] * 5
        assert (await acme.get("/files")).json()["total"] == 3


async def test_list_is_newest_first_when_paged(api: Api) -> None:
    """Files are paged like tasks."""
    acme = await api.caller()
    ids = [(await acme.upload(f"{n}.txt")).json()["file_id"] for n in range(3)][::-1]
    page = (await acme.get("/files?limit=2&offset=1")).json()
    assert [file["file_id"] for file in page["files"]] == ids[1:]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)
    assert set(page["files"][0]) == FIELDS
    beyond = (await acme.get("/files?offset=2147483647")).json()
    assert (beyond["files"], beyond["total"]) == ([], 3)


async def test_delete_removes_bytes_when_file_is_free(api: Api) -> None:
    """204, then 404; the bytes are gone and the tasks keep the id."""
    acme = await api.caller()
    file_id = (await acme.upload()).json()["file_id"]
    task = await acme.create_task(uploaded_files=[{"file_id": file_id}])
    for status in (TaskStatus.PENDING, TaskStatus.PROCESSING):
        await api.finish(task["task_id"], status)
        busy = await acme.delete(f"/files/{file_id}")
        assert (busy.status_code, busy.json()["code"]) == (409, "CONFLICT")
    await api.finish(task["task_id"], TaskStatus.FAILED)
    response = await acme.delete(f"/files/{file_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert (await acme.get(f"/files/{file_id}")).status_code == 404
    assert (await acme.delete(f"/files/{file_id}")).status_code == 404
    await _assert_nothing_kept(api, acme)
    assert (await acme.get(f"/tasks/{task['task_id']}")).json()["uploaded_files"] == [{"file_id": file_id}]


async def test_file_is_used_or_deleted_when_both_are_asked_at_once(api: Api) -> None:
    """A task never starts with a file that is being deleted: one of the two is refused."""
    acme = await api.caller()
    for _ in range(5):
        file_id = (await acme.upload()).json()["file_id"]
        body = {"user_prompt": "x", "uploaded_files": [{"file_id": file_id}]}
        created, deleted = await asyncio.gather(acme.post("/tasks", json=body), acme.delete(f"/files/{file_id}"))
        assert (created.status_code, deleted.status_code) in {(202, 409), (422, 204)}


async def _assert_nothing_kept(api: Api, caller: Caller) -> None:
    assert (await caller.get("/files")).json()["total"] == 0
    async with api.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(file_contents))).scalar_one() == 0


def _multipart(filename: str, data: bytes) -> bytes:
    """A form as a browser writes it: the name in UTF-8, only quotes and line ends escaped."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
    return head.encode() + data + b"\r\n--x--\r\n"


async def _raw(caller: Caller, body: bytes) -> Any:
    return await caller.post("/files", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
