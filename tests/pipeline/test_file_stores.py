"""Tasks and the files that they were given, where files are kept outside of the database."""

import asyncio
from pathlib import Path

from support.desk import SAMPLES, Desk, open_desk
from support.s3 import s3_server, s3_settings
from support.service import free_port

from copydesk.domain.file import BlobKey
from copydesk.domain.source import Disposition
from copydesk.domain.task import Task, TaskStatus
from copydesk.settings import Settings

GOOD, LOST, DAMAGED = "reading-the-record.txt", "carbon-cycle.docx", "mauna-loa-monthly-carbon-dioxide.csv"


async def submit(desk: Desk, *names: str) -> tuple[Task, dict[str, BlobKey]]:
    """Upload samples and post a task with them; answers where their bytes are kept."""
    keys = {}
    for name in names:
        file_id = await desk.upload(SAMPLES / name)
        keys[name] = BlobKey(account_id=desk.key.account_id, file_id=file_id)
    files = [{"file_id": key.file_id} for key in keys.values()]
    task = await desk.submit(user_prompt="The Keeling Curve", uploaded_files=files, min_words=100, max_words=160)
    return task, keys


async def test_article_is_written_when_a_file_is_lost_or_damaged(tmp_path: Path) -> None:
    """What is missing where files are kept, or is not what was uploaded, is told of its file and never read."""
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", search=("none",), blobs="directory")
    async with open_desk(settings) as desk:
        names = (GOOD, LOST, DAMAGED)
        files = {name: await desk.upload(SAMPLES / name) for name in names}
        keys = {name: BlobKey(account_id=desk.key.account_id, file_id=file_id) for name, file_id in files.items()}
        await desk.shared.blobs.delete(keys[LOST])
        await desk.shared.blobs.put(keys[DAMAGED], b"year,ppm\n1958,1\n")
        task = await desk.submit(
            user_prompt="The Keeling Curve",
            uploaded_files=[{"file_id": file_id} for file_id in files.values()],
            min_words=100,
            max_words=160,
        )
        ended = await desk.ended(task.task_id)
        assert (ended.status, ended.failure) == (TaskStatus.COMPLETED, None)
        sources = {source.title: source for source in await desk.sources(task.task_id)}
    assert sources[GOOD].disposition is Disposition.USED
    for name, word in ((LOST, "missing"), (DAMAGED, "damaged")):
        assert sources[name].disposition is Disposition.UNREACHABLE
        message = sources[name].message
        assert message is not None
        assert word in message
        assert "upload it again" in message


async def test_task_waits_and_goes_on_when_the_store_is_away(tmp_path: Path) -> None:
    """An outage of the bucket delays a task: neither is its file given up, nor the task."""
    port = free_port()
    settings = s3_settings(f"http://127.0.0.1:{port}", tmp_path / "data")
    async with open_desk(settings) as desk:
        with s3_server(tmp_path / "s3", port):
            task, _ = await submit(desk, GOOD)
            await desk.ended(task.task_id)  # all is warm
            file_id = await desk.upload(SAMPLES / LOST)
        body = {"user_prompt": "The carbon cycle", "uploaded_files": [{"file_id": file_id}]}
        waiting = await desk.submit(**body, min_words=100, max_words=160)
        await asyncio.sleep(4)
        task, _ = await desk.get(waiting.task_id)
        assert task.status is TaskStatus.PROCESSING
        with s3_server(tmp_path / "s3", port):
            ended = await desk.ended(waiting.task_id)
            assert (ended.status, ended.failure) == (TaskStatus.COMPLETED, None)
            (source,) = await desk.sources(waiting.task_id)
            assert source.disposition is Disposition.USED
