"""One article by a real language model, the smallest there is: the plumbing holds, and so do the guarantees."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.desk import SAMPLES, open_desk
from support.real_model import writing_model

from copydesk.domain.article import SupportStatus
from copydesk.domain.task import TaskStatus
from copydesk.evidence.support import missing_facts
from copydesk.settings import Settings

WINDOW = 2_048  # tokens


@pytest.fixture
def model_address() -> Iterator[str]:
    """The real model's endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server: Any = writing_model(port, window=WINDOW)
    yield f"{server.listening_address}/v1"
    del server


@pytest.mark.timeout(300)
async def test_article_keeps_its_guarantees_when_a_real_small_model_writes_it(
    model_address: str, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """150 words in 180 seconds: in range, every footnote resolves, no fact without its passage; usage is counted."""
    settings = Settings(
        data_dir=tmp_path / "data",
        search=("none",),
        model="smollm2",
        model_base_url=model_address,
        model_window=WINDOW,
        model_seconds=120,
        model_silence=100,
        model_concurrency=1,
    )
    async with open_desk(settings) as desk:
        file_id = await desk.upload(SAMPLES / "reading-the-record.txt")
        submitted = await desk.submit(
            user_prompt="How to read the Keeling Curve",
            uploaded_files=[{"file_id": file_id}],
            min_words=130,
            max_words=180,
        )
        task = await desk.ended(submitted.task_id, seconds=180)
        assert task.failure is None, task.failure.message
        assert task.status is TaskStatus.COMPLETED
        assert task.usage.llm_calls >= 3  # outline, a section, search fields
        assert task.usage.output_tokens > 0
        article = await desk.article(task.task_id)
        assert article.writer == "model"
        assert 130 <= article.word_count <= 180
        marks = set(re.findall(r"\[\^(\d+)\](?!:)", article.content))
        assert marks == {str(source.number) for source in article.data_sources}
        for sentence in article.evidence:
            assert sentence.support is not SupportStatus.UNSUPPORTED
            if sentence.passages:
                assert missing_facts(sentence.text, [p.text for p in sentence.passages], "en") == []
        record_testsuite_property("article", article.content)
