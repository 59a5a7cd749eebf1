"""Articles by a scripted model in the languages that are known well, end to end."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.desk import Desk, open_desk

from copydesk.adapters.llm.scripted import ScriptedEndpoint, serve_endpoint
from copydesk.domain.article import SupportStatus
from copydesk.domain.markdown import parse
from copydesk.domain.task import TaskStatus
from copydesk.language.written import written_in
from copydesk.settings import Settings

FOLDER = Path(__file__).parents[1] / "languages"
KEYWORDS = {
    "de": "Kölner Dom",
    "fr": "canal du Midi",
    "es": "Alhambra",
    "pt": "Ponte 25 de Abril",
    "it": "cupola del Duomo",
    "nl": "Afsluitdijk",
    "pl": "kopalnia soli",
    "vi": "vịnh Hạ Long",
    "zh": "京杭大运河",
    "ja": "東海道新幹線",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """One service for all languages, with the scripted endpoint for a model."""
    async with serve_endpoint(ScriptedEndpoint()) as url:
        folder = Path(tmp_path_factory.mktemp("languages"))
        settings = Settings(data_dir=folder, search=("none",), model="scripted", model_base_url=url)
        async with open_desk(settings) as opened:
            yield opened


@pytest.mark.enable_socket
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("language", KEYWORDS)
async def test_article_by_a_model_in_the_language(desk: Desk, language: str) -> None:
    """It is in range, in its language, and every cited sentence is supported."""
    low, high = (400, 600) if language in ("zh", "ja") else (220, 330)
    submitted = await desk.submit(
        user_prompt=KEYWORDS[language],
        keywords=[KEYWORDS[language]],
        uploaded_files=[{"file_id": await desk.upload(FOLDER / f"{language}.md")}],
        language=language,
        min_words=low,
        max_words=high,
    )
    task = await desk.ended(submitted.task_id)
    assert task.status is TaskStatus.COMPLETED, task.failure
    article = await desk.article(task.task_id)
    assert article.language == language
    assert low <= article.word_count <= high
    assert all(written_in(paragraph, language) for paragraph in parse(article.content).paragraphs)
    assert set(re.findall(r"\[\^(\d+)\](?!:)", article.content)) == {str(s.number) for s in article.data_sources}
    assert all(sentence.support is not SupportStatus.UNSUPPORTED for sentence in article.evidence)
